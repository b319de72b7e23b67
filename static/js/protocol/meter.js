/**
 * How loud the own microphone is, for the bar that moves while one speaks.
 *
 * An AnalyserNode and a timer: a worklet would be more exact, and one more file for every visitor.
 */
import { signal } from "@preact/signals-core";

/** Ten times a second looks like movement and costs nothing. */
const EVERY = 100;
/** Samples a look: 21 ms at 48 kHz, one syllable's peak. */
const WINDOW = 1024;
/** What counts as silence and as full, in dB below full scale: room noise after noise suppression, and loud speech. */
const QUIET = -55;
const LOUD = -12;

/** @param {Float32Array} samples @returns {number} 0..1 as people hear it: equal steps for equal ratios */
export function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, (decibels - QUIET) / (LOUD - QUIET)));
}

export class Meter {
  level = signal(0);
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  /** @type {unknown} */
  #timer = null;

  /**
   * @param {Pick<import("./world.js").World, "makeAudioContext" | "Stream">} world
   * @param {import("./environment.js").Timers} timers
   */
  constructor(world, timers) {
    this.world = world;
    this.timers = timers;
  }

  /** @param {MediaStreamTrack} track */
  start(track) {
    this.stop();
    try {
      this.#context ??= this.world.makeAudioContext();
    } catch {
      return; // Some phones allow only few contexts: then the bar does not move, and the microphone works.
    }
    // A context that was made before the first click sleeps.
    void this.#context.resume().catch(() => {});
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = WINDOW;
    this.#source = this.#context.createMediaStreamSource(new this.world.Stream([track]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const look = () => {
      analyser.getFloatTimeDomainData(samples);
      const now = loudness(samples);
      // Up at once, down slowly: otherwise the bar flickers between syllables.
      this.level.value = now >= this.level.value ? now : this.level.value * 0.7 + now * 0.3;
      this.#timer = this.timers.set(look, EVERY);
    };
    look();
  }

  stop() {
    if (this.#timer !== null) this.timers.clear(this.#timer);
    this.#timer = null;
    this.#source?.disconnect();
    this.#source = null;
    this.level.value = 0;
  }

  /** End for good. */
  close() {
    this.stop();
    void this.#context?.close().catch(() => {});
    this.#context = null;
  }
}
