/**
 * What the line carries: bit/s while something came, and ms until the first octet of an answer.
 *
 * Two averages, a quick and a slow one, and the worse of them counts: a line that became slow is believed at once, one that
 * became fast after a while. Time in which nothing was asked for is no time: it says nothing about the line.
 */

/** Half-lives in ms of receiving. */
const QUICK = 1500;
const SLOW = 6000;
/** A sample of less says more about the computer than about the line. */
const SAMPLE_MS = 100;
const SAMPLE_OCTETS = 8192;
/** On a fast line everything comes at once; a shorter time cannot be measured by a page. */
const SHORTEST = 5;
/** A line that was measured longer ago may be another one. */
const REMEMBERED = 30 * 60_000;

class Average {
  #sum = 0;
  #weight = 0;

  /** @param {number} halfLife */
  constructor(halfLife) {
    this.halfLife = halfLife;
  }

  /** @param {number} value @param {number} weight in the unit of the half-life */
  add(value, weight) {
    const keep = 0.5 ** (weight / this.halfLife);
    this.#sum = this.#sum * keep + value * (1 - keep);
    this.#weight = this.#weight * keep + (1 - keep);
  }

  get value() {
    return this.#weight === 0 ? null : this.#sum / this.#weight;
  }
}

export class Line {
  #quick = new Average(QUICK);
  #slow = new Average(SLOW);
  #delay = new Average(3);
  /** Answers that are coming in. */
  #coming = 0;
  #since = 0;
  #octets = 0;
  /** What an earlier page measured. */
  #before = /** @type {{ bitrate: number | null, delay: number | null }} */ ({ bitrate: null, delay: null });

  /** bit/s, null while unknown. */
  get bitrate() {
    const [quick, slow] = [this.#quick.value, this.#slow.value];
    return quick === null || slow === null ? this.#before.bitrate : Math.min(quick, slow);
  }

  /** ms from the question to the first octet of the answer, null while unknown. */
  get delay() {
    return this.#delay.value ?? this.#before.delay;
  }

  /** The first octet of an answer. @param {number} now @param {number} asked when it was asked for */
  begin(now, asked) {
    this.#delay.add(Math.max(0, now - asked), 1);
    if (this.#coming === 0) [this.#since, this.#octets] = [now, 0];
    this.#coming += 1;
  }

  /** @param {number} now @param {number} octets */
  take(now, octets) {
    this.#octets += octets;
    if (now - this.#since >= SAMPLE_MS) this.#sample(now);
  }

  /** The end of an answer, whole or not. @param {number} now */
  end(now) {
    this.#coming = Math.max(0, this.#coming - 1);
    if (this.#coming === 0) this.#sample(now);
  }

  /** @param {number} now */
  #sample(now) {
    const time = Math.max(SHORTEST, now - this.#since);
    // A standing line is a measurement, too; a short answer is none.
    if (this.#octets < SAMPLE_OCTETS && time < 10 * SAMPLE_MS) return;
    const bitrate = (this.#octets * 8000) / time;
    const weight = Math.max(time, SAMPLE_MS / 2);
    this.#quick.add(bitrate, weight);
    this.#slow.add(bitrate, weight);
    [this.#since, this.#octets] = [now, 0];
  }

  /** @param {number} wall ms since 1970 @returns {string} for the next page */
  note(wall) {
    return JSON.stringify({ at: wall, bitrate: this.bitrate, delay: this.delay });
  }

  /** @param {string | null} note of an earlier page @param {number} wall */
  recall(note, wall) {
    try {
      const { at, bitrate, delay } = JSON.parse(note ?? "");
      if (!(wall - at >= 0 && wall - at <= REMEMBERED)) return;
      const number = (/** @type {unknown} */ value) => (typeof value === "number" && value > 0 ? value : null);
      this.#before = { bitrate: number(bitrate), delay: number(delay) };
    } catch {
      // Nothing, or not ours: the line is unknown.
    }
  }
}
