/**
 * The own microphone, camera and screen as switches: what is on, what is open, why not.
 *
 * Opens and closes devices, and tells `changed` about each new track; knows nothing of the stage or the network.
 */
import { batch, signal } from "@preact/signals-core";
import { Devices, errorOf } from "./devices.js";
import { Meter } from "./meter.js";

/** @typedef {import("../state/types.js").Device} Device */
/** @typedef {import("../state/types.js").Kind} Kind */
/** @typedef {"microphone" | "camera" | "screen"} Source */

/** @type {Device} */
const OFF = { on: false, busy: false, error: "" };

export class Sources {
  microphone = signal(OFF);
  camera = signal(OFF);
  screen = signal(OFF);
  local = signal(/** @type {Readonly<{ camera: MediaStream | null, screen: MediaStream | null }>} */ ({ camera: null, screen: null }));
  /** In a class a muted microphone stays open, so that it is back at once; before joining it is closed. */
  keepMicrophone = false;
  /** @type {Partial<Record<Kind, MediaStreamTrack>>} */
  tracks = {};
  /** Switches of one kind are worked off one after the other: a double click must not open two cameras. */
  #turn = { microphone: Promise.resolve(), camera: Promise.resolve(), screen: Promise.resolve() };

  /**
   * @param {object} parts
   * @param {import("./world.js").World} parts.world
   * @param {import("./environment.js").Timers} parts.timers
   * @param {(kind: Kind, track: MediaStreamTrack | null) => Promise<void>} parts.changed
   * @param {(source: Source) => void} parts.ended the device went away, or the person ended it in the browser's own bar
   */
  constructor({ world, timers, changed, ended }) {
    this.world = world;
    this.changed = changed;
    this.ended = ended;
    this.devices = new Devices(world);
    this.meter = new Meter(world, timers);
  }

  /**
   * @param {Source} source
   * @param {boolean} on
   * @param {() => Promise<boolean>} [then] what the switch brings with it, while it shows busy; false: off again
   * @returns {Promise<void>} never rejects: see `error` of the signal
   */
  set(source, on, then) {
    // Not after the turn: the browser asks for a screen only within a click.
    const opening = on && source === "screen" && !this.screen.value.on ? this.devices.openScreen() : null;
    opening?.catch(() => {});
    const open = this.tracks[source];
    if (!on && open) open.enabled = false; // at once, whatever else is still going on
    const done = this.#turn[source].then(() => (on ? this.#on(source, opening, then) : this.#off(source, "", then)));
    this.#turn[source] = done;
    return done;
  }

  /** Open another device of a kind that is on. @param {"microphone" | "camera"} source */
  reopen(source) {
    this.#turn[source] = this.#turn[source].then(async () => {
      if (!this.tracks[source]) return;
      const on = this[source].value.on;
      this.#close(source);
      if (on) await this.#on(source, null);
      else await this.changed(source, null);
    });
    return this.#turn[source];
  }

  close() {
    for (const source of /** @type {const} */ (["microphone", "camera", "screen"])) {
      this.#close(source);
      this[source].value = OFF;
    }
    this.meter.close();
    this.devices.close();
  }

  /**
   * @param {Source} source
   * @param {Promise<MediaStream> | null} opening
   * @param {() => Promise<boolean>} [then]
   */
  async #on(source, opening, then) {
    this[source].value = { on: this[source].value.on, busy: true, error: "" };
    try {
      if (this.tracks[source]?.readyState !== "live") await this.#open(source, opening);
    } catch (error) {
      // To close the browser's list of screens without a choice is no error.
      const why = errorOf(error);
      return this.#off(source, source === "screen" && why === "denied" ? "" : why);
    }
    const track = this.tracks[source];
    if (track) track.enabled = true;
    if (source === "microphone" && track) this.meter.start(track);
    if (then && !(await then())) return this.#off(source, "");
    this[source].value = { on: true, busy: false, error: "" };
  }

  /**
   * @param {Source} source
   * @param {import("../state/types.js").DeviceError} error
   * @param {() => Promise<boolean>} [then]
   */
  async #off(source, error, then) {
    const track = this.tracks[source];
    if (source === "microphone") this.meter.stop();
    if (source === "microphone" && this.keepMicrophone && !error && track) track.enabled = false;
    else {
      this.#close(source);
      await this.changed(source, null);
      if (source === "screen") await this.changed("screen_audio", null);
    }
    // Before the network has answered: nobody wants to wait for his microphone to be off.
    this[source].value = { on: false, busy: false, error };
    await then?.();
  }

  /** @param {Source} source @param {Promise<MediaStream> | null} opening */
  async #open(source, opening) {
    if (source !== "screen") return this.#take(source, source, await this.devices.open(source));
    const stream = await (opening ?? this.devices.openScreen());
    const [picture] = stream.getVideoTracks();
    const [sound] = stream.getAudioTracks();
    if (picture) await this.#take("screen", "screen", picture);
    if (sound) await this.#take("screen", "screen_audio", sound);
  }

  /** @param {Source} source @param {Kind} kind @param {MediaStreamTrack} track */
  async #take(source, kind, track) {
    this.tracks[kind] = track;
    track.onended = () => {
      if (this.tracks[kind] === track && kind === source) this.ended(source);
    };
    if (kind === "camera" || kind === "screen") this.local.value = { ...this.local.value, [kind]: new this.world.Stream([track]) };
    await this.changed(kind, track);
  }

  /** @param {Source} source */
  #close(source) {
    const kinds = /** @type {Kind[]} */ (source === "screen" ? ["screen", "screen_audio"] : [source]);
    batch(() => {
      for (const kind of kinds) {
        const track = this.tracks[kind];
        if (track) track.onended = null;
        track?.stop();
        delete this.tracks[kind];
      }
      if (source !== "microphone") this.local.value = { ...this.local.value, [source]: null };
    });
  }
}
