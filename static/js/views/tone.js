/**
 * Sounds made on the spot, so that none has to be loaded: the test tone of the speaker, and short marks for those who
 * switched sounds on. They are off by default: a class is loud enough.
 */
import { sounds } from "./view.js";

/** Hz of the notes and how long each lasts (s): soft, within an octave, well below a voice that shouts. */
const TUNES = {
  test: { notes: [523.25, 659.25, 783.99], each: 0.35 },
  hand: { notes: [659.25, 783.99], each: 0.12 },
  word: { notes: [523.25, 783.99], each: 0.15 },
};
/** A tenth of full loudness: heard in headphones without hurting. */
const LOUDNESS = 0.1;

/** @type {AudioContext | null} */
let context = null;

/**
 * Play a tune and wait until it is over. Never rejects: where there is no sound there is nothing to be done about it here.
 *
 * @param {keyof typeof TUNES} name
 * @param {string} [speaker] the chosen device, where the browser can send sound to one
 */
export async function play(name, speaker = "") {
  const { notes, each } = TUNES[name];
  try {
    context ??= new AudioContext();
    const chooser = /** @type {AudioContext & { setSinkId?: (id: string) => Promise<void> }} */ (context);
    await chooser.setSinkId?.(speaker);
    await context.resume();
    const start = context.currentTime + 0.02;
    const oscillators = notes.map((hertz, index) => note(/** @type {AudioContext} */ (context), hertz, start + index * each, each));
    await new Promise((resolve) => oscillators.at(-1)?.addEventListener("ended", resolve));
  } catch {
    // No sound device, or the browser refuses before a click.
  }
}

/** A mark that something happened, for those who want to hear it. */
export function mark(/** @type {"hand" | "word"} */ name) {
  if (sounds.value) void play(name);
}

function note(/** @type {AudioContext} */ on, /** @type {number} */ hertz, /** @type {number} */ at, /** @type {number} */ seconds) {
  const oscillator = new OscillatorNode(on, { frequency: hertz, type: "triangle" });
  const gain = new GainNode(on, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  oscillator.connect(gain).connect(on.destination);
  oscillator.start(at);
  oscillator.stop(at + seconds + 0.02);
  return oscillator;
}
