/**
 * A recording of a class that still runs: how far it has come, how far behind somebody is, and how they catch up.
 */

/** Until a cluster is written, found by the recorder and listed: nothing younger is certain to be complete, ms. */
const UNCERTAIN = 3000;
/** Behind the class: what is uncertain, the time between two looks, and a request on a far line. */
const LAG = 6000;
/** Nearer than this to LAG counts as there. */
const NEAR = 4000;
const CATCH_UP = 1.5;
/** Between two looks at the list: at the edge, and far from it. */
const OFTEN = 1000;
const SELDOM = 5000;
const CLOSE = 30_000;

export class Edge {
  live = false;
  catchingUp = false;
  /** Class time that was told, and when. */
  #told = 0;
  #at = 0;
  #looked = -Infinity;

  /** @param {boolean} live @param {number} t class time of the newest that can be watched @param {number} now monotonic */
  tell(live, t, now) {
    // What is told is the newest that was sent; while everybody is muted the class goes on all the same.
    const newest = live && this.live ? Math.max(t, this.newest(now)) : t;
    this.live = live;
    [this.#told, this.#at] = [newest, now];
    if (!live) this.catchingUp = false;
  }

  /** @param {number} now @returns {number} class time of the class itself */
  newest(now) {
    return this.live ? this.#told + Math.max(0, now - this.#at) : this.#told;
  }

  /** Until when the list was complete when it was told. */
  get complete() {
    return this.live ? Math.max(0, this.#told - UNCERTAIN) : Infinity;
  }

  /** @param {number} now @returns {number} where somebody is who is at the edge */
  goal(now) {
    return Math.max(0, this.newest(now) - LAG);
  }

  /** @param {number} now @param {number} t */
  isAt(now, t) {
    return this.live && t >= this.goal(now) - NEAR;
  }

  /** @param {number} now @param {number} t @param {number} rate that the person chose @returns {number} the speed of the clock */
  speed(now, t, rate) {
    if (!this.live) return rate;
    const arrived = t >= this.goal(now);
    if (arrived) this.catchingUp = false;
    if (this.catchingUp) return Math.max(rate, CATCH_UP);
    // There is nothing to be faster for.
    return arrived ? Math.min(rate, 1) : rate;
  }

  /** @param {number} now @param {number} t @returns {boolean} that it is time to look how far the class has come */
  due(now, t) {
    const pause = this.newest(now) - t < CLOSE ? OFTEN : SELDOM;
    if (!this.live || now - this.#looked < pause) return false;
    this.#looked = now;
    return true;
  }
}
