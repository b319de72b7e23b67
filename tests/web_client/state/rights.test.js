/** What is offered is what the server allows: roles, locks, the stage. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMPTY } from "../../../static/js/state/fold.js";
import { may } from "../../../static/js/state/rights.js";

/** @typedef {import("../../../static/js/state/types.js").Permission} Permission */
/** @typedef {import("../../../static/js/state/types.js").Role} Role */

const ALL = /** @type {Permission[]} */ (
  ["staff", "teacher", "close", "set_role", "remove_people", "lobby", "locks", "allow_stage", "raise_hand", "microphone", "camera"].concat(
    ["screen", "chat", "private_chat", "moderate_chat", "ask", "vote", "moderate_questions", "record"],
  )
);
const OPEN = { ...EMPTY, lifecycle: { ...EMPTY.lifecycle, state: /** @type {const} */ ("open") } };
const LOCKED = { microphone: true, camera: true, screen: true, chat: true, private_chat: true, questions: true };

/** @param {Role} role @param {Parameters<typeof may>[2]} [facts] */
const rights = (role, facts = OPEN) => ALL.filter((permission) => may(permission, { id: "u_1", role }, facts));

describe("somebody may", () => {
  test("as teacher everything but ask for the word", () => assert.deepEqual(rights("teacher"), ALL.filter((one) => one !== "raise_hand")));
  test("as assistant what staff may", () => {
    assert.deepEqual(ALL.filter((one) => !rights("assistant").includes(one)), ["teacher", "close", "set_role", "raise_hand"]);
  });
  test("as student or guest write, ask and vote", () => {
    assert.deepEqual(rights("student"), ["raise_hand", "chat", "private_chat", "ask", "vote"]);
    assert.deepEqual(rights("guest"), rights("student"));
  });
  test("as student send what was allowed and is not locked", () => {
    const stage = { allowed: { u_1: /** @type {const} */ (["microphone", "camera"]) }, tracks: {} };
    const send = (/** @type {typeof EMPTY.locks} */ locks) => rights("student", { ...OPEN, stage, locks }).filter((one) => ["microphone", "camera", "screen"].includes(one));
    assert.deepEqual(send(EMPTY.locks), ["microphone", "camera"]);
    assert.deepEqual(send({ ...EMPTY.locks, camera: true }), ["microphone"]);
  });
  test("when all is locked: students vote and raise hands, staff go on", () => {
    assert.deepEqual(rights("student", { ...OPEN, locks: LOCKED }), ["raise_hand", "vote"]);
    assert.deepEqual(rights("teacher", { ...OPEN, locks: LOCKED }), rights("teacher"));
  });
  test("nothing any more when the class is over", () => {
    const closed = { ...EMPTY, lifecycle: { ...EMPTY.lifecycle, state: /** @type {const} */ ("closed") } };
    assert.deepEqual(rights("teacher", closed), ["staff", "teacher"]);
    assert.deepEqual(rights("student", closed), []);
  });
});
