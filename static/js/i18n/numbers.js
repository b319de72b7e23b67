/**
 * Numbers, amounts of data and lists, by the tables of the catalogue.
 */
import { catalogue } from "./catalogue.js";
import { pluralText } from "./plural.js";

/**
 * @param {number} value
 * @param {{ digits?: number, fixed?: boolean }} [options] at most `digits` decimals (3), exactly so many when `fixed`
 * @returns {string}
 */
export function formatNumber(value, { digits = 3, fixed = false } = {}) {
  const { decimal, group, minus } = catalogue.value.numbers;
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value < 0 ? `${minus}∞` : "∞";
  const [whole = "0", rest = ""] = Math.abs(value).toFixed(digits).split(".");
  const fraction = fixed ? rest : rest.replace(/0+$/, "");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  const text = fraction === "" ? grouped : `${grouped}${decimal}${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `${minus}${text}` : text;
}

/**
 * @param {number} share 0..1
 * @param {number} [digits]
 */
export function formatPercent(share, digits = 0) {
  return catalogue.value.numbers.percent_pattern.replace("{0}", formatNumber(share * 100, { digits }));
}

const BYTE_UNITS = /** @type {const} */ (["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"]);

/**
 * An amount of data in decimal units with three figures at most: "980 bytes", "1.25 MB".
 *
 * @param {number} bytes
 */
export function formatBytes(bytes) {
  const { bytes: units, plural } = catalogue.value;
  let value = Math.max(0, bytes);
  let step = 0;
  // 999.5 already shows as 1,000: go to the next unit there.
  while (value >= 999.5 && step < BYTE_UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const shown = Number(value.toFixed(digits));
  return pluralText(plural, units[BYTE_UNITS[step] ?? "byte"], shown).replace("{0}", formatNumber(shown));
}

/**
 * Join names as the language does: "A, B and C".
 *
 * @param {readonly string[]} items
 */
export function listOf(items) {
  const { start, middle, end, two } = catalogue.value.list;
  const join = (/** @type {string} */ pattern, /** @type {string} */ a, /** @type {string} */ b) =>
    pattern.replace(/\{([01])\}/g, (_, index) => (index === "0" ? a : b));
  const [first = "", second = ""] = items;
  if (items.length < 2) return first;
  if (items.length === 2) return join(two, first, second);
  let text = join(end, items.at(-2) ?? "", items.at(-1) ?? "");
  for (let index = items.length - 3; index > 0; index -= 1) text = join(middle, items[index] ?? "", text);
  return join(start, first, text);
}
