/** The player as a whole, in a browser and before a server that are made up. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { createPlayer } from "../../../../static/js/protocol/playback/player.js";
import { FakeElement, FakeSite, FakeSource, fakeMedia, linked, pass, spoil } from "../../support/fake_playback.js";
import { ManualWorld } from "../../support/manual_world.js";
import { rowsOf, trackOf } from "../../support/recorded.js";

/** @typedef {import("../../../../static/js/protocol/playback/types.js").Player} Player */

const LONG = 120_000;

/** @param {(site: FakeSite) => void} [change] @param {Partial<Parameters<typeof createPlayer>[0]>} [more] */
function begin(change = () => {}, more = {}) {
  const world = new ManualWorld();
  const site = new FakeSite(world, LONG);
  site.add(trackOf("mic", "microphone", { m: { start: 0 } }), { m: rowsOf(0, LONG, { octets: 8000 }) });
  site.add(trackOf("cam", "camera", { b: { start: 0, height: 720 }, s: { start: 0, size: "small", height: 180 } }), {
    b: rowsOf(0, LONG, { octets: 200_000, keys: 2 }),
    s: rowsOf(0, LONG, { octets: 30_000, keys: 2 }),
  });
  change(site);
  /** @type {FakeElement[]} */
  const audios = [];
  /** @type {Map<string, string>} */
  const notes = new Map();
  const player = createPlayer({
    recording: "r-1",
    start: 0,
    load: site.load,
    environment: world.environment,
    media: fakeMedia,
    makeAudio: () => {
      const made = new FakeElement(world);
      audios.push(made);
      return /** @type {any} */ (made);
    },
    storage: { getItem: (name) => notes.get(name) ?? null, setItem: (name, value) => void notes.set(name, value) },
    ...more,
  });
  const video = new FakeElement(world);
  const detach = player.attach("cam", /** @type {any} */ (video));
  const wait = (/** @type {number} */ ms) => pass(world, ms);
  return { world, site, player, audios, video, detach, wait, notes };
}

/** @param {Player} player @param {FakeElement} element @param {number} [most] ms */
function near(player, element, most = 30) {
  const drift = element.currentTime * 1000 - player.now();
  assert.ok(Math.abs(drift) <= most, `${drift} ms from the clock`);
}

beforeEach(() => {
  FakeSource.playable = /vp8|opus|avc1/;
  FakeSource.room = Infinity;
});

