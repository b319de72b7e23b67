/**
 * Commands on their way: kept until the server has answered, through lost connections, sent again with the same id.
 *
 * Within a feature they go one after the other, so that two messages never change places; features do not wait for one
 * another, so that a microphone does not wait for a vote. What a person wrote waits as long as it takes; what is only
 * good at the moment (a raised hand, a started camera) is given up after a while without a line.
 */

/** @typedef {import("../state/types.js").Reply} Reply */
/** @typedef {import("./environment.js").Environment} Environment */

/** A person cannot write this much by hand in one break of the line; only a runaway script can. */
const MOST = 200;
/** How long a command that is only good at the moment waits for a line. */
const STALE_AFTER = 30_000;
const WRITTEN = new Set(["chat", "questions"]);
/** Waits up to this are nobody's business: the command is sent again by itself. */
const SHORT_WAIT = 6_000;
/** A part of the server that is down is asked again after these, then the person is told. */
const UNAVAILABLE_WAITS = [1000, 2000, 4000];

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} type
 * @property {Record<string, any>} data
 * @property {number} at
 * @property {boolean} sent on the present connection, and not answered yet
 * @property {number} tries how often the server was not available
 * @property {number} notBefore ms on this computer's clock
 * @property {(reply: Reply) => void} settle
 */

export class CommandQueue {
  /** @type {Item[]} in the order of asking */
  #items = [];
  #live = false;
  /** @type {unknown} */
  #wake = null;

  /**
   * @param {object} parts
   * @param {Environment} parts.environment
   * @param {(item: Item, answer: (reply: Reply | null) => void) => void} parts.transmit
   *   hands one command to the line; `answer(null)` when the line went silent
   * @param {(items: readonly Item[]) => void} parts.changed
   */
  constructor({ environment, transmit, changed }) {
    this.environment = environment;
    this.transmit = transmit;
    this.changed = changed;
  }

  /**
   * @param {string} type
   * @param {Record<string, any>} data
   * @param {string} id
   * @param {number} at what to call the time of asking
   * @returns {Promise<Reply>}
   */
  add(type, data, id, at) {
    if (this.#items.length >= MOST) {
      return Promise.resolve(this.#live ? { ok: false, code: "too_fast", retry_after: 1000 } : { ok: false, code: "offline" });
    }
    return new Promise((settle) => {
      this.#items.push({ id, type, data, at, sent: false, tries: 0, notBefore: 0, settle });
      if (!this.#live && !WRITTEN.has(feature(type))) {
        this.environment.timers.set(() => this.#giveUp(id), STALE_AFTER);
      }
      this.changed(this.#items);
      this.#pump();
    });
  }

  /** The line is ready: whatever is not on its way goes (again). */
  resume() {
    this.#live = true;
    this.#pump();
  }

  /** The line is gone; what was sent may or may not have arrived. */
  pause() {
    this.#live = false;
    for (const item of this.#items) {
      if (!WRITTEN.has(feature(item.type))) this.environment.timers.set(() => this.#giveUp(item.id), STALE_AFTER);
      item.sent = false;
    }
  }

  /** There will be no line again: everything is refused with this code. @param {string} code */
  refuseAll(code) {
    this.#live = false;
    if (this.#wake !== null) this.environment.timers.clear(this.#wake);
    const items = this.#items;
    this.#items = [];
    for (const item of items) item.settle({ ok: false, code });
    this.changed(this.#items);
  }

  #pump() {
    if (!this.#live) return;
    const now = this.environment.now();
    const busy = new Set();
    let next = Infinity;
    for (const item of [...this.#items]) {
      const lane = feature(item.type);
      if (busy.has(lane)) continue;
      busy.add(lane);
      if (item.sent) continue;
      if (item.notBefore > now) next = Math.min(next, item.notBefore);
      else {
        item.sent = true;
        this.transmit(item, (reply) => this.#answered(item, reply));
      }
    }
    if (this.#wake !== null) this.environment.timers.clear(this.#wake);
    this.#wake = next === Infinity ? null : this.environment.timers.set(() => this.#pump(), next - now);
  }

  /** @param {Item} item @param {Reply | null} reply */
  #answered(item, reply) {
    if (!item.sent || !this.#items.includes(item)) return; // an answer from a connection that is no more
    item.sent = false;
    if (reply === null) return; // the line is silent: the connection begins anew and calls resume()
    const wait = reply.ok ? null : this.#waitBeforeRetry(item, reply);
    if (wait === null) this.#settle(item, reply);
    else item.notBefore = this.environment.now() + wait;
    this.#pump();
  }

  /**
   * @param {Item} item
   * @param {{ code: string, retry_after?: number }} refusal
   * @returns {number | null} null when the refusal is final
   */
  #waitBeforeRetry(item, { code, retry_after }) {
    if (code === "too_fast" && retry_after !== undefined && retry_after <= SHORT_WAIT) return Math.max(50, retry_after);
    if (code !== "unavailable") return null;
    const wait = UNAVAILABLE_WAITS[item.tries] ?? null;
    item.tries += 1;
    return wait;
  }

  /** @param {string} id */
  #giveUp(id) {
    const item = this.#items.find((one) => one.id === id);
    if (!this.#live && item) this.#settle(item, { ok: false, code: "offline" });
  }

  /** @param {Item} item @param {Reply} reply */
  #settle(item, reply) {
    this.#items = this.#items.filter((one) => one !== item);
    item.settle(reply);
    this.changed(this.#items);
  }
}

/** @param {string} type */
function feature(type) {
  return type.slice(0, type.indexOf("."));
}
