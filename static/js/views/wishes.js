/**
 * What is wished of each track, when it stands in more places than one: in the strip and, a moment later, on the stage, or on a
 * second screen too. The largest place that anybody can see counts; a place that goes takes only its own wish with it.
 */

/** @typedef {{ height: number, visible: boolean }} Want height in real pixels */

const NOTHING = { height: 0, visible: false };

export class Wishes {
  /** @type {Map<string, Map<object, Want>>} track -> place -> its wish */
  #places = new Map();
  /** @type {Map<string, string>} track -> what was told last */
  #told = new Map();

  /** @param {(track: string, want: Want) => void} tell */
  constructor(tell) {
    this.tell = tell;
  }

  /** @param {string} track @param {object} place whatever stands for it, compared by identity @param {Want} want */
  put(track, place, want) {
    const places = this.#places.get(track) ?? new Map();
    this.#places.set(track, places.set(place, want));
    this.#report(track);
  }

  /** @param {string} track @param {object} place */
  drop(track, place) {
    const places = this.#places.get(track);
    if (!places?.delete(place)) return;
    this.#report(track);
    if (places.size > 0) return;
    this.#places.delete(track);
    this.#told.delete(track);
  }

  /** @param {string} track */
  #report(track) {
    const seen = [...(this.#places.get(track)?.values() ?? [])].filter((want) => want.visible);
    const want = seen.reduce((most, each) => (each.height > most.height ? each : most), NOTHING);
    const text = `${want.height}/${want.visible}`;
    if (this.#told.get(track) === text) return;
    this.#told.set(track, text);
    this.tell(track, want);
  }
}
