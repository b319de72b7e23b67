/**
 * The language of the page: a menu in a header, or a row of segments in the settings. Languages stand under their own
 * names: nobody looks for "Kyrgyz" in a language that he cannot read. i18n.js remembers the choice.
 */
import { html } from "../../html.js";
import { LOCALES, LOCALE_NAMES, locale, setLocale, t } from "../../i18n.js";
import { Choice } from "./choice.js";
import { Menu } from "./menu.js";

export function LanguageMenu() {
  const items = LOCALES.map((code) => ({ label: LOCALE_NAMES[code], checked: code === locale.value, onSelect: () => setLocale(code) }));
  const label = `${t("Language")}: ${LOCALE_NAMES[locale.value]}`;
  return html`<${Menu} icon="languages" label=${label} items=${items} class="language-menu" tip=${t("Language")}>
    <span>${LOCALE_NAMES[locale.value]}</span>
  <//>`;
}

export function LanguageChoice() {
  const options = LOCALES.map((code) => ({ value: code, label: LOCALE_NAMES[code], lang: code }));
  return html`<${Choice} label=${t("Language")} value=${locale.value} options=${options} onChange=${setLocale} />`;
}
