/**
 * What one person has seen of a recording: only what was really played counts, at any speed, and a jump counts nothing. Pure.
 */
import { joined } from "./timeline.js";

/** @typedef {import("./types_playback.js").Stretch} Stretch */

/** ms: the player tells its time ten times a second; at three times the speed that is 300 ms, and a busy phone is late. */
const NEAR_MS = 2500;

export class Watching {
  /** Seen since the last report. @type {[number, number][]} */
  #fresh = [];
  /** @type {number | null} */
  #last = null;

  /** The time moved, while playing. @param {number} t */
  played(t) {
    const last = this.#last;
    this.#last = t;
    if (last === null || t <= last || t - last > NEAR_MS) return;
    const open = this.#fresh.at(-1);
    if (open && open[1] === last) open[1] = t;
    else this.#fresh.push([last, t]);
  }

  /** It stopped playing, or went elsewhere. */
  stopped() {
    this.#last = null;
  }

  get empty() {
    return this.#fresh.length === 0;
  }

  /** Take what is to be reported. @returns {Stretch[]} */
  take() {
    const taken = joined(this.#fresh);
    this.#fresh = [];
    return taken;
  }

  /** The report did not arrive: it goes with the next one. @param {readonly Stretch[]} stretches */
  back(stretches) {
    const open = this.#fresh.pop();
    this.#fresh = joined([...stretches, ...this.#fresh]);
    if (open) this.#fresh.push(open);
  }
}