describe("playing", () => {
  test("asks for no head that came with the list", async () => {
    const { site, player, video, wait } = begin((made) => (made.bringsHeads = true), { start: 60_000 });
    player.play();
    await wait(4000);
    near(player, video);
    const ranges = site.asked.filter((path) => path.startsWith("media/"));
    assert.ok(ranges.length > 0);
    assert.deepEqual(ranges.filter((path) => path.includes(" 0-")), []);
  });

  test("begins with sound and the picture, two requests at a time, and keeps them together", async () => {
    const { site, player, audios, video, wait } = begin();
    player.play();
    assert.equal(player.waiting.value, true);
    await wait(400);
    assert.equal(player.waiting.value, false);
    assert.deepEqual(site.asked.slice(0, 3).map((line) => line.split(" ")[0]), ["playback?t=0", "media/m", "media/s"]);
    await wait(5000);
    assert.ok(player.time.value > 4500);
    near(player, video);
    near(player, /** @type {FakeElement} */ (audios[0]));
    assert.equal(site.most, 2);
    assert.equal(audios.length, 1);
    assert.deepEqual([...player.active.value].sort(), ["cam", "mic"]);
    player.pause();
    const stood = player.now();
    await wait(1000);
    assert.equal(player.now(), stood);
    assert.equal(video.paused, true);
    player.close();
    assert.equal(linked(), 0);
    assert.equal(audios[0]?.removed, true);
  });

  test("no more is fetched than half a minute ahead, and what was played long ago is let go", async () => {
    const { site, player, audios, wait } = begin();
    player.play();
    await wait(8000);
    const ranges = audios[0]?.buffer?.ranges.at(-1) ?? [0, 0];
    assert.ok(ranges[1] > 30 && ranges[1] < 45, `${ranges}`);
    await wait(60_000);
    assert.ok((audios[0]?.buffer?.ranges[0]?.[0] ?? 0) >= 25);
    const lists = site.asked.filter((line) => line.startsWith("index"));
    assert.ok(lists.length >= 1 && lists.length <= 3, lists.join());
    // Afterwards it is known what there is everywhere.
    site.asked.length = 0;
    player.seek(1000);
    await wait(500);
    player.seek(110_000);
    await wait(500);
    assert.ok(!site.asked.some((line) => line.startsWith("index")), site.asked.join());
    player.close();
  });

  test("ends at the end, and begins again from the beginning", async () => {
    const { player, wait } = begin(undefined, { start: 117_000 });
    player.play();
    await wait(4500);
    assert.deepEqual([player.ended.value, player.playing.value, player.time.value], [true, false, LONG]);
    player.play();
    await wait(1000);
    assert.equal(player.ended.value, false);
    assert.ok(player.time.value > 300 && player.time.value < 1100);
    player.close();
  });

  test("an element whose clock is wrong is nudged, one that is far off is moved", async () => {
    const { player, audios, video, wait } = begin();
    player.play();
    await wait(1000);
    const [audio] = /** @type {[FakeElement]} */ (audios);
    audio.skew = 20;
    const before = audio.seeks;
    await wait(10_000);
    near(player, audio, 30);
    assert.equal(audio.seeks, before);
    video.currentTime -= 3;
    await wait(1500);
    near(player, video, 40);
    player.close();
  });

  test("at any speed", async () => {
    const { player, video, wait } = begin();
    player.play();
    await wait(500);
    player.setRate(9);
    assert.equal(player.rate.value, 3);
    const from = player.now();
    await wait(2000);
    assert.ok(Math.abs(player.now() - from - 6000) < 300);
    near(player, video, 60);
    player.close();
  });

  test("a click is asked for where the browser wants one", async () => {
    const { player, audios, wait } = begin();
    await wait(300);
    for (const audio of audios) audio.shy = true;
    player.play();
    await wait(500);
    assert.deepEqual([player.needsGesture.value, player.playing.value], [true, false]);
    for (const audio of audios) audio.shy = false;
    player.play();
    await wait(500);
    assert.deepEqual([player.needsGesture.value, player.playing.value], [false, true]);
    player.close();
  });

  test("many voices share two requests, and none of them is late", async () => {
    const { site, player, audios, wait } = begin((made) => {
      for (const name of ["a", "b", "c", "d", "e"]) made.add(trackOf(name, "microphone", { [`${name}1`]: { start: 0 } }), { [`${name}1`]: rowsOf(0, LONG, { octets: 8000 }) });
    });
    player.play();
    await wait(1000);
    const began = player.now();
    await wait(4000);
    assert.equal(site.most, 2);
    assert.equal(audios.length, 6);
    assert.ok(player.now() - began > 3900);
    for (const audio of audios) near(player, audio);
    player.close();
  });

  test("volume reaches every voice", async () => {
    const { player, audios, wait } = begin();
    player.volume.value = 0.5;
    await wait(200);
    player.muted.value = true;
    assert.deepEqual([audios[0]?.volume, audios[0]?.muted], [0.5, true]);
    player.close();
  });
});

describe("going elsewhere", () => {
  test("shows that moment, from its key frame on", async () => {
    const { site, player, video, wait } = begin();
    player.play();
    await wait(2000);
    site.asked.length = 0;
    player.seek(71_000);
    assert.equal(player.waiting.value || player.time.value === 71_000, true);
    await wait(1500);
    assert.ok(player.now() > 71_500);
    near(player, video, 60);
    assert.ok(site.asked.some((line) => line.startsWith("media/")));
    player.close();
  });

  test("far away the list and the state are asked for first, of one place only", async () => {
    const { site, player, wait } = begin((made) => {
      made.events = [{ seq: 1, t: 200, at: 1, by: "", type: "lobby.switched", data: { on: true } }];
    });
    player.play();
    await wait(600);
    assert.equal(player.room.value?.lobby.on, true);
    site.asked.length = 0;
    player.seek(100_000);
    await wait(600);
    assert.match(site.asked[0] ?? "", /^index\?from=90000/);
    assert.ok(player.now() > 100_000);
    player.close();
  });

  test("before the first answer it is remembered, and asked for", async () => {
    const { site, player, wait } = begin();
    player.seek(50_000);
    await wait(500);
    assert.equal(player.time.value, 50_000);
    assert.equal(player.opened.value?.state.t, 0);
    assert.ok(site.asked.some((line) => line.startsWith("media/m 2")));
    player.close();
  });

  test("dragging along the timeline fetches where it ends", async () => {
    const { site, player, wait } = begin();
    await wait(1000);
    site.asked.length = 0;
    for (let n = 0; n < 20; n += 1) {
      player.seek(30_000 + n * 1000);
      await wait(50);
    }
    // The first one's, and none of those between.
    assert.ok(site.asked.length <= 8, site.asked.join("\n"));
    site.asked.length = 0;
    await wait(1000);
    assert.ok(site.asked.some((line) => line.startsWith("media/")));
    assert.equal(player.waiting.value, false);
    player.close();
  });

  test("a place beyond both ends is the end", async () => {
    const { player, wait } = begin();
    await wait(300);
    player.seek(-5);
    assert.equal(player.time.value, 0);
    player.seek(9e9);
    assert.equal(player.time.value, LONG - 200, "where the last picture is");
    player.close();
  });
});

