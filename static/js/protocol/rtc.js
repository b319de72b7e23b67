/**
 * Sound and picture of one person in one class: joins the own devices, the stage and the two legs.
 *
 * Before joining it is only the devices, for the page that shows the own picture. It is one object over both, so that what was
 * switched on before is on in the class.
 */
import { computed, effect, signal } from "@preact/signals-core";
import { Patience } from "./patience.js";
import { Presence } from "./presence.js";
import { Publisher } from "./publisher.js";
import { Sound } from "./sound.js";
import { Sources } from "./sources.js";
import { Stats } from "./stats.js";
import { Subscriber } from "./subscriber.js";

/** @typedef {import("../state/types.js").MediaClient} MediaClient */
/** @typedef {import("../state/types.js").Kind} Kind */
/** @typedef {import("../state/types.js").Mode} Mode */
/** @typedef {import("../state/types.js").Event} Event */
/** @typedef {import("./sources.js").Source} Source */
/** @typedef {import("./presence.js").ClassParts} ClassParts */
/** @template T @typedef {import("@preact/signals-core").ReadonlySignal<T>} Read */

const MODE_KEY = "sabak.mode";
const MODES = /** @type {readonly Mode[]} */ (["everything", "slides", "sound", "text"]);

/** @implements {MediaClient} */
export class Media {
  /** @type {ClassParts | null} */
  #class = null;
  /** The two legs, from joining on. */
  #legs = signal(/** @type {{ publisher: Publisher, subscriber: Subscriber } | null} */ (null));
  /** From joining to leaving. @type {Presence | null} */
  #presence = null;
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
    this.measure = new Stats(environment, () => ({ up: this.#publisher?.pc ?? null, down: this.#subscriber?.pc ?? null }));
    this.stats = this.measure.latest;
    /** @type {Read<ReadonlyMap<string, MediaStream>>} */
    this.streams = computed(() => this.#legs.value?.subscriber.streams.value ?? new Map());
    this.state = computed(() => this.#overall());
    /** The refusal that sound and picture ended with, "" otherwise. */
    this.refusal = computed(() => this.#legs.value?.publisher.leg.refusal.value || this.#legs.value?.subscriber.leg.refusal.value || "");
    if (this.chosen.value.speaker) void this.sound.setSpeaker(this.chosen.value.speaker);
  }

  // For functions that act; what is drawn reads the signal.
  get #publisher() {
    return this.#legs.peek()?.publisher;
  }
  get #subscriber() {
    return this.#legs.peek()?.subscriber;
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
    this.#subscriber?.setMode(mode);
    try {
      this.world.storage?.setItem(MODE_KEY, mode);
    } catch {
      // Storage is full or forbidden: the choice holds for this page.
    }
  };

  /** @param {string} track @param {{ height: number, visible: boolean }} want */
  wish = (track, want) => this.#subscriber?.wish(track, want);

  /** Become part of a class; `start` then goes in. @param {ClassParts} parts */
  attach = (parts) => {
    this.#class = parts;
  };

  start = () => {
    const parts = this.#class;
    if (parts === null || this.#presence) return;
    this.sources.keepMicrophone = true;
    const common = { world: this.world, environment: this.environment, iceServers: parts.iceServers, request: parts.request, doubted: parts.doubted, moved: parts.moved };
    const publisher = new Publisher(common);
    const subscriber = new Subscriber({ ...common, sound: this.sound, forgotten: () => this.told({ op: "lost", leg: "both" }) });
    subscriber.mode = this.mode.value;
    this.#legs.value = { publisher, subscriber };
    for (const [kind, track] of Object.entries(this.sources.tracks)) void publisher.setTrack(/** @type {Kind} */ (kind), track);
    this.#presence = new Presence({ of: parts, sources: this.sources, newId: this.environment.newId, publish: () => publisher.start() });
    this.#undo.push(effect(() => subscriber.prune(new Set(Object.keys(parts.stage.value.tracks)))));
    const patience = new Patience();
    this.#undo.push(
      effect(() => {
        if (this.stats.value) subscriber.wait(patience.look(this.stats.value.down));
      }),
    );
    this.measure.start();
  };

  stop = async () => {
    this.#presence?.clear();
    if (this.#presence) void this.#class?.request({ op: "leave" });
    this.#presence = null;
    for (const undo of this.#undo.splice(0)) undo();
    this.measure.stop();
    this.#publisher?.close();
    this.#subscriber?.close();
    this.sound.clear();
    this.sources.close();
  };

  /**
   * The line to the server is (again) there and the state of the class is known: make everything so as the person wants it.
   *
   * @param {boolean} again false for the first time on this page
   */
  welcomed = (again) => {
    const [publisher, subscriber] = [this.#publisher, this.#subscriber];
    if (!subscriber || !publisher) return;
    if (subscriber.leg.state.value === "idle") subscriber.start();
    // A server that was started anew knows no peers; its answer to a wish tells.
    else if (subscriber.leg.state.value === "connected") void subscriber.wishNow();
    else void subscriber.leg.renew(true);
    if (again && publisher.leg.state.value === "lost") void publisher.leg.renew(true);
    this.#presence?.reconcile();
  };

  /** Events of the class, already folded into its state. @param {readonly Event[]} events */
  follow = (events) => this.#presence?.follow(events);

  /** A `media` message from the server. @param {Record<string, any>} message */
  told = (message) => {
    const [publisher, subscriber] = [this.#publisher, this.#subscriber];
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
    for (const leg of [this.#publisher?.leg, this.#subscriber?.leg]) {
      if (leg && leg.state.value !== "idle" && leg.refusal.value === "") void leg.renew(leg.state.value === "lost");
    }
  };

  /** @param {Source} source @param {boolean} on */
  #set(source, on) {
    return this.#presence ? this.#presence.set(source, on) : this.sources.set(source, on);
  }

  /** @param {Source} source */
  async #ended(source) {
    const { on } = this.sources[source].value;
    await this.#set(source, false);
    // A headset was pulled out: go on with what is left, but let nobody be heard who was muted. A screen was ended by the person.
    if (on && source !== "screen") await this.#set(source, true);
  }

  /** @returns {"idle" | "connecting" | "connected" | "lost"} */
  #overall() {
    const legs = this.#legs.value;
    const [down, up] = legs ? [legs.subscriber.leg.state.value, legs.publisher.leg.state.value] : ["idle", "idle"];
    if (down === "lost" || up === "lost") return "lost";
    if (down === "connecting" || up === "connecting") return "connecting";
    return /** @type {"idle" | "connected"} */ (down);
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
