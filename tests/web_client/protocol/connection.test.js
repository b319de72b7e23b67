/** The line comes and goes; nothing that was written is lost or doubled; refusals that are final end it. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Connection } from "../../../static/js/protocol/connection.js";
import { FakeLine } from "../support/fake_line.js";
import { ManualWorld } from "../support/manual_world.js";

/** @typedef {import("../../../static/js/state/types.js").Reply} Reply */

let world = new ManualWorld();
/** @type {FakeLine} */
let line;
/** @type {Connection} */
let connection;
/** @type {any[]} */
let heard = [];
/** @type {number | null} */
let last = null;
/** @type {string | null} */
let nextSeat = null;
let complete = true;

const statuses = () => heard.filter(([what]) => what === "status").map(([, status]) => status);

beforeEach(() => {
  world = new ManualWorld();
  heard = [];
  last = null;
  nextSeat = null;
  complete = true;
  const hear = (/** @type {string} */ what) => (/** @type {any[]} */ ...args) => void heard.push([what, ...args]);
  connection = new Connection({
    open: (auth) => (line = new FakeLine(auth)),
    environment: world.environment,
    seat: "seat-1",
    handlers: {
      last: () => last,
      welcome: hear("welcome"),
      events: (batch) => {
        heard.push(["events", batch]);
        if (complete) last = batch.upto;
        return complete;
      },
      signal: hear("signal"),
      media: hear("media"),
      status: hear("status"),
      over: hear("over"),
      queued: hear("queued"),
      readmit: async () => nextSeat,
    },
  });
});

/** @param {object} [more] */
function live(more) {
  connection.start();
  line.welcome(more);
  last ??= 0;
}

/** @param {Promise<Reply>} promise */
function outcome(promise) {
  /** @type {{ reply: Reply | null }} */
  const found = { reply: null };
  void promise.then((reply) => (found.reply = reply));
  return found;
}

describe("coming in", () => {
  test("shows the version, the seat and the last number, and is live when welcome", () => {
    connection.start();
    connection.start(); // a second time changes nothing
    assert.equal(line.connects, 1);
    assert.deepEqual(line.auth, { v: 1, seat: "seat-1", since: null });
    line.welcome();
    assert.deepEqual(statuses(), ["connecting", "live"]);
  });
  test("may mean to wait in the lobby as long as it takes", async () => {
    connection.start();
    line.up = true;
    line.say("waiting", { class: {} });
    await world.pass(3_600_000);
    assert.deepEqual(statuses(), ["connecting", "waiting"]);
    line.welcome();
    assert.deepEqual(statuses().at(-1), "live");
  });
  test("that takes too long is begun again", async () => {
    connection.start();
    await world.pass(15_500);
    assert.equal(line.connects, 2);
    assert.deepEqual(statuses(), ["connecting"]);
  });
  test("is ended by a refusal that is final", async () => {
    connection.start();
    line.refuse({ ok: false, code: "blocked" });
    await world.pass(60_000);
    assert.deepEqual(heard.filter(([what]) => what !== "queued").slice(-2), [["over", "blocked"], ["status", "over"]]);
    assert.equal(line.connects, 1);
    assert.deepEqual(await connection.send("chat.post"), { ok: false, code: "closed" });
  });
  test("is put off by a refusal that passes, as long as it says", async () => {
    connection.start();
    line.refuse({ ok: false, code: "too_fast", retry_after: 20_000 });
    await world.pass(19_900);
    assert.equal(line.connects, 1);
    await world.pass(200);
    assert.equal(line.connects, 2);
  });
  test("with a seat that is too old asks once for another", async () => {
    nextSeat = "seat-2";
    connection.start();
    line.refuse({ ok: false, code: "unauthorized" });
    await world.pass(0);
    assert.equal(line.auth.seat, "seat-2");
    line.refuse({ ok: false, code: "unauthorized" });
    await world.pass(60_000);
    assert.deepEqual(heard.find(([what]) => what === "over"), ["over", "unauthorized"]);
  });
  test("without another seat is over", async () => {
    connection.start();
    line.refuse({ ok: false, code: "unauthorized" });
    await world.pass(0);
    assert.deepEqual(heard.find(([what]) => what === "over"), ["over", "unauthorized"]);
  });
});

