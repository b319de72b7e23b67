/**
 * The first question to the server, asked until it is answered: a line that is lost while a page opens comes back as well.
 */

/** @typedef {import("./types.js").Playback} Playback */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

/**
 * @param {object} given
 * @param {() => string} given.path what is asked for now; somebody may have chosen another moment since
 * @param {import("./loader.js").Loader} given.loader
 * @param {import("./types.js").PlayerEnvironment} given.environment
 * @param {(answer: Playback) => void} given.opened
 * @param {(code: string) => void} given.failed for good
 * @param {(offline: boolean) => void} given.offline
 * @returns {AbortController} ends it
 */
export function opening({ path, loader, environment, opened, failed, offline }) {
  const controller = new AbortController();
  const { signal } = controller;
  const attempt = async (/** @type {number} */ fails) => {
    /** @type {import("./loader.js").Outcome<Playback>} */
    const answer = await loader.json(path(), signal);
    if (signal.aborted) return;
    if (answer.ok) {
      offline(false);
      return opened(answer.data);
    }
    const { status, retryAfter, code } = answer;
    if (status !== 0 && status !== 429 && status < 500) return failed(code);
    offline(status === 0);
    const timer = environment.timers.set(() => void attempt(fails + 1), retryAfter ?? Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** fails));
    signal.addEventListener("abort", () => environment.timers.clear(timer), { once: true });
  };
  void attempt(0);
  return controller;
}
