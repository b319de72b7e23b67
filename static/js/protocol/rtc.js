/**
 * Sound and picture of one person in one class: joins the own devices, the stage and the two legs.
 *
 * What a person wants is in `sources`; what the class knows is the stage; after every break the second is made to follow
 * the first. Before joining it is only the devices, for the page that shows the own picture.
 */
import { computed, effect, signal } from "@preact/signals-core";
import { Publisher } from "./publisher.js";
import { Sound } from "./sound.js";
import { Sources } from "./sources.js";
import { Stats } from "./stats.js";
import { Subscriber } from "./subscriber.js";

/** @typedef {import("../state/types.js").MediaClient} MediaClient */
/** @typedef {import("../state/types.js").Kind} Kind */
/** @typedef {import("../state/types.js").Mode} Mode */
/** @typedef {import("../state/types.js").Event} Event */
/** @typedef {import("../state/types.js").Reply} Reply */
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
const MODE_KEY = "sabak.mode";
const MODES = /** @type {readonly Mode[]} */ (["everything", "slides", "sound", "text"]);

/** @implements {MediaClient} */
export class Media {
  /** @type {ClassParts | null} */
  #class = null;
  /** @type {Publisher | null} */
  #publisher = null;
  /** @type {import("@preact/signals-core").Signal<Subscriber | null>} */
  #subscriber = signal(null);
  /** @type {import("@preact/signals-core").Signal<Publisher | null>} */
  #publishing = signal(null);
  #joined = false;
  /** @type {(() => void)[]} */
  #undo = [];

