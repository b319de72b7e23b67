/**
 * The state of a class at any moment of its recording, from the events that were folded to it.
 *
 * Folded states are kept every few hundred events, so a step back costs no more than a step forward. What is known may lie in
 * several stretches: somebody who goes to the second hour does not have to load the events of the first.
 */
import { fold } from "./fold.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("../protocol/playback/types.js").RecordedEvent} RecordedEvent */
/** @typedef {import("../protocol/playback/types.js").Snapshot} Snapshot */
/** @typedef {import("../protocol/playback/types.js").EventPage} EventPage */

/** Events between two kept states: some ms of folding on an old phone, and few states even of a long class. */
const EVERY = 500;

class Stretch {
  /** @type {RecordedEvent[]} */
  events = [];
  /** State number n is that before event n * EVERY. @type {RoomState[]} */
  #kept;
  /** The last one that was asked for, and after how many events it is. */
  #place = 0;
  #state;

  /** @param {Snapshot} base */
  constructor({ t, seq, room }) {
    this.t = t;
    /** Everything up to this number is in it. */
    this.upto = seq;
    /** Everything before this moment is in it. */
    this.until = t;
    this.#kept = [room];
    this.#state = room;
  }

  /** @param {number} t @returns {RoomState} with all that happened up to `t`, and no more */
  at(t) {
    const place = this.#count(t);
    const kept = Math.min(Math.floor(place / EVERY), this.#kept.length - 1);
    const near = this.#place <= place && this.#place >= kept * EVERY;
    let [from, state] = near ? [this.#place, this.#state] : [kept * EVERY, /** @type {RoomState} */ (this.#kept[kept])];
    while (from < place) {
      const next = Math.min(place, (Math.floor(from / EVERY) + 1) * EVERY);
      state = fold(state, this.events.slice(from, next));
      from = next;
      if (from === this.#kept.length * EVERY) this.#kept.push(state);
    }
    [this.#place, this.#state] = [place, state];
    return state;
  }

  /** @param {number} t @returns {number} of the events up to `t` */
  #count(t) {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {RecordedEvent} */ (this.events[middle]).t <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class Replay {
  /** By t. @type {Stretch[]} */
  #stretches = [];

  /** Take the state at a moment as the server tells it. @param {Snapshot} base */
  begin(base) {
    if (this.#stretches.some(({ t, until }) => t <= base.t && base.t < until)) return;
    // One that begins at the same moment with less in it is of no use any more.
    this.#stretches = [...this.#stretches.filter(({ t }) => t !== base.t), new Stretch(base)].sort((a, b) => a.t - b.t);
  }

  /**
   * Take events that follow what is known.
   *
   * @param {number} after the number that was asked with
   * @param {EventPage} page
   * @param {number} [now] how far the recording has come: without more events all up to then is known
   * @returns {boolean} false when something is missing before them
   */
  add(after, { events, upto, more }, now = Infinity) {
    const stretch = this.#stretches.find((each) => each.upto === after);
    if (!stretch) return false;
    for (const event of events) if (event.seq > after) stretch.events.push(event);
    stretch.upto = Math.max(upto, after);
    // More may come at the very moment of the last one.
    stretch.until = Math.max(stretch.until, more ? (events.at(-1)?.t ?? stretch.until) : now);
    // Whatever was known behind is folded anew from here on: two stretches with the same events would differ in nothing.
    this.#stretches = this.#stretches.filter((each) => each === stretch || each.t < stretch.t || each.t >= stretch.until || each.until > stretch.until);
    return true;
  }

  /** In a running class: up to `t` nothing has happened behind the event `upto`. @param {number} upto @param {number} t */
  reach(upto, t) {
    for (const each of this.#stretches) if (each.upto >= upto) each.until = Math.max(each.until, t);
  }

  /** @param {number} t @returns {RoomState | null} null where the events up to `t` are not known yet */
  at(t) {
    const stretch = this.#around(t);
    return stretch && (t < stretch.until || t === stretch.t) ? stretch.at(t) : null;
  }

  /** @param {number} t @returns {{ after: number, until: number } | null} what to ask for to know more behind `t`; null: ask for a state */
  edge(t) {
    const stretch = this.#around(t);
    return stretch && { after: stretch.upto, until: stretch.until };
  }

  /** @param {number} t @returns {readonly RecordedEvent[]} all that are known in the stretch around `t`, also those ahead */
  eventsAround(t) {
    return this.#around(t)?.events ?? [];
  }

  /** @param {number} t */
  #around(t) {
    return this.#stretches.findLast((each) => each.t <= t) ?? null;
  }
}
