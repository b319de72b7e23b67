/** Going anywhere in a recording shows what playing there would have shown. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { EMPTY, fold } from "../../../static/js/state/fold.js";
import { Replay } from "../../../static/js/state/replay.js";
import { chance } from "../support/recorded.js";

/** @typedef {import("../../../static/js/protocol/playback/types.js").RecordedEvent} RecordedEvent */
/** @typedef {import("../../../static/js/state/types.js").RoomState} RoomState */

const JOURNALS = new URL("../../fixtures/journals/", import.meta.url);
/** @type {{ start: RoomState | null, state: RoomState, events: RecordedEvent[] }[]} */
const golden = readdirSync(JOURNALS).filter((name) => name.endsWith(".json")).map((name) => JSON.parse(readFileSync(new URL(name, JOURNALS), "utf8")));

/** Events with times of which some are the same. @param {readonly RecordedEvent[]} events @param {() => number} random @returns {RecordedEvent[]} */
function timed(events, random) {
  let t = 0;
  return events.map((event) => ({ ...event, t: (t += random() < 0.3 ? 0 : Math.floor(random() * 5000)) }));
}

/** A long class: golden journals one after another, with numbers that have gaps. @param {number} least @param {() => number} random */
function long(least, random) {
  /** @type {RecordedEvent[]} */
  const all = [];
  while (all.length < least) {
    const { events } = /** @type {(typeof golden)[number]} */ (golden[Math.floor(random() * golden.length)]);
    all.push(...events, { seq: 0, t: 0, at: 0, by: "", type: "polls.opened", data: {} });
  }
  let seq = 0;
  return timed(all, random).map((event) => ({ ...event, seq: (seq += 1 + Math.floor(random() * 3)) }));
}

/** @param {RoomState} start @param {readonly RecordedEvent[]} events @param {number} t */
const folded = (start, events, t) => fold(start, events.filter((event) => event.t <= t));
/** @param {readonly RecordedEvent[]} events */
const numberOf = (events) => events.at(-1)?.seq ?? 0;

describe("at any moment, after any way there", () => {
  for (const [n, { start, state, events }] of golden.entries()) {
    test(`golden journal ${n}`, () => {
      const random = chance(n + 1);
      const told = timed(events, random);
      const replay = new Replay();
      const first = start ?? EMPTY;
      const seq = (told[0]?.seq ?? 1) - 1;
      replay.begin({ t: 0, seq, room: first });
      replay.add(seq, { events: told, upto: numberOf(told), more: false });
      const end = told.at(-1)?.t ?? 0;
      for (let step = 0; step < 60; step += 1) {
        const t = Math.floor(random() * (end + 1000));
        assert.deepEqual(replay.at(t), folded(first, told, t));
      }
      assert.deepEqual(replay.at(end), state);
    });
  }

  test("a long class in pages, with seeks that begin anew from the server's state", () => {
    const random = chance(99);
    const events = long(2600, random);
    const end = numberOf(events);
    const last = events.at(-1)?.t ?? 0;
    const replay = new Replay();
    replay.begin({ t: 0, seq: 0, room: EMPTY });
    for (let step = 0; step < 400; step += 1) {
      const t = Math.floor(random() * last);
      // What the server gives is the same as what was folded here.
      const expected = folded(EMPTY, events, t);
      const edge = replay.edge(t);
      if (edge && (random() < 0.6 || edge.until >= t)) {
        const behind = events.filter(({ seq }) => seq > edge.after);
        const page = behind.slice(0, 200);
        replay.add(edge.after, { events: page, upto: numberOf(page) || end, more: page.length < behind.length });
      } else replay.begin({ t, seq: numberOf(events.filter((event) => event.t <= t)), room: expected });
      const found = replay.at(t);
      if (found) assert.deepEqual(found, expected, `step ${step}`);
    }
    for (let t = 0; t <= last; t += 977) {
      const found = replay.at(t);
      if (found) assert.deepEqual(found, folded(EMPTY, events, t));
    }
  });

  test("the same moment is the same object, so that nothing is drawn anew", () => {
    const replay = new Replay();
    replay.begin({ t: 0, seq: 0, room: EMPTY });
    replay.add(0, { events: [{ seq: 1, t: 100, at: 1, by: "", type: "lobby.switched", data: { on: true } }], upto: 1, more: false });
    assert.equal(replay.at(200), replay.at(300));
    assert.equal(replay.at(200)?.lobby.on, true);
    assert.equal(replay.at(99)?.lobby.on, false);
    assert.equal(replay.at(99)?.chat, replay.at(100)?.chat);
  });

  test("a step in a long class folds some hundred events, not all of them", () => {
    const random = chance(5);
    let read = 0;
    const events = long(10_000, random).map(({ type, ...event }) => ({
      ...event,
      get type() {
        read += 1;
        return type;
      },
    }));
    const replay = new Replay();
    replay.begin({ t: 0, seq: 0, room: EMPTY });
    replay.add(0, { events, upto: numberOf(events), more: false });
    const last = events.at(-1)?.t ?? 0;
    replay.at(last);
    const whole = read;
    for (let n = 0; n < 100; n += 1) replay.at(random() * last);
    assert.ok(read - whole < whole * 5, `${read - whole} of ${whole}`);
    replay.at(last / 2);
    read = 0;
    replay.at(last / 2 + 1);
    assert.ok(read < 30);
  });
});

