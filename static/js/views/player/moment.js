/**
 * A moment of the recording as a button that goes there: beside messages, questions, cues, chapters, hits. What belongs to the
 * class carries the time of the wall (`at`), what belongs to the recording class time (`t`).
 */
import { html } from "../../html.js";
import { formatDuration, t } from "../../i18n.js";
import { useRoom } from "../../state/context.js";

/** @typedef {import("../../state/context.js").Room} Room */

/** The class time of `at` (ms since 1970). @param {Room} room @param {number} at */
export function momentOf(room, at) {
  return Math.max(0, at - (room.began ?? 0));
}

/** Go to what happened at `at` (ms since 1970). @param {Room} room @param {number} at */
export function seekTo(room, at) {
  room.replay?.seek(momentOf(room, at));
}

/**
 * A click handler that goes to `at`, unless the click was for a link or the end of selecting words.
 *
 * @param {Room} room
 * @param {number} at
 */
export function seekBy(room, at) {
  return (/** @type {MouseEvent} */ event) => {
    const on = event.target instanceof Element ? event.target.closest("a, button") : null;
    if (on === null && getSelection()?.isCollapsed !== false) seekTo(room, at);
  };
}

/** @param {{ at: number }} props ms since 1970 */
export function Moment({ at }) {
  const room = useRoom();
  return html`<${MomentAt} t=${momentOf(room, at)} />`;
}

/** @param {{ t: number, label?: string }} props class time */
export function MomentAt({ t: at, label = "" }) {
  const room = useRoom();
  const text = formatDuration(at);
  const name = label || t("Go to {time}", { time: text });
  return html`<button type="button" class="moment" aria-label=${name} data-tip=${t("Go to this moment")} onClick=${() => room.replay?.seek(at)}>${text}</button>`;
}
