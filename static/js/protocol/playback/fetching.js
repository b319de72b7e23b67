/**
 * Two requests at a time, always for what is needed soonest: the list of what there is, the events, sound, pictures.
 */
import { AHEAD, portion, urgency } from "./schedule.js";

/** @typedef {import("./types.js").Cluster} Cluster */
/** @typedef {import("./pipe.js").Pipe} Pipe */
/** @typedef {import("./loader.js").Failure} Failure */

const LANES = 2;
/** Below this a second picture at once would take the line from the sound, bit/s. */
const NARROW = 3_000_000;
/** The list is known so far back and ahead of the clock, ms. A key frame comes every 8 s at the latest. */
const LIST_BACK = 10_000;
const LIST_AHEAD = 45_000;
const LIST_PAGE = 120_000;
/** Of a running class so much is asked for again: a cluster may be listed late. */
const LIST_AGAIN = 10_000;
/** What the server answers at most at once; and how seldom it is asked for without need, ms. */
const LIST_LONGEST = 600_000;
const LEISURE = 4000;
const EVENTS_AHEAD = 60_000;
/** After a jump that comes soon, so much is there already. */
const BEYOND = 5000;
const SOON = 12_000;
/** Two seeks that are no further apart are one movement, ms. */
const DRAGGED = 300;
/** Waits after a failure, ms. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

/** @typedef {{ urgency: number, run(signal: AbortSignal): Promise<Failure | null>, pipe: Pipe | null, clusters?: readonly Cluster[], kind: "list" | "events" | "media" }} Job */

/**
 * @typedef {object} Site what the fetcher works for
 * @property {import("./index.js").Index} index
 * @property {import("../../state/replay.js").Replay} replay
 * @property {import("./jumps.js").Jumps} jumps
 * @property {import("./loader.js").Loader} loader
 * @property {import("./types.js").PlayerEnvironment} environment
 * @property {() => Iterable<Pipe>} pipes
 * @property {() => number} rate
 * @property {() => boolean} waiting that the clock stands until something comes
 * @property {() => number} end nothing lies behind it, as far as known now
 * @property {(answer: import("./types.js").IndexAnswer, from: number, upto: number) => void} listed
 * @property {(t: number) => boolean} due that it is time to look how far a running class has come
 * @property {() => number} tracksVersion of the list of tracks that is known
 * @property {() => number} edge until when the recording has come
 * @property {() => number} newestEvent its number, as far as told
 * @property {(failure: Failure) => void} fatal
 * @property {(offline: boolean) => void} offline
 * @property {() => void} changed
 */

export class Fetcher {
  #running = new Set(/** @type {Job[]} */ ([]));
  #controller = new AbortController();
  #fails = 0;
  #notBefore = 0;
  /** When something was asked for without need. */
  #leisure = 0;
  /** When the clock was set the last time. */
  #moved = -Infinity;
  #closed = false;
  /** Segments that were refused once; the second time they are given up. */
  #refused = new Set();

  /** @param {Site} site */
  constructor(site) {
    this.site = site;
    this.#leisure = site.environment.now();
  }

  get idle() {
    return this.#running.size === 0;
  }