describe("what is known", () => {
  /** @param {number} seq @param {number} t @returns {RecordedEvent} */
  const event = (seq, t) => ({ seq, t, at: t, by: "", type: "lobby.switched", data: { on: seq % 2 === 1 } });

  test("nothing before the first state, and behind the last event only where there is none", () => {
    const replay = new Replay();
    assert.equal(replay.at(0), null);
    assert.equal(replay.edge(0), null);
    assert.deepEqual(replay.eventsAround(0), []);
    replay.begin({ t: 1000, seq: 5, room: EMPTY });
    assert.equal(replay.at(999), null);
    assert.equal(replay.at(1000), EMPTY);
    assert.equal(replay.at(1001), null);
    assert.deepEqual(replay.edge(2000), { after: 5, until: 1000 });
    assert.equal(replay.add(5, { events: [event(6, 1500), event(7, 2000)], upto: 7, more: true }), true);
    assert.equal(replay.at(1999)?.lobby.on, false);
    // Another event of that moment may follow.
    assert.equal(replay.at(2000), null);
    assert.equal(replay.add(7, { events: [], upto: 9, more: false }, 5000), true);
    assert.equal(replay.at(4999)?.lobby.on, true);
    assert.equal(replay.at(5000), null);
    assert.equal(replay.eventsAround(4000).length, 2);
  });

  test("a page that does not follow is not taken, nor an event twice", () => {
    const replay = new Replay();
    replay.begin({ t: 0, seq: 5, room: EMPTY });
    assert.equal(replay.add(9, { events: [event(10, 10)], upto: 10, more: false }), false);
    assert.equal(replay.add(5, { events: [event(5, 0), event(6, 10)], upto: 6, more: false }), true);
    assert.equal(replay.eventsAround(0).length, 1);
  });

  test("a running class that says nothing new is known further", () => {
    const replay = new Replay();
    replay.begin({ t: 0, seq: 5, room: EMPTY });
    replay.reach(5, 8000);
    assert.equal(replay.at(7999), EMPTY);
    replay.reach(6, 20_000);
    assert.equal(replay.at(9000), null);
  });

  test("a state in the middle of what is known begins nothing anew", () => {
    const replay = new Replay();
    replay.begin({ t: 0, seq: 0, room: EMPTY });
    replay.add(0, { events: [event(1, 10)], upto: 1, more: false }, 10_000);
    replay.begin({ t: 5000, seq: 1, room: EMPTY });
    assert.deepEqual(replay.edge(6000), { after: 1, until: 10_000 });
    replay.begin({ t: 20_000, seq: 4, room: EMPTY });
    assert.deepEqual(replay.edge(21_000), { after: 4, until: 20_000 });
    // The first stretch grows over the second.
    replay.add(1, { events: [event(2, 11_000), event(9, 30_000)], upto: 9, more: false });
    assert.deepEqual(replay.edge(21_000), { after: 9, until: Infinity });
  });
});
