/** Settings of this browser for playback: language, theme, captions, keys. */
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { Choice } from "../parts/choice.js";
import { Dialog } from "../parts/dialog.js";
import { LanguageChoice } from "../parts/language.js";
import { Switch } from "../parts/switch.js";
import { ThemeChoice } from "../parts/theme.js";
import { letterKeys } from "../view.js";
import { captionBand, captionSize, dialog } from "./view.js";

export function SettingsDialog() {
  const sizes = [t("Small"), t("Usual"), t("Large"), t("Very large")].map((label, size) => ({ value: String(size), label }));
  return html`<${Dialog} title=${t("Settings")} onClose=${() => (dialog.value = "")}>
    <section class="settings-part"><h3>${t("Appearance")}</h3><${LanguageChoice} /><${ThemeChoice} /></section>
    <section class="settings-part">
      <h3>${t("Captions")}</h3>
      <${Choice} label=${t("Size")} value=${String(captionSize.value)} options=${sizes} onChange=${(/** @type {string} */ size) => (captionSize.value = Number(size))} />
      <${Switch} label=${t("A dark band behind the words")} checked=${captionBand.value} onChange=${(/** @type {boolean} */ on) => (captionBand.value = on)} />
    </section>
    <section class="settings-part">
      <h3>${t("Shortcuts")}</h3>
      <${Switch}
        label=${t("Single-letter shortcuts")}
        hint=${t("K to play, C for captions and so on; “?” lists them")}
        checked=${letterKeys.value}
        onChange=${(/** @type {boolean} */ on) => (letterKeys.value = on)}
      />
    </section>
  <//>`;
}
