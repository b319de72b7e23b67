/**
 * The keys of a page of playback, as players everywhere have them. Letters are read by their place on the keyboard; single ones
 * can be switched off in the settings (WCAG 2.1.4). They do nothing while one writes, in a menu or in a dialog.
 */
import { useEffect } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { chapterStep } from "../../state/timeline.js";
import { Dialog } from "../parts/dialog.js";
import { announce } from "../parts/live.js";
import { layout, letterKeys, toggleFullScreen } from "../view.js";
import { toggleCaptions } from "./captions_menu.js";
import { STEP_MS, playOrPause, skip } from "./controls.js";
import { rateStep, rateText, setRate } from "./speed.js";
import { dialog, lastTab, openTab, tab, toggleTab } from "./view.js";
import { setVolume, toggleMute } from "./volume.js";

/** @typedef {import("../../state/show.js").Show} Show */

/** Where a letter is a letter, or has a meaning of its own. */
const BUSY = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role='menu'], dialog, [data-own-keys]";
/** What the space bar presses. */
const PRESSED_BY_SPACE = "button, a[href], summary, input, textarea, select, [contenteditable], [role='tab'], dialog";
/** Where arrows have a meaning of their own. */
const WALKED = "[role='tab'], [role='log'], [role='separator'], [role='slider'], input, .questions-list, [tabindex='0']";
/** A picture of a recording stands this long, for going by single pictures: 25 a second. */
const FRAME_MS = 40;

/** @param {Show} show @param {1 | -1} way */
function chapter({ player, chapters }, way) {
  const to = chapterStep(chapters.peek(), player.time.peek(), way);
  if (to !== null) player.seek(to);
}

/** @param {Show} show @param {1 | -1} way */
function faster({ player }, way) {
  const rate = rateStep(player.rate.peek(), way);
  setRate(player, rate);
  announce(t("Speed: {speed}", { speed: rateText(rate) }));
}

/** @type {Record<string, (show: Show) => void>} */
const LETTERS = {
  KeyK: ({ player }) => playOrPause(player),
  KeyJ: ({ player }) => skip(player, -STEP_MS),
  KeyL: ({ player }) => skip(player, STEP_MS),
  KeyM: ({ player }) => toggleMute(player),
  KeyF: () => void toggleFullScreen(document.documentElement),
  KeyC: (show) => toggleCaptions(show),
  KeyG: () => (layout.value = layout.value === "grid" ? "stage" : "grid"),
  KeyB: () => toggleTab(tab.value ?? lastTab.value),
  KeyN: (show) => chapter(show, 1),
  KeyP: (show) => chapter(show, -1),
  Comma: ({ player }) => player.playing.peek() || skip(player, -FRAME_MS),
  Period: ({ player }) => player.playing.peek() || skip(player, FRAME_MS),
};

/** @type {Record<string, (show: Show) => void>} */
const ARROWS = {
  ArrowLeft: ({ player }) => skip(player, -5000),
  ArrowRight: ({ player }) => skip(player, 5000),
  ArrowUp: ({ player }) => setVolume(player, player.volume.peek() + 0.05),
  ArrowDown: ({ player }) => setVolume(player, player.volume.peek() - 0.05),
  Home: ({ player }) => player.seek(0),
  End: ({ player }) => player.seek(player.duration.peek()),
};

/**
 * Return what a key does, or null.
 *
 * @param {Pick<KeyboardEvent, "key" | "code" | "shiftKey">} event
 * @param {Element | null} at
 * @returns {((show: Show) => void) | null}
 */
export function command(event, at) {
  const { key, code, shiftKey } = event;
  if (code === "Space") return at?.closest(PRESSED_BY_SPACE) ? null : ({ player }) => playOrPause(player);
  if (at?.closest(BUSY)) return null;
  if (key === "?") return () => (dialog.value = "shortcuts");
  if (!letterKeys.value) return null;
  if (key === "<" || (shiftKey && code === "Comma")) return (show) => faster(show, -1);
  if (key === ">" || (shiftKey && code === "Period")) return (show) => faster(show, 1);
  if (key === "/" || code === "Slash") return () => openTab("search");
  if (shiftKey) return null;
  const digit = /^Digit(\d)$/.exec(code);
  if (digit) return ({ player }) => player.seek((Number(digit[1]) / 10) * player.duration.peek());
  const arrow = ARROWS[code];
  if (arrow) return at?.closest(WALKED) ? null : arrow;
  return LETTERS[code] ?? null;
}

/** Keys that do nothing more when they are held. */
const ONCE = new Set(["Space", "KeyK", "KeyM", "KeyF", "KeyC", "KeyG", "KeyB", "KeyN", "KeyP"]);

/** Listens on the page; draws nothing. */
export function Keys() {
  const show = useShow();
  useEffect(() => {
    const end = new AbortController();
    const down = (/** @type {KeyboardEvent} */ event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (event.repeat && ONCE.has(event.code)) return;
      const found = command(event, event.target instanceof Element ? event.target : null);
      if (found === null) return;
      event.preventDefault(); // The page would scroll, or search in itself.
      found(show);
    };
    document.addEventListener("keydown", down, { signal: end.signal });
    return () => end.abort();
  }, [show]);
  return null;
}

export function ShortcutsDialog() {
  const close = () => (dialog.value = "");
  const groups = [
    {
      title: t("Playing"),
      keys: [
        [`${t("Space")}, K`, t("Play or pause")], ["J, L", t("10 seconds back or forward")], ["← →", t("5 seconds back or forward")],
        ["0 … 9", t("To a tenth of the recording")], ["N, P", t("Next or previous chapter")], [", .", t("One picture back or forward, while paused")],
        ["< >", t("Slower or faster")],
      ],
    },
    { title: t("Sound and text"), keys: [["M", t("Sound on or off")], ["↑ ↓", t("Louder or softer")], ["C", t("Captions on or off")]] },
    { title: t("View"), keys: [["/", t("Search")], ["B", t("Hide or show the panel")], ["G", t("Stage or grid")], ["F", t("Full screen")], ["?", t("This list")], ["Esc", t("Close what is open")]] },
  ];
  return html`<${Dialog} title=${t("Keyboard shortcuts")} onClose=${close}>
    <div class="shortcuts">
      ${groups.map(
        (group) => html`<section key=${group.title}>
          <h3>${group.title}</h3>
          <dl>${group.keys.map(([key, what]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
        </section>`,
      )}
    </div>
  <//>`;
}
