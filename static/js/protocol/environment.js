/**
 * What the protocol needs of the world: a clock, timers and chance. Tests bring their own, so that no test waits.
 */

/**
 * @typedef {object} Timers
 * @property {(run: () => void, ms: number) => unknown} set
 * @property {(handle: unknown) => void} clear
 */

/**
 * @typedef {object} Environment
 * @property {() => number} now ms since 1970 on this computer's clock
 * @property {Timers} timers
 * @property {() => number} random 0..1
 * @property {() => string} newId an id that nobody else has (PROTOCOL.md: a letter first, 8 to 64 characters)
 */

/** 72 random bits: ids have to be new within one class, and are made by people who may all start at the same second. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return `c${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")}`;
}

/** @type {Environment} */
export const BROWSER = {
  now: () => Date.now(),
  timers: {
    set: (run, ms) => setTimeout(run, ms),
    clear: (handle) => clearTimeout(/** @type {any} */ (handle)),
  },
  random: () => Math.random(),
  newId,
};

/**
 * Wait, then run; a second call before that starts anew.
 *
 * @param {Timers} timers
 */
export function alarm(timers) {
  /** @type {unknown} */
  let handle = null;
  return {
    get running() {
      return handle !== null;
    },
    /** @param {() => void} run @param {number} ms */
    set(run, ms) {
      this.clear();
      handle = timers.set(() => {
        handle = null;
        run();
      }, ms);
    },
    clear() {
      if (handle !== null) timers.clear(handle);
      handle = null;
    },
  };
}
