/** Sound and picture follow what the person wants: over refusals, pulled-out devices, lost lines and dead media workers. */
import assert from "node:assert/strict";
import { signal } from "@preact/signals-core";
import { beforeEach, describe, test } from "node:test";
import { Media } from "../../../static/js/protocol/rtc.js";
import { FakeAudio, FakePeerConnection, fakeBrowser } from "../support/fake_browser.js";
import { ManualWorld, settle } from "../support/manual_world.js";

/** @typedef {import("../../../static/js/state/types.js").Kind} Kind */
/** @typedef {import("../../../static/js/protocol/world.js").Engine} Engine */

let clock = new ManualWorld();
let browser = fakeBrowser();
/** @type {Media} */
let media;
/** What the server was told, and what it says; a test may change the answers. @type {any[]} */
let requests = [];
/** @type {any[]} */
let commands = [];
/** @type {Record<string, any>} */
let answers = {};
/** @type {Set<string>} */
/** What the line to the server was told of the network. @type {string[]} */
let said = [];
let allowed = new Set();
const stage = signal(/** @type {import("../../../static/js/state/types.js").StageState} */ ({ allowed: {}, tracks: {} }));

const ops = () => requests.splice(0).map(({ op }) => op);
const types = () => commands.splice(0).map(({ type }) => type);
const legs = () => {
  const made = FakePeerConnection.made.filter(({ closed }) => !closed);
  return { up: made.find((pc) => pc.offers.length > 0), down: made.find((pc) => pc.offers.length === 0) };
};

/** The server tells the stage what happened, as the room does. @param {string} type @param {Record<string, any>} data @param {string} [by] */
function happens(type, data, by = "me") {
  const tracks = { ...stage.value.tracks };
  if (type === "stage.started") tracks[data["track"]] = { id: data["track"], person: data["person"], kind: data["kind"], muted: false, since: 1 };
  if (type === "stage.stopped") delete tracks[data["track"]];
  const found = tracks[data["track"]];
  if (found && (type === "stage.muted" || type === "stage.unmuted")) tracks[found.id] = { ...found, muted: type === "stage.muted" };
  stage.value = { ...stage.value, tracks };
  media.follow([{ seq: 1, at: 1, by, type, data }]);
}

/** @param {Engine} [engine] */
function make(engine) {
  clock = new ManualWorld();
  browser = fakeBrowser(engine);
  requests = [];
  commands = [];
  said = [];
  allowed = new Set(["microphone", "camera", "screen"]);
  stage.value = { allowed: {}, tracks: {} };
  answers = {
    publish: { ok: true, answer: "v=0" },
    subscribe: { ok: true, offer: "audio video audio video", version: 1, slots: {} },
  };
  media = new Media({ world: browser.world, environment: clock.environment });
  media.attach({
    request: async (message) => {
      requests.push(message);
      return answers[message["op"]] ?? { ok: true };
    },
    send: async (type, data, id) => {
      commands.push({ type, data, id });
      const answer = answers[type] ?? { ok: true, seq: 1 };
      if (answer.ok && type === "stage.start") happens("stage.started", { track: id, person: "me", kind: data["kind"] });
      const names = /** @type {Record<string, string>} */ ({ "stage.mute": "stage.muted", "stage.unmute": "stage.unmuted", "stage.stop": "stage.stopped" });
      if (answer.ok && names[type]) happens(names[type], data);
      return answer;
    },
    me: () => "me",
    may: (kind) => allowed.has(kind),
    stage,
    iceServers: [{ urls: "stun:x" }],
    doubted: () => said.push("doubted"),
    moved: () => said.push("moved"),
  });
}

async function join() {
  media.start();
  media.welcomed(false);
  await clock.pass(200);
  legs().down?.become("connected");
}

beforeEach(() => make());

