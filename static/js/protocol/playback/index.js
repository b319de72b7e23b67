/**
 * Which parts of which files hold what: the rows that the server has listed so far, and for which stretches it has.
 *
 * Where nothing is listed in a known stretch there is nothing: somebody was muted. Where nothing is known one has to ask.
 */

/** @typedef {import("./types.js").Cluster} Cluster */
/** @typedef {import("./types.js").RecordedTrack} RecordedTrack */
/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").Size} Size */
/** @typedef {import("./types.js").Rows} Rows */

/** @typedef {{ segment: Segment, track: string, init: { offset: number, octets: number } | null, known: Set<number> }} File */

export class Index {
  /** @type {Map<string, RecordedTrack>} */
  tracks = new Map();
  /** @type {Map<string, File>} */
  files = new Map();
  /** `track/size` -> what it has, by t. @type {Map<string, Cluster[]>} */
  #lanes = new Map();
  /** Counts what makes a blend stale. */
  #changes = 0;
  /** @type {WeakMap<readonly Cluster[], { changes: number, list: readonly Cluster[] }>} */
  #blends = new WeakMap();
  /** Known stretches, by their start, not touching one another. @type {[number, number][]} */
  #known = [];

  /** @param {readonly RecordedTrack[]} tracks all of them, anew */
  setTracks(tracks) {
    for (const track of tracks) {
      this.tracks.set(track.id, track);
      for (const segment of track.segments) {
        const file = this.files.get(segment.id);
        if (file) file.segment = segment;
        else this.files.set(segment.id, { segment, track: track.id, init: null, known: new Set() });
      }
    }
  }

  /** @param {Rows} rows @param {number} from @param {number} upto of the stretch that they are all of */
  merge(rows, from, upto) {
    const touched = new Set();
    for (const [id, list] of Object.entries(rows)) {
      const file = this.files.get(id);
      // A segment of a track that is not known yet: the stretch will be asked for again with its tracks.
      if (!file) continue;
      const lane = this.#lane(file.track, file.segment.size);
      for (const [t, duration, offset, octets, key] of list) {
        if (key === 2) file.init = { offset, octets };
        else if (t === file.segment.start && file.init === null) file.init = { offset: 0, octets: offset };
        if (key === 2) continue;
        if (!file.known.has(offset)) {
          file.known.add(offset);
          this.#changes += 1;
          if (t < (lane.at(-1)?.t ?? 0)) touched.add(lane);
          lane.push({ segment: id, size: file.segment.size, t, end: t + duration, offset, octets, key: key === 1, lane });
        }
      }
    }
    for (const lane of touched) lane.sort((/** @type {Cluster} */ a, /** @type {Cluster} */ b) => a.t - b.t || a.offset - b.offset);
    this.#learn(from, upto);
  }

  /** @param {string} track @param {Size} size @returns {readonly Cluster[]} by t */
  lane(track, size) {
    return this.#lane(track, size);
  }

  /**
   * What there is of a track, in the size that is preferred, and in the other one where that is missing.
   *
   * @param {string} track
   * @param {Size} size
   * @returns {readonly Cluster[]} by t
   */
  blend(track, size) {
    const preferred = this.#lane(track, size);
    const other = this.#lane(track, size === "best" ? "small" : "best");
    if (other.length === 0) return preferred;
    const found = this.#blends.get(preferred);
    if (found?.changes === this.#changes) return found.list;
    const missing = other.filter((cluster) => clusterAt(preferred, (cluster.t + cluster.end) / 2) === null);
    const list = missing.length === 0 ? preferred : [...preferred, ...missing].sort((a, b) => a.t - b.t);
    this.#blends.set(preferred, { changes: this.#changes, list });
    return list;
  }

  /** @param {string} track @returns {Size[]} that anything is known of */
  sizes(track) {
    const found = new Set((this.tracks.get(track)?.segments ?? []).map(({ size }) => size));
    return /** @type {Size[]} */ (["small", "best"]).filter((size) => found.has(size));
  }

  /** @param {number} t @returns {number} the end of the known stretch around `t`; `t` itself where nothing is known */
  knownUpto(t) {
    return this.#known.find(([from, upto]) => from <= t && t < upto)?.[1] ?? t;
  }

  /** @param {string} track @param {number} t @returns {boolean} that there is something of it at `t` */
  activeAt(track, t) {
    return clusterAt(this.#lane(track, "best"), t) !== null || clusterAt(this.#lane(track, "small"), t) !== null;
  }

  /** The server lists something else now (a changed edit list): nothing is known any more. */
  forget() {
    this.#known = [];
    this.#lanes.clear();
    this.#changes += 1;
    for (const file of this.files.values()) file.known.clear();
  }

  /** @param {Cluster} cluster that cannot be had @param {boolean} whole the whole file cannot */
  drop(cluster, whole = false) {
    const track = this.files.get(cluster.segment)?.track;
    if (track === undefined) return;
    const lane = this.#lane(track, cluster.size);
    const kept = lane.filter((each) => (whole ? each.segment !== cluster.segment : each !== cluster));
    lane.splice(0, lane.length, ...kept);
    this.#changes += 1;
  }

  /** @param {string} track @param {Size} size @returns {Cluster[]} */
  #lane(track, size) {
    const name = `${track}/${size}`;
    let lane = this.#lanes.get(name);
    if (!lane) this.#lanes.set(name, (lane = []));
    return lane;
  }

  /** @param {number} from @param {number} upto */
  #learn(from, upto) {
    if (upto <= from) return;
    const apart = this.#known.filter(([a, b]) => b < from || a > upto);
    const met = this.#known.filter(([a, b]) => b >= from && a <= upto);
    const start = Math.min(from, ...met.map(([a]) => a));
    const end = Math.max(upto, ...met.map(([, b]) => b));
    this.#known = [...apart, /** @type {[number, number]} */ ([start, end])].sort(([a], [b]) => a - b);
  }
}

/** @param {readonly Cluster[]} lane @param {number} t @returns {number} of the first cluster that ends after `t` */
export function placeOf(lane, t) {
  let low = 0;
  let high = lane.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {Cluster} */ (lane[middle]).end > t) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @param {readonly Cluster[]} lane @param {number} t @returns {Cluster | null} that holds `t` */
export function clusterAt(lane, t) {
  const found = lane[placeOf(lane, t)];
  return found && found.t <= t ? found : null;
}
