/**
 * Which size of each picture the line carries: the main one first, sound before all.
 *
 * Going up needs more room than staying, so that a line that just suffices does not change the picture every few seconds.
 */

/** @typedef {import("./types.js").Size} Size */

/** What is taken for granted of a line that nobody has measured, bit/s: a weak mobile one. */
const UNKNOWN = 1_000_000;
/** A line is never as good as its average. */
const USABLE = 0.85;
/** To go up, and to begin, so much more has to be there than is needed. */
const ROOM = 1.35;
/** A picture that is shown this much higher than its small size gains by the best one. */
const GAIN = 1.15;

/**
 * @typedef {object} Picture
 * @property {string} track
 * @property {boolean} main
 * @property {number} height in real pixels that it is shown with; 0 while unknown
 * @property {Size | null} now what is fetched of it
 * @property {Partial<Record<Size, { bitrate: number, height: number }>>} sizes that there are
 */

/**
 * @param {object} given
 * @param {import("./types.js").PlayerMode} given.mode
 * @param {number | null} given.bitrate of the line
 * @param {number} given.rate of the clock: at double speed everything is needed twice as fast
 * @param {number} given.sound bit/s of all sound
 * @param {readonly Picture[]} given.pictures
 * @returns {Map<string, Size | null>} null: not at all
 */
export function chooseSizes({ mode, bitrate, rate, sound, pictures }) {
  /** @type {Map<string, Size | null>} */
  const chosen = new Map();
  if (mode === "sound") return new Map(pictures.map(({ track }) => [track, null]));
  let left = ((bitrate ?? UNKNOWN) * USABLE) / rate - sound;
  const order = [...pictures].sort((a, b) => Number(b.main) - Number(a.main) || b.height - a.height);
  // Everybody's small picture is worth more than one person's large one.
  for (const picture of order) {
    const least = leastOf(picture);
    const cost = picture.sizes[least]?.bitrate ?? 0;
    const fits = picture.main || cost * (picture.now === null ? ROOM : 1) <= left;
    chosen.set(picture.track, fits ? least : null);
    if (fits) left -= cost;
  }
  if (mode === "small") return chosen;
  for (const picture of order) {
    const { small, best } = picture.sizes;
    if (!small || !best || chosen.get(picture.track) === null) continue;
    const more = Math.max(0, best.bitrate - small.bitrate);
    if (!gains(picture) || more * (picture.now === "best" ? 1 : ROOM) > left) continue;
    chosen.set(picture.track, "best");
    left -= more;
  }
  return chosen;
}

/** @param {Picture} picture @returns {Size} */
function leastOf({ sizes }) {
  return sizes.small ? "small" : "best";
}

/** @param {Picture} picture */
function gains({ main, height, sizes }) {
  if (height === 0) return main;
  return height > (sizes.small?.height ?? 0) * GAIN;
}
