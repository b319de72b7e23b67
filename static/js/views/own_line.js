/** How the own line is, for the header, the panel and the screen reader: one judgement, in the same words everywhere. */
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { sameWords } from "../state/lines.js";
import { ownWords } from "./line_words.js";
import { announce } from "./parts/live.js";

/** @typedef {import("./line_bars.js").Line} Line */
/** @typedef {import("../state/context.js").Room} Room */

/**
 * The server judges, since it sees both ends of the line and waits until something lasts; what only this page can know comes
 * first: that the server cannot be reached, or that sound and picture are interrupted.
 *
 * @param {Room} room
 * @returns {Line}
 */
export function lineOf(room) {
  if (room.status.value !== "live" || room.media.state.value === "lost") return "lost";
  return room.stats.value?.quality ?? "good";
}

export function useLine() {
  return lineOf(useRoom());
}

/** The own line in one sentence. @param {Room} room @returns {string} */
export function headline(room) {
  if (room.status.value !== "live") return t("The server cannot be reached. It is being tried again by itself; what you write meanwhile will be sent.");
  const line = lineOf(room);
  if (line === "lost") return t("Sound and pictures are interrupted; chat and questions work.");
  return { good: t("Your connection is good."), weak: t("Your connection is weak."), bad: t("Your connection is bad.") }[line];
}

/** Tells a screen reader when the own line changes; once, politely, and nothing while it stays as it is. */
export function useLineNews() {
  const room = useRoom();
  const own = room.stats.value;
  const told = useRef(/** @type {typeof own} */ (null));
  useEffect(() => {
    const before = told.current;
    if (own === null || (before === null && own.quality === "good") || sameWords(before, own)) return;
    told.current = own;
    const [first] = own.problems;
    if (own.quality === "good") announce(t("Your connection is good again."));
    else if (first) announce(`${headline(room)} ${ownWords(first, room.media.camera.value.on).text}`);
  }, [own]);
}
