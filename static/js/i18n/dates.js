/**
 * Dates and times by the CLDR patterns of the catalogue (UTS 35, part 4, section 8): only the letters that they use.
 */
import { catalogue } from "./catalogue.js";
import { formatNumber } from "./numbers.js";
import { pluralText } from "./plural.js";
import { fieldsOf, offsetOf } from "./zone.js";

/** @typedef {import("./types.js").DateStyle} DateStyle */
/** @typedef {import("./types.js").RelativeUnit} RelativeUnit */
/** @typedef {import("./zone.js").Fields} Fields */

/** @param {number} value @param {number} width */
const pad = (value, width) => String(value).padStart(width, "0");

/**
 * @param {string} letters one field of a pattern, such as "MMMM"
 * @param {Fields} of
 * @returns {string}
 */
function field(letters, of) {
  const { months, weekdays, day_periods } = catalogue.value;
  const width = letters.length;
  const size = width >= 4 ? "wide" : "short";
  switch (letters[0]) {
    case "y":
      return width === 2 ? pad(of.year % 100, 2) : pad(of.year, width);
    case "M":
    case "L":
      if (width < 3) return pad(of.month, width);
      return (letters[0] === "M" ? months.format : months.alone)[size][of.month - 1] ?? "";
    case "d":
      return pad(of.day, width);
    case "E":
    case "c":
      return (letters[0] === "E" ? weekdays.format : weekdays.alone)[size][of.weekday] ?? "";
    case "H":
      return pad(of.hour, width);
    case "h":
      return pad(of.hour % 12 || 12, width);
    case "m":
      return pad(of.minute, width);
    case "s":
      return pad(of.second, width);
    case "a":
      return of.hour < 12 ? day_periods.am : day_periods.pm;
    default:
      return letters;
  }
}

/**
 * @param {string} pattern
 * @param {Fields} of
 */
function fill(pattern, of) {
  return pattern.replace(/'([^']*)'|([A-Za-z])\2*/g, (whole, quoted) => {
    if (quoted !== undefined) return quoted === "" ? "'" : quoted;
    return field(whole, of);
  });
}

/**
 * @typedef {object} DateOptions
 * @property {DateStyle} [style] "medium" by default
 * @property {string} [zone] IANA name; the reader's own zone by default
 */

/** @param {number} at ms @param {DateOptions} [options] */
export function formatDate(at, { style = "medium", zone } = {}) {
  return fill(catalogue.value.date[style], fieldsOf(at, zone));
}

/** @param {number} at ms @param {{ seconds?: boolean, zone?: string }} [options] */
export function formatTime(at, { seconds = false, zone } = {}) {
  const { time } = catalogue.value;
  return fill(seconds ? time.medium : time.short, fieldsOf(at, zone));
}

/** @param {number} at ms @param {DateOptions} [options] */
export function formatDateTime(at, options = {}) {
  const time = formatTime(at, options);
  const date = formatDate(at, options);
  return catalogue.value.datetime.replace(/\{([01])\}/g, (_, index) => (index === "0" ? time : date));
}

/** The zone's distance from UTC, which every language writes alike: "UTC+6". @param {number} at @param {string} [zone] */
export function formatZone(at, zone) {
  const minutes = offsetOf(at, zone);
  if (minutes === 0) return "UTC";
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest === 0 ? "" : `:${pad(rest, 2)}`}`;
}

/** A running time: "3:07", "1:02:09". @param {number} ms */
export function formatDuration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = pad(seconds % 60, 2);
  return hours > 0 ? `${hours}:${pad(minutes, 2)}:${tail}` : `${minutes}:${tail}`;
}

/** @type {readonly [RelativeUnit, number][]} unit and its length in seconds, from the longest */
const UNITS = [
  ["year", 365.25 * 86_400],
  ["month", 30.44 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/**
 * How long ago or how soon: "5 minutes ago", "in 2 days". The nearest unit of which there is a whole one.
 *
 * @param {number} at ms
 * @param {number} now ms
 * @param {string} justNow what to say within half a minute
 */
export function relative(at, now, justNow) {
  const { relative: texts, plural } = catalogue.value;
  const seconds = (at - now) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 30) return justNow;
  // 0.95: 57 minutes are "57 minutes", 58 round up to "1 hour".
  const [unit, length] = UNITS.find(([, size]) => distance >= size * 0.95) ?? ["minute", 60];
  const count = Math.max(1, Math.round(distance / length));
  return pluralText(plural, texts[unit][seconds < 0 ? "past" : "future"], count).replace("{0}", formatNumber(count));
}
