import assert from "node:assert/strict";
import { test } from "node:test";

import { Watching } from "../../../static/js/state/watching.js";

test("what was played counts, what was jumped over does not", () => {
  const watching = new Watching();
  for (const t of [1000, 1100, 1200, 1500]) watching.played(t);
  watching.played(60_000); // a seek
  for (const t of [60_100, 60_200]) watching.played(t);
  watching.stopped();
  watching.played(60_900); // paused, looked elsewhere by single pictures
  watching.played(61_000);
  watching.played(10_000); // back
  assert.deepEqual(watching.take(), [[1000, 1500], [60_000, 60_200], [60_900, 61_000]]);
  assert.equal(watching.empty, true);
});

test("a report that was lost goes with the next, and playing on joins it", () => {
  const watching = new Watching();
  watching.played(0);
  watching.played(1000);
  const lost = watching.take();
  watching.played(2000);
  watching.back(lost);
  watching.played(3000);
  assert.deepEqual(watching.take(), [[0, 3000]]);
});
