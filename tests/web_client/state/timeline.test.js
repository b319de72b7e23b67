import assert from "node:assert/strict";
import { test } from "node:test";

import { costs } from "../../../static/js/state/costs.js";
import { chapterAt, chapterStep, gathered, joined, lastBefore, parts, share, sliderStep, total } from "../../../static/js/state/timeline.js";
import { inWords, linkAt, readMoment, resumeAt, writeMoment } from "../../../static/js/state/times.js";

/** @param {string} id @param {number} t */
const chapter = (id, t) => ({ id, t, title: id, source: "made" });

test("chapters cut the bar, and together cover it", () => {
  const cut = (/** @type {any[]} */ list, duration = 100) => parts(list, duration).map((part) => [part.from, part.upto, part.chapter?.id ?? ""]);
  assert.deepEqual(cut([]), [[0, 100, ""]]);
  assert.deepEqual(cut([chapter("b", 60), chapter("a", 20)]), [[0, 20, ""], [20, 60, "a"], [60, 100, "b"]]);
  assert.deepEqual(cut([chapter("a", 0), chapter("b", 50), chapter("c", 50), chapter("d", 100)]), [[0, 50, "a"], [50, 100, "c"]]);
  assert.deepEqual(cut([chapter("a", 0)], 0), [[0, 0, ""]]);
});

test("the chapter of a moment, the next and the previous", () => {
  const list = [chapter("a", 10_000), chapter("b", 60_000)];
  assert.deepEqual([0, 10_000, 59_999, 60_000].map((t) => chapterAt(list, t)?.id ?? ""), ["", "a", "a", "b"]);
  assert.deepEqual([0, 10_000, 60_000].map((t) => chapterStep(list, t, 1)), [10_000, 60_000, null]);
  // Within three seconds of its beginning "previous" goes to the one before.
  assert.deepEqual([0, 12_000, 13_001, 62_000, 90_000].map((t) => chapterStep(list, t, -1)), [0, 0, 10_000, 10_000, 60_000]);
});

test("marks of one kind that would lie on one another are one", () => {
  const mark = (/** @type {number} */ t, kind = "question") => ({ t, kind, id: `${kind}${t}`, label: "" });
  const found = gathered([mark(50), mark(1), mark(2), mark(2, "hit"), mark(11.5)], 100, 100, 10);
  assert.deepEqual(found.map(({ t, kind, ids }) => [t, kind, ids.length]), [[1, "question", 2], [2, "hit", 1], [11.5, "question", 1], [50, "question", 1]]);
  assert.equal(gathered([mark(1), mark(1.1)], 100, 0).length, 2);
});

test("stretches are joined where they touch", () => {
  assert.deepEqual(joined([[5, 9], [0, 3], [3, 4], [8, 8], [8, 12]]), [[0, 4], [5, 12]]);
  assert.deepEqual(joined([[0, 3], [5, 9]], 2), [[0, 9]]);
  assert.equal(total([[0, 3], [2, 5]]), 5);
});

test("places on the bar", () => {
  assert.deepEqual([share(5, 10), share(-1, 10), share(11, 10), share(1, 0)], [0.5, 0, 1, 0]);
  assert.deepEqual([-1, 0, 4, 5, 99].map((t) => lastBefore([{ t: 0 }, { t: 5 }], t)?.t ?? null), [null, 0, 0, 5, 5]);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "PageUp", "Home", "End", "a"].map((key) => sliderStep(key, 2000, 30_000)), [0, 7000, 30_000, 0, 30_000, null]);
});

test("moments of links", () => {
  assert.deepEqual(["1h2m3s", "2m", "754s", "12:34", "1:00:01", "90", "0"].map(readMoment), [3_723_000, 120_000, 754_000, 754_000, 3_601_000, 90_000, 0]);
  assert.deepEqual([null, "", "-5", "1e9", "5x", "12:99:1", "99999h", " 1", "9".repeat(30)].map(readMoment), [null, null, null, null, null, null, null, null, null]);
  assert.deepEqual([0, 59_999, 60_000, 3_723_000].map(writeMoment), ["0s", "59s", "1m", "1h2m3s"]);
  for (const ms of [0, 1000, 61_000, 3_600_000, 86_399_000]) assert.equal(readMoment(writeMoment(ms)), ms);
  assert.equal(linkAt("https://s.kg/recording/c-1?t=5s&x=1#key=secret", 61_000), "https://s.kg/recording/c-1?t=1m1s");
});

test("who stopped in the middle goes on there, who saw the end begins anew", () => {
  const hour = 3_600_000;
  assert.deepEqual([null, 0, 9000, 10_001, hour - 10_000, hour].map((position) => resumeAt(position, hour)), [null, null, null, 10_001, null, null]);
  assert.equal(resumeAt(5000, 14_000), 5000);
});

test("moments in words", () => {
  assert.deepEqual([0, 61_000, 3_600_000, 3_723_000].map(inWords), ["0 seconds", "1 minute and 1 second", "1 hour", "1 hour, 2 minutes and 3 seconds"]);
});

test("what an hour costs in each way of watching", () => {
  const track = (/** @type {any} */ kind, /** @type {[string, number][]} */ ...sizes) => ({ id: kind, person: "p", kind, segments: sizes.map(([size, octets]) => /** @type {any} */ ({ size, octets })) });
  const list = [track("microphone", ["best", 10]), track("camera", ["best", 100], ["small", 20]), track("screen", ["best", 50]), track("camera", ["small", 5])];
  assert.deepEqual(costs(list, 3_600_000), { everything: 165, small: 85, sound: 10 });
  assert.equal(costs(list, 1_800_000)?.sound, 20);
  assert.equal(costs([], 1000), null);
  assert.equal(costs(list, 0), null);
});
