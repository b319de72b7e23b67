import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { beginning, needed, portion, readyUpto, urgency } from "../../../../static/js/protocol/playback/schedule.js";
import { chance, laneOf, rowsOf } from "../../support/recorded.js";

/** @typedef {import("../../../../static/js/protocol/playback/types.js").Cluster} Cluster */

const none = () => false;
/** @param {readonly Cluster[]} list */
const times = (list) => list.map(({ t }) => t);

describe("what is needed", () => {
  const sound = laneOf(rowsOf(0, 20_000));
  const picture = laneOf(rowsOf(0, 20_000, { keys: 4 }));

  test("sound begins at the moment, a picture at the key frame before it", () => {
    assert.deepEqual(times(needed(sound, none, null, 5000, 9000)), [4000, 6000, 8000]);
    assert.deepEqual(times(needed(picture, none, null, 5000, 9000)), [0, 2000, 4000, 6000, 8000]);
    assert.deepEqual(times(needed(picture, none, null, 8000, 9000)), [8000]);
  });

  test("what follows on what was appended needs no key frame", () => {
    const held = new Set(picture.slice(0, 3));
    assert.deepEqual(times(needed(picture, (one) => held.has(one), picture[2] ?? null, 5000, 9000)), [6000, 8000]);
    // Something else was appended in between: from the beginning.
    assert.deepEqual(times(needed(picture, (one) => held.has(one), picture[7] ?? null, 5000, 9000)), [0, 2000, 4000, 6000, 8000]);
  });

  test("a run ends where something is there already, and at the end of its file", () => {
    const held = new Set([sound[4]]);
    assert.deepEqual(times(needed(sound, (one) => held.has(one), null, 5000, 20_000)), [4000, 6000]);
    const two = laneOf(rowsOf(0, 4000));
    for (const one of laneOf(rowsOf(4000, 8000), { segment: "next" })) two.push({ ...one, lane: two });
    assert.deepEqual(times(needed(two, none, null, 0, 9000)), [0, 2000]);
  });

  test("a picture whose beginning was cut out begins at the next key frame", () => {
    const rows = rowsOf(0, 20_000, { keys: 4 });
    const cut = laneOf(rows.filter((_, n) => n !== 2));
    assert.equal(beginning(/** @type {Cluster} */ (cut[1])), -1);
    assert.deepEqual(times(needed(cut, none, null, 4000, 12_000)), [8000, 10_000]);
    assert.equal(readyUpto(cut, none, 4000, 12_000), 8000);
  });

  test("there is nothing behind the end, and nothing of what was taken out meanwhile", () => {
    assert.deepEqual(needed(sound, none, null, 20_000, 30_000), []);
    assert.deepEqual(needed([], none, null, 0, 30_000), []);
    const lost = laneOf(rowsOf(0, 4000, { keys: 2 }));
    const gone = /** @type {Cluster} */ (lost.pop());
    assert.equal(beginning(gone), -1);
    // One of the same moment in another place of the list.
    lost.push({ ...gone, lane: lost });
    assert.equal(beginning(gone), -1);
  });

  test("going to a moment wants what playing to it wants", () => {
    const random = chance(11);
    for (let round = 0; round < 300; round += 1) {
      const lane = randomLane(random);
      const goal = random() * 40_000;
      const upto = goal + 5000;
      /** @param {number} from @returns {Set<Cluster>} what is there at `goal` for whoever came from `from` */
      const playing = (from) => {
        /** @type {Set<Cluster>} */
        const got = new Set();
        /** @type {Cluster | null} */
        let last = null;
        for (let t = from; ; t = Math.min(goal, t + 500)) {
          for (let run = needed(lane, (one) => got.has(one), last, t, t + 5000); run.length > 0; run = needed(lane, (one) => got.has(one), last, t, t + 5000)) {
            for (const one of run) got.add(one);
            last = run.at(-1) ?? null;
          }
          if (t === goal) return got;
        }
      };
      const wanted = (/** @type {Set<Cluster>} */ got) => [...got].filter((one) => one.end > goal && one.t < upto).map(({ t }) => t).sort((a, b) => a - b);
      assert.deepEqual(wanted(playing(0)), wanted(playing(goal)), `round ${round}`);
      // And nothing is missing there.
      assert.equal(readyUpto(lane, (one) => playing(goal).has(one), goal, upto), upto);
    }
  });
});

