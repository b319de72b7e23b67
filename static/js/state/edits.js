/**
 * The list of what is cut out of a recording and covered in it, as its editors make it. Pure; nothing is lost by it: the server
 * keeps the original, and viewers get what is left.
 */
import { joined } from "./timeline.js";

/** @typedef {import("./types_playback.js").Edit} Edit */
/** @typedef {import("./types_playback.js").Stretch} Stretch */
/** @typedef {{ list: readonly Edit[], undone: readonly (readonly Edit[])[], done: readonly (readonly Edit[])[] }} History `done`: what can be undone */

/** What stands for "to the end" in the server's lists: behind every recording. */
export const END = 2 ** 52;

/** Does it hold for the whole recording? @param {{ from?: number, upto?: number }} edit */
export function whole({ from = 0, upto = END }) {
  return from === 0 && upto >= END;
}

/** Versions that can be taken back. */
const STEPS = 100;

/** @param {readonly Edit[]} list @returns {History} */
export function begun(list) {
  return { list, undone: [], done: [] };
}

/** @param {History} history @param {readonly Edit[]} list @returns {History} */
export function changed(history, list) {
  return { list, undone: [], done: [...history.done, history.list].slice(-STEPS) };
}

/** @param {History} history @returns {History} */
export function undo({ list, undone, done }) {
  const before = done.at(-1);
  return before ? { list: before, undone: [...undone, list], done: done.slice(0, -1) } : { list, undone, done };
}

/** @param {History} history @returns {History} */
export function redo({ list, undone, done }) {
  const next = undone.at(-1);
  return next ? { list: next, undone: undone.slice(0, -1), done: [...done, list] } : { list, undone, done };
}

/**
 * What of the time viewers do not get: cuts, and what trimming leaves outside.
 *
 * @param {readonly Edit[]} list
 * @param {number} duration
 * @returns {[number, number][]}
 */
export function hidden(list, duration) {
  /** @type {Stretch[]} */
  const found = [];
  for (const edit of list) {
    if (edit.op === "cut") found.push([Math.max(0, edit.from), Math.min(duration, edit.upto)]);
    if (edit.op === "trim") found.push([0, Math.max(0, edit.from)], [Math.min(duration, edit.upto), duration]);
  }
  return joined(found);
}

/** How long it is for viewers. @param {readonly Edit[]} list @param {number} duration */
export function left(list, duration) {
  return duration - hidden(list, duration).reduce((sum, [from, upto]) => sum + upto - from, 0);
}

/**
 * Why a stretch cannot be used, or "".
 *
 * @param {number | null} from
 * @param {number | null} upto
 * @param {number} duration
 * @returns {"" | "from" | "upto" | "order" | "beyond"}
 */
export function wrong(from, upto, duration) {
  if (from === null) return "from";
  if (upto === null) return "upto";
  if (upto <= from) return "order";
  return from >= duration ? "beyond" : "";
}
