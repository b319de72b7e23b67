/**
 * The pictures that a page shows: which of them is the main one, and in which size each is fetched.
 */
import { Pipe } from "./pipe.js";
import { chooseSizes } from "./sizes.js";

/** @typedef {import("./types.js").Want} Want */
/** @typedef {import("./types.js").Size} Size */

export class Pictures {
  /** One for each element; a track may be shown in two windows. @type {Set<Pipe>} */
  pipes = new Set();
  /** @type {Set<{ track: string, element: HTMLVideoElement, pipe: Pipe | null }>} */
  #places = new Set();
  /** @type {Map<string, Want>} */
  #wishes = new Map();

  /** @param {import("./pipe.js").Tools} tools */
  constructor(tools) {
    this.tools = tools;
  }

  /** Show a track in an element, as soon as it is listed. @param {string} track @param {HTMLVideoElement} element @returns {() => void} ends it */
  show(track, element) {
    const place = { track, element, pipe: /** @type {Pipe | null} */ (null) };
    this.#places.add(place);
    return () => {
      this.#places.delete(place);
      if (place.pipe) this.detach(place.pipe);
    };
  }

  /** Give every place its pipe whose track is listed; in a running class the stage may be ahead of the list. */
  connect() {
    for (const place of this.#places) {
      const track = this.tools.index.tracks.get(place.track);
      if (!track || place.pipe) continue;
      place.element.muted = true;
      place.pipe = new Pipe(track, place.element, this.tools);
      this.#tell(place.pipe);
      this.pipes.add(place.pipe);
    }
  }

  /** @param {Pipe} pipe */
  detach(pipe) {
    if (this.pipes.delete(pipe)) pipe.close();
  }

  /** @param {string} track @param {Want} want */
  wish(track, want) {
    this.#wishes.set(track, want);
    for (const pipe of this.pipes) if (pipe.track.id === track) this.#tell(pipe);
  }

  /** @param {number} t @param {import("./types.js").PlayerMode} mode @param {number | null} bitrate @param {number} rate @param {number} sound bit/s */
  update(t, mode, bitrate, rate, sound) {
    const shown = [...this.pipes].filter((pipe) => pipe.visible);
    const main = shown.filter((pipe) => pipe.activeWithin(t, t + 5000)).sort(before)[0] ?? null;
    for (const pipe of this.pipes) {
      pipe.main = pipe === main;
      if (!pipe.visible) this.#choose(pipe, null, t);
    }
    const pictures = shown.map((pipe) => ({ track: pipe.track.id, main: pipe.main, height: pipe.height, now: pipe.size, sizes: this.#sizes(pipe, t) }));
    const chosen = chooseSizes({ mode, bitrate, rate, sound, pictures });
    for (const pipe of shown) {
      const size = chosen.get(pipe.track.id) ?? null;
      this.#choose(pipe, size === "best" && pipe.tooFar(t, bitrate) ? "small" : size, t);
    }
  }

  close() {
    for (const pipe of [...this.pipes]) this.detach(pipe);
  }

  /** @param {Pipe} pipe @param {Size | null} size @param {number} t */
  #choose(pipe, size, t) {
    if (size === null) pipe.inStep = false;
    pipe.choose(size, t);
  }

  /** @param {Pipe} pipe @param {number} t */
  #sizes(pipe, t) {
    /** @type {Partial<Record<Size, { bitrate: number, height: number }>>} */
    const sizes = {};
    for (const size of this.tools.index.sizes(pipe.track.id)) {
      const segments = this.tools.index.tracks.get(pipe.track.id)?.segments ?? [];
      const height = Math.max(0, ...segments.filter((each) => each.size === size).map((each) => each.height));
      sizes[size] = { bitrate: pipe.bitrate(size, t), height };
    }
    return sizes;
  }

  /** @param {Pipe} pipe */
  #tell(pipe) {
    const want = this.#wishes.get(pipe.track.id);
    if (want) [pipe.height, pipe.visible] = [want.height, want.visible];
  }
}

/** The larger one is the main one; of equals the screen, then the one that was there first. @param {Pipe} a @param {Pipe} b */
function before(a, b) {
  return b.height - a.height || Number(b.track.kind === "screen") - Number(a.track.kind === "screen");
}
