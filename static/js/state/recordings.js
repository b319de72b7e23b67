/**
 * Lists of recordings as the pages outside a class show them: newest first, page after page, found by words, changed before the
 * server has answered and put right where it refuses.
 */
import { computed, signal } from "@preact/signals-core";
import { ask, withQuery } from "../protocol/api.js";
import { forget } from "./visitor.js";

/** @typedef {import("./types_home.js").Recorded} Recorded */
/** @typedef {import("../protocol/api.js").Problem} Problem */
/** @template T @typedef {import("../protocol/api.js").Outcome<T>} Outcome */
/** @typedef {ReturnType<typeof recordingList>} RecordingList */

/** What one answer holds; the server gives 200 at the most. */
export const PAGE = 50;
/** ms between two looks while something of the list is under way, and while nothing is. */
const SOON = 4000;
const LATER = 30_000;

/**
 * @param {string} path
 * @param {object} [options]
 * @param {boolean} [options.trash] what may be brought back
 * @param {typeof ask} [options.ask]
 */
export function recordingList(path, { trash = false, ask: call = ask } = {}) {
  const items = signal(/** @type {readonly Recorded[] | undefined} */ (undefined));
  const problem = signal(/** @type {Problem | null} */ (null));
  const more = signal(false);
  let asked = 0;

  /** @param {string} after @param {number} limit @returns {Promise<Outcome<Recorded[]>>} */
  const page = (after, limit) => call("GET", withQuery(path, { after, limit, trash }));

  /** @param {string} after @param {number} limit @param {readonly Recorded[]} before */
  async function take(after, limit, before) {
    const number = (asked += 1);
    const outcome = await page(after, limit);
    if (number !== asked) return;
    problem.value = outcome.ok ? null : outcome;
    if (!outcome.ok) return void (outcome.code === "unauthorized" && forget());
    more.value = outcome.data.length === limit;
    items.value = [...before, ...outcome.data];
  }

  /** Ask for what is shown anew, at most as much as one answer holds. */
  const again = () => take("", Math.min(200, Math.max(PAGE, items.peek()?.length ?? 0)), []);

  return {
    data: items,
    problem,
    more,
    again,
    load: () => take("", PAGE, []),
    next: () => take(items.peek()?.at(-1)?.id ?? "", PAGE, items.peek() ?? []),
    /** When it is worth asking again (ms). */
    patience: computed(() => ((items.value ?? []).some(({ state }) => state === "finishing") ? SOON : LATER)),

    /**
     * Change what may be changed of one; it shows at once.
     *
     * @param {Recorded} one
     * @param {Partial<Pick<Recorded, "title" | "description" | "published" | "protected">>} what
     * @returns {Promise<Outcome<Recorded>>}
     */
    async change(one, what) {
      const put = (/** @type {Recorded} */ now) => (items.value = items.peek()?.map((each) => (each.id === now.id ? now : each)));
      const { title, description, published, protected: kept } = { ...one, ...what };
      put({ ...one, ...what });
      /** @type {Outcome<Recorded>} */
      const outcome = await call("PUT", `/api/recordings/${one.id}`, { title, description, published, protected: kept });
      put(outcome.ok ? { ...outcome.data, position: one.position } : one);
      return outcome;
    },

    /** Put it into the trash. @param {Recorded} one @returns {Promise<Outcome<unknown>>} */
    async remove(one) {
      const outcome = await call("DELETE", `/api/recordings/${one.id}`);
      if (outcome.ok) items.value = items.peek()?.filter((each) => each.id !== one.id);
      return outcome;
    },

    /** Take it out of the trash: back into this list, or out of it where this is the trash. @param {Recorded} one @returns {Promise<Outcome<unknown>>} */
    async restore(one) {
      const outcome = await call("POST", `/api/recordings/${one.id}/restore`);
      if (outcome.ok) await again();
      return outcome;
    },
  };
}

/**
 * The recordings in which every word stands, in any of what is written of them.
 *
 * @param {readonly Recorded[]} list
 * @param {string} words
 */
export function found(list, words) {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return list;
  return list.filter((one) => {
    const text = fold([one.title, one.description, one.teacher_name, one.discipline, one.group].join(" "));
    return wanted.every((word) => text.includes(word));
  });
}

/** Letters alone count: not their case, and ё is е, as people type it. @param {string} text */
const fold = (text) => text.normalize("NFC").toLocaleLowerCase().replaceAll("ё", "е");

/**
 * The recordings of each class, the first part first; none of those of which nothing could be kept, but for staff.
 *
 * @param {readonly Recorded[]} list
 * @returns {ReadonlyMap<string, readonly Recorded[]>}
 */
export function byClass(list) {
  /** @type {Map<string, Recorded[]>} */
  const classes = new Map();
  for (const one of list) {
    if (one.state === "failed" && !one.edit) continue;
    classes.set(one.class_id, [...(classes.get(one.class_id) ?? []), one].sort((a, b) => a.number - b.number));
  }
  return classes;
}
