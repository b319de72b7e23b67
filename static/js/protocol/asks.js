/**
 * Messages that want an acknowledgement: each is answered once, or told that no answer can come any more.
 */

/** @typedef {import("./environment.js").Environment} Environment */

export class Asks {
  /** What waits for an answer. @type {Set<() => void>} */
  #open = new Set();

  /**
   * @param {object} parts
   * @param {Environment} parts.environment
   * @param {(event: string, message: object, answer: (reply: unknown) => void) => void} parts.emit
   * @param {() => void} parts.silent an answer is overdue: the line is taken for dead
   */
  constructor({ environment, emit, silent }) {
    this.timers = environment.timers;
    this.emit = emit;
    this.silent = silent;
  }

  /**
   * @param {string} event
   * @param {object} message
   * @param {number} within ms
   * @param {(reply: any) => void} done null when no answer can come any more
   */
  ask(event, message, within, done) {
    /** @param {any} reply */
    const finish = (reply) => {
      if (!this.#open.delete(cancel)) return; // answered already, or an answer from a line that is no more
      this.timers.clear(timer);
      done(reply);
    };
    const cancel = () => finish(null);
    const timer = this.timers.set(() => {
      finish(null);
      this.silent();
    }, within);
    this.#open.add(cancel);
    this.emit(event, message, (reply) => finish(isReply(reply) ? reply : { ok: false, code: "bad_message" }));
  }

  /** The line is gone. */
  cancelAll() {
    for (const cancel of [...this.#open]) cancel();
  }
}

/** @param {unknown} reply */
function isReply(reply) {
  return typeof reply === "object" && reply !== null && typeof (/** @type {any} */ (reply).ok) === "boolean";
}
