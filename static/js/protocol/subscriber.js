/**
 * The leg that receives: the server offers a fixed set of slots and tells which track of the stage each slot carries.
 *
 * Slots are never recycled as m-lines, which browsers do badly; only their content changes, without negotiation.
 */
import { signal } from "@preact/signals-core";
import { alarm } from "./environment.js";
import { Leg } from "./leg.js";
import { watchRoute } from "./route.js";

/** @typedef {import("../state/types.js").Mode} Mode */
/** @typedef {{ height: number, visible: boolean }} Wish */

/** Tiles are resized by dragging and by animation: one message for what happens within this. */
const WISH_AFTER = 100;
/** More than any screen has lines. */
const TALLEST = 4320;

export class Subscriber {
  /** @type {RTCPeerConnection | null} */
  pc = null;
  /** What can be shown: track of the stage -> stream. */
  streams = signal(/** @type {ReadonlyMap<string, MediaStream>} */ (new Map()));
  mode = /** @type {Mode} */ ("everything");
  /** Of the newest assignment of slots; -1: whatever comes is newer. */
  #version = -1;
  /** @type {Record<string, string>} */
  #slots = {};
  /** One stream a slot for good, so that a picture that stays does not blink. @type {Map<string, MediaStream>} */
  #made = new Map();
  /** @type {Map<string, Wish>} */
  #wishes = new Map();
  /** Descriptions are worked off one after the other. @type {Promise<unknown>} */
  #turn = Promise.resolve();

  /**
   * @param {object} parts
   * @param {import("./world.js").World} parts.world
   * @param {import("./environment.js").Environment} parts.environment
   * @param {RTCIceServer[]} parts.iceServers
   * @param {(message: Record<string, any>) => Promise<any>} parts.request
   * @param {import("./sound.js").Sound} parts.sound
   * @param {() => void} parts.forgotten the server knows nothing of this peer any more
   * @param {() => void} parts.doubted see Leg
   * @param {() => void} parts.moved the connection goes by another network now
   */
  constructor({ world, environment, iceServers, request, sound, forgotten, doubted, moved }) {
    this.world = world;
    this.environment = environment;
    this.moved = moved;
    this.iceServers = iceServers;
    this.request = request;
    this.sound = sound;
    this.forgotten = forgotten;
    this.soon = alarm(environment.timers);
    this.leg = new Leg(environment, (afresh) => this.#negotiate(afresh), doubted);
  }

  start() {
    if (this.leg.state.value === "idle") void this.leg.renew(true);
  }

  /** A message from the server: `slots` or `offer`. @param {Record<string, any>} message */
  told(message) {
    if (this.pc === null) return;
    if (message["op"] === "slots") {
      if (message["version"] > this.#version) this.#assign(message["version"], message["slots"]);
    } else void this.#inTurn(() => this.#accept(message)).catch(() => this.leg.renew(true));
  }

  /** @param {string} track @param {Wish} wish */
  wish(track, { height, visible }) {
    const next = { height: Math.min(TALLEST, Math.max(0, Math.round(height))), visible };
    const known = this.#wishes.get(track);
    if (known && known.height === next.height && known.visible === next.visible) return;
    this.#wishes.set(track, next);
    this.#wishSoon();
  }

  /** @param {Mode} mode */
  setMode(mode) {
    this.mode = mode;
    this.#wishSoon();
  }

  /** Say again what is wanted: to a server that may have forgotten, which also shows whether it has. */
  async wishNow() {
    if (this.pc === null) return;
    const reply = await this.#sayWishes();
    if (!reply.ok && reply.code === "media.unknown_peer") this.forgotten();
  }

  /** Tracks that have ended are wished for no more. @param {ReadonlySet<string>} running */
  prune(running) {
    for (const track of this.#wishes.keys()) if (!running.has(track)) this.#wishes.delete(track);
  }

  /** Let sound and picture wait this long before they are played. @param {number | null} ms null: as the browser likes */
  wait(ms) {
    for (const { receiver } of this.pc?.getTransceivers() ?? []) {
      // Chrome since 124 and Firefox have it; others wait as they like.
      const adjustable = /** @type {{ jitterBufferTarget?: number | null }} */ (receiver);
      if (adjustable.jitterBufferTarget !== undefined && adjustable.jitterBufferTarget !== ms) adjustable.jitterBufferTarget = ms;
    }
  }

  close() {
    this.soon.clear();
    this.leg.stop();
    this.#drop();
  }

  #wishSoon() {
    if (!this.soon.running) this.soon.set(() => void this.wishNow(), WISH_AFTER);
  }

  #sayWishes() {
    this.soon.clear();
    return this.request({ op: "wish", mode: this.mode, tracks: Object.fromEntries(this.#wishes) });
  }

  #drop() {
    this.pc?.close();
    this.pc = null;
    this.#version = -1;
    this.#slots = {};
    this.#made.clear();
    this.sound.clear();
    this.streams.value = new Map();
  }

  /** @param {boolean} afresh @returns {Promise<{ ok: true } | { ok: false, code: string }>} */
  async #negotiate(afresh) {
    if (afresh || this.pc === null) this.#make();
    this.#version = -1; // a worker that was started anew counts from the beginning
    const reply = await this.request({ op: "subscribe" });
    if (!reply.ok) return reply;
    return this.#inTurn(() => this.#accept(reply));
  }

  #make() {
    this.#drop();
    const pc = new this.world.PeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.pc = pc;
    pc.onconnectionstatechange = () => {
      if (pc === this.pc) this.leg.changed(pc.connectionState);
    };
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** @param {Record<string, any>} offer @returns {Promise<{ ok: true } | { ok: false, code: string }>} */
  async #accept({ offer, version, slots }) {
    const { pc } = this;
    if (pc === null) return { ok: true };
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    await pc.setLocalDescription(await pc.createAnswer());
    watchRoute(pc, this.environment, this.moved);
    if (pc !== this.pc) return { ok: true };
    const answering = this.request({ op: "answer", answer: pc.localDescription?.sdp ?? "" });
    // Not after the answer's answer: the first picture comes one round trip earlier.
    void this.#sayWishes();
    const reply = await answering;
    if (pc !== this.pc) return { ok: true };
    if (!reply.ok) return reply;
    // News of the slots may have overtaken the answer.
    this.#assign(Math.max(version, this.#version), version >= this.#version ? slots : this.#slots);
    return { ok: true };
  }

  /** @param {number} version @param {Record<string, string | null>} slots */
  #assign(version, slots) {
    this.#version = version;
    this.#slots = {};
    for (const [mid, track] of Object.entries(slots)) if (track) this.#slots[mid] = track;
    /** @type {Map<string, MediaStream>} */
    const streams = new Map();
    for (const { mid, receiver } of this.pc?.getTransceivers() ?? []) {
      const track = mid === null ? undefined : this.#slots[mid];
      if (mid === null || track === undefined) continue;
      const stream = this.#made.get(mid) ?? new this.world.Stream([receiver.track]);
      this.#made.set(mid, stream);
      if (receiver.track.kind === "audio") this.sound.play(mid, stream);
      else streams.set(track, stream);
    }
    this.streams.value = streams;
  }
}