describe("a lost line", () => {
  test("comes back with the last number, later and later, half by chance", async () => {
    live({ upto: 7 });
    last = 7;
    line.cut();
    assert.equal(statuses().at(-1), "reconnecting");
    const delays = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      const before = world.time;
      const connects = line.connects;
      while (line.connects === connects) await world.pass(10);
      delays.push(Math.round((world.time - before) / 100) / 10);
      line.refuse();
    }
    assert.deepEqual(delays, [0.3, 0.6, 1.2, 2.4, 4.8, 7.5, 7.5]);
    assert.equal(line.auth.since, 7);
    line.welcome({ state: null });
    assert.equal(statuses().at(-1), "live");
    assert.equal(heard.findLast(([what]) => what === "welcome")?.[2], true);
  });
  test("hurries when the browser says that the network is back", async () => {
    live();
    line.cut();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await world.pass(10_000);
      line.refuse();
    }
    const { connects } = line;
    connection.hint();
    assert.equal(line.connects, connects + 1);
  });
  test("is noticed by a hint when nobody answers, and not asked too often", async () => {
    live();
    connection.hint();
    connection.hint();
    assert.equal(line.take("resume").length, 1);
    await world.pass(4_000);
    assert.equal(statuses().at(-1), "reconnecting");
  });
  test("is not suspected when the answer comes", async () => {
    live();
    connection.hint();
    line.take("resume")[0]?.ack?.({ ok: true });
    await world.pass(60_000);
    assert.equal(statuses().at(-1), "live");
  });
  test("is left at once when the network is another one", async () => {
    live();
    const { connects } = line;
    connection.moved();
    assert.equal(statuses().at(-1), "reconnecting");
    assert.equal(line.connects, connects);
    connection.moved(); // again, while it waits: do not wait
    assert.equal(line.connects, connects + 1);
  });
  test("that is coming is not disturbed by another network", async () => {
    const { connects } = line;
    connection.moved();
    assert.equal(line.connects, connects);
  });
  test("by shutdown comes back at different times for different people", async () => {
    live();
    world.chance = 0.8;
    line.say("bye", { code: "shutdown" });
    line.cut();
    await world.pass(2_000);
    assert.equal(line.connects, 1);
    await world.pass(200);
    assert.equal(line.connects, 2);
  });
  test("by a final bye does not", async () => {
    live();
    const written = outcome(connection.send("chat.post", { text: "x" }));
    line.say("bye", { code: "removed" });
    await world.pass(60_000);
    assert.equal(line.connects, 1);
    assert.deepEqual(heard.find(([what]) => what === "over"), ["over", "removed"]);
    assert.deepEqual(written.reply, { ok: false, code: "closed" });
  });
});

describe("deliveries", () => {
  test("with a hole are asked for again, once at a time", async () => {
    live();
    last = 40;
    complete = false;
    line.say("events", { after: 42, upto: 43, events: [] });
    line.say("events", { after: 43, upto: 44, events: [] });
    const asked = line.take("resume");
    assert.deepEqual(asked.map(({ message }) => message), [{ since: 40 }]);
    complete = true;
    line.say("events", { after: 40, upto: 44, events: [] });
    asked[0]?.ack?.({ ok: true });
    assert.equal(last, 44);
    await world.pass(60_000);
    assert.equal(statuses().at(-1), "live");
  });
  test("that keep having holes end in a snapshot", async () => {
    live();
    last = 40;
    complete = false;
    for (let gap = 0; gap < 4; gap += 1) {
      line.say("events", { after: 50 + gap, upto: 51 + gap, events: [] });
      line.take("resume")[0]?.ack?.({ ok: true });
    }
    await world.pass(1000);
    assert.equal(line.auth.since, null);
    line.welcome();
    line.cut();
    await world.pass(1000);
    assert.equal(line.auth.since, 40);
  });
  test("that the server will not repeat end in a snapshot", async () => {
    live();
    last = 40;
    complete = false;
    line.say("events", { after: 42, upto: 43, events: [] });
    line.take("resume")[0]?.ack?.({ ok: false, code: "bad_message" });
    await world.pass(1000);
    assert.deepEqual([line.connects, line.auth.since], [2, null]);
  });
  test("tell the time, which never goes behind an event", () => {
    live({ now: world.time + 5_000 });
    assert.equal(connection.clock(), world.time + 5_000);
    line.say("events", { after: 0, upto: 1, events: [{ seq: 1, at: world.time + 5_100, by: "", type: "x.y", data: {} }] });
    assert.equal(connection.clock(), world.time + 5_100);
    line.say("events", { after: 1, upto: 2, events: [{ seq: 2, at: world.time, by: "", type: "x.y", data: {} }] });
    assert.equal(connection.clock(), world.time + 5_100);
  });
});

