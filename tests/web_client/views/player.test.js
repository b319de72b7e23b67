import assert from "node:assert/strict";
import { signal } from "@preact/signals-core";
import { test } from "node:test";

import { sampled } from "../../../static/js/views/player/heat.js";
import { command } from "../../../static/js/views/player/keys.js";
import { rateStep } from "../../../static/js/views/player/speed.js";
import { dialog, tab } from "../../../static/js/views/player/view.js";
import { letterKeys } from "../../../static/js/views/view.js";

function show(at = 30_000, playing = false) {
  const player = {
    time: signal(at), duration: signal(100_000), playing: signal(playing), ended: signal(false), rate: signal(1), needsGesture: signal(false), volume: signal(0.5), muted: signal(true),
    play: () => void (player.playing.value = true), pause: () => void (player.playing.value = false), seek: (/** @type {number} */ t) => void (player.time.value = t),
    setRate: (/** @type {number} */ rate) => void (player.rate.value = rate),
  };
  return /** @type {any} */ ({ player, chapters: signal([{ id: "a", t: 40_000, title: "A", source: "" }]) });
}

/** @param {string} code @param {any} on @param {{ key?: string, shiftKey?: boolean, at?: any }} [more] */
function press(code, on, { key = "", shiftKey = false, at = null } = {}) {
  const found = command({ code, key, shiftKey }, at);
  found?.(on);
  return found !== null;
}

/** An element that stands in what `selectors` name. @param {string[]} selectors */
const inside = (...selectors) => ({ closest: (/** @type {string} */ list) => (selectors.some((one) => list.includes(one)) ? {} : null) });

test("keys as players everywhere have them", () => {
  const on = show();
  const { player } = on;
  press("KeyK", on);
  assert.equal(player.playing.value, true);
  press("Space", on);
  assert.equal(player.playing.value, false);
  press("KeyJ", on);
  assert.equal(player.time.value, 20_000);
  press("KeyL", on);
  press("ArrowRight", on);
  assert.equal(player.time.value, 35_000);
  press("KeyN", on);
  assert.equal(player.time.value, 40_000);
  press("KeyP", on);
  assert.equal(player.time.value, 0);
  press("Digit7", on);
  assert.equal(player.time.value, 70_000);
  press("Period", on);
  press("Period", on);
  assert.equal(player.time.value, 70_080);
  press("Comma", on, { shiftKey: true });
  assert.equal(player.rate.value, 0.75);
  press("Comma", on, { key: "<", shiftKey: true });
  assert.equal(player.rate.value, 0.5);
  press("ArrowUp", on);
  assert.deepEqual([player.volume.value, player.muted.value], [0.55, false]);
  press("Slash", on, { key: "." });
  assert.equal(tab.value, "search");
  press("", on, { key: "?" });
  assert.equal(dialog.value, "shortcuts");
});

test("going by single pictures is for a recording that stands", () => {
  const on = show(30_000, true);
  press("Comma", on);
  assert.equal(on.player.time.value, 30_000);
});

test("what has its own keys keeps them", () => {
  const on = show();
  assert.equal(press("Space", on, { at: inside("button") }), false);
  assert.equal(press("KeyK", on, { at: inside("textarea") }), false);
  assert.equal(press("KeyK", on, { at: inside("button") }), true);
  assert.equal(press("ArrowRight", on, { at: inside("[role='slider']") }), false);
  assert.equal(press("KeyZ", on), false);
  assert.equal(press("KeyK", on, { shiftKey: true }), false);
});

test("single letters can be switched off; space and ? stay", () => {
  letterKeys.value = false;
  const on = show();
  assert.equal(press("KeyK", on), false);
  assert.equal(press("Digit5", on), false);
  assert.equal(press("Space", on), true);
  assert.equal(press("", on, { key: "?" }), true);
  letterKeys.value = true;
});

test("speeds go by steps and stop at the ends", () => {
  assert.deepEqual([rateStep(1, 1), rateStep(1, -1), rateStep(3, 1), rateStep(0.5, -1), rateStep(1.1, 1)], [1.25, 0.75, 3, 0.5, 1.25]);
});

test("the curve of what was watched keeps its peaks, however long", () => {
  assert.deepEqual(sampled([1, 2]), [1, 2]);
  const long = Array.from({ length: 1000 }, (_, n) => (n === 501 ? 9 : 1));
  const points = sampled(long);
  assert.equal(points.length, 200);
  assert.deepEqual([Math.max(...points), points.indexOf(9)], [9, 100]);
});
