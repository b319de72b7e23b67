/** What one can change about the own view, in one menu: layout, full screen, panel, line, settings, keys. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { Menu } from "./parts/menu.js";
import { dialog, fullScreen, layout, networkOpen, panel, toggleFullScreen, togglePanel } from "./view.js";

export function ViewMenu() {
  const items = () => [
    { heading: t("Layout") },
    { icon: "presentation", label: t("Stage"), checked: layout.value === "stage", keys: "G", onSelect: () => (layout.value = "stage") },
    { icon: "layout-grid", label: t("Grid"), checked: layout.value === "grid", keys: "G", onSelect: () => (layout.value = "grid") },
    /** @type {const} */ ("-"),
    { icon: "maximize", label: fullScreen.value ? t("Leave full screen") : t("Full screen"), keys: "F", onSelect: () => void toggleFullScreen(document.documentElement) },
    { icon: panel.value ? "panel-right-close" : "panel-right-open", label: panel.value ? t("Hide the panel") : t("Show the panel"), keys: "B", onSelect: () => togglePanel(panel.value ?? undefined) },
    { icon: "signal-high", label: t("Connection"), keys: "N", onSelect: () => (networkOpen.value = true) },
    /** @type {const} */ ("-"),
    { icon: "settings", label: t("Settings"), onSelect: () => (dialog.value = "settings") },
    { icon: "keyboard", label: t("Keyboard shortcuts"), keys: "?", onSelect: () => (dialog.value = "shortcuts") },
  ];
  return html`<${Menu} class="bar-button" icon="ellipsis-vertical" label=${t("View and settings")} test="view" side="top" items=${items} />`;
}
