/**
 * Whether the clock has to wait: for sound and for the main picture, and for what is not known yet; for nothing else.
 */

/** What has to be there before it goes on, ms: at the beginning and after a seek, and after it ran dry. */
const FRESH = 400;
const DRY = 2500;
/** How long after it ran dry it is careful. */
const CAREFUL = 30_000;
/** A seek of an element that takes longer is not waited for. */
const SEEKING = 1500;
/** A main picture that made it wait so often in a minute no longer does: the voice matters more. */
const STALLS = 3;
const MINUTE = 60_000;

/** @typedef {import("./pipe.js").Pipe} Pipe */

export class Watch {
  #moved = -Infinity;
  /** When it ran dry. @type {number[]} */
  #dry = [];
  /** When a picture alone made it wait. @type {number[]} */
  #stalls = [];

  /** The clock has jumped. @param {number} now */
  moved(now) {
    this.#moved = now;
  }

  /**
   * @param {number} now monotonic
   * @param {number} t
   * @param {number} known until when it is known what there is
   * @param {readonly Pipe[]} pipes
   * @param {boolean} waiting that it waits already
   */
  blocked(now, t, known, pipes, waiting) {
    if (known <= t) return true;
    const critical = pipes.filter((pipe) => this.#counts(pipe, now, waiting));
    const need = waiting ? this.#need(now) : 1;
    const upto = Math.min(t + need, known);
    const missing = critical.filter((pipe) => pipe.readyUpto(t, upto) < upto);
    for (const pipe of pipes) if (!missing.includes(pipe) && pipe.size !== null && pipe.readyUpto(t, t + 1) > t) pipe.inStep = true;
    if (missing.length > 0) {
      if (!waiting) this.#ranDry(now, missing);
      return true;
    }
    const seeking = critical.some(({ element }) => element.seeking);
    return waiting && seeking && now - this.#moved < SEEKING;
  }

  /** @param {Pipe} pipe @param {number} now @param {boolean} waiting */
  #counts(pipe, now, waiting) {
    if (pipe.dead || pipe.size === null) return false;
    if (pipe.sound) return true;
    this.#stalls = this.#stalls.filter((at) => now - at < MINUTE);
    // One that has just come to the stage is not waited for; one that was there from the beginning, or since a seek, is.
    return pipe.main && (pipe.inStep || waiting) && this.#stalls.length < STALLS;
  }

  /** @param {number} now */
  #need(now) {
    this.#dry = this.#dry.filter((at) => now - at < CAREFUL);
    return this.#dry.some((at) => at > this.#moved) ? DRY : FRESH;
  }

  /** @param {number} now @param {readonly Pipe[]} missing */
  #ranDry(now, missing) {
    this.#dry.push(now);
    if (missing.every((pipe) => !pipe.sound)) this.#stalls.push(now);
  }
}
