/** What one can change about the own view, in one menu: layout, full screen, panel, line, settings, keys. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Menu } from "./parts/menu.js";
import { isStaff } from "./rights.js";
import { onSecondScreen, toggleSecondScreen } from "./second_screen.js";
import { dialog, fullScreen, layout, openNetwork, panel, sheet, toggleFullScreen, togglePanel } from "./view.js";

export function ViewMenu() {
  const room = useRoom();
  const items = () => [
    { heading: t("Layout") },
    { icon: "presentation", label: t("Stage"), checked: layout.value === "stage", keys: "G", onSelect: () => (layout.value = "stage") },
    { icon: "layout-grid", label: t("Grid"), checked: layout.value === "grid", keys: "G", onSelect: () => (layout.value = "grid") },
    /** @type {const} */ ("-"),
    { icon: "maximize", label: fullScreen.value ? t("Leave full screen") : t("Full screen"), keys: "F", onSelect: () => void toggleFullScreen(document.documentElement) },
    ...(sheet.value ? [] : [{ icon: "monitor", label: onSecondScreen() ? t("Close the second screen") : t("Stage on a second screen"), hint: t("For a projector"), onSelect: () => toggleSecondScreen(room) }]),
    { icon: panel.value ? "panel-right-close" : "panel-right-open", label: panel.value ? t("Hide the panel") : t("Show the panel"), keys: "B", onSelect: () => togglePanel(panel.value ?? undefined) },
    { icon: "signal-high", label: t("Connection"), keys: "N", onSelect: () => openNetwork() },
    /** @type {const} */ ("-"),
    ...(isStaff(room.me.value.role) ? [{ icon: "radio", label: t("Stream from another program"), hint: t("OBS, FFmpeg and others"), test: "program", onSelect: () => (dialog.value = "program") }] : []),
    { icon: "settings", label: t("Settings"), onSelect: () => (dialog.value = "settings") },
    { icon: "keyboard", label: t("Keyboard shortcuts"), keys: "?", onSelect: () => (dialog.value = "shortcuts") },
  ];
  return html`<${Menu} class="bar-button" icon="ellipsis-vertical" label=${t("View and settings")} test="view" side="top" items=${items} />`;
}