describe("before joining", () => {
  test("devices are opened for oneself alone, and closed again", async () => {
    await media.setMicrophone(true);
    await media.setCamera(true);
    assert.equal(media.microphone.value.on && media.camera.value.on, true);
    assert.ok(media.level.value > 0.3);
    const track = media.local.value.camera?.getVideoTracks()[0];
    await media.setCamera(false);
    await media.setMicrophone(false);
    assert.equal(track?.readyState, "ended");
    assert.deepEqual([media.local.value.camera, media.level.value], [null, 0]);
    assert.deepEqual([requests, commands, FakePeerConnection.made], [[], [], []]);
  });
  for (const [name, error] of /** @type {const} */ ([
    ["NotAllowedError", "denied"],
    ["NotFoundError", "missing"],
    ["NotReadableError", "busy"],
    ["TypeError", "failed"],
  ])) {
    test(`${name} is said as "${error}"`, async () => {
      browser.devices.plan = [name];
      await media.setCamera(true);
      assert.deepEqual(media.camera.value, { on: false, busy: false, error });
      await media.setCamera(true);
      assert.deepEqual(media.camera.value, { on: true, busy: false, error: "" });
    });
  }
  test("a page that is not secure says denied", async () => {
    media = new Media({ world: { ...browser.world, mediaDevices: undefined }, environment: clock.environment });
    await media.setMicrophone(true);
    assert.equal(media.microphone.value.error, "denied");
    assert.equal(media.canShareScreen, false);
    await media.refreshDevices();
  });
  test("a device that stayed at home is replaced by the default one", async () => {
    await media.choose("camera", "at-home");
    await media.setCamera(true);
    assert.equal(media.camera.value.on, true);
    assert.equal(browser.devices.asked.length, 2);
  });
  test("a choice is kept, and changes a device that is on", async () => {
    browser.devices.present.add("b");
    await media.setCamera(true);
    await media.choose("camera", "b");
    assert.equal(/** @type {any} */ (media.local.value.camera?.getVideoTracks()[0])?.deviceId, "b");
    const next = new Media({ world: browser.world, environment: clock.environment });
    assert.deepEqual(next.chosen.value, { microphone: "", camera: "b", speaker: "" });
    await media.choose("microphone", "x"); // one that is off stays off
    assert.equal(media.microphone.value.on, false);
  });
  test("the list has each device once", async () => {
    browser.devices.list = [
      { kind: "audioinput", deviceId: "default", label: "Default" },
      { kind: "audioinput", deviceId: "a", label: "A" },
      { kind: "videoinput", deviceId: "c", label: "C" },
      { kind: "videoinput", deviceId: "c", label: "C" },
      { kind: "audiooutput", deviceId: "s", label: "S" },
    ];
    browser.devices.dispatchEvent(new Event("devicechange"));
    await settle();
    assert.deepEqual(media.devices.value, { microphone: [{ id: "a", label: "A" }], camera: [{ id: "c", label: "C" }], speaker: [{ id: "s", label: "S" }] });
  });
});

