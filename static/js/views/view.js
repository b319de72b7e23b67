/**
 * What one person looks at, and nobody else knows: the layout, the pin, which panel is open and how wide, sounds. Part of it
 * is remembered in this browser.
 *
 * Plain signals of the module, since a page shows one class; the tests set them back with `resetView`.
 */
import { effect, signal } from "@preact/signals-core";

/** @typedef {"stage" | "grid"} Layout */
/** @typedef {"chat" | "questions" | "people"} PanelName */
/** @typedef {"" | "settings" | "shortcuts" | "program" | "mark" | "end"} DialogName */

const KEY = "sabak.view";
/** CSS pixels; the widest leaves the stage half of a 1280 px window, the narrowest still holds three tabs. */
export const PANEL = { least: 320, usual: 376, most: 620 };
/** Below this width the panel is a sheet over the lower part (also in class.css). */
const SHEET = "(max-width: 819px), (max-height: 479px)";

const DEFAULTS = { layout: "stage", panelWidth: PANEL.usual, sounds: false, keys: true };

function remembered() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...DEFAULTS, ...(typeof found === "object" ? found : {}) };
  } catch {
    return DEFAULTS; // Storage is forbidden, or holds what an older version wrote.
  }
}

const start = remembered();
const narrow = globalThis.matchMedia?.(SHEET);

export const layout = signal(/** @type {Layout} */ (start.layout === "grid" ? "grid" : "stage"));
export const panelWidth = signal(clampWidth(Number(start.panelWidth)));
export const sounds = signal(start.sounds === true);
/** Shortcuts by single letters (WCAG 2.1.4: they can be switched off). */
export const letterKeys = signal(start.keys !== false);

/** The key of the tile that this person pinned. */
export const pinned = signal(/** @type {string | null} */ (null));
/** True where the panel is a sheet (phones). */
export const sheet = signal(narrow?.matches ?? false);
export const panel = signal(/** @type {PanelName | null} */ (sheet.value ? null : "chat"));
/** The panel that opens again after a collapse. */
export const lastPanel = signal(/** @type {PanelName} */ ("chat"));
export const dialog = signal(/** @type {DialogName} */ (""));
export const networkOpen = signal(false);
/** The person whose line somebody on the staff asked for, in the panel of the connection. */
export const networkAbout = signal(/** @type {string | null} */ (null));
export const reactionsOpen = signal(false);
/** Held down space: the microphone is on for as long. */
export const talking = signal(false);
export const fullScreen = signal(false);

narrow?.addEventListener("change", (event) => (sheet.value = event.matches));
globalThis.document?.addEventListener("fullscreenchange", () => (fullScreen.value = document.fullscreenElement !== null));

effect(() => {
  const text = JSON.stringify({ layout: layout.value, panelWidth: panelWidth.value, sounds: sounds.value, keys: letterKeys.value });
  try {
    globalThis.localStorage?.setItem(KEY, text);
  } catch {
    // Forbidden: the choice holds until the page is left.
  }
});

/** Return `width` as one that a panel can have. */
export function clampWidth(/** @type {number} */ width) {
  return Number.isFinite(width) ? Math.round(Math.min(PANEL.most, Math.max(PANEL.least, width))) : PANEL.usual;
}

/** Open a panel; the same again closes it where the panel is a sheet. */
export function openPanel(/** @type {PanelName} */ name) {
  panel.value = panel.value === name && sheet.value ? null : name;
  lastPanel.value = name;
}

/** Open what was open, or close it. */
export function togglePanel(name = lastPanel.value) {
  panel.value = panel.value === name ? null : name;
  lastPanel.value = name;
}

/** Pin a tile, or take the pin away. A pin is an answer to "stage or grid": it shows the stage. */
export function togglePin(/** @type {string} */ key) {
  pinned.value = pinned.value === key ? null : key;
  if (pinned.value !== null) layout.value = "stage";
}

/** Open the panel of the connection, at somebody's line or at the own one. */
export function openNetwork(/** @type {string | null} */ person = null) {
  networkAbout.value = person;
  networkOpen.value = true;
}

export function closeNetwork() {
  networkOpen.value = false;
  networkAbout.value = null;
}

/** Show one element on the whole screen; or go back. */
export async function toggleFullScreen(/** @type {Element | null} */ element) {
  const page = element?.ownerDocument ?? document;
  try {
    if (page.fullscreenElement) await page.exitFullscreen();
    else await element?.requestFullscreen();
  } catch {
    // The browser refuses (an iPhone, a frame without the right): the page stays as it is.
  }
}

/** Set what a test changed back to what a first visit finds. */
export function resetView() {
  layout.value = "stage";
  pinned.value = null;
  panel.value = sheet.value ? null : "chat";
  dialog.value = "";
  networkAbout.value = null;
  networkOpen.value = reactionsOpen.value = talking.value = false;
}
