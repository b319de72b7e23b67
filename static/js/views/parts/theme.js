/**
 * Light or dark: as the system says, or as the person chose, remembered in this browser.
 *
 * early.js, a classic script in the head of every page, sets a remembered theme before the first paint; this module is for
 * changing it.
 */
import { signal } from "@preact/signals-core";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { Choice } from "./choice.js";

const KEY = "sabak.theme"; // also in early.js

/** @typedef {"system" | "light" | "dark"} Theme */

function remembered() {
  const found = read();
  return found === "light" || found === "dark" ? found : "system";
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // Storage is forbidden in this browser: the system's theme will do.
  }
}

export const theme = signal(/** @type {Theme} */ (remembered()));

/** Change the theme of this browser, now and for later visits. */
export function chooseTheme(/** @type {Theme} */ to) {
  theme.value = to;
  if (to === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = to;
  try {
    localStorage.setItem(KEY, to);
  } catch {
    // Forbidden: it holds until the page is left.
  }
}

export function ThemeChoice() {
  const options = [
    { value: "system", label: t("As the system"), icon: "monitor" },
    { value: "light", label: t("Light"), icon: "sun" },
    { value: "dark", label: t("Dark"), icon: "moon" },
  ];
  return html`<${Choice} label=${t("Theme")} value=${theme.value} options=${options} onChange=${chooseTheme} />`;
}
