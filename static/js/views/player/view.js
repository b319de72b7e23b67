/**
 * What one person looks at on a page of playback: the open panel, dialogs, captions, how they are set. Layout, pin and the width
 * of the panel are those of the class page (views/view.js).
 */
import { effect, signal } from "@preact/signals-core";
import { sheet } from "../view.js";

/** @typedef {"chat" | "questions" | "people" | "chapters" | "text" | "search"} TabName */
/** @typedef {"" | "shortcuts" | "settings" | "download" | "share" | "cut" | "captions"} DialogName */

const KEY = "sabak.playback";
const DEFAULTS = { captions: "", size: 1, dark: true, rate: 1, volume: 1, skip: false, mode: "everything" };
/** @type {readonly import("../../state/types_playback.js").PlaybackMode[]} */
const MODES = ["everything", "small", "sound"];

function remembered() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...DEFAULTS, ...(typeof found === "object" ? found : {}) };
  } catch {
    return DEFAULTS; // Storage is forbidden, or holds what an older version wrote.
  }
}

const start = remembered();

export const tab = signal(/** @type {TabName | null} */ (sheet.value ? null : "chat"));
export const lastTab = signal(/** @type {TabName} */ ("chat"));
export const dialog = signal(/** @type {DialogName} */ (""));
/** The language whose captions are shown, "" for none. */
export const captions = signal(typeof start.captions === "string" ? start.captions : "");
/** 0 small, 1 usual, 2 large, 3 very large. */
export const captionSize = signal([0, 1, 2, 3].includes(start.size) ? start.size : 1);
/** Captions on a dark band; otherwise only with a shade around the letters. */
export const captionBand = signal(start.dark !== false);
/** Kept for the next recording. */
export const kept = { rate: Number(start.rate) || 1, volume: Number.isFinite(start.volume) ? Math.min(1, Math.max(0, start.volume)) : 1, skip: start.skip === true, mode: MODES.find((one) => one === start.mode) ?? "everything" };
/** Moments that the search found: marked on the timeline while it is open. */
export const hits = signal(/** @type {readonly import("../../state/types_playback.js").Hit[]} */ ([]));
/** The question that is shown because its mark was pressed. */
export const shownMoment = signal("");
/** True while an editor looks at the recording as viewers do. */
export const asViewer = signal(false);

/** @param {Partial<typeof kept>} change */
export function keep(change) {
  Object.assign(kept, change);
  save();
}

function save() {
  const text = JSON.stringify({ captions: captions.value, size: captionSize.value, dark: captionBand.value, ...kept });
  try {
    globalThis.localStorage?.setItem(KEY, text);
  } catch {
    // Forbidden: the choice holds until the page is left.
  }
}
effect(save);

/** Open a panel; the same again closes it where the panel is a sheet. @param {TabName} name */
export function openTab(name) {
  tab.value = tab.value === name && sheet.value ? null : name;
  lastTab.value = name;
}

/** Open what was open, or close it. */
export function toggleTab(name = lastTab.value) {
  tab.value = tab.value === name ? null : name;
  lastTab.value = name;
}
