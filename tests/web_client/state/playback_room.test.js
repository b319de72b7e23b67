import assert from "node:assert/strict";
import { effect, signal } from "@preact/signals-core";
import { test } from "node:test";

import { EMPTY } from "../../../static/js/state/fold.js";
import { createPlaybackRoom } from "../../../static/js/state/playback_room.js";
import { createShow } from "../../../static/js/state/show.js";

/** @typedef {import("../../../static/js/state/types_playback.js").Player} Player */

function made() {
  const room = signal(/** @type {any} */ (null));
  const time = signal(5000);
  const mode = signal("everything");
  /** @type {string[]} */
  const done = [];
  const player = /** @type {Player} */ (/** @type {unknown} */ ({
    room, time, mode, speakers: signal({ levels: {}, dominant: null }), needsGesture: signal(false), duration: signal(60_000),
    play: () => void done.push("play"), close: () => void done.push("close"), wish: (/** @type {string} */ track) => void done.push(`wish ${track}`),
  }));
  const answer = /** @type {any} */ ({
    recording: { id: "c-1", class_id: "c", title: "T", started_at: 1_000_000 }, me: { id: "u_0", name: "A", role: "teacher" }, state: { room: EMPTY }, chapters: [], captions: ["ky"], gaps: [], cuts: [[1, 2]], can: {},
  });
  return { answer, room, time, mode, player, done, made: createPlaybackRoom({ answer, player }) };
}

test("the state follows the player, and what did not change is not told again", () => {
  const { room, made: own } = made();
  let told = 0;
  effect(() => void (own.state.chat.value, (told += 1)));
  const chat = { messages: {}, pinned: ["m"] };
  room.value = { ...EMPTY, chat, lobby: { on: true, waiting: { w: {} } } };
  assert.equal(own.state.chat.value, chat);
  assert.deepEqual(own.state.lobby.value, EMPTY.lobby);
  room.value = { ...EMPTY, chat, people: { items: {}, blocked: ["x"] } };
  assert.equal(told, 2);
  assert.deepEqual(own.state.people.value.blocked, ["x"]);
});

test("a recorded class is neither written to nor acted in, even by its teacher", async () => {
  const { made: own, done } = made();
  assert.equal(own.can("staff"), false);
  assert.deepEqual(await own.send("chat.post", { text: "x" }), { ok: false, code: "not_open" });
  await own.media.setCamera(true);
  assert.equal(own.media.camera.value.on, false);
  own.media.wish("t_1", { height: 100, visible: true });
  await own.media.playSound();
  own.close();
  assert.deepEqual(done, ["wish t_1", "play", "close"]);
});

test("its clock is the wall clock of the moment, and sound alone shows no pictures", () => {
  const { made: own, time, mode } = made();
  assert.equal(own.clock(), 1_005_000);
  time.value = 6000;
  assert.equal(own.clock(), 1_006_000);
  assert.equal(own.media.mode.value, "everything");
  mode.value = "small";
  assert.equal(own.media.mode.value, "everything");
  mode.value = "sound";
  assert.equal(own.media.mode.value, "sound");
});

test("a list is asked for again and again, the newest answer counts, and a refusal is kept", async () => {
  const { answer, made: room } = made();
  /** @type {((outcome: any) => void)[]} */
  const waiting = [];
  const show = createShow({ answer, room, ask: /** @type {any} */ (() => new Promise((resolve) => waiting.push(resolve))) });
  const both = [show.moments.load(), show.moments.load()];
  waiting[1]?.({ ok: true, data: [{ id: "new" }] });
  waiting[0]?.({ ok: true, data: [{ id: "old" }] });
  await Promise.all(both);
  assert.deepEqual(show.moments.data.value.map((one) => one.id), ["new"]);
  const third = show.moments.load();
  waiting[2]?.({ ok: false, code: "offline" });
  await third;
  assert.equal(show.moments.problem.value?.code, "offline");
  assert.equal(show.moments.data.value.length, 1);
});

test("chapters the server does not know go without an id, and its answer is what stands then", async () => {
  const { answer, made: room } = made();
  /** @type {any[]} */
  const sent = [];
  const show = createShow({ answer, room, ask: /** @type {any} */ (async (/** @type {any} */ ...call) => (sent.push(call), { ok: true, data: [{ id: "a", t: 1, title: "x", source: "staff" }] })) });
  await show.saveChapters([{ id: "new-1", t: 5, title: "n", source: "" }, { id: "k", t: 9, title: "o", source: "mark" }]);
  assert.deepEqual(sent, [["PUT", "/api/recordings/c-1/chapters", { chapters: [{ t: 5, title: "n" }, { t: 9, title: "o", id: "k" }] }]]);
  assert.deepEqual(show.chapters.value.map((one) => one.id), ["a"]);
});

test("captions are stored as a text, and what the server understood is shown", async () => {
  const { answer, made: room } = made();
  /** @type {any[]} */
  const sent = [];
  const askText = async (/** @type {string} */ path, /** @type {any} */ body) => (sent.push([path, body?.type]), /** @type {const} */ ({ ok: true, data: "WEBVTT\n\n00:01.000 --> 00:02.000\nА" }));
  const show = createShow({ answer, room, askText, ask: /** @type {any} */ (async () => ({ ok: true, data: null })) });
  await show.saveCaptions("ru", [{ from: 1000, upto: 2000, text: "A", voice: "" }]);
  assert.deepEqual(show.languages.value, ["ky", "ru"]);
  assert.deepEqual(show.texts.of.value["ru"]?.cues.map((cue) => cue.text), ["А"]);
  await show.texts.load("ru");
  await show.texts.load("ky");
  assert.deepEqual((await show.texts.whole("ky"))?.length, 1);
  assert.deepEqual(sent, [["/api/recordings/c-1/captions/ru", "text/vtt"], ["/api/recordings/c-1/captions/ky", undefined], ["/api/recordings/c-1/captions/ky?original=1", undefined]]);
  await show.removeCaptions("ru");
  assert.deepEqual([show.languages.value, show.texts.of.value["ru"]], [["ky"], undefined]);
});
