/**
 * A browser that plays nothing, and a server with a recording: MediaSource, elements and answers on a clock that a test moves.
 *
 * The files are real as far as the engine can tell: each cluster tells in its octets what stretch it holds.
 */
import { ManualWorld, settle } from "./manual_world.js";

/** @typedef {import("../../../static/js/protocol/playback/types.js").RecordedTrack} RecordedTrack */
/** @typedef {import("../../../static/js/protocol/playback/types.js").Row} Row */

/** The first octets of a part of a file are a mark, its beginning and its length in ms of the file. */
const INIT = 0x1a45dfa3;
const CLUSTER = 0x1f43b675;
const BROKEN = 0xdeadbeef;
const SEEK_MS = 30;

/** Octets of a file with these rows. @param {readonly Row[]} rows @param {number} start class time of the file */
export function fileOf(rows, start) {
  const end = Math.max(...rows.map(([, , offset, octets]) => offset + octets));
  const view = new DataView(new ArrayBuffer(end));
  for (const [t, duration, offset, , key] of rows) {
    view.setUint32(offset, key === 2 ? INIT : CLUSTER);
    view.setFloat64(offset + 4, key === 2 ? 0 : t - start);
    view.setFloat64(offset + 12, duration);
  }
  return new Uint8Array(view.buffer);
}

/** Make the decoder refuse the cluster at `offset`. @param {Uint8Array} file @param {number} offset */
export function spoil(file, offset) {
  new DataView(file.buffer).setUint32(offset, BROKEN);
}

class FakeBuffer extends EventTarget {
  updating = false;
  timestampOffset = 0;
  /** @type {[number, number][]} seconds */
  ranges = [];
  /** @type {string[]} what was done, for tests */
  done = [];

  /** @param {FakeSource} source */
  constructor(source) {
    super();
    this.source = source;
  }

  get buffered() {
    const { ranges } = this;
    return { length: ranges.length, start: (/** @type {number} */ n) => ranges[n]?.[0], end: (/** @type {number} */ n) => ranges[n]?.[1] };
  }

  /** @param {ArrayBuffer} data */
  appendBuffer(data) {
    if (this.updating) throw new DOMException("busy", "InvalidStateError");
    const total = this.ranges.reduce((sum, [a, b]) => sum + b - a, 0);
    const view = new DataView(data);
    const what = view.getUint32(0);
    if (what === CLUSTER && total * 1000 >= this.source.quota) throw new DOMException("full", "QuotaExceededError");
    this.#later(() => {
      if (what === INIT) return void this.done.push("init");
      if (what === BROKEN) return this.source.element?.break();
      const from = view.getFloat64(4) / 1000 + this.timestampOffset;
      const end = from + view.getFloat64(12) / 1000;
      this.done.push(`${Math.round(from * 1000)}`);
      this.#add(from, end);
    });
  }

  /** @param {number} from @param {number} upto */
  remove(from, upto) {
    if (this.updating) throw new DOMException("busy", "InvalidStateError");
    this.#later(() => {
      this.done.push(`-${Math.round(from * 1000)}`);
      this.ranges = this.ranges.flatMap(([a, b]) => /** @type {[number, number][]} */ ([[a, Math.min(b, from)], [Math.max(a, upto), b]]).filter(([x, y]) => y > x));
    });
  }

  abort() {
    this.done.push("abort");
  }

  /** @param {string} mime */
  changeType(mime) {
    this.done.push(mime);
  }

  /** @param {number} from @param {number} end */
  #add(from, end) {
    const near = 0.001;
    const met = this.ranges.filter(([a, b]) => a <= end + near && b >= from - near);
    const rest = this.ranges.filter((range) => !met.includes(range));
    const whole = /** @type {[number, number]} */ ([Math.min(from, ...met.map(([a]) => a)), Math.max(end, ...met.map(([, b]) => b))]);
    this.ranges = [...rest, whole].sort(([a], [b]) => a - b);
  }

  /** @param {() => void} work */
  #later(work) {
    this.updating = true;
    queueMicrotask(() => {
      this.updating = false;
      work();
      this.dispatchEvent(new Event("updateend"));
    });
  }
}

/** @type {Map<string, FakeSource>} */
const links = new Map();

export class FakeSource extends EventTarget {
  /** @type {"closed" | "open"} */
  readyState = "closed";
  duration = NaN;
  /** ms of media that fit. */
  quota = Infinity;
  /** @type {FakeBuffer | null} */
  buffer = null;
  /** @type {FakeElement | null} */
  element = null;
  static playable = /vp8|opus|avc1/;
  /** The quota of those that are made from now on. */
  static room = Infinity;

