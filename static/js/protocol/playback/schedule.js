/**
 * What is fetched next: pure decisions about the rows of the index, so that seeking to a moment wants what playing to it wants.
 *
 * Sound comes before the main picture, and that before the others; each as far ahead as it has to be and no further.
 */
import { placeOf } from "./index.js";

/** @typedef {import("./types.js").Cluster} Cluster */

/** How far ahead of the clock is fetched, ms at normal speed. */
export const AHEAD = { sound: 30_000, main: 25_000, other: 20_000 };
/** What was played stays for a small step back. */
export const BEHIND = 30_000;
/** So much sooner than by its time a kind is fetched: sound that is needed within 1.5 s comes before a main picture that is missing. */
const HEAD_START = { sound: 5500, main: 4000, other: 0 };

/** A request that takes longer than this keeps others from what they need sooner. */
const LONGEST_REQUEST = 2000;
const SMALLEST_REQUEST = 32_768;
const LARGEST_REQUEST = 2 << 20;
/** What has to be there before the clock can go on, and a little more, ms. */
const AT_ONCE = 700;
/** The part of a request that is made while the clock waits. */
const WAITING = 0.25;
/** Media of one request, ms. */
const LONGEST_RUN = 10_000;

/** @typedef {keyof typeof AHEAD} Rank */

/**
 * Where decoding has to begin to show a cluster.
 *
 * @param {Cluster} cluster
 * @returns {number} place of a key cluster with all that lies between in one piece of one file; -1 when there is none
 */
export function beginning(cluster) {
  const { lane } = cluster;
  for (let at = placeIn(cluster); at >= 0; at -= 1) {
    const here = /** @type {Cluster} */ (lane[at]);
    if (here.key) return at;
    const before = lane[at - 1];
    if (!before || !follows(before, here)) return -1;
  }
  return -1;
}

/** @param {Cluster} cluster @returns {number} its place in its lane; -1 when it was taken out */
function placeIn(cluster) {
  for (let at = placeOf(cluster.lane, cluster.t); at < cluster.lane.length; at += 1) {
    if (cluster.lane[at] === cluster) return at;
    if (/** @type {Cluster} */ (cluster.lane[at]).t > cluster.t) break;
  }
  return cluster.lane.indexOf(cluster);
}

/** @param {Cluster} before @param {Cluster} after @returns {boolean} that nothing lies between them in the file */
export function follows(before, after) {
  return before.segment === after.segment && before.offset + before.octets === after.offset;
}

/**
 * What has to be appended next so that all from `t` to `upto` is there: a run of one file, in its order.
 *
 * A run begins at a key cluster, unless it goes on where `last` ended: a decoder drops what it has no beginning of.
 *
 * @param {readonly Cluster[]} list of a track
 * @param {(cluster: Cluster) => boolean} held
 * @param {Cluster | null} last that was appended
 * @param {number} t
 * @param {number} upto
 * @returns {Cluster[]}
 */
export function needed(list, held, last, t, upto) {
  for (let place = placeOf(list, t); place < list.length; place += 1) {
    const cluster = /** @type {Cluster} */ (list[place]);
    if (cluster.t >= upto) break;
    if (held(cluster)) continue;
    const start = last !== null && follows(last, cluster) ? placeIn(cluster) : beginning(cluster);
    // Its beginning was cut out or is not known: the next key cluster is the first that can be shown.
    if (start >= 0) return run(cluster, start, held, upto);
  }
  return [];
}

/**
 * @param {Cluster} wanted the first one that is needed
 * @param {number} start in its lane
 * @param {(cluster: Cluster) => boolean} held
 * @param {number} upto
 */
function run(wanted, start, held, upto) {
  const { lane } = wanted;
  /** @type {Cluster[]} */
  const found = [];
  for (let at = start; at < lane.length; at += 1) {
    const cluster = /** @type {Cluster} */ (lane[at]);
    const before = found.at(-1);
    if (before && !follows(before, cluster)) break;
    if (cluster.t > wanted.t && (held(cluster) || cluster.t >= upto)) break;
    found.push(cluster);
  }
  return found;
}

/**
 * The part of a run that one request fetches: what is needed at `t` in any case, more as far as the line brings it soon.
 *
 * @param {readonly Cluster[]} clusters
 * @param {number} t
 * @param {number | null} bitrate of the line
 * @param {boolean} [waiting] the clock stands until what it needs is there: whoever has enough takes little of the line
 * @returns {Cluster[]}
 */
export function portion(clusters, t, bitrate, waiting = false) {
  const share = waiting ? WAITING : 1;
  const limit = Math.min(LARGEST_REQUEST, Math.max(SMALLEST_REQUEST, ((bitrate ?? 0) * LONGEST_REQUEST) / 8000)) * share;
  const found = [];
  let octets = 0;
  for (const cluster of clusters) {
    octets += cluster.octets;
    const first = found[0];
    if (first !== undefined && cluster.t > t) {
      // Somebody waits: what they need at once comes alone, so that the other requests get their part of the line.
      const enough = first.t <= t + AT_ONCE && cluster.t >= t + AT_ONCE;
      if (enough || octets > limit || cluster.end - first.t > LONGEST_RUN) break;
    }
    found.push(cluster);
  }
  return found;
}

/** @param {Rank} rank @param {readonly Cluster[]} clusters @param {number} t @returns {number} the smaller the sooner */
export function urgency(rank, clusters, t) {
  const first = clusters.find(({ end }) => end > t) ?? clusters[0];
  return (first ? Math.max(0, first.t - t) : Infinity) - HEAD_START[rank];
}

/**
 * Until when everything is there without a break, where a stretch that nothing lies in counts as there.
 *
 * @param {readonly Cluster[]} list of a track
 * @param {(cluster: Cluster) => boolean} held
 * @param {number} t
 * @param {number} upto no further than this is looked
 * @returns {number} `t` when what is needed at once is missing
 */
export function readyUpto(list, held, t, upto) {
  for (let place = placeOf(list, t); place < list.length; place += 1) {
    const cluster = /** @type {Cluster} */ (list[place]);
    if (cluster.t >= upto) break;
    if (!held(cluster) && beginning(cluster) >= 0) return Math.max(t, cluster.t);
  }
  return upto;
}
