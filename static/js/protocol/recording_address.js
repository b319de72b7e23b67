/**
 * What the address of a page of playback says: which recording, from which moment, and the key of a shared link, which is taken
 * out of it at once, so that it is not in the history, in a bookmark or on a projector.
 */
import { readMoment } from "../state/times.js";

/**
 * @typedef {object} Address
 * @property {string} recording "" on another page
 * @property {number | null} start class time; null: where one stopped
 * @property {string} key of a shared link, or ""
 * @property {boolean} original what was edited out is wanted, too (staff)
 */

/**
 * @param {{ location: { href: string }, history: { state: any, replaceState(data: any, unused: string, url: string): void } }} surroundings
 * @returns {Address}
 */
export function readAddress({ location, history }) {
  const url = new URL(location.href);
  const key = new URLSearchParams(url.hash.slice(1)).get("key") ?? "";
  if (key !== "") {
    url.hash = "";
    history.replaceState(history.state, "", url.pathname + url.search);
  }
  return {
    recording: /^\/recording\/([A-Za-z][A-Za-z0-9_-]{0,70})\/?$/.exec(url.pathname)?.[1] ?? "",
    start: readMoment(url.searchParams.get("t")),
    key,
    original: url.searchParams.get("original") === "1",
  };
}