describe("what is not there", () => {
  test("nobody waits for somebody who is muted, or who comes later", async () => {
    const { player, audios, wait } = begin((site) => {
      const rows = rowsOf(4000, 20_000, { octets: 8000 });
      site.add(trackOf("late", "microphone", { l: { start: 4000 } }), { l: rows.filter(([t]) => t !== 8000) });
    });
    player.play();
    await wait(400);
    const began = player.now();
    await wait(12_000);
    assert.ok(player.now() - began > 11_800, `${player.now() - began}`);
    assert.equal(audios.length, 2);
    near(player, /** @type {FakeElement} */ (audios[1]), 40);
    player.close();
  });

  test("an element is lent to one voice after another", async () => {
    const { player, audios, wait } = begin((site) => {
      site.add(trackOf("early", "microphone", { e: { start: 0 } }), { e: rowsOf(0, 4000, { octets: 8000 }) });
      site.add(trackOf("next", "microphone", { n: { start: 44_000 } }), { n: rowsOf(44_000, 60_000, { octets: 8000 }) });
    });
    player.play();
    await wait(20_000);
    assert.equal(audios.length, 2);
    await wait(26_000);
    near(player, /** @type {FakeElement} */ (audios[1]), 40);
    player.close();
    assert.equal(linked(), 0);
  });

  test("pauses are told of and gone over, cuts are gone over", async () => {
    const { player, wait } = begin((site) => {
      site.gaps = [{ start: 2000, end: 30_000, why: "paused" }];
      site.cuts = [[32_000, 60_000]];
    });
    player.play();
    await wait(3000);
    assert.deepEqual(player.jumped.value, { from: 2000, to: 30_000, why: "paused" });
    assert.ok(player.now() > 30_000 && player.now() < 32_000);
    await wait(3000);
    assert.ok(player.now() > 60_000, `${player.now()}`);
    assert.equal(player.jumped.value?.to, 30_000);
    player.close();
  });

  test("a list that has changed is asked for anew, and what is withheld is done without", async () => {
    const { site, player, wait } = begin();
    player.play();
    await wait(400);
    site.refuse = { "media/s": 403, "media/b": 404 };
    await wait(60_000);
    assert.ok(player.now() > 40_000, `${player.now()}`);
    assert.equal(player.error.value, "");
    player.close();
  });

  test("a codec that this browser does not have costs that track alone", async () => {
    FakeSource.playable = /opus/;
    const { player, wait } = begin();
    player.play();
    await wait(3000);
    assert.ok(player.now() > 2000);
    player.close();
  });

  test("a broken cluster costs a new beginning, not the class", async () => {
    const { player, video, wait } = begin((site) => spoil(/** @type {any} */ (site.files.get("s")).data, 200 + 3 * 30_000));
    player.mode.value = "small";
    player.play();
    await wait(20_000);
    assert.ok(player.now() > 15_000, `${player.now()}`);
    near(player, video, 40);
    player.close();
  });

  test("a loudspeaker that is pulled out costs the sound until it is back, and nothing of the recording", async () => {
    const { player, audios, video, wait } = begin();
    player.play();
    await wait(2000);
    const [audio] = /** @type {[FakeElement]} */ (audios);
    for (let n = 0; n < 8; n += 1) {
      audio.break("OnMediaSinkAudioError");
      await wait(2000);
    }
    near(player, video, 40);
    assert.ok(player.now() > 17_000);
    await wait(8000);
    near(player, audio, 40);
    assert.equal(audio.buffer?.ranges.length, 1);
    player.close();
  });

  test("a browser with little room gets little at a time", async () => {
    FakeSource.room = 15_000;
    const { player, audios, wait } = begin();
    player.play();
    await wait(40_000);
    assert.ok(player.now() > 38_000, `${player.now()}`);
    assert.ok((audios[0]?.buffer?.ranges ?? []).every(([a, b]) => b - a < 20));
    player.close();
  });

  test("a browser without MediaSource is told so", () => {
    const { player } = begin(undefined, { media: { ...fakeMedia, Source: null } });
    assert.equal(player.error.value, "unsupported");
    player.play();
    player.close();
  });
});

