/**
 * The keys of the class page, and the list of them under "?".
 *
 * Letters are read by their place on the keyboard (event.code), so M is M on a Kyrgyz layout too. They do nothing while one
 * writes, in a menu or in a dialog, and can be switched off altogether in the settings.
 */
import { useEffect } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Dialog } from "./parts/dialog.js";
import { markMoment } from "./recording.js";
import { rightTo } from "./rights.js";
import { flip, flipHand } from "./switches.js";
import { closeNetwork, dialog, layout, letterKeys, networkOpen, openNetwork, openPanel, panel, reactionsOpen, talking, toggleFullScreen, togglePanel } from "./view.js";

/** @typedef {import("../state/context.js").Room} Room */

/** Where a letter is a letter, or has a meaning of its own. */
const BUSY = "input, textarea, select, [contenteditable], [role='menu'], dialog, [data-own-keys]";
/** What the space bar presses. */
const PRESSED_BY_SPACE = "button, a[href], summary, input, textarea, select, [contenteditable], [role='tab'], dialog";

/** @type {Record<string, (room: Room) => void>} */
const LETTERS = {
  KeyM: (room) => void flip(room, "microphone"),
  KeyV: (room) => void flip(room, "camera"),
  KeyS: (room) => void flip(room, "screen"),
  KeyH: (room) => void flipHand(room),
  KeyR: () => (reactionsOpen.value = !reactionsOpen.value),
  KeyC: () => openPanel("chat"),
  KeyQ: () => openPanel("questions"),
  KeyP: () => openPanel("people"),
  KeyB: () => togglePanel(panel.value ?? undefined),
  KeyG: () => (layout.value = layout.value === "grid" ? "stage" : "grid"),
  KeyF: () => void toggleFullScreen(document.documentElement),
  KeyK: (room) => void markMoment(room),
  KeyN: () => (networkOpen.value ? closeNetwork() : openNetwork()),
};

/** Listens on the page while the class is shown; draws nothing. */
export function Keys() {
  const room = useRoom();
  useEffect(() => {
    const end = new AbortController();
    const options = { signal: end.signal };
    document.addEventListener("keydown", (event) => onDown(room, event), options);
    document.addEventListener("keyup", (event) => event.code === "Space" && hush(room), options);
    window.addEventListener("blur", () => hush(room), options);
    return () => end.abort();
  }, [room]);
  return null;
}

function onDown(/** @type {Room} */ room, /** @type {KeyboardEvent} */ event) {
  const at = event.target instanceof Element ? event.target : null;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.code === "Space") talk(room, event, at);
  else if (at?.closest(BUSY) || event.repeat) return;
  else if (event.key === "?") dialog.value = "shortcuts";
  else if (letterKeys.value && !event.shiftKey) LETTERS[event.code]?.(room);
}

/** Push to talk: the microphone is on while the space bar is held, if it was off and may be on. */
function talk(/** @type {Room} */ room, /** @type {KeyboardEvent} */ event, /** @type {Element | null} */ at) {
  if (at?.closest(PRESSED_BY_SPACE)) return;
  event.preventDefault(); // The page would scroll.
  const right = rightTo(room.me.value, room.state.stage.value, room.state.locks.value, "microphone");
  if (event.repeat || talking.value || room.media.microphone.value.on || right !== "yes") return;
  talking.value = true;
  void flip(room, "microphone", true);
}

/** The space bar was let go, or the window was left with it held: nobody should be heard without knowing. */
function hush(/** @type {Room} */ room) {
  if (!talking.value) return;
  talking.value = false;
  void flip(room, "microphone", false);
}

export function ShortcutsDialog() {
  const room = useRoom();
  const close = () => (dialog.value = "");
  const groups = [
    {
      title: t("Speaking"),
      keys: [
        ["M", t("Microphone on or off")], [t("Space"), t("Hold to be heard, let go to be silent")], ["V", t("Camera on or off")],
        ["S", t("Share your screen")], ["H", t("Raise or lower your hand")], ["R", t("React")],
      ],
    },
    { title: t("Panels"), keys: [["C", t("Chat")], ["Q", t("Questions")], ["P", t("People")], ["B", t("Hide or show the panel")]] },
    { title: t("View"), keys: [["G", t("Stage or grid")], ["F", t("Full screen")], ["N", t("Connection")], ...(room.can("record") ? [["K", t("Mark this moment")]] : []), ["?", t("This list")], ["Esc", t("Close what is open")]] },
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