describe("what is said in passing", () => {
  test("goes out on a live line and nowhere else", () => {
    connection.signal("reactions.give", { kind: "clap" });
    live();
    connection.signal("reactions.give", { kind: "clap" });
    assert.deepEqual(line.take("signal").map(({ message }) => message), [{ type: "reactions.give", kind: "clap" }]);
    line.cut();
    connection.signal("chat.typing", { to: null });
    assert.deepEqual(line.sent, []);
  });
  test("by the server is handed on", () => {
    live();
    line.say("signal", { type: "stage.speakers" });
    line.say("media", { op: "layers" });
    assert.deepEqual(heard.slice(-2), [["signal", { type: "stage.speakers" }], ["media", { op: "layers" }]]);
  });
});

describe("requests", () => {
  test("are answered, or refused when there is no line", async () => {
    assert.deepEqual(await connection.history(10, 50), { ok: false, code: "offline" });
    live();
    const history = connection.history(10, 50);
    const [sent] = line.take("history");
    assert.deepEqual(sent?.message, { before: 10, limit: 50 });
    sent?.ack?.({ ok: true, events: [], more: false });
    assert.deepEqual(await history, { ok: true, events: [], more: false });
    const media = connection.media({ op: "subscribe" });
    line.cut();
    assert.deepEqual(await media, { ok: false, code: "offline" });
  });
  test("with nonsense for an answer are refused", async () => {
    live();
    const media = connection.media({ op: "subscribe" });
    line.take("media")[0]?.ack?.(null);
    assert.deepEqual(await media, { ok: false, code: "bad_message" });
  });
});

