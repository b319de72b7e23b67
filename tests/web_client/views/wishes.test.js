/** One wish a track, whatever number of places it stands in; see static/js/views/wishes.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Wishes } from "../../../static/js/views/wishes.js";

function listen() {
  /** @type {string[]} */
  const told = [];
  const wishes = new Wishes((track, { height, visible }) => told.push(`${track} ${height} ${visible}`));
  return { told, wishes, strip: {}, stage: {} };
}

test("the largest visible place counts, and the same is not told twice", () => {
  const { told, wishes, strip, stage } = listen();
  wishes.put("t", strip, { height: 90, visible: true });
  wishes.put("t", stage, { height: 720, visible: true });
  wishes.put("t", strip, { height: 100, visible: true });
  wishes.put("u", strip, { height: 80, visible: true });
  assert.deepEqual(told, ["t 90 true", "t 720 true", "u 80 true"]);
});

test("a place that cannot be seen does not count, however large", () => {
  const { told, wishes, strip, stage } = listen();
  wishes.put("t", stage, { height: 720, visible: false });
  wishes.put("t", strip, { height: 90, visible: true });
  assert.deepEqual(told, ["t 0 false", "t 90 true"]);
});

test("a place that goes takes only its own wish, the last one all", () => {
  const { told, wishes, strip, stage } = listen();
  wishes.put("t", strip, { height: 90, visible: true });
  wishes.put("t", stage, { height: 720, visible: true });
  wishes.drop("t", strip);
  wishes.drop("t", stage);
  wishes.drop("t", stage);
  assert.deepEqual(told, ["t 90 true", "t 720 true", "t 0 false"]);
});

test("a track that comes back is told again", () => {
  const { told, wishes, strip } = listen();
  wishes.put("t", strip, { height: 90, visible: true });
  wishes.drop("t", strip);
  wishes.put("t", strip, { height: 90, visible: true });
  assert.deepEqual(told, ["t 90 true", "t 0 false", "t 90 true"]);
});
