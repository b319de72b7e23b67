/**
 * Something of the server's that a page shows: asked for when the page opens, again on demand, with its loading and its
 * trouble. An answer that comes after a newer question is thrown away.
 */
import { signal } from "@preact/signals-core";
import { ask } from "../protocol/api.js";
import { forget } from "./visitor.js";

/** @typedef {import("../protocol/api.js").Problem} Problem */

/**
 * @template T
 * @typedef {object} Resource
 * @property {import("@preact/signals-core").Signal<T | undefined>} data
 * @property {import("@preact/signals-core").Signal<Problem | null>} problem
 * @property {(path: string) => Promise<void>} load
 * @property {() => Promise<void>} again
 */

/** @template T @returns {Resource<T>} */
export function resource() {
  const data = signal(/** @type {T | undefined} */ (undefined));
  const problem = signal(/** @type {Problem | null} */ (null));
  let path = "";
  let asked = 0;
  const again = async () => {
    const number = ++asked;
    const outcome = await ask("GET", path);
    if (number !== asked) return;
    problem.value = outcome.ok ? null : outcome;
    if (outcome.ok) data.value = /** @type {T} */ (outcome.data);
    else if (outcome.code === "unauthorized") forget();
  };
  return {
    data,
    problem,
    again,
    load: async (to) => {
      if (to !== path) data.value = undefined;
      path = to;
      await again();
    },
  };
}
