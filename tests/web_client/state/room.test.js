/** The room joins its parts: what is pending, who writes, when media may act. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { EMPTY } from "../../../static/js/state/fold.js";
import { createRoom } from "../../../static/js/state/room.js";
import { FakeLine } from "../support/fake_line.js";
import { ManualWorld, settle } from "../support/manual_world.js";

let world = new ManualWorld();
/** @type {FakeLine} */
let line;
/** @type {ReturnType<typeof createRoom>} */
let room;
/** @type {any[]} */
let told = [];
/** @type {any} */
let parts;

const SEAT = {
  seat: "s",
  person: { id: "me", name: "A", role: /** @type {const} */ ("student") },
  class: { id: "demo", title: "T", language: "ky" },
  ice_servers: [],
};

beforeEach(() => {
  world = new ManualWorld();
  told = [];
  const hear = (/** @type {string} */ what) => (/** @type {any[]} */ ...args) => void told.push([what, ...args]);
  const media = {
    attach: (/** @type {any} */ given) => (parts = given),
    start: hear("start"),
    stop: async () => void told.push(["stop"]),
    welcomed: hear("welcomed"),
    follow: hear("follow"),
    told: hear("told"),
  };
  room = createRoom({
    seat: SEAT,
    open: (auth) => (line = new FakeLine(auth)),
    environment: world.environment,
    media: /** @type {any} */ (media),
    readmit: async () => null,
  });
});

/** @param {object} [more] */
async function live(more) {
  void room.join();
  line.welcome({ person: SEAT.person, now: world.time, upto: 10, state: EMPTY, ...more });
  await settle();
}

/** @param {number} seq @param {string} type @param {Record<string, any>} data @param {string} [by] */
const deliver = (seq, type, data, by = "me") => line.say("events", { after: seq - 1, upto: seq, events: [{ seq, at: world.time, by, type, data }] });
const pending = () => room.pending.value.map(({ id }) => id);
const posted = (/** @type {string} */ message) => ({ message, author: "me", text: "x", to: null, reply_to: null });

describe("a pending message", () => {
  test("is shown until its event has come, whichever comes first", async () => {
    await live();
    void room.send("chat.post", { text: "x" }, "c-first-1");
    assert.deepEqual(pending(), ["c-first-1"]);
    line.take("command")[0]?.ack?.({ ok: true, seq: 11 });
    await settle();
    assert.deepEqual(pending(), ["c-first-1"]); // acknowledged, and not in the state yet
    deliver(11, "chat.posted", posted("c-first-1"));
    assert.deepEqual(pending(), []);

    void room.send("chat.post", { text: "y" }, "c-second-2");
    deliver(12, "chat.posted", posted("c-second-2"));
    assert.deepEqual(pending(), []); // in the state, and not acknowledged yet
    line.take("command")[0]?.ack?.({ ok: true, seq: 12 });
    await settle();
    assert.deepEqual(pending(), []);
  });
  test("that was refused is gone", async () => {
    await live();
    const sent = room.send("chat.post", { text: "x" }, "c-first-1");
    line.take("command")[0]?.ack?.({ ok: false, code: "locked" });
    assert.deepEqual(await sent, { ok: false, code: "locked" });
    assert.deepEqual(pending(), []);
  });
  test("that was acknowledged in the last moment of a line goes with the snapshot that has it", async () => {
    await live();
    void room.send("chat.post", { text: "x" }, "c-first-1");
    line.take("command")[0]?.ack?.({ ok: true, seq: 11 });
    await settle();
    line.cut();
    await world.pass(1000);
    line.welcome({ person: SEAT.person, now: world.time, upto: 11, state: EMPTY });
    assert.deepEqual(pending(), []);
  });
});

