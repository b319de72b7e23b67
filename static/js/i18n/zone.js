/**
 * Wall-clock fields of a moment, in the reader's own zone or in a named one.
 *
 * The only file that may use `Intl.DateTimeFormat`: time zone rules are not a matter of language, and browsers have all of
 * them. The locale below is fixed and only digits are read, so a browser that knows no Kyrgyz gives the same answer.
 */

/**
 * @typedef {object} Fields
 * @property {number} year
 * @property {number} month 1..12
 * @property {number} day
 * @property {number} weekday 0 is Monday
 * @property {number} hour 0..23
 * @property {number} minute
 * @property {number} second
 */

/** @type {Map<string, Intl.DateTimeFormat>} making one takes 50 µs and more, and a list asks for hundreds */
const formats = new Map();

/** @param {string} zone */
function formatFor(zone) {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
}

/**
 * @param {number} at ms since 1970
 * @param {string} [zone] IANA name; the reader's own zone when absent
 * @returns {Fields}
 * @throws {RangeError} for a zone that this browser does not know
 */
export function fieldsOf(at, zone) {
  if (zone === undefined) {
    const date = new Date(at);
    return {
      year: date.getFullYear(),
      month: date.getMonth() + 1,
      day: date.getDate(),
      weekday: (date.getDay() + 6) % 7,
      hour: date.getHours(),
      minute: date.getMinutes(),
      second: date.getSeconds(),
    };
  }
  /** @type {Record<string, number>} */
  const part = {};
  for (const { type, value } of formatFor(zone).formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  return { year, month, day, weekday, hour, minute, second };
}

/**
 * How far the zone's clocks are ahead of UTC at that moment, in minutes.
 *
 * @param {number} at
 * @param {string} [zone]
 */
export function offsetOf(at, zone) {
  const { year, month, day, hour, minute, second } = fieldsOf(at, zone);
  return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000) / 60_000);
}

/**
 * The moment at which the clocks of a zone show these fields; the later of two where they were set back.
 *
 * @param {{ year: number, month: number, day: number, hour?: number, minute?: number }} fields
 * @param {string} [zone]
 * @returns {number} ms since 1970
 */
export function momentOf({ year, month, day, hour = 0, minute = 0 }, zone) {
  const wall = Date.UTC(year, month - 1, day, hour, minute);
  // The offset is that of the answer, which is not known yet: a second look corrects a change in between.
  const guess = wall - offsetOf(wall, zone) * 60_000;
  return wall - offsetOf(guess, zone) * 60_000;
}

/** The IANA name of the reader's zone, "UTC" where the browser does not tell. */
export function ownZone() {
  return new Intl.DateTimeFormat("en-US").resolvedOptions().timeZone ?? "UTC";
}
