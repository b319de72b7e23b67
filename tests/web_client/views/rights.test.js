/** What a person may send and why not; see static/js/views/rights.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isStaff, onStage, placeInQueue, rightTo } from "../../../static/js/views/rights.js";

/** @typedef {import("../../../static/js/state/types.js").LocksState} Locks */

const open = { microphone: false, camera: false, screen: false, chat: false, private_chat: false, questions: false };
const student = { id: "s", role: /** @type {const} */ ("student") };
/** @returns {import("../../../static/js/state/types.js").StageState} */
const stage = (/** @type {import("../../../static/js/state/types.js").Kind[]} */ ...kinds) => ({ allowed: kinds.length ? { s: kinds } : {}, tracks: {} });

test("teachers and assistants are staff, students and guests are not", () => {
  assert.deepEqual((/** @type {const} */ (["teacher", "assistant", "student", "guest"])).map(isStaff), [true, true, false, false]);
});

test("staff may send whatever is locked for students", () => {
  const locks = { ...open, microphone: true };
  assert.equal(rightTo({ id: "t", role: "teacher" }, stage(), locks, "microphone"), "yes");
});

test("a student asks first, then may send the kinds that were allowed, unless they are locked", () => {
  assert.equal(rightTo(student, stage(), open, "camera"), "ask");
  assert.equal(rightTo(student, stage("microphone"), open, "camera"), "ask");
  assert.equal(rightTo(student, stage("microphone"), open, "microphone"), "yes");
  assert.equal(rightTo(student, stage("microphone"), { ...open, microphone: true }, "microphone"), "locked");
});

test("on the stage is who may send anything", () => {
  assert.equal(onStage({ id: "a", role: "assistant" }, stage()), true);
  assert.equal(onStage(student, stage()), false);
  assert.equal(onStage(student, stage("camera")), true);
  assert.equal(onStage(student, { allowed: { s: [] }, tracks: {} }), false);
});

test("the place in the queue counts from one, none is zero", () => {
  const hands = { queue: [{ person: "a", at: 1 }, { person: "s", at: 2 }] };
  assert.equal(placeInQueue(hands, "s"), 2);
  assert.equal(placeInQueue(hands, "x"), 0);
});
