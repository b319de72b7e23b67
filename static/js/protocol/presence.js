/**
 * The own sources on the stage: what the class is told about them, and what the class decides about them.
 *
 * What the person wants is in `sources`, what the class knows is the stage; here the second is made to follow the first, and
 * the first gives way where somebody else has decided.
 */

/** @typedef {import("../state/types.js").Kind} Kind */
/** @typedef {import("../state/types.js").Event} Event */
/** @typedef {import("../state/types.js").Reply} Reply */
/** @typedef {import("../state/types.js").Track} Track */
/** @typedef {import("./sources.js").Source} Source */
/** @template T @typedef {import("@preact/signals-core").ReadonlySignal<T>} Read */

/**
 * What a class gives.
 *
 * @typedef {object} ClassParts
 * @property {(message: Record<string, any>) => Promise<any>} request a message of PROTOCOL.md, section 4
 * @property {(type: string, data: Record<string, any>, id?: string) => Promise<Reply>} send
 * @property {() => string} me
 * @property {(kind: Source) => boolean} may send this kind now
 * @property {Read<import("../state/types.js").StageState>} stage
 * @property {RTCIceServer[]} iceServers
 * @property {() => void} doubted media has stopped coming: the line to the server may be dead, too
 * @property {() => void} moved media goes by another network now: the line to the server is stuck in the old one
 */

/** The kinds that each switch of the person stands for. @type {Readonly<Record<Source, readonly Kind[]>>} */
const KINDS_OF = { microphone: ["microphone"], camera: ["camera"], screen: ["screen", "screen_audio"] };
const SOURCES = /** @type {readonly Source[]} */ (Object.keys(KINDS_OF));

/**
 * Refusals of a start that change nothing for the person. `conflict`: it is so already, and the news is on its way.
 * `offline`: the next welcome tries again.
 */
const HARMLESS = new Set(["conflict", "offline"]);

export class Presence {
  /** Tracks of the stage that this page sends, by id: the same person may have another page. @type {Map<string, Source>} */
  #own = new Map();

  /**
   * @param {object} parts
   * @param {ClassParts} parts.of
   * @param {import("./sources.js").Sources} parts.sources
   * @param {() => string} parts.newId
   * @param {() => void} parts.publish make sure that there is a connection to send on
   */
  constructor({ of, sources, newId, publish }) {
    this.of = of;
    this.sources = sources;
    this.newId = newId;
    this.publish = publish;
  }

  /** @param {Source} source @param {boolean} on */
  set(source, on) {
    return this.sources.set(source, on, () => (on ? this.#raise(source) : this.#lower(source)));
  }

  /** This page goes: its tiles go with it, and not only when the server misses them. */
  clear() {
    const running = [...this.#own.keys()].filter((track) => this.of.stage.peek().tracks[track]);
    this.#own.clear();
    for (const track of running) void this.of.send("stage.stop", { track });
  }

  /** After a break, or for the first time: make the stage follow what the person wants. */
  reconcile() {
    for (const source of SOURCES) this.#reconcile(source);
  }

  /** Events of the class, already folded into its state. @param {readonly Event[]} events */
  follow(events) {
    const me = this.of.me();
    for (const { type, by, data } of events) {
      if (type !== "stage.stopped" && type !== "stage.muted") continue;
      const source = this.#own.get(data["track"]);
      if (source === undefined) continue;
      if (type === "stage.stopped") this.#own.delete(data["track"]);
      // By somebody else: off, and not on again by itself. By the system or by a break of the line: what I want counts.
      if (by !== "" && by !== me) void this.sources.set(source, false);
      else if (type === "stage.stopped") this.#reconcile(source);
    }
  }

  /** Put a source on the stage. @param {Source} source @returns {Promise<boolean>} false when it may not be there */
  async #raise(source) {
    if (!this.of.may(source)) return false;
    this.publish();
    const kinds = KINDS_OF[source].filter((kind) => this.sources.tracks[kind]);
    const replies = await Promise.all(kinds.map((kind) => this.#start(source, kind)));
    return replies.every((reply) => reply.ok || HARMLESS.has(reply.code));
  }

  /** @param {Source} source @param {Kind} kind @returns {Promise<Reply>} */
  async #start(source, kind) {
    const own = this.#ownTrack(kind);
    if (own) return own.muted ? this.of.send("stage.unmute", { track: own.id }) : { ok: true, seq: 0 };
    const id = this.newId();
    this.#own.set(id, source);
    const reply = await this.of.send("stage.start", { kind, muted: false }, id);
    if (reply.ok) return reply;
    this.#own.delete(id);
    // The page was loaded anew, and its former life left a track: go on with that one.
    const left = reply.code === "conflict" ? this.#tracks(kind)[0] : undefined;
    if (left === undefined) return reply;
    this.#own.set(left.id, source);
    return this.#start(source, kind);
  }

  /** Take a source off the stage; a microphone stays there, muted. @param {Source} source @returns {Promise<boolean>} */
  async #lower(source) {
    for (const kind of KINDS_OF[source]) {
      const own = this.#ownTrack(kind);
      if (!own) continue;
      if (source !== "microphone") await this.of.send("stage.stop", { track: own.id });
      else if (!own.muted) await this.of.send("stage.mute", { track: own.id });
    }
    return true;
  }

  /** @param {Source} source */
  #reconcile(source) {
    const { on, busy } = this.sources[source].value;
    if (busy) return; // the switch that is under way does it
    if (on) void this.set(source, true);
    else void this.#lower(source);
  }

  /** @param {Kind} kind @returns {Track | undefined} what this page sends of this kind */
  #ownTrack(kind) {
    return this.#tracks(kind).find(({ id }) => this.#own.has(id));
  }

  /** @param {Kind} kind @returns {Track[]} what this person sends of this kind, from any page */
  #tracks(kind) {
    const me = this.of.me();
    return Object.values(this.of.stage.peek().tracks).filter((track) => track.person === me && track.kind === kind);
  }
}