describe("media", () => {
  test("acts when the state is known: at once after a snapshot, after the news otherwise", async () => {
    await live();
    assert.deepEqual(told.splice(0), [["start"], ["welcomed", false]]);
    line.cut();
    await world.pass(1000);
    line.welcome({ person: SEAT.person, upto: 11, state: null });
    assert.deepEqual(told.splice(0), []);
    deliver(11, "hands.raised", { person: "u" });
    assert.deepEqual(told.map(([what]) => what), ["follow", "welcomed"]);
    assert.deepEqual(told.at(-1), ["welcomed", true]);
    line.cut();
    await world.pass(1000);
    told = [];
    line.welcome({ person: SEAT.person, upto: 11, state: null }); // nothing has happened: nothing need follow
    assert.deepEqual(told, [["welcomed", true]]);
  });
  test("gets its messages, and asks over the same line", async () => {
    await live();
    line.say("media", { op: "lost", leg: "both" });
    assert.deepEqual(told.at(-1), ["told", { op: "lost", leg: "both" }]);
    void parts.request({ op: "subscribe" });
    assert.deepEqual(line.take("media")[0]?.message, { op: "subscribe" });
    assert.deepEqual([parts.me(), parts.may("camera"), parts.stage === room.state.stage], ["me", false, true]);
  });
  test("ends with the class", async () => {
    await live();
    line.say("bye", { code: "closed" });
    assert.deepEqual([told.at(-1), room.status.value, room.bye.value], [["stop"], "over", "closed"]);
  });
  test("ends before the line when the person leaves", async () => {
    await live();
    await room.leave();
    assert.deepEqual([told.at(-1), room.status.value, room.bye.value, line.up], [["stop"], "over", null, false]);
  });
});

describe("signals", () => {
  beforeEach(() => live());

  test("are kept as the last ones", () => {
    line.say("signal", { type: "reactions.counted", counts: { clap: 3 } });
    line.say("signal", { type: "stage.speakers", levels: { u: 0.5 }, dominant: "u" });
    const lines = { people: [{ person: "u", quality: "weak", problems: [] }], more: 0, cause: null };
    line.say("signal", { type: "stage.lines", ...lines });
    const own = { up: { bitrate: 1 }, down: { bitrate: 2 }, quality: "good", problems: [], inherits: false };
    line.say("signal", { type: "stage.stats", ...own });
    line.say("signal", { type: "from.the.future" });
    assert.deepEqual(room.reactions.value, { clap: 3, yes: 0, no: 0, slower: 0, faster: 0 });
    assert.deepEqual(room.speakers.value, { levels: { u: 0.5 }, dominant: "u" });
    assert.deepEqual(room.network.value, { u: "weak" });
    assert.deepEqual(room.lines.value, lines);
    assert.deepEqual(room.stats.value, own);
  });
  test("of somebody who writes are forgotten after five seconds, or when it is written", async () => {
    line.say("signal", { type: "chat.typing", person: "u", to: null });
    await world.pass(3000);
    line.say("signal", { type: "chat.typing", person: "u", to: null });
    await world.pass(3000);
    assert.deepEqual(Object.keys(room.typing.value), ["u"]);
    await world.pass(2000);
    assert.deepEqual(room.typing.value, {});
    line.say("signal", { type: "chat.typing", person: "u", to: "me" });
    deliver(11, "chat.posted", posted("m-1"), "u");
    assert.deepEqual(room.typing.value, {});
  });
  test("of one's own go out", () => {
    room.signal("reactions.give", { kind: "yes" });
    assert.deepEqual(line.take("signal")[0]?.message, { type: "reactions.give", kind: "yes" });
  });
});

describe("a person", () => {
  test("has the role that the welcome or an event gives", async () => {
    await live({ person: { ...SEAT.person, role: "assistant" } });
    assert.equal(room.can("staff"), true);
    deliver(11, "people.role_changed", { person: "me", role: "student" }, "t");
    assert.deepEqual([room.me.value.role, room.can("staff")], ["student", false]);
  });
  test("sees holes filled", async () => {
    await live();
    line.say("events", { after: 12, upto: 13, events: [] });
    assert.deepEqual(line.take("resume")[0]?.message, { since: 10 });
    room.hint();
    assert.equal(room.clock(), world.time);
    assert.deepEqual(room.info.value.title, "T");
    void room.history(5, 10);
    assert.deepEqual(line.take("history")[0]?.message, { before: 5, limit: 10 });
  });
});
