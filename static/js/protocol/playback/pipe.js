/**
 * One track on its way to one element: which size of it is wanted, what of that is there, and what has to come next.
 */
import { Follower } from "./element.js";
import { clusterAt, placeOf } from "./index.js";
import { AHEAD, BEHIND, needed, readyUpto } from "./schedule.js";
import { Sink } from "./track.js";

/** @typedef {import("./types.js").Cluster} Cluster */
/** @typedef {import("./types.js").RecordedTrack} RecordedTrack */
/** @typedef {import("./types.js").Size} Size */

/** A better size begins this much ahead of the clock: what lies nearer would come too late, or is shown already. */
const UPGRADE_AHEAD = 3000;
/** The window over which a bitrate is counted, ms. */
const WINDOW = 20_000;
/** A picture that comes later after a seek is shown in its small size first, ms. */
const AT_ONCE = 600;
/** A decoder that fails so often within so many ms is given up. */
const REBUILDS = 5;
const LATELY = 60_000;
/** Failures no further apart in class time have the same cause, ms. */
const NEAR = 3000;
/** Between two tries to be heard without a loudspeaker, ms. */
const SILENT = 5000;

/** @typedef {{ index: import("./index.js").Index, media: import("./track.js").MediaWorld, environment: import("./types.js").PlayerEnvironment, changed: () => void, refused: (refused: boolean) => void }} Tools */

export class Pipe {
  main = false;
  /** Real pixels; 0 while unknown. */
  height = 0;
  visible = true;
  /** null: not fetched. @type {Size | null} */
  size = null;
  /** The request under way. @type {AbortController | null} */
  job = null;
  /** It has had what it needed, so the clock waits for it when it runs dry. */
  inStep = false;
  #upgradeFrom = 0;
  /** When the decoder failed, monotonic, and where. @type {{ at: number, t: number }[]} */
  #failures = [];
  /** When the loudspeaker went away. @type {number | null} */
  #silentSince = null;
  #closed = false;

  /** @param {RecordedTrack} track @param {HTMLMediaElement} element @param {Tools} tools */
  constructor(track, element, tools) {
    this.track = track;
    this.element = element;
    this.tools = tools;
    this.sound = track.kind === "microphone" || track.kind === "screen_audio";
    if (this.sound) this.size = "best";
    this.sink = this.#makeSink();
    this.follower = new Follower(element, tools.environment.now, tools.refused);
  }

  /** @returns {"sound" | "main" | "other"} */
  get rank() {
    return this.sound ? "sound" : this.main ? "main" : "other";
  }

  /** Nothing comes of it, now or ever. */
  get dead() {
    return this.sink.failed !== "";
  }

  /** What there is of it, in the size that is wanted where there is that. @returns {readonly Cluster[]} */
  get list() {
    const { index } = this.tools;
    return index.blend(this.track.id, this.size ?? "small");
  }

  /** @param {Size | null} size @param {number} t */
  choose(size, t) {
    if (size === this.size) return;
    if (size === "best") this.#upgradeFrom = this.size === null ? t : t + UPGRADE_AHEAD;
    this.size = size;
    if (size === null) this.halt();
  }

  /** @param {number} t @param {number} upto @returns {Cluster[]} what has to be appended next */
  needed(t, upto) {
    if (this.size === null || this.dead || this.job) return [];
    return needed(this.list, (cluster) => this.#held(cluster), this.sink.last, t, Math.min(upto, t + this.sink.room));
  }

  /** @param {number} t @param {number} rate @returns {number} until when to fetch */
  horizon(t, rate) {
    return t + AHEAD[this.rank] * Math.max(1, rate);
  }

  /** @param {number} t @param {number} upto @returns {number} until when nothing is missing */
  readyUpto(t, upto) {
    if (this.size === null || this.dead) return upto;
    return readyUpto(this.list, (cluster) => this.sink.ready(cluster) || (!this.sound && this.sink.covers(cluster.t, cluster.end)), t, upto);
  }

  /** @param {number} t @param {number} upto @returns {boolean} that it has something in between */
  activeWithin(t, upto) {
    const { list } = this;
    const first = list[placeOf(list, t)];
    return first !== undefined && first.t < upto;
  }

  /** @param {Size} size @param {number} t @returns {number} bit/s around `t` */
  bitrate(size, t) {
    const lane = this.tools.index.lane(this.track.id, size);
    let [octets, time] = [0, 0];
    for (let at = placeOf(lane, t - WINDOW / 4); at < lane.length; at += 1) {
      const cluster = /** @type {Cluster} */ (lane[at]);
      if (cluster.t > t + WINDOW) break;
      octets += cluster.octets;
      time += cluster.end - cluster.t;
    }
    return time === 0 ? 0 : (octets * 8000) / time;
  }

  /**
   * Whether the better size would keep somebody waiting who has nothing to see yet: all from its key frame on has to come.
   *
   * @param {number} t
   * @param {number | null} bitrate of the line
   */
  tooFar(t, bitrate) {
    if (this.inStep || bitrate === null) return false;
    const { index } = this.tools;
    const lane = index.lane(this.track.id, "best");
    if (index.lane(this.track.id, "small").length === 0) return false;
    const missing = needed(lane, (cluster) => this.sink.has(cluster), null, t, t + 1);
    return (missing.reduce((sum, { octets }) => sum + octets, 0) * 8000) / bitrate > AT_ONCE;
  }

  /** @param {number} now @param {number} t @param {boolean} running @param {number} rate */
  follow(now, t, running, rate) {
    this.#mend(now, t);
    this.follower.follow(now, t, running, rate, this.sink.ranges());
    this.sink.tidy(t, BEHIND);
  }

  /** The clock has jumped. */
  moved() {
    this.halt();
    this.follower.moved();
    this.inStep = false;
    this.#upgradeFrom = 0;
  }

  /** End the request under way. */
  halt() {
    this.job?.abort();
    this.job = null;
    this.sink.reset();
  }

  close() {
    this.#closed = true;
    this.job?.abort();
    this.job = null;
    this.sink.close();
  }

  /** @param {Cluster} cluster */
  #held(cluster) {
    if (this.sink.has(cluster)) return true;
    if (this.sound) return false;
    // A worse picture does where the better one would come too late.
    const enough = cluster.size !== "best" || cluster.t < this.#upgradeFrom;
    return enough && this.sink.covers(cluster.t, cluster.end);
  }

  /** After a failure: everything anew, without what the decoder does not bear. @param {number} now @param {number} t */
  #mend(now, t) {
    if (this.sink.failed === "" || this.sink.failed === "unsupported" || this.#closed) return;
    this.#failures = this.#failures.filter(({ at }) => now - at < LATELY);
    if (this.sink.failed === "output") {
      // A loudspeaker that was pulled out comes back, or another takes its place.
      this.#silentSince ??= now;
      if (now - this.#silentSince < SILENT) return;
    } else {
      if (this.#failures.length > REBUILDS) return;
      // A decoder may fail by itself, once. What it fails at again is to blame.
      const again = this.#failures.some((failure) => Math.abs(failure.t - t) < NEAR);
      const culprit = this.sink.culprit ?? (again ? clusterAt(this.list, t) : null);
      if (culprit) this.tools.index.drop(culprit);
      this.#failures.push({ at: now, t });
    }
    this.#silentSince = null;
    this.job?.abort();
    this.job = null;
    this.sink.close();
    this.sink = this.#makeSink();
    this.follower.moved();
  }

  #makeSink() {
    return new Sink(this.element, this.tools.media, this.tools.changed);
  }
}
