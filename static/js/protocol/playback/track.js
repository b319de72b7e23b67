/**
 * One track in one element: a MediaSource with one SourceBuffer, which takes clusters of any of the track's files.
 *
 * It keeps the book of what it was given, because what a browser calls buffered has holes where a screen did not change, and
 * misses what the browser has thrown away by itself.
 */

/** @typedef {import("./types.js").Cluster} Cluster */
/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {{ segment: Segment, cluster: Cluster, init: ArrayBuffer, data: ArrayBuffer }} Part */

/**
 * @typedef {object} MediaWorld
 * @property {(new () => MediaSource) & { isTypeSupported(mime: string): boolean } | null} Source
 * @property {(source: MediaSource) => string} link
 * @property {(url: string) => void} unlink
 */

/** An end that no recording reaches: an element goes no further than its duration. */
const FAR_SECONDS = 30 * 86_400;
/** A first frame may begin this much later or earlier than its row says: rows are whole ms, frames are not. */
const NEAR = 0.06;
/** What was appended so often and is not there will not be there the next time. */
const ATTEMPTS = 2;
/** Kept behind the clock when the browser has no room left, ms. */
const SCANT = 5000;

/** @returns {MediaWorld} of this browser; iPhones have the managed kind alone */
export function mediaWorld() {
  const Source = /** @type {any} */ (globalThis).ManagedMediaSource ?? globalThis.MediaSource ?? null;
  return { Source, link: (source) => URL.createObjectURL(source), unlink: (url) => URL.revokeObjectURL(url) };
}

/** @param {Cluster} cluster */
const nameOf = ({ segment, offset }) => `${segment}@${offset}`;

export class Sink {
  /** The cluster that was handed in last: what goes on from there needs no beginning. @type {Cluster | null} */
  last = null;
  /** What the browser was taking in when it failed. @type {Cluster | null} */
  culprit = null;
  /** "" or why this track cannot be played: "unsupported", "decode", or "output" for want of a loudspeaker. */
  failed = "";
  /** ms that fit; less after the browser has refused more. */
  room = Infinity;
  #source;
  #url;
  /** @type {SourceBuffer | null} */
  #buffer = null;
  /** @type {(() => void)[]} */
  #queue = [];
  #busy = false;
  #ready = false;
  #segment = "";
  #mime = "";
  #closed = false;
  /** @type {Map<string, { cluster: Cluster, times: number, done: boolean }>} */
  #book = new Map();
  /** What the browser takes in right now. @type {{ cluster: Cluster, done: boolean } | null} */
  #giving = null;
  /** The clock, as far as needed to know what may go. */
  #now = 0;

