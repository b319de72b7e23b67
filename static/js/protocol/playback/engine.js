/**
 * The inside of the player: joins the clock, the lists, the fetching, the elements and the state of the class.
 *
 * Ten times a second it looks where the clock is, whether what has to be there is there, and what comes next.
 */
import { batch, effect } from "@preact/signals-core";
import { Replay } from "../../state/replay.js";
import { Clock, FASTEST, SLOWEST } from "./clock.js";
import { Facts } from "./facts.js";
import { Fetcher } from "./fetching.js";
import { Index } from "./index.js";
import { Jumps } from "./jumps.js";
import { Line } from "./line.js";
import { Edge } from "./live.js";
import { Loader } from "./loader.js";
import { opening } from "./opening.js";
import { Pictures } from "./pictures.js";
import { Quiet, speaking } from "./silence.js";
import { Sounds } from "./sound.js";
import { Watch } from "./watch.js";

/** @typedef {import("./types.js").Player} Player */
/** @typedef {import("./types.js").Playback} Playback */
/** @typedef {import("./pipe.js").Pipe} Pipe */

const TICK = 100;
/** ms before the end where a seek behind it goes: there are pictures, at the end itself is none. */
const LAST = 200;
/** While nothing moves. */
const REST = 400;
/** Silence under a screen is gone over at this speed; under faces it is left out. */
const HASTE = 3;
/** The line is remembered for the next page under this name. */
const NOTE = "sabak.line";

/** @implements {Player} */
export class Engine extends Facts {
  #clock = new Clock();
  #index = new Index();
  replay = new Replay();
  #jumps = new Jumps();
  #edge = new Edge();
  #watch = new Watch();
  #line = new Line();
  /** @type {unknown} */
  #timer;
  #ticked = 0;
  #closed = false;
  /** @type {AbortController | null} */
  #opening = null;
  /** The number of the newest event, as far as told. */
  #newestEvent = Infinity;
  /** Which list of tracks is known. */
  #tracksVersion = -1;
  #quiet = new Quiet();
  /** Where to begin or go on when the server answers. @type {number | null} */
  #start;

