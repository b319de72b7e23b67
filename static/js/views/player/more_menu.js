/** What one can change about the own view: layout, how much is fetched, full screen, a small window, settings, keys. */
import { html } from "../../html.js";
import { formatBytes, t } from "../../i18n.js";
import { costs } from "../../state/costs.js";
import { useShow } from "../../state/show.js";
import { linkAt } from "../../state/times.js";
import { copyText } from "../parts/clipboard.js";
import { Menu } from "../parts/menu.js";
import { fullScreen, layout, sheet, toggleFullScreen } from "../view.js";
import { canFloat, float } from "./floating.js";
import { openCut } from "./header.js";
import { dialog, keep, tab, toggleTab } from "./view.js";

/** @typedef {import("../../state/types_playback.js").PlaybackMode} PlaybackMode */

/**
 * The ways of watching with what each costs.
 *
 * @param {import("../../state/show.js").Show} show
 * @returns {{ value: PlaybackMode, label: string, hint: string }[]}
 */
export function modes(show) {
  const cost = costs(show.answer.manifest.tracks, show.player.duration.peek());
  const hint = (/** @type {PlaybackMode} */ mode) => (cost === null ? "" : t("{size} an hour", { size: formatBytes(cost[mode]) }));
  return [
    { value: "everything", label: t("Everything"), hint: hint("everything") },
    { value: "small", label: t("Small pictures"), hint: hint("small") },
    { value: "sound", label: t("Sound alone"), hint: hint("sound") },
  ];
}

/** @param {import("../../state/types_playback.js").Player} player @param {PlaybackMode} mode */
function setMode(player, mode) {
  player.mode.value = mode;
  keep({ mode });
}

export function copyLink(/** @type {import("../../state/types_playback.js").Player} */ player) {
  return copyText(linkAt(location.href, player.time.peek()), { done: t("The link to this moment was copied.") });
}

/** A phone on its side, and a page that is enlarged much, have no header (class.css): what it offers has to be somewhere. */
const LOW = "(max-height: 479px) and (orientation: landscape)";

/** @param {import("../../state/show.js").Show} show */
function fromHeader(show) {
  if (!sheet.value || !matchMedia(LOW).matches) return [];
  return [
    /** @type {const} */ ("-"),
    ...(show.can.edit ? [{ icon: "scissors", label: t("Cut and cover"), onSelect: () => openCut(show) }] : []),
    ...(show.can.edit ? [{ icon: "link", label: t("Share"), onSelect: () => (dialog.value = "share") }] : []),
    ...(show.can.download ? [{ icon: "download", label: t("Download"), onSelect: () => (dialog.value = "download") }] : []),
    { icon: "arrow-left", label: t("My classes"), onSelect: () => location.assign("/") },
  ];
}

export function ViewMenu() {
  const show = useShow();
  const { player } = show;
  const items = () => [
    { heading: t("Layout") },
    { icon: "presentation", label: t("Stage"), checked: layout.value === "stage", keys: "G", onSelect: () => (layout.value = "stage") },
    { icon: "layout-grid", label: t("Grid"), checked: layout.value === "grid", keys: "G", onSelect: () => (layout.value = "grid") },
    { heading: t("What is fetched") },
    ...modes(show).map(({ value, label, hint }) => ({ label, hint, checked: player.mode.peek() === value, onSelect: () => setMode(player, value) })),
    /** @type {const} */ ("-"),
    { icon: "link", label: t("Copy the link to this moment"), test: "copy-link", onSelect: () => void copyLink(player) },
    { icon: "maximize", label: fullScreen.value ? t("Leave full screen") : t("Full screen"), keys: "F", onSelect: () => void toggleFullScreen(document.documentElement) },
    ...(canFloat() ? [{ icon: "picture-in-picture-2", label: t("Small window on top"), onSelect: () => void float() }] : []),
    ...(sheet.value ? [] : [{ icon: tab.value ? "panel-right-close" : "panel-right-open", label: tab.value ? t("Hide the panel") : t("Show the panel"), keys: "B", onSelect: () => toggleTab(tab.value ?? undefined) }]),
    { icon: "settings", label: t("Settings"), onSelect: () => (dialog.value = "settings") },
    { icon: "keyboard", label: t("Keyboard shortcuts"), keys: "?", onSelect: () => (dialog.value = "shortcuts") },
    ...fromHeader(show),
  ];
  return html`<${Menu} class="bar-button" icon="ellipsis-vertical" label=${t("View and settings")} test="view" side="top" items=${items} />`;
}