describe("the line", () => {
  test("goes away and comes back: what is there is played, then it waits, then it goes on", async () => {
    const { site, player, wait } = begin();
    player.play();
    await wait(3000);
    site.down = true;
    await wait(15_000);
    assert.equal(player.error.value, "offline");
    assert.ok(player.now() > 15_000);
    await wait(45_000);
    assert.equal(player.waiting.value, true);
    const stood = player.now();
    site.down = false;
    await wait(12_000);
    assert.equal(player.error.value, "");
    assert.ok(player.now() > stood + 2000);
    player.close();
  });

  test("goes away while only sound is fetched: the clock waits for it as well", async () => {
    const { site, player, wait } = begin();
    player.mode.value = "sound";
    player.play();
    await wait(2000);
    site.down = true;
    await wait(50_000);
    assert.equal(player.waiting.value, true);
    assert.ok(player.now() < 45_000, `${player.now()}`);
    player.close();
  });

  test("is not there at the beginning", async () => {
    const { site, player, wait } = begin((made) => (made.down = true));
    player.play();
    player.retry();
    await wait(2000);
    assert.deepEqual([player.error.value, player.opened.value], ["offline", null]);
    assert.ok(site.asked.length <= 3);
    site.down = false;
    await wait(6000);
    assert.equal(player.error.value, "");
    assert.ok(player.now() > 500);
    player.close();
  });

  test("that is slow gets the small picture, and a note for the next page", async () => {
    const { player, notes, wait } = begin((site) => (site.kbit = 400));
    player.play();
    await wait(8000);
    assert.deepEqual(player.sizes.value, { cam: "small" });
    assert.ok((player.line.value.bitrate ?? 0) > 200_000 && (player.line.value.bitrate ?? 0) < 900_000);
    player.close();
    const note = JSON.parse(notes.get("sabak.line") ?? "");
    assert.equal(note.bitrate, player.line.value.bitrate);
  });

  test("that is good goes over to the better picture without a break", async () => {
    const { player, video, wait } = begin((site) => (site.kbit = 8000));
    player.play();
    await wait(500);
    const began = player.now();
    await wait(12_000);
    assert.deepEqual(player.sizes.value, { cam: "best" });
    assert.ok(player.now() - began > 11_900, `${player.now() - began}`);
    near(player, video, 40);
    player.close();
  });

  test("people choose what it carries", async () => {
    const { site, player, wait } = begin();
    player.mode.value = "sound";
    player.play();
    await wait(3000);
    assert.ok(!site.asked.some((line) => /media\/[bs]/.test(line)));
    player.mode.value = "small";
    await wait(3000);
    assert.deepEqual(player.sizes.value, { cam: "small" });
    player.close();
  });

  test("a picture that nobody sees is not fetched", async () => {
    const { site, player, wait } = begin();
    player.wish("cam", { height: 300, visible: false });
    player.play();
    await wait(3000);
    assert.ok(!site.asked.some((line) => /media\/[bs]/.test(line)));
    player.wish("cam", { height: 300, visible: true });
    const began = player.now();
    await wait(3000);
    assert.ok(site.asked.some((line) => /media\/[bs]/.test(line)));
    assert.ok(player.now() - began > 2900);
    player.close();
  });

  for (const [status, code] of /** @type {const} */ ([[404, "code_404"], [410, "code_410"], [401, "code_401"], [403, "code_403"]])) {
    test(`an answer of ${status} ends it until somebody tries again`, async () => {
      const { site, player, wait } = begin((made) => (made.refuse = { playback: status }));
      player.play();
      await wait(500);
      assert.equal(player.error.value, code);
      site.refuse = {};
      player.retry();
      player.play();
      await wait(1000);
      assert.equal(player.error.value, "");
      assert.ok(player.now() > 300);
      player.close();
    });
  }

  test("a recording that is deleted meanwhile says so", async () => {
    const { site, player, wait } = begin();
    player.play();
    await wait(2000);
    site.refuse = { index: 410, media: 410, events: 410 };
    await wait(60_000);
    assert.equal(player.error.value, "code_410");
    player.close();
  });

  test("a server that is tired is left alone for a while", async () => {
    const { site, player, wait } = begin((made) => (made.refuse = { media: 503 }));
    player.play();
    await wait(4000);
    assert.ok(site.asked.length < 8, `${site.asked.length}`);
    assert.equal(player.error.value, "");
    site.refuse = {};
    await wait(8000);
    assert.ok(player.now() > 1000);
    player.close();
  });
});

