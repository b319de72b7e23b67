/** Who is asked whether they may be recorded, and what is known of whom; see static/js/views/consent.js. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { signal } from "@preact/signals-core";
import { initial } from "../../../static/js/state/recording.js";
import { needsWord, ownEntry, staffEntry, whyNotRecorded } from "../../../static/js/views/consent.js";

/** @typedef {import("../../../static/js/state/types.js").RecordingState} RecordingState */
/** @typedef {import("../../../static/js/state/types.js").Room} Room */
/** @typedef {import("../../../static/js/state/types.js").Role} Role */

const PEOPLE = { t: "teacher", s: "student", o: "student" };

/** A class in which the student `s` and the teacher `t` speak. @param {"s" | "t"} me @param {Partial<RecordingState>} recording @param {{ muted?: boolean, replay?: any }} [more] */
function room(me, recording, { muted = false, replay = null } = {}) {
  const items = Object.fromEntries(Object.entries(PEOPLE).map(([id, role]) => [id, { id, name: id, role, present: true, joined_at: 0, left_at: 0 }]));
  const track = (/** @type {string} */ person) => [`t_${person}`, { id: `t_${person}`, person, kind: "microphone", muted, since: 0 }];
  return /** @type {Room} */ (
    /** @type {unknown} */ ({
      replay,
      me: signal({ id: me, name: me, role: PEOPLE[me] }),
      can: () => me === "t",
      state: { recording: signal({ ...initial, mode: "on", ...recording }), people: signal({ items, blocked: [] }), stage: signal({ allowed: {}, tracks: Object.fromEntries([track("s"), track("t")]) }) },
    })
  );
}

describe("one's word is asked for", () => {
  test("when one is heard while the class is recorded, a pause included", () => {
    assert.equal(needsWord(room("s", { state: "on" })), true);
    assert.equal(needsWord(room("s", { state: "paused" })), true);
  });
  test("not before it is recorded, nor while one is silent, nor twice", () => {
    assert.equal(needsWord(room("s", { state: "off" })), false);
    assert.equal(needsWord(room("s", { state: "on" }, { muted: true })), false);
    assert.equal(needsWord(room("s", { state: "on", consents: { s: false } })), false);
    assert.equal(needsWord(room("s", { state: "on", consents: { s: true } })), false);
  });
  test("neither of staff, nor of whom staff leave out, nor in a recording", () => {
    assert.equal(needsWord(room("t", { state: "on" })), false);
    assert.equal(needsWord(room("s", { state: "on", left_out: ["s"] })), false);
    assert.equal(needsWord(room("s", { state: "on" }, { replay: {} })), false);
  });
});

describe("that somebody is not recorded", () => {
  const why = (/** @type {"s" | "t"} */ me, /** @type {Partial<RecordingState>} */ recording, id = "s") => whyNotRecorded(room(me, { state: "on", ...recording }), id);
  test("is known to them and to staff, with the reason", () => {
    assert.equal(why("s", {}), "Not recorded: has not agreed yet");
    assert.equal(why("t", {}), "Not recorded: has not agreed yet");
    assert.equal(why("t", { consents: { s: false } }), "Not recorded: did not agree");
    assert.equal(why("t", { consents: { s: true }, left_out: ["s"] }), "Not recorded: left out by the teacher");
    assert.equal(why("t", { consents: { t: false } }, "t"), "Not recorded: did not agree");
  });
  test("is nobody else's business", () => assert.equal(why("s", {}, "o"), ""));
  test("is not so of who agreed, of staff, or while nothing is recorded", () => {
    assert.equal(why("s", { consents: { s: true } }), "");
    assert.equal(why("t", {}, "t"), "");
    assert.equal(why("t", { state: "off" }), "");
    assert.equal(why("t", {}, "unknown"), "");
  });
});

test("the menus offer the other way round, and nothing in a class that is not recorded", () => {
  const labels = (/** @type {{ label: string }[]} */ items) => items.map(({ label }) => label);
  const person = (/** @type {Room} */ of, /** @type {string} */ id) => /** @type {import("../../../static/js/state/types.js").Person} */ (of.state.people.value.items[id]);
  assert.deepEqual(labels(ownEntry(room("s", { state: "on" }))), ["Record me"]);
  assert.deepEqual(labels(ownEntry(room("s", { state: "on", consents: { s: true } }))), ["Do not record me"]);
  assert.deepEqual(labels(ownEntry(room("t", { state: "on" }))), ["Do not record me"]);
  assert.deepEqual(ownEntry(room("s", { mode: "off", state: "off" })), []);
  const by = room("t", { state: "on", left_out: ["o"] });
  assert.deepEqual(labels(staffEntry(by, person(by, "s"))), ["Leave out of the recording"]);
  assert.deepEqual(labels(staffEntry(by, person(by, "o"))), ["Put back into the recording"]);
  const student = room("s", { state: "on" });
  assert.deepEqual(staffEntry(student, person(student, "o")), []);
});
