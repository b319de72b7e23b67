/**
 * The loudspeaker: one hidden audio element for each slot of sound.
 *
 * Elements and not an AudioContext, because echo cancellation of Chrome does not hear what a context plays, and because
 * only elements can be sent to a chosen speaker in every browser that has the choice.
 */
import { signal } from "@preact/signals-core";

export class Sound {
  /** The browser refuses to play before somebody has clicked. */
  silent = signal(false);
  /** @type {Map<string, HTMLAudioElement>} slot -> element */
  #elements = new Map();
  #speaker = "";

  /** @param {() => HTMLAudioElement} makeAudio */
  constructor(makeAudio) {
    this.makeAudio = makeAudio;
  }

  /** @param {string} slot @param {MediaStream} stream */
  play(slot, stream) {
    let element = this.#elements.get(slot);
    if (!element) {
      element = this.makeAudio();
      this.#elements.set(slot, element);
      if (this.#speaker) void this.#route(element);
    }
    if (element.srcObject === stream) return;
    element.srcObject = stream;
    void this.#try(element);
  }

  /** Try again; to be called from a click. */
  async playAll() {
    this.silent.value = false;
    await Promise.all([...this.#elements.values()].map((element) => this.#try(element)));
  }

  /** @param {string} id of an output device, "" for the default */
  async setSpeaker(id) {
    this.#speaker = id;
    await Promise.all([...this.#elements.values()].map((element) => this.#route(element)));
  }

  clear() {
    for (const element of this.#elements.values()) {
      element.srcObject = null;
      element.remove();
    }
    this.#elements.clear();
    this.silent.value = false;
  }

  /** @param {HTMLAudioElement} element */
  async #try(element) {
    try {
      await element.play();
    } catch (error) {
      // AbortError: the stream was changed while it started; the next call plays.
      if (/** @type {any} */ (error)?.name === "NotAllowedError") this.silent.value = true;
    }
  }

  /** @param {HTMLAudioElement} element */
  async #route(element) {
    // A speaker that was unplugged: the browser goes on with the default one.
    await element.setSinkId?.(this.#speaker).catch(() => {});
  }
}
