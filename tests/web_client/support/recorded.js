/** Recordings made by hand: rows of an index, tracks, chance that can be repeated. */

/** @typedef {import("../../../static/js/protocol/playback/types.js").Cluster} Cluster */
/** @typedef {import("../../../static/js/protocol/playback/types.js").Row} Row */
/** @typedef {import("../../../static/js/protocol/playback/types.js").RecordedTrack} RecordedTrack */
/** @typedef {import("../../../static/js/protocol/playback/types.js").Size} Size */

/**
 * The rows of a file without holes: clusters of 2 s, each `octets` long.
 *
 * @param {number} from ms
 * @param {number} upto ms
 * @param {{ octets?: number, keys?: number }} [more] keys: every how many clusters one begins with a key frame
 * @returns {Row[]} with its head
 */
export function rowsOf(from, upto, { octets = 1000, keys = 1 } = {}) {
  /** @type {Row[]} */
  const rows = [[0, 0, 0, 200, 2]];
  for (let n = 0, t = from; t < upto; n += 1, t += 2000) rows.push([t, Math.min(2000, upto - t), 200 + n * octets, octets, n % keys === 0 ? 1 : 0]);
  return rows;
}

/** @param {string} id @param {RecordedTrack["kind"]} kind @param {Partial<Record<string, { size?: Size, start: number, mime?: string, height?: number }>>} segments @returns {RecordedTrack} */
export function trackOf(id, kind, segments) {
  const made = Object.entries(segments).map(([name, segment]) => {
    const mime = segment?.mime ?? (kind === "camera" || kind === "screen" ? 'video/webm; codecs="vp8"' : 'audio/webm; codecs="opus"');
    return { id: name, mime, size: segment?.size ?? "best", start: segment?.start ?? 0, duration: 0, width: 0, height: segment?.height ?? 0 };
  });
  return { id, person: `${id}.person`, kind, segments: made };
}

/**
 * A lane without an index around it.
 *
 * @param {readonly Row[]} rows
 * @param {{ segment?: string, size?: Size }} [more]
 * @returns {Cluster[]}
 */
export function laneOf(rows, { segment = "s", size = "best" } = {}) {
  /** @type {Cluster[]} */
  const lane = [];
  for (const [t, duration, offset, octets, key] of rows) if (key !== 2) lane.push({ segment, size, t, end: t + duration, offset, octets, key: key === 1, lane });
  return lane;
}

/** Chance that is the same each time (mulberry32). @param {number} seed @returns {() => number} 0..1 */
export function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
