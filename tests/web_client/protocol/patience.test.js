import assert from "node:assert/strict";
import { test } from "node:test";
import { Patience } from "../../../static/js/protocol/patience.js";

const bad = { loss: 0.05, rtt: 100 };
const good = { loss: 0.001, rtt: 100 };

test("a line that loses once is left alone, one that goes on gets two round trips of time", () => {
  const patience = new Patience();
  assert.deepEqual([bad, good, bad, bad].map((line) => patience.look(line)), [null, null, null, 250]);
});

test("the time has bounds, and an unknown way gives none", () => {
  for (const [rtt, target] of [[2, 100], [900, 400], [null, null]]) {
    const patience = new Patience();
    patience.look({ loss: 0.1, rtt: /** @type {number | null} */ (rtt) });
    assert.equal(patience.look({ loss: 0.1, rtt: /** @type {number | null} */ (rtt) }), target);
  }
});

test("it is changed for a much longer way alone, and given back after half a minute without loss", () => {
  const patience = new Patience();
  for (let n = 0; n < 2; n += 1) patience.look(bad);
  assert.equal(patience.look({ loss: 0.05, rtt: 120 }), 250);
  assert.equal(patience.look({ loss: 0.05, rtt: 150 }), 350);
  for (let n = 0; n < 14; n += 1) assert.equal(patience.look(good), 350);
  assert.equal(patience.look(good), null);
  assert.deepEqual([bad, { loss: null, rtt: 100 }, bad].map((line) => patience.look(line)), [null, null, 250]);
});
