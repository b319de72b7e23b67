/**
 * Where nobody speaks, told by the size of the sound's clusters: an encoder spends little on silence.
 *
 * No sound is decoded for it, so it is known for all that is listed, long before it is fetched.
 */

import { clusterAt } from "./index.js";

/** @typedef {import("./types.js").Cluster} Cluster */

/** Octets a ms: no speech that one understands takes less than about twice this; the frames' own heads are 0.4 of it. */
const QUIET = 1.3;
/** Less is silence in any case: frames of a few octets. */
const STILL = 0.8;
/** And no more than this part of what the voice takes while it speaks: some microphones hum. */
const SHARE = 0.4;
/** Octets a ms above that of a loud voice. */
const LOUD = 3;
/** Shorter pauses are part of speaking, ms. */
const SHORTEST = 2500;
/** So far from where it was looked for it is looked for again, ms. */
const AROUND = 30_000;
/** Left at both ends, so that no word loses its beginning. */
const MARGIN = 400;

/**
 * @param {readonly (readonly Cluster[])[]} lanes of all sound
 * @param {number} from of the stretch that is listed
 * @param {number} upto
 * @returns {[number, number][]} silent stretches, by time
 */
export function silences(lanes, from, upto) {
  const loud = lanes.flatMap((lane) => {
    const bound = boundOf(lane);
    return lane.filter((cluster) => cluster.t < upto && cluster.end > from && density(cluster) > bound);
  });
  /** @type {[number, number][]} */
  const found = [];
  let end = from;
  const stop = { t: upto, end: upto };
  for (const { t, end: next } of [...loud.sort((a, b) => a.t - b.t), stop]) {
    const [a, b] = [end === from ? from : end + MARGIN, t >= upto ? upto : t - MARGIN];
    if (b - a >= SHORTEST - 2 * MARGIN && t - end >= SHORTEST) found.push([a, b]);
    end = Math.max(end, next);
  }
  return found;
}

/** @param {Cluster} cluster octets a ms */
const density = ({ octets, t, end }) => octets / Math.max(1, end - t);

/** Where nobody speaks around the clock, found anew when more is listed or the clock is somewhere else. */
export class Quiet {
  /** @type {readonly (readonly [number, number])[]} */
  #list = [];
  #upto = -1;
  #at = 0;

  /** @param {import("./index.js").Index} index @param {number} t @returns {readonly (readonly [number, number])[]} the same object while nothing has changed */
  look(index, t) {
    const known = index.knownUpto(t);
    if (known === this.#upto && Math.abs(t - this.#at) < AROUND) return this.#list;
    [this.#upto, this.#at] = [known, t];
    const sounds = [...index.tracks.values()].filter(({ kind }) => kind === "microphone" || kind === "screen_audio");
    this.#list = silences(sounds.map(({ id }) => index.blend(id, "best")), Math.max(0, t - 2 * AROUND), known);
    return this.#list;
  }
}

/**
 * Who speaks at a moment, as far as their clusters tell: nobody listens to what is played for that.
 *
 * @param {readonly (readonly [person: string, lane: readonly Cluster[]])[]} voices
 * @param {number} t
 * @returns {{ levels: Readonly<Record<string, number>>, dominant: string | null }} levels 0..1, of those who are heard
 */
export function speaking(voices, t) {
  /** @type {Record<string, number>} */
  const levels = {};
  for (const [person, lane] of voices) {
    const cluster = clusterAt(lane, t);
    const above = cluster ? density(cluster) - boundOf(lane) : 0;
    if (above > 0) levels[person] = Math.max(levels[person] ?? 0, Math.round(Math.min(1, above / LOUD) * 10) / 10);
  }
  const dominant = Object.entries(levels).sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
  return { levels, dominant };
}

/** @type {WeakMap<readonly Cluster[], { length: number, bound: number }>} */
const bounds = new WeakMap();

/** @param {readonly Cluster[]} lane @returns {number} octets a ms, up to which it is silence */
function boundOf(lane) {
  const found = bounds.get(lane);
  if (found?.length === lane.length) return found.bound;
  const sorted = lane.map(density).sort((a, b) => a - b);
  const bound = Math.max(STILL, Math.min(QUIET, (sorted[Math.floor(sorted.length * 0.8)] ?? 0) * SHARE));
  bounds.set(lane, { length: lane.length, bound });
  return bound;
}