/** A picture with holes, several files, and key frames as they come. @param {() => number} random @returns {Cluster[]} */
function randomLane(random) {
  /** @type {Cluster[]} */
  const lane = [];
  let [t, offset, file] = [0, 200, 0];
  while (t < 50_000) {
    const dice = random();
    if (dice < 0.05) t += random() * 4000;
    else if (dice < 0.1) [file, offset] = [file + 1, 200];
    const duration = 200 + random() * 1800;
    const fresh = offset === 200 || random() < 0.3;
    const octets = Math.ceil(random() * 5000);
    lane.push({ segment: `f${file}`, size: "best", t, end: t + duration, offset, octets, key: fresh, lane });
    [t, offset] = [t + duration, offset + octets];
  }
  return lane;
}

describe("how much at once", () => {
  const lane = laneOf(rowsOf(0, 40_000, { octets: 20_000 }));

  test("who waits gets what they need, and no more", () => {
    assert.deepEqual(times(portion(lane, 100, 8e6)), [0]);
    assert.deepEqual(times(portion(lane, 1900, 8e6)), [0, 2000]);
    // Also who has just enough for this moment, while others have not.
    assert.deepEqual(times(portion(lane.slice(1), 1500, 8e6)), [2000]);
    assert.equal(portion(lane.slice(2), 1000, 8e6).length, 5);
    assert.equal(portion(lane.slice(2), 1000, 400_000, true).length, 1);
    // However much that is.
    assert.deepEqual(times(portion(laneOf(rowsOf(0, 40_000, { octets: 5e6, keys: 4 })), 5000, null)), [0, 2000, 4000]);
  });

  test("what comes later comes in pieces that a line carries soon", () => {
    assert.equal(portion(lane.slice(5), 0, 1e6).length, 5);
    assert.equal(portion(lane.slice(5), 0, 400_000).length, 5);
    assert.equal(portion(lane.slice(5), 0, 160_000).length, 2);
    assert.equal(portion(lane.slice(5), 0, null).length, 1);
    assert.equal(portion([], 0, null).length, 0);
  });

  test("sound goes before the main picture, and that before the others, each by the time it is needed", () => {
    const at = (/** @type {number} */ n) => lane.slice(n, n + 1);
    assert.ok(urgency("sound", at(0), 0) < urgency("main", at(0), 0));
    // Sound that has two seconds lets a picture that is missing go first.
    assert.ok(urgency("main", at(0), 0) < urgency("sound", at(1), 0));
    assert.ok(urgency("sound", at(1), 0) < urgency("main", at(2), 0));
    assert.ok(urgency("main", at(1), 0) < urgency("other", at(0), 0));
    assert.ok(urgency("main", at(0), 0) < urgency("sound", at(5), 0));
    assert.equal(urgency("other", lane.slice(0, 3), 2100), 0);
    assert.equal(urgency("other", lane.slice(0, 1), 9000), 0);
    assert.equal(urgency("other", [], 0), Infinity);
  });
});

test("a hole counts as there", () => {
  const lane = laneOf([...rowsOf(0, 4000), ...rowsOf(8000, 12_000).slice(1)]);
  const held = new Set(lane.slice(0, 2));
  assert.equal(readyUpto(lane, (one) => held.has(one), 1000, 30_000), 8000);
  assert.equal(readyUpto(lane, (one) => held.has(one), 9000, 30_000), 9000);
  assert.equal(readyUpto(lane, () => true, 9000, 30_000), 30_000);
  assert.equal(readyUpto(lane, none, 5000, 7000), 7000);
});