  /**
   * @param {HTMLMediaElement} element
   * @param {MediaWorld} world that has a Source
   * @param {() => void} changed something was appended or has failed
   */
  constructor(element, world, changed) {
    this.element = element;
    this.world = world;
    this.changed = changed;
    this.#source = new /** @type {NonNullable<MediaWorld["Source"]>} */ (world.Source)();
    this.#url = world.link(this.#source);
    this.#source.addEventListener("sourceopen", this.#opened);
    element.addEventListener("error", this.#broken);
    // The managed kind refuses to open otherwise: nothing here can go to a television.
    element.disableRemotePlayback = true;
    element.src = this.#url;
  }

  /** Clusters that wait to be appended. */
  get waiting() {
    return this.#queue.length;
  }

  /** @param {Part} part */
  append(part) {
    this.last = part.cluster;
    const name = nameOf(part.cluster);
    const entry = { cluster: part.cluster, times: (this.#book.get(name)?.times ?? 0) + 1, done: false };
    // As the newest: it lies over whatever was there.
    this.#book.delete(name);
    this.#book.set(name, entry);
    this.#queue.push(() => this.#give(part, entry));
    this.#next();
  }

  /** Throw away what waits: the clock is somewhere else. */
  reset() {
    this.#queue = [];
    this.last = null;
    for (const [name, entry] of this.#book) if (!entry.done && entry !== this.#giving) this.#book.delete(name);
  }

  /** @returns {[number, number][]} what the element can play, ms */
  ranges() {
    if (!this.#buffer || this.#source.readyState !== "open") return [];
    const { buffered } = this.#buffer;
    return Array.from({ length: buffered.length }, (_, n) => [buffered.start(n) * 1000, buffered.end(n) * 1000]);
  }

  /** @param {Cluster} cluster @returns {boolean} that it was given, and is still there or never will be */
  has(cluster) {
    const entry = this.#book.get(nameOf(cluster));
    if (!entry) return false;
    if (!entry.done || entry.times >= ATTEMPTS) return true;
    return this.#near(cluster.t);
  }

  /** @param {Cluster} cluster @returns {boolean} that it can be played, or never will */
  ready(cluster) {
    const entry = this.#book.get(nameOf(cluster));
    return entry !== undefined && entry.done && (entry.times >= ATTEMPTS || this.#near(cluster.t));
  }

  /** @param {number} from @param {number} upto @returns {boolean} that a cluster of another size is there for all of it */
  covers(from, upto) {
    const parts = [...this.#book.values()].filter(({ cluster, done }) => done && cluster.t < upto && cluster.end > from && this.#near(cluster.t));
    let end = from;
    for (const { cluster } of parts.sort((a, b) => a.cluster.t - b.cluster.t)) if (cluster.t <= end + NEAR * 1000) end = Math.max(end, cluster.end);
    return end >= upto - NEAR * 1000;
  }

  /** Throw away what lies further behind than `behind`. @param {number} t @param {number} behind */
  tidy(t, behind) {
    this.#now = t;
    // Not every second: to remove takes longer than to append.
    this.#remove(0, t - behind, 5000);
  }

  close() {
    this.#closed = true;
    this.#queue = [];
    this.#book.clear();
    this.#source.removeEventListener("sourceopen", this.#opened);
    this.element.removeEventListener("error", this.#broken);
    this.#buffer?.removeEventListener("updateend", this.#done);
    this.world.unlink(this.#url);
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
  }

  #opened = () => {
    this.world.unlink(this.#url);
    // Comes again after an end; and it is called open a moment before this is told.
    if (this.#ready) return;
    this.#source.duration = FAR_SECONDS;
    this.#ready = true;
    this.#next();
  };

  // Firefox fails an element that has sound alone when the loudspeaker goes away: nothing is wrong with what it plays.
  #broken = () => this.#fail(/MediaSink/.test(this.element.error?.message ?? "") ? "output" : "decode");

  #done = () => {
    this.#busy = false;
    if (this.#giving) this.#giving.done = true;
    this.#giving = null;
    this.#next();
    this.changed();
  };

  #next() {
    while (this.#ready && !this.#busy && !this.#closed && this.#queue.length > 0 && this.#source.readyState === "open") {
      const step = /** @type {() => void} */ (this.#queue.shift());
      try {
        step();
      } catch (error) {
        this.#refused(error, step);
      }
    }
  }

  /** @param {Part} part @param {{ cluster: Cluster, done: boolean }} entry of the book */
  #give(part, entry) {
    const { segment, init, data } = part;
    const buffer = this.#bufferFor(segment.mime);
    if (!buffer) return;
    if (this.#segment !== segment.id) {
      // Forgets the half of a cluster that a browser may still wait for.
      if (this.#segment !== "") buffer.abort();
      if (this.#mime !== segment.mime) buffer.changeType(segment.mime);
      buffer.timestampOffset = segment.start / 1000;
      [this.#segment, this.#mime] = [segment.id, segment.mime];
      this.#queue.unshift(() => this.#give(part, entry));
      this.#busy = true;
      buffer.appendBuffer(init);
      return;
    }
    this.#busy = true;
    this.#giving = entry;
    buffer.appendBuffer(data);
  }

  /** @param {string} mime @returns {SourceBuffer | null} */
  #bufferFor(mime) {
    if (!this.world.Source?.isTypeSupported(mime)) {
      this.#fail("unsupported");
      return null;
    }
    if (this.#buffer) return this.#buffer;
    this.#buffer = this.#source.addSourceBuffer(mime);
    this.#mime = mime;
    this.#buffer.addEventListener("updateend", this.#done);
    return this.#buffer;
  }

  /** @param {unknown} error @param {() => void} step that was refused */
  #refused(error, step) {
    this.#busy = false;
    if (/** @type {any} */ (error)?.name !== "QuotaExceededError") return this.#fail("decode");
    const ranges = this.ranges();
    this.room = Math.max(10_000, Math.min(this.room, (ranges.at(-1)?.[1] ?? 0) - this.#now) / 2);
    this.#queue.unshift(step);
    // Nothing can go: what waits is given up, and asked for again when there is room.
    if (!this.#remove(0, this.#now - SCANT, 0) && !this.#remove(this.#now + this.room, Infinity, 0)) this.reset();
  }

  /** @param {number} from @param {number} upto @param {number} slack less than this is not worth it @returns {boolean} */
  #remove(from, upto, slack) {
    if (!this.#buffer || this.#busy || this.#source.readyState !== "open" || upto <= from) return false;
    const there = this.ranges().some(([start, end]) => Math.min(end, upto) - Math.max(start, from) > slack);
    if (!there) return false;
    this.#busy = true;
    this.#buffer.remove(Math.max(0, from / 1000), upto / 1000);
    for (const [name, { cluster }] of this.#book) if (cluster.t < upto && cluster.end > from) this.#book.delete(name);
    // A cluster that is half gone is gone: what follows it has no beginning.
    if (this.last && this.last.end > from && this.last.t < upto) this.last = null;
    return true;
  }

  /** @param {number} t */
  #near(t) {
    const at = t / 1000;
    const buffered = this.#source.readyState === "open" ? this.#buffer?.buffered : undefined;
    if (!buffered) return false;
    for (let n = 0; n < buffered.length; n += 1) if (buffered.start(n) <= at + NEAR && at - NEAR <= buffered.end(n)) return true;
    return false;
  }

  /** @param {string} why */
  #fail(why) {
    this.failed = why;
    this.culprit = this.#giving?.cluster ?? null;
    this.#queue = [];
    this.changed();
  }
}