describe("joining", () => {
  test("without any device receives only", async () => {
    await join();
    assert.deepEqual(ops(), ["subscribe", "answer", "wish"]);
    assert.equal(media.state.value, "connected");
    assert.deepEqual(types(), []);
  });
  test("takes along what is on", async () => {
    await media.setMicrophone(true);
    await media.setCamera(true);
    await join();
    assert.deepEqual(types(), ["stage.start", "stage.start"]);
    const lines = legs().up?.transceivers ?? [];
    assert.deepEqual(lines.map(({ kind, direction, sender }) => [kind, direction, sender.track !== null]), [
      ["audio", "sendonly", true],
      ["video", "sendonly", true],
      ["video", "sendonly", false],
      ["audio", "sendonly", false],
    ]);
    assert.deepEqual(requests.find(({ op }) => op === "publish").kinds, { 0: "microphone", 1: "camera", 2: "screen", 3: "screen_audio" });
    assert.deepEqual(lines[1].sender.encodings.map((/** @type {any} */ { rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]), [["q", 4], ["h", 2], ["f", 1]]);
    assert.equal(lines[1].codecs[0].mimeType, "video/VP8");
    assert.equal(lines[1].codecs.length, 3);
    assert.deepEqual(legs().up?.configuration, { iceServers: [{ urls: "stun:x" }], bundlePolicy: "max-bundle" });
  });
  test("closes what the class does not allow", async () => {
    allowed.clear();
    await media.setCamera(true);
    await join();
    assert.deepEqual([media.camera.value.on, types()], [false, []]);
  });
  test("leaves alone what another page of the same person sends", async () => {
    for (const kind of /** @type {Kind[]} */ (["camera", "microphone"])) happens("stage.started", { track: `other-${kind}`, person: "me", kind });
    await join();
    happens("stage.stopped", { track: "other-camera" }, "teacher");
    await media.setMicrophone(false);
    assert.deepEqual(types(), []);
  });
  test("goes on with the track that this page left before it was loaded anew", async () => {
    happens("stage.started", { track: "left", person: "me", kind: "microphone" });
    happens("stage.muted", { track: "left" });
    answers["stage.start"] = { ok: false, code: "conflict" };
    await media.setMicrophone(true);
    await join();
    assert.equal(media.microphone.value.on, true);
    await media.setMicrophone(false);
    assert.deepEqual(commands.map(({ type, data }) => [type, data.track]), [["stage.start", undefined], ["stage.unmute", "left"], ["stage.mute", "left"]]);
  });
});

describe("in a class", () => {
  beforeEach(join);

  test("a microphone is started, muted and unmuted, and stays open", async () => {
    await media.setMicrophone(true);
    const { track } = legs().up?.transceivers[0].sender ?? {};
    await media.setMicrophone(false);
    assert.deepEqual([track.enabled, track.readyState, media.microphone.value.on], [false, "live", false]);
    await media.setMicrophone(true);
    assert.deepEqual([track.enabled, legs().up?.transceivers[0].sender.track], [true, track]);
    assert.deepEqual(types(), ["stage.start", "stage.mute", "stage.unmute"]);
    assert.equal(browser.devices.asked.length, 1);
  });
  test("a microphone is silent at once, even while it is being switched on", async () => {
    const on = media.setMicrophone(true);
    await settle();
    const off = media.setMicrophone(false);
    const { track } = legs().up?.transceivers[0].sender ?? {};
    assert.equal(track?.enabled ?? false, false);
    await Promise.all([on, off]);
    assert.equal(media.microphone.value.on, false);
  });
  test("a camera that is switched off lets go of its device", async () => {
    await media.setCamera(true);
    const { track } = legs().up?.transceivers[1].sender ?? {};
    await media.setCamera(false);
    assert.deepEqual([track.readyState, legs().up?.transceivers[1].sender.track, types()], ["ended", null, ["stage.start", "stage.stop"]]);
  });
  test("a device that is pulled out is replaced, and not by a microphone that is heard when it was muted", async () => {
    await media.setCamera(true);
    await media.setMicrophone(true);
    legs().up?.transceivers[1].sender.track.pull();
    legs().up?.transceivers[0].sender.track.pull();
    await clock.pass(0);
    assert.deepEqual([media.camera.value.on, media.microphone.value.on], [true, true]);
    assert.deepEqual([0, 1].map((line) => legs().up?.transceivers[line].sender.track.readyState), ["live", "live"]);
    await media.setMicrophone(false);
    commands.length = 0;
    legs().up?.transceivers[0].sender.track.pull();
    await clock.pass(0);
    assert.deepEqual([media.microphone.value.on, types()], [false, []]);
    await media.setMicrophone(true);
    const { track } = legs().up?.transceivers[0].sender ?? {};
    assert.deepEqual([track.readyState, track.enabled, types()], ["live", true, ["stage.unmute"]]);
  });
  test("a device that is pulled out, and the only one, says so", async () => {
    await media.setMicrophone(true);
    browser.devices.plan = ["NotFoundError"];
    legs().up?.transceivers[0].sender.track.pull();
    await clock.pass(0);
    assert.deepEqual(media.microphone.value, { on: false, busy: false, error: "missing" });
    await media.setMicrophone(true);
    assert.equal(media.microphone.value.on, true);
  });
  test("a screen is shown with its sound", async () => {
    browser.devices.screenSound = true;
    await media.setScreen(true);
    assert.deepEqual(commands.map(({ data }) => data.kind), ["screen", "screen_audio"]);
    assert.equal(legs().up?.transceivers[2].sender.track.contentHint, "detail");
    media.local.value.screen?.getVideoTracks()[0]?.onended?.(/** @type {any} */ (null)); // "Stop sharing" of the browser
    await clock.pass(0);
    assert.equal(media.screen.value.on, false);
    assert.deepEqual(types().slice(2), ["stage.stop", "stage.stop"]);
    assert.equal(browser.devices.asked.length, 1);
  });
  test("to show no screen after all is no error", async () => {
    browser.devices.plan = ["NotAllowedError"];
    await media.setScreen(true);
    assert.deepEqual(media.screen.value, { on: false, busy: false, error: "" });
  });
  test("a refused start switches off again", async () => {
    answers["stage.start"] = { ok: false, code: "locked" };
    await media.setCamera(true);
    assert.deepEqual([media.camera.value.on, legs().up?.transceivers[1].sender.track], [false, null]);
  });
  test("a teacher's mute and stop hold, and are not undone", async () => {
    await media.setMicrophone(true);
    await media.setCamera(true);
    const [microphone, camera] = commands.splice(0).map(({ id }) => id);
    happens("stage.muted", { track: microphone }, "teacher");
    happens("stage.stopped", { track: camera }, "teacher");
    await clock.pass(60_000);
    assert.deepEqual([media.microphone.value.on, media.camera.value.on, types()], [false, false, []]);
    assert.equal(legs().up?.transceivers[0].sender.track.enabled, false);
    await media.setMicrophone(true);
    await media.setCamera(true);
    assert.deepEqual(types(), ["stage.unmute", "stage.start"]);
  });
  test("what a break of the line has stopped is started again", async () => {
    await media.setCamera(true);
    const [{ id }] = commands.splice(0);
    happens("stage.stopped", { track: id }, "");
    await clock.pass(0);
    assert.deepEqual(types(), ["stage.start"]);
    assert.equal(media.camera.value.on, true);
  });
  test("a headset that is pulled out is replaced by what is left", async () => {
    await media.setMicrophone(true);
    const first = legs().up?.transceivers[0].sender.track;
    first.pull();
    await clock.pass(0);
    const second = legs().up?.transceivers[0].sender.track;
    assert.notEqual(second, first);
    assert.deepEqual([second.readyState, media.microphone.value.on], ["live", true]);
    browser.devices.plan = ["NotFoundError"];
    second.pull();
    await clock.pass(0);
    assert.deepEqual(media.microphone.value, { on: false, busy: false, error: "missing" });
  });
  test("layers that nobody looks at are switched off, also after a new negotiation", async () => {
    await media.setCamera(true);
    media.told({ op: "layers", kind: "camera", rids: ["q"] });
    await clock.pass(0);
    const active = () => legs().up?.transceivers[1].sender.encodings.map((/** @type {any} */ { active }) => active);
    assert.deepEqual(active(), [true, false, false]);
    media.told({ op: "layers", kind: "camera", rids: ["q", "h", "f"] });
    await clock.pass(0);
    assert.deepEqual(active(), [true, true, true]);
  });
  test("without a picture no layer is on, for Firefox would go on sending the last one", async () => {
    await media.setCamera(true);
    await clock.pass(100);
    const active = () => legs().up?.transceivers.slice(1, 3).map(({ sender }) => sender.encodings.map((/** @type {any} */ { active }) => active));
    assert.deepEqual(active(), [[true, true, true], [false, false]]);
    await media.setCamera(false);
    assert.deepEqual(active(), [[false, false, false], [false, false]]);
    media.told({ op: "layers", kind: "camera", rids: ["q", "h"] });
    await clock.pass(0);
    assert.deepEqual(active()?.[0], [false, false, false]);
    await media.setCamera(true);
    assert.deepEqual(active()?.[0], [true, true, false]);
  });
  test("wishes are sent together, and only when they change", async () => {
    happens("stage.started", { track: "a", person: "x", kind: "camera" }, "x");
    ops();
    media.wish("a", { height: 180.4, visible: true });
    media.wish("b", { height: 1e9, visible: false });
    media.setMode("slides");
    await clock.pass(100);
    assert.deepEqual(requests, [{ op: "wish", mode: "slides", tracks: { a: { height: 180, visible: true }, b: { height: 4320, visible: false } } }]);
    media.wish("a", { height: 180, visible: true });
    await clock.pass(1000);
    assert.equal(requests.length, 1);
    happens("stage.stopped", { track: "a" }, "x");
    media.setMode("everything");
    await clock.pass(100);
    assert.deepEqual(requests[1].tracks, {});
  });
  test("the way to receive is remembered", async () => {
    media.setMode("sound");
    assert.equal(new Media({ world: browser.world, environment: clock.environment }).mode.value, "sound");
  });
});

describe("receiving", () => {
  beforeEach(async () => {
    answers["subscribe"].slots = { 0: "sound-1", 1: "picture-1" };
    await join();
  });

  test("pictures are for the tiles, sound plays by itself", () => {
    assert.deepEqual([...media.streams.value.keys()], ["picture-1"]);
    assert.deepEqual(FakeAudio.made.map(({ played, removed }) => [played, removed]), [[1, false]]);
  });
  test("slots change without negotiation, old news does not count", () => {
    const before = media.streams.value.get("picture-1");
    media.told({ op: "slots", version: 3, slots: { 0: "sound-1", 1: "picture-2", 3: "picture-1" } });
    assert.equal(media.streams.value.get("picture-2"), before); // a slot keeps its stream
    assert.notEqual(media.streams.value.get("picture-1"), before);
    media.told({ op: "slots", version: 2, slots: {} });
    assert.equal(media.streams.value.size, 2);
    media.told({ op: "slots", version: 4, slots: { 1: null, 2: "sound-2" } });
    assert.equal(media.streams.value.size, 0);
    assert.equal(FakeAudio.made.length, 2);
  });
  test("more slots come by another offer", async () => {
    ops();
    media.told({ op: "offer", offer: "audio video audio video audio video", version: 5, slots: { 5: "picture-9" } });
    await clock.pass(200);
    assert.deepEqual(ops(), ["answer", "wish"]);
    assert.deepEqual([...media.streams.value.keys()], ["picture-9"]);
  });
  test("a server that counts anew is believed, and news that overtook its answer too", async () => {
    media.told({ op: "slots", version: 9, slots: { 1: "picture-2" } });
    answers["subscribe"] = { ...answers["subscribe"], version: 0, slots: { 1: "picture-3" } };
    media.networkChanged();
    await clock.pass(0);
    assert.deepEqual([...media.streams.value.keys()], ["picture-3"]);
    media.networkChanged();
    media.told({ op: "slots", version: 1, slots: { 1: "picture-4" } });
    await clock.pass(0);
    assert.deepEqual([...media.streams.value.keys()], ["picture-4"]);
  });
  test("an offer that cannot be read begins anew", async () => {
    ops();
    media.told({ op: "offer", offer: "unreadable", version: 5, slots: {} });
    await clock.pass(200);
    assert.deepEqual(ops(), ["subscribe", "answer", "wish"]);
  });
  test("sound that the browser refuses waits for a click", async () => {
    FakeAudio.refuses = "NotAllowedError";
    media.told({ op: "slots", version: 2, slots: { 2: "sound-2" } });
    await settle();
    assert.equal(media.silent.value, true);
    FakeAudio.refuses = "";
    await media.playSound();
    assert.equal(media.silent.value, false);
    assert.equal(FakeAudio.made[1]?.played, 2);
  });
  test("sound goes to the chosen speaker, and on playing when it is gone", async () => {
    await media.choose("speaker", "hall");
    media.told({ op: "slots", version: 2, slots: { 0: "sound-1", 2: "sound-2" } });
    assert.deepEqual(FakeAudio.made.map(({ sink }) => sink), ["hall", "hall"]);
    await media.choose("speaker", "gone");
  });
});

describe("when something breaks", () => {
  beforeEach(async () => {
    await media.setCamera(true);
    await join();
    legs().up?.become("connected");
    ops();
    types();
  });

  test("a short break mends itself", async () => {
    legs().down?.become("disconnected");
    assert.deepEqual(said, ["doubted"]);
    await clock.pass(1400);
    legs().down?.become("connected");
    await clock.pass(20_000);
    assert.deepEqual([ops(), media.state.value], [[], "connected"]);
  });
  test("a longer one restarts ICE on the same connection", async () => {
    const { up, down } = legs();
    up?.become("disconnected");
    down?.become("disconnected");
    await clock.pass(1700);
    assert.equal(media.state.value, "lost");
    assert.deepEqual(ops().sort(), ["answer", "publish", "subscribe", "wish"]);
    assert.deepEqual(up?.offers.at(-1), { iceRestart: true });
    assert.deepEqual(legs(), { up, down });
    up?.become("connected");
    down?.become("connected");
    assert.equal(media.state.value, "connected");
  });
  test("a restart that does not help makes a new connection", async () => {
    const { up } = legs();
    up?.become("failed");
    await clock.pass(100);
    up?.become("failed");
    await clock.pass(5000);
    assert.equal(up?.closed, true);
    assert.equal(legs().up?.transceivers[1].sender.track.readyState, "live");
  });
  test("a connection that does not come is made anew, later and later", async () => {
    const { up } = legs();
    up?.become("failed");
    await clock.pass(70_000);
    const publishes = ops().filter((op) => op === "publish").length;
    assert.ok(publishes >= 4 && publishes <= 6, `${publishes} attempts`);
  });
  test("a media worker that died is followed by a new one without a click", async () => {
    const old = legs();
    media.told({ op: "lost", leg: "both" });
    await clock.pass(200);
    assert.deepEqual([old.up?.closed, old.down?.closed], [true, true]);
    assert.deepEqual(ops().sort(), ["answer", "publish", "subscribe", "wish"]);
    assert.equal(legs().up?.transceivers[1].sender.track.readyState, "live");
    media.told({ op: "lost", leg: "subscriber" });
    await clock.pass(200);
    assert.deepEqual(ops(), ["subscribe", "answer", "wish"]);
    media.told({ op: "lost", leg: "publisher" });
    await clock.pass(200);
    assert.deepEqual(ops(), ["publish"]);
  });
  test("a server that was started anew is noticed at the next welcome", async () => {
    answers["wish"] = { ok: false, code: "media.unknown_peer" };
    const { up, down } = legs();
    media.welcomed(true);
    await clock.pass(0);
    assert.deepEqual([up?.closed, down?.closed], [true, true]);
    assert.deepEqual(ops().sort(), ["answer", "publish", "subscribe", "wish", "wish"]);
  });
  test("while the media worker is down it is asked again and again", async () => {
    answers["publish"] = { ok: false, code: "media.unavailable" };
    media.told({ op: "lost", leg: "publisher" });
    await clock.pass(10_000);
    assert.equal(media.state.value, "lost");
    answers["publish"] = { ok: true, answer: "v=0" };
    await clock.pass(10_000);
    legs().up?.become("connected");
    assert.equal(media.state.value, "connected");
  });
  test("a final refusal is said and not repeated", async () => {
    answers["publish"] = { ok: false, code: "media.no_codec" };
    media.told({ op: "lost", leg: "publisher" });
    await clock.pass(60_000);
    assert.deepEqual([ops(), media.refusal.value, media.state.value], [["publish"], "media.no_codec", "lost"]);
    assert.equal(legs().up?.signalingState, "stable");
  });
  test("another network restarts ICE at once", async () => {
    media.networkChanged();
    await clock.pass(200);
    assert.deepEqual(ops().sort(), ["answer", "publish", "subscribe", "wish"]);
  });
  test("another network while the line is down restarts ICE when the line is back, and stops nothing", async () => {
    const { up, down } = legs();
    answers["publish"] = answers["subscribe"] = { ok: false, code: "offline" };
    media.networkChanged();
    await clock.pass(3000);
    assert.equal(media.state.value, "connected");
    answers["publish"] = { ok: true, answer: "v=0" };
    answers["subscribe"] = { ok: true, offer: "audio video audio video", version: 1, slots: {} };
    await clock.pass(5000);
    assert.deepEqual(legs(), { up, down });
    assert.ok(ops().includes("answer"));
  });
  test("several reasons at once are one negotiation more", async () => {
    media.networkChanged();
    media.told({ op: "lost", leg: "publisher" });
    media.networkChanged();
    await clock.pass(200);
    assert.equal(ops().filter((op) => op === "publish").length, 2);
  });
  test("leaving closes everything", async () => {
    const { up, down } = legs();
    await media.stop();
    assert.deepEqual([up?.closed, down?.closed, media.camera.value.on, media.state.value], [true, true, false, "idle"]);
    assert.deepEqual([ops(), types()], [["leave"], ["stage.stop"]]);
    await clock.pass(60_000);
    assert.deepEqual(ops(), []);
    assert.equal(clock.waiting, 0);
  });
});

test("a line that loses packets gets time for what is sent again, and a line that does not is left alone", async () => {
  make();
  media.start();
  media.welcomed(false);
  await settle();
  const { down } = legs();
  down?.become("connected");
  const [first] = down?.transceivers ?? [];
  first.receiver.jitterBufferTarget = null;
  const looks = async (/** @type {number} */ count, /** @type {number} */ lost) => {
    for (let n = 0; n < count; n += 1) {
      const before = down?.stats.get("a") ?? { packetsReceived: 0, packetsLost: 0 };
      const packetsReceived = before.packetsReceived + 100;
      down?.stats.set("a", { type: "inbound-rtp", packetsReceived, packetsLost: before.packetsLost + lost });
      down?.stats.set("b", { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.1 });
      await clock.pass(2000);
    }
    return first.receiver.jitterBufferTarget;
  };
  assert.equal(await looks(3, 0), null);
  assert.equal(await looks(2, 5), 250);
  assert.equal(await looks(10, 0), 250);
  assert.equal(await looks(10, 0), null);
  assert.equal("jitterBufferTarget" in (down?.transceivers[1].receiver ?? {}), false);
});
