import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Index, clusterAt, placeOf } from "../../../../static/js/protocol/playback/index.js";
import { laneOf, rowsOf, trackOf } from "../../support/recorded.js";

/** @param {readonly { t: number }[]} list */
const times = (list) => list.map(({ t }) => t);

describe("what is listed", () => {
  test("rows are taken once, in the order of time, with the head of their file", () => {
    const index = new Index();
    index.setTracks([trackOf("mic", "microphone", { a: { start: 0 } })]);
    const rows = rowsOf(0, 10_000);
    index.merge({ a: [...rows.slice(0, 1), ...rows.slice(3)], nobody: rows }, 4000, 10_000);
    index.merge({ a: rows }, 0, 6000);
    assert.deepEqual(times(index.lane("mic", "best")), [0, 2000, 4000, 6000, 8000]);
    assert.deepEqual(index.files.get("a")?.init, { offset: 0, octets: 200 });
    assert.equal(index.knownUpto(0), 10_000);
    assert.equal(index.knownUpto(10_000), 10_000);
  });

  test("the head lies before the first row, when it is not listed itself", () => {
    const index = new Index();
    index.setTracks([trackOf("mic", "microphone", { a: { start: 3000 } })]);
    index.merge({ a: [[5000, 2000, 1200, 1000, 1]] }, 5000, 7000);
    assert.equal(index.files.get("a")?.init, null);
    index.merge({ a: [[3000, 2000, 200, 1000, 1]] }, 3000, 5000);
    assert.deepEqual(index.files.get("a")?.init, { offset: 0, octets: 200 });
  });

  test("stretches that touch are one, others are not", () => {
    const index = new Index();
    for (const [from, upto] of /** @type {const} */ ([[0, 10], [30, 40], [10, 20], [90, 80]])) index.merge({}, from, upto);
    assert.equal(index.knownUpto(5), 20);
    assert.equal(index.knownUpto(25), 25);
    index.merge({}, 15, 35);
    assert.equal(index.knownUpto(0), 40);
    assert.equal(index.knownUpto(85), 85);
  });

  test("a track that grows keeps what is known of it", () => {
    const index = new Index();
    index.setTracks([trackOf("cam", "camera", { a: { start: 0 } })]);
    index.merge({ a: rowsOf(0, 4000) }, 0, 4000);
    index.setTracks([trackOf("cam", "camera", { a: { start: 0 }, b: { start: 4000, size: "small" } })]);
    assert.equal(index.lane("cam", "best").length, 2);
    assert.deepEqual(index.sizes("cam"), ["small", "best"]);
    assert.deepEqual(index.sizes("nobody"), []);
  });

  test("what cannot be had is done without: a part, or a file", () => {
    const index = new Index();
    index.setTracks([trackOf("mic", "microphone", { a: { start: 0 }, b: { start: 4000 } })]);
    index.merge({ a: rowsOf(0, 4000), b: rowsOf(4000, 8000) }, 0, 8000);
    const lane = index.lane("mic", "best");
    index.drop(/** @type {import("../../../../static/js/protocol/playback/types.js").Cluster} */ (lane[0]));
    assert.deepEqual(times(index.lane("mic", "best")), [2000, 4000, 6000]);
    index.drop(/** @type {import("../../../../static/js/protocol/playback/types.js").Cluster} */ (lane[1]), true);
    assert.deepEqual(times(index.lane("mic", "best")), [2000]);
    index.drop({ .../** @type {any} */ (lane[0]), segment: "nobody" });
    assert.equal(index.lane("mic", "best")[0]?.lane, lane);
  });

  test("when the list has changed on the server everything is asked for anew", () => {
    const index = new Index();
    index.setTracks([trackOf("mic", "microphone", { a: { start: 0 } })]);
    index.merge({ a: rowsOf(0, 4000) }, 0, 4000);
    index.forget();
    assert.equal(index.knownUpto(0), 0);
    assert.deepEqual(index.lane("mic", "best"), []);
    index.merge({ a: rowsOf(0, 2000) }, 0, 4000);
    assert.deepEqual(times(index.blend("mic", "best")), [0]);
  });
});

describe("one size where the other is missing", () => {
  test("the small picture goes on where the good one was switched off", () => {
    const index = new Index();
    index.setTracks([trackOf("cam", "camera", { b: { start: 0 }, c: { start: 8000 }, s: { start: 0, size: "small" } })]);
    index.merge({ b: rowsOf(0, 4000), c: rowsOf(8000, 12_000), s: rowsOf(0, 12_000) }, 0, 12_000);
    const sizes = index.blend("cam", "best").map(({ t, size }) => `${t} ${size}`);
    assert.deepEqual(sizes, ["0 best", "2000 best", "4000 small", "6000 small", "8000 best", "10000 best"]);
    assert.equal(index.blend("cam", "small"), index.lane("cam", "small"));
    assert.equal(index.blend("cam", "best"), index.blend("cam", "best"));
    index.merge({ s: [[12_000, 2000, 99_000, 1, 1]] }, 12_000, 14_000);
    assert.equal(index.blend("cam", "best").at(-1)?.t, 12_000);
    assert.equal(index.activeAt("cam", 13_000), true);
    assert.equal(index.activeAt("cam", 14_000), false);
  });
});

test("a cluster is found by its time", () => {
  const lane = laneOf([...rowsOf(0, 4000), ...rowsOf(6000, 8000).slice(1)]);
  assert.deepEqual([0, 1999, 2000, 4000, 5999, 6000, 8000].map((t) => placeOf(lane, t)), [0, 0, 1, 2, 2, 2, 3]);
  assert.deepEqual([0, 4000, 6500, 8000].map((t) => clusterAt(lane, t)?.t ?? null), [0, null, 6000, null]);
});