  /** @param {import("./types.js").EngineParts} parts */
  constructor({ recording, start, load, environment, media, makeAudio, storage }) {
    super();
    this.recording = recording;
    this.environment = environment;
    this.storage = storage;
    this.#start = start;
    this.#line.recall(storage?.getItem(NOTE) ?? null, Date.now());
    this.loader = new Loader(load, this.#line, environment);
    const tools = { index: this.#index, media, environment, changed: () => this.#soon(), refused: (/** @type {boolean} */ no) => this.#gesture(no) };
    this.sounds = new Sounds(makeAudio, tools);
    this.pictures = new Pictures(tools);
    this.fetcher = new Fetcher({
      index: this.#index,
      replay: this.replay,
      jumps: this.#jumps,
      loader: this.loader,
      environment,
      pipes: () => this.#pipes(),
      rate: () => this.#clock.rate,
      waiting: () => this.#clock.waiting,
      end: () => this.#end(),
      edge: () => (this.#edge.live ? this.#edge.newest(environment.now()) : Infinity),
      newestEvent: () => this.#newestEvent,
      due: (t) => this.#edge.due(environment.now(), t),
      tracksVersion: () => this.#tracksVersion,
      listed: (answer, from, upto) => this.#listed(answer, from, upto),
      fatal: ({ code }) => this.#stop(code),
      offline: (offline) => (this.offline.value = offline),
      changed: () => this.#soon(),
    });
    this.effects = [
      effect(() => this.sounds.setVolume(this.volume.value, this.muted.value)),
      effect(() => {
        void [this.rate.value, this.mode.value, this.skipSilence.value];
        this.#soon();
      }),
    ];
    globalThis.addEventListener?.("online", this.#online);
    if (!media.Source) this.#stop("unsupported");
    else this.#open();
  }

  now() {
    return Math.min(this.#clock.at(this.environment.now()), this.duration.value);
  }

  play() {
    this.needsGesture.value = false;
    if (this.ended.value) this.seek(0);
    this.playing.value = true;
    this.#clock.setPlaying(this.environment.now(), true);
    this.#soon();
  }

  pause() {
    this.playing.value = false;
    this.#clock.setPlaying(this.environment.now(), false);
    this.#soon();
  }

  /** @param {number} t */
  seek(t) {
    const end = this.#edge.live ? this.#edge.goal(this.environment.now()) : Math.max(0, this.duration.value - LAST);
    this.#edge.catchingUp = false;
    this.jumped.value = null;
    this.#move(Math.max(0, this.opened.value ? Math.min(t, end) : t));
  }

  /** @param {number} rate */
  setRate(rate) {
    this.rate.value = Math.min(FASTEST, Math.max(SLOWEST, rate));
  }

  goLive() {
    if (!this.#edge.live) return;
    this.rate.value = 1;
    this.seek(Infinity);
    this.play();
  }

  catchUp() {
    this.#edge.catchingUp = this.#edge.live;
    this.play();
  }

  /** @param {string} track @param {HTMLVideoElement} element */
  attach(track, element) {
    const hide = this.pictures.show(track, element);
    this.#connect();
    return hide;
  }

  #connect() {
    if (this.#closed || this.fatal.peek() === "unsupported") return;
    this.pictures.connect();
    this.#soon();
  }

  /** @param {string} track @param {import("./types.js").Want} want */
  wish(track, want) {
    this.pictures.wish(track, want);
    this.#soon();
  }

  retry() {
    if (this.#closed) return;
    if (this.opened.value === null && this.fatal.value !== "") this.#open();
    this.fatal.value = "";
    this.fetcher.hurry();
    this.#soon();
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.environment.timers.clear(this.#timer);
    globalThis.removeEventListener?.("online", this.#online);
    for (const end of this.effects) end();
    this.#opening?.abort();
    this.fetcher.close();
    this.pictures.close();
    this.sounds.close();
    this.#remember();
  }

  #open() {
    const path = () => (this.#start === null ? "playback" : `playback?t=${Math.round(this.#start)}`);
    this.#opening = opening({
      path,
      loader: this.loader,
      environment: this.environment,
      opened: (answer) => this.#begin(answer),
      failed: (code) => this.#stop(code),
      offline: (offline) => (this.offline.value = offline),
    });
  }

  /** @param {Playback} answer */
  #begin(answer) {
    const { manifest, gaps, cuts, clusters, state, events, live } = answer;
    const now = this.environment.now();
    const { t } = state;
    if (!answer.more) this.#newestEvent = answer.upto;
    this.#tracksVersion = answer.tracks_version;
    this.#index.setTracks(manifest.tracks);
    batch(() => {
      this.offline.value = false;
      this.duration.value = live ? answer.now : manifest.duration;
      this.live.value = live;
      this.tracks.value = manifest.tracks;
      this.opened.value = answer;
    });
    this.#edge.tell(live, live ? answer.now : manifest.duration, now);
    this.#jumps.set(gaps, cuts);
    this.#connect();
    this.loader.takeHeads(answer.heads);
    this.#index.merge(clusters, Math.max(0, t - 10_000), Math.min(t + 60_000, this.#edge.complete));
    this.replay.begin(state);
    this.replay.add(state.seq, { events, upto: answer.upto, more: answer.more }, live ? answer.now : Infinity);
    this.#clock.setWaiting(now, true);
    // Somebody may have gone elsewhere before the answer came.
    this.#move(this.#start ?? t);
    this.#start = null;
  }

  /** @param {number} t */
  #move(t) {
    if (this.opened.value === null) {
      this.#start = t;
      this.time.value = t;
      return;
    }
    const now = this.environment.now();
    this.#clock.seek(now, t);
    this.#clock.setWaiting(now, true);
    this.#watch.moved(now);
    this.fetcher.moved();
    for (const pipe of this.#pipes()) pipe.moved();
    batch(() => {
      this.ended.value = false;
      this.time.value = t;
    });
    this.#soon();
  }

  /** @param {import("./types.js").IndexAnswer} answer @param {number} from @param {number} upto */
  #listed(answer, from, upto) {
    const now = this.environment.now();
    const { live } = answer;
    this.#edge.tell(live, live ? answer.now : answer.duration, now);
    this.#newestEvent = answer.events_upto;
    this.replay.reach(answer.events_upto, live ? answer.now : Infinity);
    this.#jumps.set(answer.gaps, this.opened.value?.cuts ?? []);
    if (answer.tracks) {
      this.#tracksVersion = answer.tracks_version;
      this.#index.setTracks(answer.tracks);
      this.tracks.value = answer.tracks;
      this.#connect();
    }
    this.loader.takeHeads(answer.heads);
    this.#index.merge(answer.clusters, from, Math.min(upto, this.#edge.complete));
    this.live.value = live;
    if (!live) this.duration.value = answer.duration;
  }

  /** Nothing lies behind it. */
  #end() {
    return this.#edge.live ? this.#edge.complete : this.duration.value;
  }

  #pipes() {
    return [...this.sounds.pipes.values(), ...this.pictures.pipes];
  }

  #online = () => {
    this.fetcher.hurry();
    this.#soon();
  };

  /** @param {boolean} refused */
  #gesture(refused) {
    if (!refused) return;
    this.needsGesture.value = true;
    this.pause();
  }

  /** @param {string} code */
  #stop(code) {
    this.fatal.value = code;
    this.pause();
  }

