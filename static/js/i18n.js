/**
 * Everything that a page says to a person goes through here: sentences, numbers, dates, order.
 *
 * A sentence is written in English where it is used, `t("Leave the class")`, and that literal is its key; a test finds every
 * one of them and demands it in all three languages. Nothing here uses the browser's own language tables: Chrome has none
 * for Kyrgyz. The tables are CLDR's, brought by `python -m classroom.i18n`.
 *
 * All functions read signals, so a component that calls them while drawing redraws when the language changes.
 */
import { catalogue } from "./i18n/catalogue.js";
import { relative } from "./i18n/dates.js";
import { formatNumber } from "./i18n/numbers.js";
import { pluralTag } from "./i18n/plural.js";

export { LOCALES, LOCALE_NAMES, locale, setLocale, startLocale } from "./i18n/catalogue.js";
export { formatDate, formatDateTime, formatDuration, formatTime, formatZone } from "./i18n/dates.js";
export { formatBytes, formatNumber, formatPercent, listOf } from "./i18n/numbers.js";
export { compare } from "./i18n/sorting.js";
export { fieldsOf, momentOf, offsetOf, ownZone } from "./i18n/zone.js";

/** @typedef {Record<string, string | number>} Values numbers are written as the language writes them */

/** @param {string} text @param {Values} values */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? formatNumber(value) : value;
  });
}

/**
 * A sentence in the reader's language.
 *
 * @param {string} msgid the English sentence, a literal; `{name}` marks are filled from `values`
 * @param {Values} [values]
 * @returns {string}
 */
export function t(msgid, values = {}) {
  const found = catalogue.value.messages[msgid];
  return fill(typeof found === "string" ? found : msgid, values);
}

/**
 * A sentence that depends on a number: `tn("{n} question", "{n} questions", count)`. `{n}` need not be in `values`.
 *
 * @param {string} one the English singular, a literal and the key
 * @param {string} many the English plural, a literal
 * @param {number} n
 * @param {Values} [values]
 * @returns {string}
 */
export function tn(one, many, n, values = {}) {
  const { messages, plural } = catalogue.value;
  const forms = messages[one];
  const form = Array.isArray(forms) ? forms[plural.forms[pluralTag(plural, n)] ?? plural.forms["other"] ?? 0] : undefined;
  return fill(form ?? (n === 1 ? one : many), { n, ...values });
}

/**
 * How long ago or how soon: "5 minutes ago", "in 2 days", "just now".
 *
 * @param {number} at ms
 * @param {number} now ms; an argument, so that a list says the same in all its lines and redraws when its owner ticks
 */
export function formatRelative(at, now) {
  return relative(at, now, t("just now"));
}

/**
 * The speed of a line: "320 kbit/s", "1.2 Mbit/s".
 *
 * @param {number} bitrate bit/s
 */
export function formatBitrate(bitrate) {
  const kilo = Math.max(0, bitrate) / 1000;
  if (kilo < 999.5) return t("{n} kbit/s", { n: formatNumber(kilo, { digits: kilo < 9.95 ? 1 : 0 }) });
  return t("{n} Mbit/s", { n: formatNumber(kilo / 1000, { digits: 1 }) });
}
