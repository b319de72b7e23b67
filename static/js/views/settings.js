/** Settings of this browser for the class: devices, language, theme, sounds, keys. Each has effect at once. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { ConsentSetting } from "./consent.js";
import { DeviceMenus } from "./devices.js";
import { Dialog } from "./parts/dialog.js";
import { LanguageChoice } from "./parts/language.js";
import { Switch } from "./parts/switch.js";
import { ThemeChoice } from "./parts/theme.js";
import { dialog, letterKeys, sounds } from "./view.js";

export function SettingsDialog() {
  const { media } = useRoom();
  return html`<${Dialog} title=${t("Settings")} onClose=${() => (dialog.value = "")}>
    <section class="settings-part"><h3>${t("Devices")}</h3><${DeviceMenus} media=${media} /></section>
    <${ConsentSetting} />
    <section class="settings-part">
      <h3>${t("Appearance")}</h3>
      <${LanguageChoice} />
      <${ThemeChoice} />
    </section>
    <section class="settings-part">
      <h3>${t("Sounds and shortcuts")}</h3>
      <${Switch}
        label=${t("Sounds")}
        hint=${t("A short tone for raised hands and when you may speak")}
        checked=${sounds.value}
        onChange=${(/** @type {boolean} */ on) => (sounds.value = on)}
      />
      <${Switch}
        label=${t("Single-letter shortcuts")}
        hint=${t("M for the microphone, H for the hand and so on; “?” lists them")}
        checked=${letterKeys.value}
        onChange=${(/** @type {boolean} */ on) => (letterKeys.value = on)}
      />
    </section>
  <//>`;
}