  /** The clock is somewhere else: nothing that runs is certain to be needed. */
  moved() {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#running.clear();
    // Somebody who drags along the timeline wants where they let go, not all that lies between.
    const now = this.site.environment.now();
    if (now - this.#moved < DRAGGED) this.#notBefore = Math.max(this.#notBefore, now + DRAGGED / 2);
    this.#moved = now;
  }

  /** The line may be back. */
  hurry() {
    this.#notBefore = 0;
  }

  close() {
    this.#closed = true;
    this.#controller.abort();
  }

  /** @param {number} t */
  pump(t) {
    while (!this.#closed && this.#running.size < LANES && this.site.environment.now() >= this.#notBefore) {
      // One at a time while the line is not certain.
      if (this.#fails > 0 && this.#running.size > 0) return;
      const job = this.#candidates(t).sort((a, b) => a.urgency - b.urgency)[0] ?? this.#atLeisure(t);
      if (!job) return;
      void this.#run(job);
    }
  }

  /** @param {number} t @returns {Job[]} */
  #candidates(t) {
    const running = new Set([...this.#running].map(({ kind }) => kind));
    const found = [];
    if (!running.has("list")) found.push(this.#list(t));
    if (!running.has("events")) found.push(this.#events(t));
    const pictures = [...this.#running].filter(({ pipe }) => pipe && !pipe.sound).length;
    const narrow = (this.site.loader.line.bitrate ?? 0) < NARROW;
    for (const pipe of this.site.pipes()) if (pipe.sound || pictures === 0 || !narrow) found.push(this.#media(pipe, t));
    return found.filter((job) => job !== null);
  }

  /** @param {number} t @returns {Job | null} */
  #list(t) {
    const { index, end, jumps } = this.site;
    if (this.site.due(t)) return this.#listing(Math.max(0, end() - LIST_AGAIN), end() + LIST_PAGE, -Infinity);
    const spot = [t, jumps.after(t)].map((each) => (typeof each === "number" ? each : each && each.from - t < SOON ? each.to : null));
    for (const place of spot) {
      if (place === null || place >= end()) continue;
      const known = index.knownUpto(place);
      const lead = known - place;
      if (known >= end() || lead >= LIST_AHEAD) continue;
      const from = lead > 0 ? known : Math.max(0, place - LIST_BACK);
      return this.#listing(from, from + LIST_PAGE, (place === t ? lead : place - t) - AHEAD.sound);
    }
    return null;
  }

  /** @param {number} t @returns {Job | null} */
  #events(t) {
    const { replay, loader, edge, newestEvent } = this.site;
    const known = replay.edge(t);
    if (known && known.until - t >= EVENTS_AHEAD) return null;
    // At the edge of a class there is nothing to ask for before the list says so.
    if (known && known.after >= newestEvent()) return null;
    // A few pages are nearer than a new beginning.
    const near = known !== null && t <= known.until + EVENTS_AHEAD;
    return {
      kind: "events",
      pipe: null,
      urgency: (near ? known.until - t : 0) - 6000,
      run: async (signal) => {
        if (!near) {
          const answer = await loader.json(`state?t=${Math.round(t)}`, signal);
          if (!answer.ok) return answer;
          replay.begin(/** @type {import("./types.js").Snapshot} */ (answer.data));
          return null;
        }
        const reached = edge();
        const answer = await loader.json(`events?after=${known.after}`, signal);
        if (!answer.ok) return answer;
        replay.add(known.after, /** @type {import("./types.js").EventPage} */ (answer.data), reached);
        return null;
      },
    };
  }

  /** @param {Pipe} pipe @param {number} t @returns {Job | null} */
  #media(pipe, t) {
    const { index } = this.site;
    let clusters = pipe.needed(t, pipe.horizon(t, this.site.rate()));
    let at = t;
    if (clusters.length === 0) {
      const jump = this.site.jumps.after(t);
      if (!jump || jump.from - t > SOON) return null;
      at = jump.to;
      clusters = pipe.needed(at, at + BEYOND);
    }
    const first = clusters[0];
    if (!first) return null;
    const file = index.files.get(first.segment);
    // Listed from its middle on: its head lies before its first row.
    if (file && !file.init) return this.#headOf(file.segment.start);
    const part = portion(clusters, at, this.site.loader.line.bitrate, this.site.waiting());
    const later = at === t ? 0 : (this.site.jumps.after(t)?.from ?? t) - t;
    return { kind: "media", pipe, clusters: part, urgency: urgency(pipe.rank, part, at) + later, run: (signal) => this.#fetch(pipe, part, signal) };
  }

  /** With nothing else to do: what there is elsewhere, so that going there does not begin with a question. @param {number} t @returns {Job | null} */
  #atLeisure(t) {
    const { index, end, environment } = this.site;
    const now = environment.now();
    if (this.#running.size > 0 || now - this.#leisure < LEISURE) return null;
    const place = [index.knownUpto(t), index.knownUpto(0)].find((known) => known < end());
    if (place === undefined) return null;
    this.#leisure = now;
    return this.#listing(place, place + LIST_LONGEST, 0);
  }

  /** @param {number} start of a file @returns {Job | null} */
  #headOf(start) {
    if ([...this.#running].some(({ kind }) => kind === "list")) return null;
    return this.#listing(Math.max(0, start - 1), start + 2000, -AHEAD.sound);
  }

  /** @param {number} from @param {number} upto @param {number} urgency @returns {Job} */
  #listing(from, upto, urgency) {
    const { loader, listed, tracksVersion } = this.site;
    const path = `index?from=${Math.floor(from)}&upto=${Math.ceil(upto)}&tracks=${tracksVersion()}`;
    const run = async (/** @type {AbortSignal} */ signal) => {
      const answer = await loader.json(path, signal);
      if (!answer.ok) return answer;
      listed(/** @type {import("./types.js").IndexAnswer} */ (answer.data), from, upto);
      return null;
    };
    return { kind: "list", pipe: null, urgency, run };
  }

  /** @param {Job} job */
  async #run(job) {
    const all = this.#controller;
    const own = new AbortController();
    const stop = () => own.abort();
    all.signal.addEventListener("abort", stop);
    this.#running.add(job);
    if (job.pipe) job.pipe.job = own;
    const failure = await job.run(own.signal);
    all.signal.removeEventListener("abort", stop);
    if (job.pipe?.job === own) job.pipe.job = null;
    if (!this.#running.delete(job) || this.#closed) return;
    if (failure === null) this.#well();
    else if (failure.code !== "aborted") this.#failed(failure, job);
    this.site.changed();
  }

  /** @param {Pipe} pipe @param {readonly Cluster[]} clusters @param {AbortSignal} signal @returns {Promise<Failure | null>} */
  async #fetch(pipe, clusters, signal) {
    const { index, loader } = this.site;
    const first = /** @type {Cluster} */ (clusters[0]);
    const file = index.files.get(first.segment);
    if (!file?.init) return { ok: false, code: "range", status: 416, retryAfter: null };
    const { segment, init } = file;
    const give = (/** @type {Cluster} */ cluster, /** @type {ArrayBuffer} */ data) => {
      const head = loader.cached(segment.id, init);
      if (head && !signal.aborted) pipe.sink.append({ segment, cluster, init: head, data });
    };
    if (!loader.cached(segment.id, init) && init.offset + init.octets !== first.offset) {
      const failure = await loader.media(segment.id, [init], signal, () => {});
      if (failure) return failure;
    }
    // What is there already needs no line; from the first that is missing on, one request.
    let missing = 0;
    if (loader.cached(segment.id, init)) {
      for (let data; missing < clusters.length && (data = loader.cached(segment.id, /** @type {Cluster} */ (clusters[missing]))); missing += 1) give(/** @type {Cluster} */ (clusters[missing]), data);
    }
    const rest = clusters.slice(missing);
    if (rest.length === 0) return null;
    const stretches = loader.cached(segment.id, init) ? rest : [init, ...rest];
    return loader.media(segment.id, stretches, signal, (stretch, data) => stretch !== init && give(/** @type {Cluster} */ (stretch), data));
  }

  #well() {
    this.#fails = 0;
    this.site.offline(false);
  }

  /** @param {Failure} failure @param {Job} job */
  #failed(failure, job) {
    const { environment, offline, fatal } = this.site;
    const { status, retryAfter } = failure;
    if (status === 0 || status === 429 || status >= 500) {
      offline(status === 0);
      const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#fails);
      this.#fails += 1;
      this.#notBefore = environment.now() + (retryAfter ?? wait * (0.75 + environment.random() / 2));
    } else if (job.clusters?.[0] && status !== 401) this.#withheld(job.clusters[0], status);
    else fatal(failure);
  }

  /** A part that was listed is not given: the list is asked for anew; if it still says so, the part is done without. @param {Cluster} cluster @param {number} status */
  #withheld(cluster, status) {
    const { index } = this.site;
    const name = `${cluster.segment}@${cluster.offset}`;
    if (this.#refused.has(name)) return index.drop(cluster, status === 404 || status === 410);
    this.#refused.add(name);
    index.forget();
  }
}
