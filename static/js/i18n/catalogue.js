/**
 * Which language the page speaks, and its catalogue.
 *
 * Reading `catalogue.value` while drawing makes a component redraw when the person changes the language; no page reloads.
 */
import { batch, signal } from "@preact/signals-core";
import { FALLBACK } from "./fallback.js";

/** @typedef {import("./types.js").Catalogue} Catalogue */
/** @typedef {"ky" | "ru" | "en"} Locale */

/** @type {readonly Locale[]} */
export const LOCALES = ["ky", "ru", "en"];

/** Each language by its own name, for the menu: nobody looks for "Kyrgyz" in a language that he cannot read. */
export const LOCALE_NAMES = /** @type {const} */ ({ ky: "Кыргызча", ru: "Русский", en: "English" });

const STORAGE_KEY = "sabak.locale";

/** The language that is shown. Change it with `setLocale`. */
export const locale = signal(/** @type {Locale} */ ("en"));
export const catalogue = signal(/** @type {Catalogue} */ (FALLBACK));

/** @type {Map<string, Promise<Catalogue>>} */
const loading = new Map();

/** @returns {Storage | null} null where the browser forbids storage (private windows, sandboxed frames) */
function storage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * Choose among `LOCALES` by what was chosen before and what the browser asks for.
 *
 * Kazakh, Uzbek and Ukrainian readers mostly read Russian and rarely Kyrgyz or English, hence the second table.
 *
 * @param {string | null} remembered
 * @param {readonly string[]} wanted language tags, best first
 * @returns {Locale}
 */
export function chooseLocale(remembered, wanted) {
  const known = /** @type {(tag: string) => Locale | undefined} */ ((tag) => LOCALES.find((code) => code === tag));
  const nearby = new Set(["be", "kk", "tg", "tk", "uk", "uz"]);
  const chosen = remembered === null ? undefined : known(remembered);
  if (chosen) return chosen;
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    const found = known(language) ?? (nearby.has(language) ? "ru" : undefined);
    if (found) return found;
  }
  return "en";
}

/**
 * Fetch one catalogue. Its address is relative to this module, because the server may serve /static below another prefix.
 *
 * @param {Locale} code
 * @returns {Promise<Catalogue>} rejects when it cannot be had
 */
function load(code) {
  let found = loading.get(code);
  if (!found) {
    found = fetch(new URL(`../../vendor/i18n/${code}.json`, import.meta.url)).then((response) => {
      if (!response.ok) throw new Error(`catalogue ${code}: HTTP ${response.status}`);
      return response.json();
    });
    found.catch(() => loading.delete(code)); // so that the next attempt asks again
    loading.set(code, found);
  }
  return found;
}

/** Put a catalogue to use. @param {Catalogue} table */
export function useCatalogue(table) {
  const code = LOCALES.find((known) => known === table.locale) ?? "en";
  batch(() => {
    catalogue.value = table;
    locale.value = code;
  });
  if (globalThis.document) document.documentElement.lang = code;
}

/**
 * Speak another language from now on, and remember it.
 *
 * @param {Locale} code
 * @returns {Promise<boolean>} false when its catalogue cannot be had; the language stays as it was
 */
export async function setLocale(code) {
  try {
    useCatalogue(await load(code));
  } catch {
    return false;
  }
  storage()?.setItem(STORAGE_KEY, code);
  return true;
}

/**
 * Load the language of this browser. Every page waits for it before it draws, so that nobody sees a flash of English.
 *
 * @returns {Promise<void>} never rejects: without a catalogue the page is in English
 */
export async function startLocale() {
  const code = chooseLocale(storage()?.getItem(STORAGE_KEY) ?? null, globalThis.navigator?.languages ?? []);
  try {
    useCatalogue(await load(code));
  } catch {
    useCatalogue(FALLBACK);
  }
}
