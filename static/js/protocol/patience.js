/**
 * How long sound and picture wait before they are played, on a line that loses packets.
 *
 * What is sent again takes a round trip. A browser that only receives does not know how long that is, plays a picture without
 * its missing part or not at all, and shows every second one on a line that loses a twentieth. Given the time, nothing is missed.
 */

/** Less is mended without anybody noticing. */
const LOSSY = 0.01;
/** Two looks in a row, 4 s: a line that was too full for a moment is no lossy one. */
const BELIEVED = 2;
/** Half a minute without: the delay is not worth it any more. To change it often would be heard. */
const FORGOTTEN = 15;
/** A packet that is sent again may be lost again: twice the way, and what the server takes to notice. */
const TIMES = 2;
const MORE = 50;
/** People who talk with one another notice more than this at once. */
const LONGEST = 400;
const SHORTEST = 100;

export class Patience {
  #bad = 0;
  #good = 0;
  /** Milliseconds; null: as the browser likes. @type {number | null} */
  target = null;

  /**
   * Take what was measured over the last two seconds; return `target`.
   *
   * @param {{ loss: number | null, rtt: number | null }} line null: unknown
   */
  look({ loss, rtt }) {
    if (loss === null) return this.target;
    this.#bad = loss >= LOSSY ? this.#bad + 1 : 0;
    this.#good = loss >= LOSSY ? 0 : this.#good + 1;
    if (this.#bad >= BELIEVED && rtt !== null) {
      const wanted = Math.min(LONGEST, Math.max(SHORTEST, TIMES * rtt + MORE));
      // Only a much longer way is worth another change.
      if (this.target === null || wanted > this.target * 1.3) this.target = wanted;
    } else if (this.#good >= FORGOTTEN) this.target = null;
    return this.target;
  }
}