describe("commands", () => {
  test("are acknowledged", async () => {
    live();
    const post = connection.send("chat.post", { text: "x" }, "c-message-1");
    const [sent] = line.take("command");
    assert.deepEqual(sent?.message, { id: "c-message-1", type: "chat.post", data: { text: "x" } });
    sent?.ack?.({ ok: true, seq: 5 });
    assert.deepEqual(await post, { ok: true, seq: 5 });
    assert.deepEqual(heard.at(-1), ["queued", []]);
  });
  test("that were on their way when the line went are sent again with the same id, in order, and once", async () => {
    live();
    const first = connection.send("chat.post", { text: "1" }, "c-message-1");
    const second = connection.send("chat.post", { text: "2" }, "c-message-2");
    const [lost] = line.take("command");
    line.cut();
    const third = connection.send("chat.post", { text: "3" }, "c-message-3");
    await world.pass(1000);
    line.welcome({ state: null });
    lost?.ack?.({ ok: true, seq: 99 }); // from the old line: not to be believed twice
    const seen = [];
    for (let seq = 1; seq <= 3; seq += 1) {
      const [sent, ...more] = line.take("command");
      assert.deepEqual(more, []);
      seen.push(sent?.message.id);
      sent?.ack?.({ ok: true, seq });
      await world.pass(0);
    }
    assert.deepEqual(seen, ["c-message-1", "c-message-2", "c-message-3"]);
    assert.deepEqual((await Promise.all([first, second, third])).map((reply) => reply.ok && reply.seq), [1, 2, 3]);
  });
  test("on their way are not sent again when the same line is welcomed again", () => {
    live();
    void connection.send("chat.post", { text: "x" });
    line.welcome();
    assert.equal(line.take("command").length, 1);
  });
  test("of different features do not wait for one another", () => {
    live();
    void connection.send("chat.post", { text: "x" });
    void connection.send("stage.start", { kind: "camera", muted: false });
    assert.deepEqual(line.take("command").map(({ message }) => message.type), ["chat.post", "stage.start"]);
  });
  test("that nobody answers mean that the line is dead", async () => {
    live();
    void connection.send("chat.post", { text: "x" }, "c-message-1");
    line.take("command");
    await world.pass(11_000);
    assert.equal(line.connects, 2);
    line.welcome({ state: null });
    assert.deepEqual(line.take("command").map(({ message }) => message.id), ["c-message-1"]);
  });
  test("that were too fast wait and go again by themselves, the others behind them", async () => {
    live();
    const post = connection.send("chat.post", { text: "1" }, "c-message-1");
    void connection.send("chat.post", { text: "2" }, "c-message-2");
    line.take("command")[0]?.ack?.({ ok: false, code: "too_fast", retry_after: 1500 });
    await world.pass(1400);
    assert.deepEqual(line.take("command"), []);
    await world.pass(200);
    const [again] = line.take("command");
    assert.equal(again?.message.id, "c-message-1");
    again?.ack?.({ ok: true, seq: 2 });
    assert.deepEqual(await post, { ok: true, seq: 2 });
    assert.equal(line.take("command")[0]?.message.id, "c-message-2");
  });
  test("that were much too fast are refused", async () => {
    live();
    const post = connection.send("chat.post", { text: "1" });
    line.take("command")[0]?.ack?.({ ok: false, code: "too_fast", retry_after: 60_000 });
    assert.deepEqual(await post, { ok: false, code: "too_fast", retry_after: 60_000 });
  });
  test("for which the server is not ready are tried four times", async () => {
    live();
    const post = outcome(connection.send("chat.post", { text: "1" }));
    let tries = 0;
    for (let second = 0; second < 10; second += 1) {
      for (const { ack } of line.take("command")) {
        tries += 1;
        ack?.({ ok: false, code: "unavailable" });
      }
      await world.pass(1000);
    }
    assert.equal(tries, 4);
    assert.deepEqual(post.reply, { ok: false, code: "unavailable" });
  });
  test("that are only good at the moment are given up without a line, written ones are not", async () => {
    live();
    const raised = outcome(connection.send("hands.raise"));
    line.cut();
    const started = outcome(connection.send("stage.start", { kind: "camera", muted: false }));
    const written = outcome(connection.send("questions.ask", { text: "?", anonymous: true }));
    await world.pass(31_000);
    assert.deepEqual(raised.reply, { ok: false, code: "offline" });
    assert.deepEqual(started.reply, { ok: false, code: "offline" });
    assert.equal(written.reply, null);
    line.take("command");
    line.welcome({ state: null });
    line.take("command")[0]?.ack?.({ ok: true, seq: 3 });
    await world.pass(0);
    assert.deepEqual(written.reply, { ok: true, seq: 3 });
  });
  test("are bounded", async () => {
    for (let n = 0; n < 200; n += 1) void connection.send("chat.post", { text: "x" });
    assert.deepEqual(await connection.send("chat.post", { text: "x" }), { ok: false, code: "offline" });
    live();
    assert.deepEqual(await connection.send("chat.post", { text: "x" }), { ok: false, code: "too_fast", retry_after: 1000 });
  });
  test("are refused when the person leaves, and no timer is left", async () => {
    live();
    const post = outcome(connection.send("chat.post", { text: "x" }));
    connection.hint();
    connection.stop();
    connection.stop();
    await world.pass(0);
    assert.deepEqual(post.reply, { ok: false, code: "closed" });
    assert.equal(line.up, false);
    assert.deepEqual(heard.filter(([what]) => what === "over"), []);
  });
});
