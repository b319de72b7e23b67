/**
 * The state of a class on this page: one signal a feature, fed by snapshots and numbered batches.
 *
 * What is not shown is not redrawn: a batch of chat touches the signal of chat alone, once, however many messages it has.
 */
import { batch, signal } from "@preact/signals-core";
import { EMPTY, FEATURE_NAMES, fold } from "./fold.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").Event} Event */
/** @typedef {{ after: number, upto: number, events: Event[] }} Batch */

export class Store {
  /** The number up to which this page knows everything that it may know; null before the first snapshot. @type {number | null} */
  last = null;

  constructor() {
    /** @type {RoomState} */
    this.current = EMPTY;
    this.signals = {
      lifecycle: signal(EMPTY.lifecycle),
      people: signal(EMPTY.people),
      lobby: signal(EMPTY.lobby),
      locks: signal(EMPTY.locks),
      hands: signal(EMPTY.hands),
      stage: signal(EMPTY.stage),
      chat: signal(EMPTY.chat),
      questions: signal(EMPTY.questions),
      recording: signal(EMPTY.recording),
    };
  }

  /**
   * Replace everything by a snapshot.
   *
   * @param {RoomState} state
   * @param {number} upto
   */
  replace(state, upto) {
    this.last = upto;
    this.#show({ ...EMPTY, ...state });
  }

  /**
   * Apply a delivery.
   *
   * A delivery that begins before our last number is welcome as far as it brings news: it covers everything up to `upto`.
   *
   * @param {Batch} delivery
   * @returns {boolean} false when something is missing before it, and nothing was applied
   */
  apply({ after, upto, events }) {
    const { last } = this;
    if (last === null || after > last) return false;
    if (upto <= last) return true;
    this.last = upto;
    this.#show(fold(this.current, events.filter((event) => event.seq > last)));
    return true;
  }

  /** @param {RoomState} next */
  #show(next) {
    this.current = next;
    batch(() => {
      for (const name of FEATURE_NAMES) /** @type {{ value: unknown }} */ (this.signals[name]).value = next[name];
    });
  }
}
