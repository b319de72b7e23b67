import assert from "node:assert/strict";
import { test } from "node:test";

import { END, begun, changed, hidden, left, redo, undo, whole, wrong } from "../../../static/js/state/edits.js";
import { pieces } from "../../../static/js/state/found.js";

/** @param {number} from @param {number} upto */
const cut = (from, upto) => ({ op: /** @type {const} */ ("cut"), from, upto });

test("what viewers do not get: cuts, and what is outside of the trim", () => {
  const trim = { op: /** @type {const} */ ("trim"), from: 10, upto: 90 };
  const person = { op: /** @type {const} */ ("redact"), person: "u_1", what: /** @type {const} */ (["media"]), from: 0, upto: END };
  assert.deepEqual(hidden([cut(20, 30), trim, cut(25, 40), person], 100), [[0, 10], [20, 40], [90, 100]]);
  assert.equal(left([cut(20, 30), trim], 100), 70);
  assert.deepEqual(hidden([cut(95, 500)], 100), [[95, 100]]);
  assert.deepEqual(hidden([{ ...trim, from: 0, upto: END }], 100), []);
});

test("undo and redo go through the versions, and a new change forgets what was undone", () => {
  const one = changed(begun([]), [cut(1, 2)]);
  const two = changed(one, [cut(1, 2), cut(3, 4)]);
  assert.equal(undo(two).list.length, 1);
  assert.deepEqual(redo(undo(two)), two);
  assert.deepEqual(undo(undo(undo(two))).list, []);
  assert.deepEqual(redo(two), two);
  assert.deepEqual(redo(changed(undo(two), [])).list, []);
  let many = begun([]);
  for (let n = 0; n < 300; n += 1) many = changed(many, [cut(n, n + 1)]);
  assert.equal(many.done.length, 100);
});

test("a stretch that cannot be used says why", () => {
  assert.deepEqual([wrong(null, 1, 9), wrong(1, null, 9), wrong(5, 5, 9), wrong(9, 10, 9), wrong(0, 10, 9)], ["from", "upto", "order", "beyond", ""]);
  assert.deepEqual([whole({}), whole({ from: 0, upto: END }), whole({ from: 1 }), whole({ upto: 9 })], [true, true, false, false]);
});

test("found words are marked, whatever their case, and the text stays whole", () => {
  const say = (/** @type {string} */ text, /** @type {string} */ query) => pieces(text, query).map((piece) => (piece.found ? `[${piece.text}]` : piece.text)).join("");
  assert.equal(say("Ёлка и ЕЛКА", "елка"), "[Ёлка] и [ЕЛКА]");
  assert.equal(say("Өзгөчө учур", "ӨЗ учур"), "[Өз]гөчө [учур]");
  assert.equal(say("aaa", "aa a"), "[aa][a]");
  assert.equal(say("Бүгүн өтөбүз, Айнура", "отобуз бугун аинура"), "[Бүгүн] [өтөбүз], Айнура");
  assert.equal(say("İstanbul ﬁ", "istanbul fi"), "[İstanbul] ﬁ");
  for (const query of ["", " ", "zz"]) assert.equal(say("text", query), "text");
});
