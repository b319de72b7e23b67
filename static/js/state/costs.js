/** What an hour of a recording costs on the line in each way of watching, by the sizes of its files. Pure. */

/** @typedef {import("./types_playback.js").TrackInfo} TrackInfo */
/** @typedef {import("./types_playback.js").PlaybackMode} PlaybackMode */

const HOUR_MS = 3_600_000;

/**
 * Return octets an hour for each mode; null while files that grow do not say how large they are.
 *
 * @param {readonly TrackInfo[]} tracks
 * @param {number} duration ms
 * @returns {Record<PlaybackMode, number> | null}
 */
export function costs(tracks, duration) {
  let sound = 0;
  let best = 0;
  let small = 0;
  for (const track of tracks) {
    const of = (/** @type {string} */ size) => track.segments.filter((one) => one.size === size).reduce((sum, one) => sum + (one.octets ?? 0), 0);
    const [large, little] = [of("best"), of("small")];
    if (track.kind === "microphone" || track.kind === "screen_audio") sound += large + little;
    else {
      best += large || little;
      small += little || large;
    }
  }
  if (duration <= 0 || sound + best + small === 0) return null;
  const hourly = (/** @type {number} */ octets) => (octets / duration) * HOUR_MS;
  return { everything: hourly(sound + best), small: hourly(sound + small), sound: hourly(sound) };
}
