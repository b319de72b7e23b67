/**
 * Plays a recording: what a page makes of it, with the browser that it is in.
 */
import { BROWSER, hiddenAudio, serverLoad, sessionStore } from "./browser.js";
import { Engine } from "./engine.js";
import { mediaWorld } from "./track.js";

/** @typedef {import("./types.js").Player} Player */

/**
 * @param {{ recording: string } & Partial<import("./types.js").EngineParts>} given
 * @returns {Player}
 */
export function createPlayer({ recording, start = null, load = serverLoad(recording), environment = BROWSER, media = mediaWorld(), makeAudio = hiddenAudio, storage = sessionStore() }) {
  return new Engine({ recording, start, load, environment, media, makeAudio, storage });
}
