/** The reducers lead where the server's lead: both fold the same journals. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { EMPTY, evolve, featureOf, fold } from "../../../static/js/state/fold.js";

/** @typedef {import("../../../static/js/state/types.js").RoomState} RoomState */
/** @typedef {import("../../../static/js/state/types.js").Event} Event */

const JOURNALS = new URL("../../fixtures/journals/", import.meta.url);
const names = readdirSync(JOURNALS).filter((name) => name.endsWith(".json"));

/** @param {unknown} value @returns {unknown} the same, refusing every change */
function frozen(value) {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** @param {string} type @param {Record<string, any>} data @param {Partial<Event>} [more] @returns {Event} */
const event = (type, data, more = {}) => ({ seq: 1, at: 1000, by: "u_1", type, data, ...more });

describe("golden journals", () => {
  test("are there", () => assert.ok(names.length >= 20));
  for (const name of names) {
    test(name, () => {
      /** @type {{ start: RoomState | null, state: RoomState, events: Event[] }} */
      const { start, state, events } = JSON.parse(readFileSync(new URL(name, JOURNALS), "utf8"));
      let found = /** @type {RoomState} */ (frozen(start ?? EMPTY));
      for (const one of events) found = /** @type {RoomState} */ (frozen(evolve(found, one)));
      assert.deepEqual(found, state);
      assert.deepEqual(Object.keys(found.chat.messages), Object.keys(state.chat.messages));
      // All at once, in deliveries of three, the way a page gets them: the same, and nothing that was shown is touched.
      let shown = start ?? EMPTY;
      for (let at = 0; at < events.length; at += 3) shown = /** @type {RoomState} */ (frozen(fold(shown, events.slice(at, at + 3))));
      assert.deepEqual(shown, state);
    });
  }
});

describe("what no journal can show", () => {
  test("events of a newer server change nothing", () => {
    assert.equal(evolve(EMPTY, event("polls.opened", {})), EMPTY);
    assert.equal(evolve(EMPTY, event("chat.translated", { message: "m" })), EMPTY);
    assert.equal(evolve(EMPTY, event("nonsense", {})), EMPTY);
    assert.equal(featureOf(event("constructor.opened", {})), null);
    for (const name of Object.keys(EMPTY)) assert.equal(evolve(EMPTY, event(`${name}.unheard_of`, {})), EMPTY, name);
  });

  test("events about what is not in the state change nothing", () => {
    const about = [
      event("people.left", { person: "u_9", reason: "left" }),
      event("people.role_changed", { person: "u_9", role: "student" }),
      event("stage.muted", { track: "t" }),
      event("chat.edited", { message: "m", text: "x" }),
      event("chat.reacted", { message: "m", person: "u_1", emoji: "👍" }),
      event("questions.voted", { question: "q", voter: "" }),
    ];
    for (const one of about) assert.equal(evolve(EMPTY, one), EMPTY, one.type);
  });

  test("a question that is not there does not keep another from being put back", () => {
    const asked = fold(EMPTY, [
      event("questions.asked", { question: "q", author: "u_1", anonymous: false, text: "?", held: false }),
      event("questions.answering", { question: "q" }),
      event("questions.answering", { question: "unknown" }),
    ]);
    assert.equal(asked.questions.items["q"]?.state, "open");
  });

  test("a question that is published is the last one for everybody, those who had it held back too", () => {
    const asked = (/** @type {string} */ question, /** @type {boolean} */ held) => event("questions.asked", { question, author: "u_1", anonymous: false, text: "?", held });
    const published = event("questions.published", { question: "q1", author: "u_1", anonymous: false, text: "?", asked_at: 7, votes: 0 });
    const state = fold(EMPTY, [asked("q1", true), asked("q2", false), published]);
    assert.deepEqual(Object.keys(state.questions.items), ["q2", "q1"]);
  });

  test("the newest 2,000 messages are kept", () => {
    const posted = (/** @type {number} */ n) => event("chat.posted", { message: `m${n}`, author: "u_1", text: "x", to: null, reply_to: null }, { seq: n });
    const state = fold(EMPTY, Array.from({ length: 2003 }, (_, n) => posted(n)));
    const ids = Object.keys(state.chat.messages);
    assert.equal(ids.length, 2000);
    assert.equal(ids[0], "m3");
  });

  test("an unblocked person and a gone reaction leave nothing behind", () => {
    const removed = evolve(EMPTY, event("people.removed", { person: "u_9", blocked: true }));
    assert.deepEqual(removed.people.blocked, ["u_9"]);
    assert.equal(evolve(removed, event("people.removed", { person: "u_9", blocked: true })).people.blocked.length, 1);
    assert.deepEqual(evolve(removed, event("people.unblocked", { person: "u_9" })).people.blocked, []);
    const on = { message: "m", person: "u_1", emoji: "👍" };
    const chat = fold(EMPTY, [
      event("chat.posted", { message: "m", author: "u_1", text: "x", to: null, reply_to: null }),
      event("chat.reacted", on),
      event("chat.unreacted", on),
    ]);
    assert.deepEqual(chat.chat.messages["m"]?.reactions, {});
  });
});
