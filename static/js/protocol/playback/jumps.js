/**
 * Stretches that the clock goes over: pauses of the recording, what was lost, what editors cut.
 */

/** @typedef {import("./types.js").Jump} Jump */

/** A stretch that is shorter is not worth the break that a jump makes. */
const SHORTEST = 300;

export class Jumps {
  /** By `from`, not overlapping. @type {Jump[]} */
  list = [];

  /** @param {readonly import("../../state/types_playback.js").Gap[]} gaps @param {readonly import("../../state/types_playback.js").Stretch[]} cuts */
  set(gaps, cuts) {
    const all = [
      ...gaps.map(({ start, end, why }) => ({ from: start, to: end, why })),
      ...cuts.map(([from, to]) => ({ from, to, why: /** @type {const} */ ("cut") })),
    ].sort((a, b) => a.from - b.from);
    /** @type {Jump[]} */
    const joined = [];
    for (const each of all) {
      const last = joined.at(-1);
      // Touching ones are one jump; a pause that lies in a cut is as silent as the cut.
      if (last && each.from <= last.to) joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, each.to), why: each.why === "cut" ? "cut" : last.why };
      else joined.push(each);
    }
    this.list = joined.filter(({ from, to }) => to - from >= SHORTEST);
  }

  /** @param {number} t @returns {Jump | null} that `t` lies in */
  at(t) {
    return this.list.find(({ from, to }) => from <= t && t < to) ?? null;
  }

  /** @param {number} t @returns {Jump | null} the next one that begins at or after `t` */
  after(t) {
    return this.list.find(({ from }) => from >= t) ?? null;
  }
}