  constructor() {
    super();
    this.quota = FakeSource.room;
  }

  /** @param {string} mime */
  static isTypeSupported(mime) {
    return FakeSource.playable.test(mime);
  }

  addSourceBuffer() {
    return (this.buffer = new FakeBuffer(this));
  }
}

/** @type {import("../../../static/js/protocol/playback/track.js").MediaWorld} */
export const fakeMedia = {
  Source: /** @type {any} */ (FakeSource),
  link: (source) => {
    const name = `blob:${links.size}:${Math.random()}`;
    links.set(name, /** @type {any} */ (source));
    return name;
  },
  unlink: (url) => void links.delete(url),
};

/** Urls that nobody has given back. */
export const linked = () => links.size;

export class FakeElement extends EventTarget {
  paused = true;
  seeking = false;
  muted = false;
  volume = 1;
  autoplay = false;
  preservesPitch = false;
  disableRemotePlayback = false;
  removed = false;
  /** @type {{ message: string } | null} */
  error = null;
  /** Playing is refused for want of a click. */
  shy = false;
  /** ms that this element's own clock is faster in a second. */
  skew = 0;
  seeks = 0;
  #rate = 1;
  #at = 0;
  #since = 0;
  /** @type {FakeSource | null} */
  #source = null;

  /** @param {ManualWorld} world */
  constructor(world) {
    super();
    this.world = world;
  }

  get readyState() {
    return this.#source?.buffer && this.#source.buffer.ranges.length > 0 ? 4 : 0;
  }
  get buffer() {
    return this.#source?.buffer ?? null;
  }
  get src() {
    return this.#source ? "blob:" : "";
  }
  set src(url) {
    this.#source = links.get(url) ?? null;
    if (!this.#source) return;
    this.#source.element = this;
    const source = this.#source;
    queueMicrotask(() => {
      source.readyState = "open";
      source.dispatchEvent(new Event("sourceopen"));
    });
  }

  get playbackRate() {
    return this.#rate;
  }
  set playbackRate(rate) {
    this.#settle();
    this.#rate = rate;
  }
  get currentTime() {
    this.#settle();
    return this.#at;
  }
  set currentTime(at) {
    this.#at = at;
    this.#since = this.world.time;
    this.seeking = true;
    this.seeks += 1;
    this.world.environment.timers.set(() => {
      this.seeking = false;
      this.#since = this.world.time;
      this.dispatchEvent(new Event("seeked"));
    }, SEEK_MS);
  }

  async play() {
    if (this.shy) throw new DOMException("no click", "NotAllowedError");
    this.#settle();
    this.paused = false;
  }
  pause() {
    this.#settle();
    this.paused = true;
  }
  load() {}
  remove() {
    this.removed = true;
  }
  removeAttribute() {
    this.#source = null;
  }
  /** The decoder gives up, or what stands behind it. @param {string} [message] */
  break(message = "") {
    this.error = { message };
    this.dispatchEvent(new Event("error"));
  }

  #settle() {
    const { time } = this.world;
    const passed = (time - this.#since) / 1000;
    this.#since = time;
    if (this.paused || this.seeking) return;
    const range = this.#source?.buffer?.ranges.find(([a, b]) => a - 0.001 <= this.#at && this.#at < b);
    if (range) this.#at = Math.min(range[1], this.#at + passed * (this.#rate + this.skew / 1000));
  }
}

/** A server with one recording. Answers take `delay` ms, and `kbit` a second come, shared by nobody. */
export class FakeSite {
  delay = 20;
  kbit = 0;
  down = false;
  live = false;
  now = 0;
  /** @type {Record<string, number>} path's beginning -> status that it is refused with */
  refuse = {};
  /** @type {string[]} */
  asked = [];
  running = 0;
  most = 0;
  version = 1;
  /** @type {import("../../../static/js/state/types_playback.js").Gap[]} */
  gaps = [];
  /** @type {[number, number][]} */
  cuts = [];
  /** @type {import("../../../static/js/protocol/playback/types.js").RecordedEvent[]} */
  events = [];
  /** @type {RecordedTrack[]} */
  tracks = [];
  /** @type {Map<string, { rows: readonly Row[], data: Uint8Array }>} */
  files = new Map();
  bringsHeads = false;

  /** @param {ManualWorld} world @param {number} duration */
  constructor(world, duration) {
    this.world = world;
    this.duration = duration;
  }

  /** @param {RecordedTrack} track @param {Record<string, readonly Row[]>} rows of its segments */
  add(track, rows) {
    this.tracks = [...this.tracks.filter(({ id }) => id !== track.id), track];
    for (const segment of track.segments) {
      const list = rows[segment.id] ?? [];
      this.files.set(segment.id, { rows: list, data: fileOf(list, segment.start) });
    }
    this.version += 1;
  }

