/**
 * What stands in until a catalogue has come, or when none can be had: English, with unmistakable dates.
 *
 * The messages are empty, because the English sentences are the keys. Everything else of it is so small that it may ride
 * along; a page without it would be blank after one failed request.
 */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** @param {string[]} names */
const same = (names) => ({ format: { wide: names, short: names }, alone: { wide: names, short: names } });
/** @param {string} unit */
const ago = (unit) => ({
  past: { one: `{0} ${unit} ago`, other: `{0} ${unit}s ago` },
  future: { one: `in {0} ${unit}`, other: `in {0} ${unit}s` },
});

/** @type {import("./types.js").Catalogue} */
export const FALLBACK = {
  locale: "en",
  messages: {},
  plural: { forms: { one: 0, other: 1 }, rules: [["one", ["in", ["n"], [[1, 1]]]]] },
  months: same(MONTHS),
  weekdays: same(DAYS),
  day_periods: { am: "am", pm: "pm" },
  first_weekday: 0,
  date: {
    full: "EEEE, d MMMM y",
    long: "d MMMM y",
    medium: "d MMM y",
    short: "dd/MM/y",
    month: "MMMM y",
    day: "d MMMM",
    day_short: "d MMM",
    weekday: "E, d MMM",
  },
  time: { short: "HH:mm", medium: "HH:mm:ss" },
  datetime: "{1}, {0}",
  numbers: { decimal: ".", group: ",", minus: "-", percent_pattern: "{0}%" },
  relative: {
    year: ago("year"),
    month: ago("month"),
    week: ago("week"),
    day: ago("day"),
    hour: ago("hour"),
    minute: ago("minute"),
  },
  list: { start: "{0}, {1}", middle: "{0}, {1}", end: "{0} and {1}", two: "{0} and {1}" },
  bytes: {
    byte: { other: "{0} B" },
    kilobyte: { other: "{0} kB" },
    megabyte: { other: "{0} MB" },
    gigabyte: { other: "{0} GB" },
    terabyte: { other: "{0} TB" },
  },
  alphabet: "abcdefghijklmnopqrstuvwxyz",
};