describe("a class that still runs", () => {
  test("is followed at its edge, with tracks that begin meanwhile", async () => {
    const { world, site, player, audios, wait } = begin((made) => {
      made.live = true;
      made.now = 60_000;
    });
    const clock = world.environment.timers.set;
    const tick = () => clock(() => ((site.now += 100), tick()), 100);
    tick();
    await wait(300);
    player.goLive();
    await wait(3000);
    assert.deepEqual([player.live.value, player.atLive.value, player.playing.value], [true, true, true]);
    assert.ok(site.now - player.now() < 10_000);
    site.add(trackOf("late", "microphone", { l: { start: 64_000 } }), { l: rowsOf(64_000, 90_000, { octets: 8000 }) });
    await wait(12_000);
    assert.equal(audios.length, 2);
    assert.ok(player.atLive.value);
    player.seek(10_000);
    await wait(500);
    assert.equal(player.atLive.value, false);
    player.catchUp();
    const began = player.now();
    await wait(4000);
    assert.ok(player.catchingUp.value);
    assert.ok(player.now() - began > 4500, `${player.now() - began}`);
    site.live = false;
    site.duration = 30_000;
    await wait(20_000);
    assert.deepEqual([player.live.value, player.ended.value], [false, true]);
    player.goLive();
    player.close();
  });
});

test("silence is left out, but under a screen gone over fast", async () => {
  const quiet = (/** @type {FakeSite} */ site) => {
    const rows = rowsOf(0, LONG, { octets: 8000 });
    let offset = 200;
    const made = rows.map((row, n) => {
      if (n === 0) return row;
      const octets = n >= 4 && n <= 12 ? 1000 : 8000;
      offset += octets;
      return /** @type {const} */ ([row[0], row[1], offset - octets, octets, 1]);
    });
    site.add(trackOf("mic", "microphone", { m: { start: 0 } }), { m: made });
  };
  const { player, detach, wait } = begin(quiet);
  player.skipSilence.value = true;
  player.play();
  await wait(8000);
  assert.ok(player.silences.value.length > 0);
  assert.equal(player.jumped.value?.why, "silence");
  assert.ok(player.now() > 24_000, `${player.now()}`);
  assert.equal(player.speakers.value.dominant, "mic.person");
  detach();
  player.close();
});

test("after sleep it goes on where it was", async () => {
  const { world, player, wait } = begin();
  player.play();
  await wait(3000);
  const before = player.now();
  // Nothing rang meanwhile, and no element went on.
  world.time += 3_600_000;
  await wait(300);
  assert.ok(player.now() < before + 60_000, `${player.now()}`);
  player.close();
});

test("what only a window knows is taken from it", async () => {
  const { wait, player } = begin((site) => {
    // Three files of one voice, which follow one another, the last one listed from its middle on.
    site.add(trackOf("mic", "microphone", { m: { start: 0 }, n: { start: 10_000 }, o: { start: 20_000 } }), {
      m: rowsOf(0, 10_000, { octets: 8000 }),
      n: rowsOf(10_000, 20_000, { octets: 8000 }),
      o: rowsOf(20_000, 60_000, { octets: 8000 }),
    });
    const rows = site.rows.bind(site);
    site.rows = (from, upto) => {
      const found = rows(from, upto);
      if (found["o"] && from > 20_000) found["o"] = found["o"].slice(1);
      return found;
    };
  }, { start: 35_000 });
  player.play();
  await wait(2000);
  assert.ok(player.now() > 35_500);
  player.seek(8000);
  await wait(14_000);
  assert.ok(player.now() > 21_000, `${player.now()}`);
  player.close();
});
