/**
 * Short notices at the edge of the page: what happened, and where it helps, one button ("Undo"): `toast("Hand lowered")`.
 *
 * At most four stand at once, the oldest goes first. They leave by themselves, later when there is something to press, and
 * never while the mouse or the focus is on them. toasts.js draws them; a screen reader hears them from live.js.
 */
import { signal } from "@preact/signals-core";
import { announce } from "./live.js";

const MOST = 4; // More would cover the stage of a phone.
const SECONDS = 5;
const SECONDS_WITH_ACTION = 10; // Read it, decide, reach it, also by keyboard.

/**
 * @typedef {object} Toast
 * @property {string} id
 * @property {string} text
 * @property {"plain" | "good" | "bad" | "sun"} kind
 * @property {string} [icon] in place of the kind's own
 * @property {readonly { label: string, onClick: () => void }[]} actions
 * @property {number} seconds 0: stays until closed
 */

export const toasts = signal(/** @type {readonly Toast[]} */ ([]));
let counted = 0;

/**
 * Show `text`. A toast with the same id is replaced; the returned function takes it away.
 *
 * @param {string} text
 * @param {{ kind?: Toast["kind"], icon?: string, actions?: Toast["actions"], seconds?: number, id?: string }} [options]
 * @returns {() => void}
 */
export function toast(text, { kind = "plain", icon, actions = [], seconds, id = `toast-${++counted}` } = {}) {
  const lasting = seconds ?? (actions.length ? SECONDS_WITH_ACTION : SECONDS);
  const others = toasts.value.filter((other) => other.id !== id);
  announce(text, kind === "bad");
  toasts.value = [...others, { id, text, kind, actions, seconds: lasting, ...(icon && { icon }) }].slice(-MOST);
  return () => dismiss(id);
}

export function dismiss(/** @type {string} */ id) {
  toasts.value = toasts.value.filter((other) => other.id !== id);
}