  #remember() {
    try {
      this.storage?.setItem(NOTE, this.#line.note(Date.now()));
    } catch {
      // A full or forbidden storage: the next page measures anew.
    }
  }

  /** Look at once, but after whatever is going on. */
  #soon() {
    this.#plan(0);
  }

  /** @param {number} ms */
  #plan(ms) {
    if (this.#closed || this.opened.peek() === null) return;
    this.environment.timers.clear(this.#timer);
    this.#timer = this.environment.timers.set(() => this.#tick(), ms);
  }

  #tick() {
    const now = this.environment.now();
    const places = this.#pipes().filter(({ element }) => !element.paused && element.readyState > 1);
    this.#clock.wake(now, this.#ticked, places.map(({ element }) => element.currentTime * 1000));
    this.#ticked = now;
    if (this.skipSilence.peek()) this.silences.value = this.#quiet.look(this.#index, this.#clock.at(now));
    const t = this.#leap(this.#clock.at(now));
    this.sounds.update(t);
    const sound = [...this.sounds.pipes.values()].reduce((sum, pipe) => sum + pipe.bitrate("best", t), 0);
    this.pictures.update(t, this.mode.peek(), this.#line.bitrate, this.#clock.rate, sound);
    this.#judge(now, t);
    this.#setSpeed(now, t);
    for (const pipe of this.#pipes()) pipe.follow(now, this.#clock.at(now), this.#clock.running, this.#clock.rate);
    if (this.fatal.peek() === "") this.fetcher.pump(t);
    this.#tell(now, t);
    this.#plan(this.#clock.playing || this.#clock.waiting || !this.fetcher.idle ? TICK : REST);
  }

  /** @param {number} t @returns {number} behind the stretch that `t` lies in, if it lies in one that is gone over */
  #leap(t) {
    const silent = this.skipSilence.peek() && this.#clock.running && !this.#screenShown() ? this.silences.peek().find(([from, upto]) => from <= t && t < upto - 500) : undefined;
    const jump = this.#jumps.at(t) ?? (silent ? { from: t, to: silent[1], why: /** @type {const} */ ("silence") } : null);
    if (!jump || (this.#edge.live && jump.to > this.#edge.complete)) return t;
    // Before the jump's end is reached nothing moves: whoever steps back is not thrown forward again and again.
    this.#clock.seek(this.environment.now(), jump.to);
    this.#watch.moved(this.environment.now());
    for (const pipe of this.#pipes()) pipe.follower.moved();
    if (jump.why !== "cut") this.jumped.value = jump;
    return this.#leap(jump.to);
  }

  #screenShown() {
    return [...this.pictures.pipes].some(({ main, size, track }) => main && size !== null && track.kind === "screen");
  }

  /** Whether the clock has to wait. @param {number} now @param {number} t */
  #judge(now, t) {
    const end = this.duration.peek();
    if (!this.#edge.live && t >= end) {
      if (this.#clock.playing) this.pause();
      this.#clock.seek(now, end);
      batch(() => {
        this.ended.value = true;
        this.waiting.value = false;
      });
      return;
    }
    const known = Math.min(this.#index.knownUpto(t), this.#end());
    const blocked = this.#watch.blocked(now, t, known, this.#pipes(), this.#clock.waiting);
    if (blocked !== this.#clock.waiting) this.#clock.setWaiting(now, blocked);
    this.waiting.value = blocked;
  }

  /** @param {number} now @param {number} t */
  #setSpeed(now, t) {
    const chosen = Math.min(FASTEST, Math.max(SLOWEST, this.rate.peek()));
    const silent = this.skipSilence.peek() && this.silences.peek().some(([from, upto]) => from <= t && t < upto);
    const speed = this.#edge.speed(now, t, silent && this.#screenShown() ? Math.max(chosen, HASTE) : chosen);
    if (speed !== this.#clock.rate) this.#clock.setRate(now, speed);
  }

  /** @param {number} now @param {number} t */
  #tell(now, t) {
    const pipes = this.#pipes();
    const index = this.#index;
    const { bitrate, delay } = this.#line;
    const edge = this.#edge;
    this.publish({
      t,
      room: this.replay.at(t),
      active: [...index.tracks.keys()].filter((id) => index.activeAt(id, t)),
      sizes: Object.fromEntries([...this.pictures.pipes].flatMap(({ track, size }) => (size ? [[track.id, size]] : []))),
      upto: Math.min(this.#end(), index.knownUpto(t), ...pipes.filter((pipe) => pipe.sound || pipe.main).map((pipe) => pipe.readyUpto(t, t + 60_000))),
      line: { bitrate, delay },
      speakers: speaking([...this.sounds.pipes.values()].map(({ track, list }) => [track.person, list]), t),
      edge: { live: edge.live, newest: edge.newest(now), at: edge.isAt(now, t), catchingUp: edge.catchingUp },
    });
  }
}
