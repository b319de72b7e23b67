/**
 * Keeps one media element on the clock.
 *
 * A small drift is caught up by playing a little faster or slower, which nobody hears; a large one by a seek. Where the element
 * has nothing it stands and waits for the next stretch, and nobody else waits with it.
 */

/** ms; what an eye notices between lips and voice is 45. */
const TIGHT = 25;
const SETTLED = 6;
const LOOSE = 150;
/** Drift in ms that changes the speed by 1: 40 ms change it by 5 %. */
const SOFT = 800;
const MOST = 0.1;
/** Seeks that did not help; after so many a slow computer is left to play as well as it can. */
const PATIENCE = 3;
const BETWEEN_SEEKS = 1000;
/** A seek that has not ended when the clock is so much further is begun anew, ms. */
const STUCK = 1500;
/** The next stretch is gone to before it begins, so that its first frame is decoded in time. */
const EARLY = 500;
/** Rows are whole ms and frames are not: a stretch may begin this much later than its row says. */
const NEAR = 60;

export class Follower {
  #sought = -Infinity;
  /** Where the last seek went, ms. */
  #target = 0;
  /** How long a seek takes here, ms. */
  #delay = 40;
  #inVain = 0;
  #correcting = false;
  #starting = false;

  /**
   * @param {HTMLMediaElement} element
   * @param {() => number} clock monotonic ms
   * @param {(refused: boolean) => void} told whether playing was refused for want of a click
   */
  constructor(element, clock, told) {
    this.element = element;
    this.clock = clock;
    this.told = told;
    /** @type {number} */
    this.drift = 0;
    element.preservesPitch = true;
  }

  /**
   * @param {number} now monotonic
   * @param {number} t of the clock
   * @param {boolean} running
   * @param {number} rate
   * @param {readonly (readonly [number, number])[]} ranges that the element can play, ms
   */
  follow(now, t, running, rate, ranges) {
    const { element } = this;
    if (element.readyState === 0) return;
    const here = ranges.find(([start, end]) => start - NEAR <= t && t < end);
    if (here === undefined) this.#hold(now, t, rate, running, ranges);
    else if (!running) this.#rest(now, Math.max(t, here[0]));
    else this.#run(now, Math.max(t, here[0]), rate);
  }

  /** The clock has jumped. */
  moved() {
    this.#sought = -Infinity;
    this.#inVain = 0;
  }

  /** @param {number} now @param {number} t @param {number} rate @param {boolean} running @param {readonly (readonly [number, number])[]} ranges */
  #hold(now, t, rate, running, ranges) {
    const { element } = this;
    if (!element.paused) element.pause();
    const next = ranges.find(([start]) => start > t);
    if (running && next && next[0] - t < EARLY * rate) this.#seek(now, next[0], 1);
    // What was shown last before the hole, not what lies behind it: after a seek into one.
    else if (!next || next[0] - t >= EARLY * rate) this.#lastBefore(now, t, ranges);
  }

  /** @param {number} now @param {number} t @param {readonly (readonly [number, number])[]} ranges */
  #lastBefore(now, t, ranges) {
    const before = ranges.findLast(([, end]) => end <= t);
    if (before) this.#seek(now, Math.max(before[0], before[1] - 40), 60);
  }

  /** @param {number} now @param {number} t */
  #rest(now, t) {
    if (!this.element.paused) this.element.pause();
    this.#seek(now, t, 15);
  }

  /** @param {number} now @param {number} t @param {number} rate */
  #run(now, t, rate) {
    const { element } = this;
    if (element.seeking) {
      // One that was begun for another moment may never end: there is nothing to decode behind the end of a stretch.
      if (Math.abs(this.#target - t) > STUCK * rate) this.#jump(now, t + this.#delay * rate);
      return;
    }
    const drift = element.currentTime * 1000 - t;
    this.drift = drift;
    if (element.paused) {
      if (Math.abs(drift) > TIGHT * 2 && now - this.#sought > this.#delay * 2) this.#jump(now, t + this.#delay * rate);
      this.#play();
      return;
    }
    if (Math.abs(drift) > LOOSE && this.#inVain < PATIENCE) {
      if (now - this.#sought < BETWEEN_SEEKS) return;
      this.#inVain += 1;
      this.#jump(now, t + this.#delay * rate);
      return;
    }
    if (Math.abs(drift) < TIGHT) this.#inVain = 0;
    this.#nudge(drift, rate);
  }

  /** @param {number} drift @param {number} rate */
  #nudge(drift, rate) {
    this.#correcting = Math.abs(drift) > (this.#correcting ? SETTLED : TIGHT);
    const change = this.#correcting ? Math.max(-MOST, Math.min(MOST, -drift / SOFT)) : 0;
    const wanted = Math.round(rate * (1 + change) * 1000) / 1000;
    if (this.element.playbackRate !== wanted) this.element.playbackRate = wanted;
  }

  /** @param {number} now @param {number} t @param {number} slack ms that are near enough */
  #seek(now, t, slack) {
    const place = this.element.seeking ? this.#target : this.element.currentTime * 1000;
    if (Math.abs(place - t) > slack) this.#jump(now, t);
  }

  /** @param {number} now @param {number} t */
  #jump(now, t) {
    const { element } = this;
    [this.#sought, this.#target] = [now, t];
    const began = this.clock();
    element.addEventListener("seeked", () => (this.#delay = Math.min(500, 0.7 * this.#delay + 0.3 * (this.clock() - began))), { once: true });
    element.currentTime = t / 1000;
  }

  #play() {
    if (this.#starting) return;
    this.#starting = true;
    this.element.play().then(
      () => {
        this.#starting = false;
        this.told(false);
      },
      (error) => {
        this.#starting = false;
        // AbortError: paused or moved while it started; the next turn tries again.
        if (error?.name === "NotAllowedError") this.told(true);
      },
    );
  }
}
