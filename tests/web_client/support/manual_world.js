/** A world that stands still until a test moves it: clock, timers, chance, ids. */

/** @typedef {import("../../../static/js/protocol/environment.js").Environment} Environment */

export class ManualWorld {
  time = 1_790_000_000_000;
  /** @type {Map<number, { at: number, run: () => void }>} */
  #timers = new Map();
  #next = 1;
  #ids = 0;
  chance = 0.5;

  /** @type {Environment} */
  environment = {
    now: () => this.time,
    random: () => this.chance,
    newId: () => `c0000000${(this.#ids += 1)}`,
    timers: {
      set: (run, ms) => {
        const handle = this.#next;
        this.#next += 1;
        this.#timers.set(handle, { at: this.time + ms, run });
        return handle;
      },
      clear: (handle) => void this.#timers.delete(/** @type {number} */ (handle)),
    },
  };

  get waiting() {
    return this.#timers.size;
  }

  /** Let time pass, timers ring in their order, and what waits for promises go on in between. @param {number} ms */
  async pass(ms) {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [handle, { at, run }] = due;
      this.#timers.delete(handle);
      this.time = Math.max(this.time, at);
      run();
      await settle();
    }
    this.time = end;
  }
}

/** Let every promise that can go on do so: none of our chains is longer than this. */
export async function settle() {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
