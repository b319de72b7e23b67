/** Who is recorded, and whether staff are still asked. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMPTY, fold } from "../../../static/js/state/fold.js";
import { asks, initial, takes } from "../../../static/js/state/recording.js";

/** @param {string} type @param {Record<string, any>} [data] */
const event = (type, data = {}) => ({ seq: 1, at: 1000, by: "u_1", type: `recording.${type}`, data });
/** @param {...ReturnType<typeof event>} events */
const after = (...events) => fold(EMPTY, events).recording;

const student = { id: "u_1", role: /** @type {const} */ ("student") };
const assistant = { id: "u_1", role: /** @type {const} */ ("assistant") };
const teacher = { id: "u_1", role: /** @type {const} */ ("teacher") };

describe("a person is recorded", () => {
  test("when their own word says so, or they are staff and have said nothing", () => {
    assert.equal(takes(initial, student), false);
    assert.equal(takes(initial, teacher), true);
    assert.equal(takes(initial, assistant), true);
    assert.equal(takes(after(event("consented", { person: "u_1", yes: true })), student), true);
    assert.equal(takes(after(event("consented", { person: "u_1", yes: false })), teacher), false);
  });
  test("unless staff left them out", () => {
    const out = event("left_out", { person: "u_1", out: true });
    assert.equal(takes(after(event("consented", { person: "u_1", yes: true }), out), student), false);
    assert.equal(takes(after(out, out), teacher), false);
    assert.equal(takes(after(out, event("left_out", { person: "u_1", out: false })), teacher), true);
  });
  test("whatever the id is called", () => assert.equal(takes(initial, { id: "toString", role: "student" }), false));
});

describe("staff are asked", () => {
  const planned = event("planned", { mode: "ask" });
  test("from the opening until somebody answers", () => {
    assert.equal(asks(initial), false);
    assert.equal(asks(after(planned)), true);
    assert.equal(asks(after(planned, event("declined"))), false);
    assert.equal(asks(after(planned, event("started", { number: 1 }))), false);
    assert.equal(asks(after(planned, event("started", { number: 1 }), event("stopped", { reason: "stopped" }))), false);
    assert.equal(asks(after(event("planned", { mode: "off" }))), false);
  });
  test("again at the next opening, when no yes is left and every no is", () => {
    const yes = event("consented", { person: "u_1", yes: true });
    const no = event("consented", { person: "u_2", yes: false });
    const state = after(planned, yes, no, event("declined"), planned);
    assert.equal(asks(state), true);
    assert.deepEqual(state.consents, { u_2: false });
  });
});
