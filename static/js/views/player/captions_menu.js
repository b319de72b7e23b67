/** Which captions are shown, and how large. */
import { html } from "../../html.js";
import { LOCALE_NAMES, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { Menu } from "../parts/menu.js";
import { toast } from "../parts/toast.js";
import { captionBand, captionSize, captions, dialog } from "./view.js";

/** The name of a language, in itself. @param {string} code */
export function languageName(code) {
  const named = /** @type {Record<string, string>} */ (LOCALE_NAMES);
  return named[code] ?? code;
}

/** The language that is shown: the one that was chosen, if this recording has it. @param {import("../../state/show.js").Show} show */
export function shownLanguage(show) {
  return show.languages.value.includes(captions.value) ? captions.value : "";
}

/** Captions off, or on in the language that was shown the last time, else the first. @param {import("../../state/show.js").Show} show */
export function toggleCaptions(show) {
  const offered = show.languages.peek();
  if (offered.length === 0) return void toast(t("This recording has no captions."), { id: "captions" });
  captions.value = shownLanguage(show) ? "" : (offered.find((one) => one === document.documentElement.lang) ?? offered[0] ?? "");
}

export function CaptionsMenu() {
  const show = useShow();
  const offered = show.languages.value;
  const shown = shownLanguage(show);
  const items = () => {
    /** @type {import("../parts/menu.js").Entry[]} */
    const entries = [{ heading: t("Captions") }];
    if (offered.length === 0) entries.push({ label: t("This recording has none"), disabled: true, onSelect: () => {} });
    else
      entries.push(
        { label: t("Off"), checked: shown === "", keys: "C", onSelect: () => (captions.value = "") },
        ...offered.map((code) => ({ label: languageName(code), checked: code === shown, onSelect: () => (captions.value = code) })),
        { heading: t("Size") },
        ...[t("Small"), t("Usual"), t("Large"), t("Very large")].map((label, size) => ({ label, checked: captionSize.value === size, onSelect: () => (captionSize.value = size) })),
        { heading: t("Behind the words") },
        { label: t("A dark band"), checked: captionBand.value, onSelect: () => (captionBand.value = true) },
        { label: t("The picture"), checked: !captionBand.value, onSelect: () => (captionBand.value = false) },
      );
    if (show.can.edit) entries.push("-", { icon: "pencil", label: t("Add or correct captions"), test: "captions-edit", onSelect: () => (dialog.value = "captions") });
    return entries;
  };
  return html`<${Menu} class=${`bar-button ${shown ? "captions-on" : ""}`} icon="captions" label=${t("Captions")} keys="C" test="captions" side="top" items=${items} />`;
}
