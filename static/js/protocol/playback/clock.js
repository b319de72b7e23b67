/**
 * The one clock of a recording: class time from the computer's monotonic time, at a rate, standing still while paused or waiting.
 *
 * Elements follow it, it follows no element: sound and pictures of thirty people have nothing else in common.
 */

export const SLOWEST = 0.5;
export const FASTEST = 3;
/** A longer time between two looks is sleep, or a tab in the background, ms. */
const SLEPT = 3000;

export class Clock {
  /** Class time at `#since`. */
  #base = 0;
  #since = 0;
  #rate = 1;
  #playing = false;
  #waiting = false;

  get rate() {
    return this.#rate;
  }
  get playing() {
    return this.#playing;
  }
  get waiting() {
    return this.#waiting;
  }
  get running() {
    return this.#playing && !this.#waiting;
  }

  /** @param {number} now monotonic ms @returns {number} class time, ms, with its fractions */
  at(now) {
    return this.running ? this.#base + Math.max(0, now - this.#since) * this.#rate : this.#base;
  }

  /** @param {number} now @param {number} t */
  seek(now, t) {
    this.#base = Math.max(0, t);
    this.#since = now;
  }

  /** @param {number} now @param {number} rate */
  setRate(now, rate) {
    this.seek(now, this.at(now));
    this.#rate = Math.min(FASTEST, Math.max(SLOWEST, rate));
  }

  /** @param {number} now @param {boolean} playing */
  setPlaying(now, playing) {
    this.seek(now, this.at(now));
    this.#playing = playing;
  }

  /** @param {number} now @param {boolean} waiting for data that has to be there */
  setWaiting(now, waiting) {
    this.seek(now, this.at(now));
    this.#waiting = waiting;
  }

  /**
   * After sleep it goes on where sound and picture stand; in a tab in the background they may have gone on all the time.
   *
   * @param {number} now
   * @param {number} before when it was looked at the last time
   * @param {readonly number[]} places of the elements that play, class time
   */
  wake(now, before, places) {
    if (!this.running || now - before < SLEPT) return;
    const reached = Math.max(this.at(before), ...places);
    if (reached < this.at(now) - SLEPT) this.seek(now, reached);
  }
}