  /** @type {import("../../../static/js/protocol/playback/types.js").Load} */
  load = async (path, { headers = {}, signal }) => {
    this.asked.push(`${path}${headers["Range"] ? ` ${headers["Range"].slice(6)}` : ""}`);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    try {
      await this.#wait(this.delay, signal);
      if (this.down) throw new TypeError("no line");
      const refused = Object.entries(this.refuse).find(([start]) => path.startsWith(start));
      if (refused) return Response.json({ code: `code_${refused[1]}` }, { status: refused[1] });
      const [name = "", query = ""] = path.split("?");
      if (name.startsWith("media/")) return this.#media(name.slice(6), headers["Range"] ?? "", signal);
      return Response.json(this.#answer(name, new URLSearchParams(query)));
    } finally {
      this.running -= 1;
    }
  };

  /** @param {string} segment @param {string} range @param {AbortSignal} signal */
  #media(segment, range, signal) {
    const file = this.files.get(segment);
    const [from = 0, last = 0] = range.slice(6).split("-").map(Number);
    if (!file || last >= file.data.length) return new Response(null, { status: file ? 416 : 404 });
    const body = file.data.slice(from, last + 1);
    let at = 0;
    const stream = new ReadableStream({
      pull: async (controller) => {
        const size = this.kbit === 0 ? body.length : Math.max(1, Math.round((this.kbit * 100) / 8));
        if (this.kbit > 0) await this.#wait(100, signal);
        if (this.down) return controller.error(new TypeError("no line"));
        controller.enqueue(body.slice(at, at + size));
        at += size;
        if (at >= body.length) controller.close();
      },
    });
    return new Response(stream, { status: 206 });
  }

  /** The heads of files as a list brings them, where this server does. */
  heads() {
    if (!this.bringsHeads) return {};
    return Object.fromEntries([...this.files].map(([id, { rows, data }]) => [id, btoa(String.fromCharCode(...new Uint8Array(data).slice(0, rows[0]?.[3] ?? 0)))]));
  }

  /** @param {string} name @param {URLSearchParams} query */
  #answer(name, query) {
    const number = (/** @type {string} */ key) => Number(query.get(key) ?? 0);
    const behind = (/** @type {number} */ seq) => this.events.filter((event) => event.seq > seq);
    const newest = this.events.at(-1)?.seq ?? 0;
    const shared = { live: this.live, now: this.live ? this.now : this.duration, gaps: this.gaps, tracks_version: this.version };
    if (name === "index") {
      const tracks = number("tracks") === this.version ? null : this.tracks;
      return { ...shared, duration: this.duration, tracks, clusters: this.rows(number("from"), number("upto")), heads: this.heads(), events_upto: newest };
    }
    const t = number("t");
    const state = { t, seq: this.events.findLast((event) => event.t <= t)?.seq ?? 0, room: { lobby: { on: false, waiting: {} } } };
    if (name === "state") return state;
    if (name === "events") return { events: behind(number("after")), upto: newest, more: false };
    const manifest = { duration: this.duration, tracks: this.tracks };
    const first = behind(state.seq);
    return { ...shared, recording: {}, me: {}, manifest, cuts: this.cuts, chapters: [], captions: [], state, events: first, upto: newest, more: false, clusters: this.rows(t - 10_000, t + 60_000), heads: this.heads(), position: 0, can: {} };
  }

  /** @param {number} from @param {number} upto */
  rows(from, upto) {
    const found = [...this.files].map(([id, { rows }]) => {
      const inside = rows.filter(([t, duration, , , key]) => key !== 2 && t < upto && t + duration > from);
      return [id, inside.length === 0 ? [] : [...rows.slice(0, 1), ...inside]];
    });
    return Object.fromEntries(found.filter(([, rows]) => rows?.length));
  }

  /** @param {number} ms @param {AbortSignal} signal */
  #wait(ms, signal) {
    return /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        const stop = () => reject(new DOMException("stopped", "AbortError"));
        if (signal.aborted) return stop();
        signal.addEventListener("abort", stop, { once: true });
        this.world.environment.timers.set(resolve, ms);
      })
    );
  }
}

/** Let time pass, with what streams need between two timers: they go on in tasks, not in promises alone. @param {ManualWorld} world @param {number} ms */
export async function pass(world, ms) {
  for (let left = ms; left > 0; left -= 50) {
    await world.pass(Math.min(50, left));
    for (let turn = 0; turn < 4; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await settle();
    }
  }
}