  /**
   * @param {object} parts
   * @param {import("./world.js").World} parts.world
   * @param {import("./environment.js").Environment} parts.environment
   */
  constructor({ world, environment }) {
    this.world = world;
    this.environment = environment;
    this.sound = new Sound(world.makeAudio);
    this.sources = new Sources({
      world,
      timers: environment.timers,
      changed: async (kind, track) => this.#publisher?.setTrack(kind, track),
      ended: (source) => void this.#ended(source),
    });
    const { microphone, camera, screen, local, devices, meter } = this.sources;
    this.microphone = microphone;
    this.camera = camera;
    this.screen = screen;
    this.local = local;
    this.level = meter.level;
    this.devices = devices.lists;
    this.chosen = devices.chosen;
    this.canShareScreen = devices.canShareScreen;
    this.canChooseSpeaker = "HTMLMediaElement" in globalThis && "setSinkId" in HTMLMediaElement.prototype;
    this.silent = this.sound.silent;
    this.mode = signal(this.#rememberedMode());
    this.measure = new Stats(environment, () => ({ up: this.#publisher?.pc ?? null, down: this.#subscriber.value?.pc ?? null }));
    this.stats = this.measure.latest;
    /** @type {Read<ReadonlyMap<string, MediaStream>>} */
    this.streams = computed(() => this.#subscriber.value?.streams.value ?? new Map());
    this.state = computed(() => this.#legs());
    /** The refusal that sound and picture ended with, "" otherwise. */
    this.refusal = computed(() => this.#publishing.value?.leg.refusal.value || this.#subscriber.value?.leg.refusal.value || "");
    if (this.chosen.value.speaker) void this.sound.setSpeaker(this.chosen.value.speaker);
  }

  // Bound functions, so that a view can hand them on: onChange=${media.setMode}.

  /** @param {boolean} on */
  setMicrophone = (on) => this.#set("microphone", on);
  /** @param {boolean} on */
  setCamera = (on) => this.#set("camera", on);
  /** @param {boolean} on */
  setScreen = (on) => this.#set("screen", on);
  playSound = () => this.sound.playAll();
  refreshDevices = () => this.sources.devices.refresh();

  /** @param {import("../state/types.js").DeviceKind} kind @param {string} id */
  choose = async (kind, id) => {
    this.sources.devices.choose(kind, id);
    if (kind === "speaker") await this.sound.setSpeaker(id);
    else await this.sources.reopen(kind);
  };

  /** @param {Mode} mode */
  setMode = (mode) => {
    this.mode.value = mode;
    this.#subscriber.value?.setMode(mode);
    try {
      this.world.storage?.setItem(MODE_KEY, mode);
    } catch {
      // Storage is full or forbidden: the choice holds for this page.
    }
  };

  /** @param {string} track @param {{ height: number, visible: boolean }} want */
  wish = (track, want) => this.#subscriber.value?.wish(track, want);

  /** Become part of a class; `start` then goes in. @param {ClassParts} parts */
  attach = (parts) => {
    this.#class = parts;
  };

  start = () => {
    const parts = this.#class;
    if (parts === null || this.#joined) return;
    this.#joined = true;
    this.sources.keepMicrophone = true;
    const common = { world: this.world, environment: this.environment, iceServers: parts.iceServers, request: parts.request };
    const publisher = new Publisher(common);
    const subscriber = new Subscriber({ ...common, sound: this.sound });
    subscriber.mode = this.mode.value;
    this.#publisher = publisher;
    this.#publishing.value = publisher;
    this.#subscriber.value = subscriber;
    for (const [kind, track] of Object.entries(this.sources.tracks)) void publisher.setTrack(/** @type {Kind} */ (kind), track);
    this.#undo.push(effect(() => subscriber.prune(new Set(Object.keys(parts.stage.value.tracks)))));
    this.measure.start();
  };

  stop = async () => {
    if (this.#joined) void this.#class?.request({ op: "leave" });
    this.#joined = false;
    for (const undo of this.#undo.splice(0)) undo();
    this.measure.stop();
    this.#publisher?.close();
    this.#subscriber.value?.close();
    this.sound.clear();
    this.sources.close();
  };

  /**
   * The line to the server is (again) there and the state of the class is known: make everything so as the person wants it.
   *
   * @param {boolean} again false for the first time on this page
   */
  welcomed = (again) => {
    const [publisher, subscriber] = [this.#publisher, this.#subscriber.value];
    if (!this.#joined || !subscriber || !publisher) return;
    if (subscriber.leg.state.value === "idle") subscriber.start();
    // A server that was started anew knows no peers; its answer to a wish tells.
    else if (subscriber.leg.state.value === "connected") void subscriber.wishNow();
    else void subscriber.leg.renew(true);
    if (again && publisher.leg.state.value === "lost") void publisher.leg.renew(true);
    for (const source of SOURCES) this.#reconcile(source);
  };

  /** Events of the class, already folded into its state. @param {readonly Event[]} events */
  follow = (events) => {
    if (!this.#joined) return;
    const me = this.#class?.me() ?? "";
    for (const { type, by, data } of events) {
      if (type === "stage.stopped" || type === "stage.muted") {
        const source = this.#own.get(data["track"]);
        if (type === "stage.stopped") this.#own.delete(data["track"]);
        // By somebody else: off, and not on again by itself. By the system or by a break of the line: what I want counts.
        if (source && by !== "" && by !== me) void this.sources.set(source, false);
        else if (source && type === "stage.stopped") this.#reconcile(source);
      } else if (type === "stage.started" && data["person"] === me) {
        this.#own.set(data["track"], sourceOf(data["kind"]));
      }
    }
  };

  /** A `media` message from the server. @param {Record<string, any>} message */
  told = (message) => {
    const [publisher, subscriber] = [this.#publisher, this.#subscriber.value];
    switch (message["op"]) {
      case "layers":
        void publisher?.setLayers(message["kind"], message["rids"]);
        break;
      case "lost":
        if (message["leg"] !== "subscriber" && publisher && publisher.leg.state.value !== "idle") void publisher.leg.renew(true);
        if (message["leg"] !== "publisher") void subscriber?.leg.renew(true);
        break;
      case "slots":
      case "offer":
        subscriber?.told(message);
    }
  };

  /** The network has changed (another Wi-Fi, a cable): do not wait until ICE notices. */
  networkChanged = () => {
    for (const leg of [this.#publisher?.leg, this.#subscriber.value?.leg]) {
      if (leg && leg.state.value !== "idle" && leg.refusal.value === "") void leg.renew(leg.state.value === "lost");
    }
  };

  /** Own tracks of the stage, by id. @type {Map<string, Source>} */
  #own = new Map();

  /** @param {Source} source @param {boolean} on */
  #set(source, on) {
    if (!this.#joined) return this.sources.set(source, on);
    return this.sources.set(source, on, () => (on ? this.#raise(source) : this.#lower(source)));
  }

  /** Put a source on the stage. @param {Source} source @returns {Promise<boolean>} false when it may not be there */
  async #raise(source) {
    const parts = this.#class;
    if (parts === null || !this.#joined) return true;
    if (!parts.may(source)) return false;
    this.#publisher?.start();
    const replies = await Promise.all(
      KINDS_OF[source].filter((kind) => this.sources.tracks[kind]).map((kind) => {
        const known = this.#onStage(kind);
        if (known && !known.muted) return /** @type {Reply} */ ({ ok: true, seq: 0 });
        if (known) return parts.send("stage.unmute", { track: known.id });
        const id = this.environment.newId();
        this.#own.set(id, source);
        return parts.send("stage.start", { kind, muted: false }, id);
      }),
    );
    // "conflict": it is so already, and the news is on its way. "offline": the next welcome tries again.
    return replies.every((reply) => reply.ok || reply.code === "conflict" || reply.code === "offline");
  }

  /** Take a source off the stage; a microphone stays there, muted. @param {Source} source @returns {Promise<boolean>} */
  async #lower(source) {
    for (const kind of KINDS_OF[source]) {
      const known = this.#onStage(kind);
      if (!known) continue;
      if (source !== "microphone") await this.#class?.send("stage.stop", { track: known.id });
      else if (!known.muted) await this.#class?.send("stage.mute", { track: known.id });
    }
    return true;
  }

  /** Make the stage follow what the person wants. @param {Source} source */
  #reconcile(source) {
    for (const kind of KINDS_OF[source]) {
      const known = this.#onStage(kind);
      if (known) this.#own.set(known.id, source);
    }
    const { on, busy } = this.sources[source].value;
    if (busy) return; // the switch that is under way does it
    if (on) void this.#set(source, true);
    else void this.#lower(source);
  }

  /** @param {Kind} kind @returns {import("../state/types.js").Track | undefined} the own track of this kind */
  #onStage(kind) {
    const me = this.#class?.me();
    return Object.values(this.#class?.stage.peek().tracks ?? {}).find((track) => track.person === me && track.kind === kind);
  }

  /** @param {Source} source */
  async #ended(source) {
    await this.#set(source, false);
    // A headset was pulled out: go on with what is left. A screen was ended by the person.
    if (source !== "screen") await this.#set(source, true);
  }

  /** @returns {"idle" | "connecting" | "connected" | "lost"} */
  #legs() {
    const [down, up] = [this.#subscriber.value?.leg.state.value ?? "idle", this.#publishing.value?.leg.state.value ?? "idle"];
    if (down === "lost" || up === "lost") return "lost";
    if (down === "connecting" || up === "connecting") return "connecting";
    return down;
  }

  /** @returns {Mode} */
  #rememberedMode() {
    try {
      return MODES.find((mode) => mode === this.world.storage?.getItem(MODE_KEY)) ?? "everything";
    } catch {
      return "everything";
    }
  }
}

/** @param {Kind} kind @returns {Source} */
function sourceOf(kind) {
  return kind === "screen_audio" ? "screen" : kind;
}
