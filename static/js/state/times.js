/**
 * Moments of a recording as people write and hear them: `?t=1h2m3s` of a link, "34:12" on the page, "34 minutes 12 seconds" for
 * a screen reader. Class time is whole milliseconds everywhere else.
 */
import { listOf, tn } from "../i18n.js";

/** No class lasts longer (a week): a larger number in a link is a mistake, and would only be shown as nonsense. */
const MOST_MS = 7 * 24 * 3_600_000;

/**
 * Read the moment of a link: `1h2m3s` in any part, `754s`, `12:34`, or plain seconds (`754`), as links to films have it elsewhere.
 *
 * @param {string | null} text
 * @returns {number | null} null for anything else
 */
export function readMoment(text) {
  if (text === null || text === "" || text.length > 20) return null;
  const clock = /^(?:(\d{1,3}):)?(\d{1,3}):(\d{2})$/.exec(text);
  const parts = clock ?? /^(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s?)?$/.exec(text);
  const ms = parts ? (Number(parts[1] ?? 0) * 3600 + Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0)) * 1000 : NaN;
  return ms <= MOST_MS ? ms : null;
}

/** Write the moment of a link: "1h2m3s". @param {number} ms */
export function writeMoment(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${h > 0 ? `${h}h` : ""}${m > 0 ? `${m}m` : ""}${s > 0 || seconds === 0 ? `${s}s` : ""}`;
}

/**
 * Return the address of this page at a moment, without what else stood in it (a key of a shared link above all).
 *
 * @param {string} href
 * @param {number} ms
 */
export function linkAt(href, ms) {
  const url = new URL(href);
  url.search = `?t=${writeMoment(ms)}`;
  url.hash = "";
  return url.href;
}

/** This near to the beginning or the end (and no nearer than a twentieth of the whole) there is nothing to go on with. */
const EDGE_MS = 10_000;

/**
 * Where to go on with a recording that was begun before.
 *
 * @param {number | null} position where one stopped
 * @param {number} duration
 * @returns {number | null} null: from the beginning; who has seen the end begins anew
 */
export function resumeAt(position, duration) {
  const edge = Math.min(EDGE_MS, duration / 20);
  return position === null || position <= edge || position >= duration - edge ? null : position;
}

/** A length or moment in words: "1 hour, 2 minutes and 3 seconds". @param {number} ms */
export function inWords(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  /** @type {string[]} */
  const parts = [];
  if (h > 0) parts.push(tn("{n} hour", "{n} hours", h));
  if (m > 0) parts.push(tn("{n} minute", "{n} minutes", m));
  if (s > 0 || parts.length === 0) parts.push(tn("{n} second", "{n} seconds", s));
  return listOf(parts);
}
