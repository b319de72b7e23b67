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
  /** Own tracks of the stage, by id. @type {Map<string, Source>} */
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

  /** After a break, or for the first time: make the stage follow what the person wants. */
  reconcile() {
    for (const source of SOURCES) this.#reconcile(source);
  }

  /** Events of the class, already folded into its state. @param {readonly Event[]} events */
  follow(events) {
    const me = this.of.me();
    for (const { type, by, data } of events) {
      if (type === "stage.started" && data["person"] === me) this.#own.set(data["track"], sourceOf(data["kind"]));
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
    const known = this.#onStage(kind);
    if (known && !known.muted) return { ok: true, seq: 0 };
    if (known) return this.of.send("stage.unmute", { track: known.id });
    const id = this.newId();
    this.#own.set(id, source);
    return this.of.send("stage.start", { kind, muted: false }, id);
  }

  /** Take a source off the stage; a microphone stays there, muted. @param {Source} source @returns {Promise<boolean>} */
  async #lower(source) {
    for (const kind of KINDS_OF[source]) {
      const known = this.#onStage(kind);
      if (!known) continue;
      if (source !== "microphone") await this.of.send("stage.stop", { track: known.id });
      else if (!known.muted) await this.of.send("stage.mute", { track: known.id });
    }
    return true;
  }

  /** @param {Source} source */
  #reconcile(source) {
    for (const kind of KINDS_OF[source]) {
      const known = this.#onStage(kind);
      if (known) this.#own.set(known.id, source);
    }
    const { on, busy } = this.sources[source].value;
    if (busy) return; // the switch that is under way does it
    if (on) void this.set(source, true);
    else void this.#lower(source);
  }

  /** @param {Kind} kind @returns {Track | undefined} the own track of this kind */
  #onStage(kind) {
    const me = this.of.me();
    return Object.values(this.of.stage.peek().tracks).find((track) => track.person === me && track.kind === kind);
  }
}

/** @param {Kind} kind @returns {Source} */
function sourceOf(kind) {
  return kind === "screen_audio" ? "screen" : kind;
}
