/**
 * The loudspeakers: an audio element for each voice that is near in time, lent out and taken back.
 *
 * A class may have had hundreds of microphone tracks; nobody hears more than a few at once.
 */
import { placeOf } from "./index.js";
import { Pipe } from "./pipe.js";

/** An element is made so long before its track begins, and taken back so long after it ended, ms. */
const BEFORE = 30_000;
const AFTER = 2000;
/** More voices at once are noise, and a browser has a bound on elements that decode. */
const MOST = 24;

export class Sounds {
  /** Track -> its pipe. @type {Map<string, Pipe>} */
  pipes = new Map();
  /** @type {HTMLAudioElement[]} */
  #idle = [];
  #volume = 1;
  #muted = false;

  /** @param {() => HTMLAudioElement} makeAudio @param {import("./pipe.js").Tools} tools */
  constructor(makeAudio, tools) {
    this.makeAudio = makeAudio;
    this.tools = tools;
  }

  /** Have an element for what is near `t`, and for nothing else. @param {number} t */
  update(t) {
    const { index } = this.tools;
    for (const track of index.tracks.values()) {
      if (track.kind !== "microphone" && track.kind !== "screen_audio") continue;
      const lane = index.blend(track.id, "best");
      const first = lane[placeOf(lane, t - AFTER)];
      const near = first !== undefined && first.t < t + BEFORE;
      const pipe = this.pipes.get(track.id);
      if (near && !pipe && this.pipes.size < MOST) this.pipes.set(track.id, new Pipe(track, this.#borrow(), this.tools));
      else if (!near && pipe) this.#giveBack(pipe);
    }
  }

  /** @param {number} volume 0..1 @param {boolean} muted */
  setVolume(volume, muted) {
    [this.#volume, this.#muted] = [Math.min(1, Math.max(0, volume)), muted];
    for (const { element } of this.pipes.values()) this.#tune(element);
  }

  close() {
    for (const pipe of [...this.pipes.values()]) this.#giveBack(pipe);
    for (const element of this.#idle) element.remove();
    this.#idle = [];
  }

  /** @param {Pipe} pipe */
  #giveBack(pipe) {
    this.pipes.delete(pipe.track.id);
    pipe.close();
    this.#idle.push(/** @type {HTMLAudioElement} */ (pipe.element));
  }

  #borrow() {
    const element = this.#idle.pop() ?? this.makeAudio();
    element.autoplay = false;
    this.#tune(element);
    return element;
  }

  /** @param {HTMLMediaElement} element */
  #tune(element) {
    element.volume = this.#volume;
    element.muted = this.#muted;
  }
}
