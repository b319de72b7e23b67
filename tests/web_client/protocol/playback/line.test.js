import assert from "node:assert/strict";
import { test } from "node:test";
import { Line } from "../../../../static/js/protocol/playback/line.js";

/** @param {Line} line @param {number} at @param {number} bitrate @param {number} ms @param {number} delay */
function answer(line, at, bitrate, ms, delay = 100) {
  line.begin(at, at - delay);
  for (let time = 20; time <= ms; time += 20) line.take(at + time, (bitrate * 20) / 8000);
  line.end(at + ms);
}

/** @param {number | null} value @param {number} expected */
const near = (value, expected) => assert.ok(value !== null && Math.abs(value - expected) < expected * 0.05, `${value} is not ${expected}`);

test("nothing is known of a line that was not used", () => {
  const line = new Line();
  assert.deepEqual([line.bitrate, line.delay], [null, null]);
  // A short answer says how far the server is, and nothing about the line.
  line.begin(1000, 700);
  line.take(1001, 400);
  line.end(1001);
  assert.deepEqual([line.bitrate, line.delay], [null, 300]);
});

test("it tells what came while something came", () => {
  const line = new Line();
  answer(line, 1000, 1e6, 2000);
  answer(line, 60_000, 1e6, 2000);
  near(line.bitrate, 1e6);
  near(line.delay, 100);
});

test("answers at the same time share the line", () => {
  const line = new Line();
  line.begin(0, 0);
  line.begin(0, 0);
  for (let time = 10; time <= 2000; time += 10) line.take(time, 1250);
  line.end(2000);
  line.end(2000);
  near(line.bitrate, 1e6);
  line.end(2000);
  near(line.bitrate, 1e6);
});

test("a line that became slow is believed at once, one that became fast is not", () => {
  const line = new Line();
  answer(line, 0, 4e6, 4000);
  answer(line, 5000, 400_000, 2000);
  assert.ok((line.bitrate ?? 0) < 2.5e6);
  const slow = line.bitrate ?? 0;
  answer(line, 8000, 4e6, 1000);
  assert.ok((line.bitrate ?? 0) < 3e6 && (line.bitrate ?? 0) > slow);
});

test("a line that stands is a slow one", () => {
  const line = new Line();
  answer(line, 0, 2e6, 2000);
  line.begin(10_000, 10_000);
  line.take(16_000, 100);
  line.end(16_000);
  assert.ok((line.bitrate ?? 0) < 300_000);
});

test("on a fast line all comes at once", () => {
  const line = new Line();
  line.begin(0, 0);
  line.take(0, 500_000);
  line.end(0);
  near(line.bitrate, 8e8);
});

test("the next page knows what this one measured, for a while", () => {
  const line = new Line();
  answer(line, 0, 1e6, 2000);
  const note = line.note(1_000_000);
  const next = new Line();
  next.recall(note, 1_060_000);
  near(next.bitrate, 1e6);
  near(next.delay, 100);
  answer(next, 0, 4e6, 4000);
  near(next.bitrate, 4e6);
  for (const [text, wall] of /** @type {const} */ ([[note, 9_000_000], [note, 0], [null, 1_000_000], ["nonsense", 1_000_000], ['{"at":1000000,"bitrate":"fast","delay":-1}', 1_000_000], ["null", 1_000_000]])) {
    const fresh = new Line();
    fresh.recall(text, wall);
    assert.deepEqual([fresh.bitrate, fresh.delay], [null, null]);
  }
});
