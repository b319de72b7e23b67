/**
 * What the player tells: one signal for each thing that a page shows of it, changed only when it differs.
 */
import { batch, computed, signal } from "@preact/signals-core";

/** @typedef {import("./types.js").Player} Player */
/** @typedef {import("./types.js").Playback} Playback */
/** @typedef {import("./types.js").Size} Size */

const NOBODY = { levels: {}, dominant: null };
/** What can be played changes with every cluster; a page need not draw that, ms. */
const WORTH = 200;

export class Facts {
  opened = signal(/** @type {Playback | null} */ (null));
  time = signal(0);
  duration = signal(0);
  playing = signal(false);
  waiting = signal(true);
  ended = signal(false);
  rate = signal(1);
  live = signal(false);
  atLive = signal(false);
  catchingUp = signal(false);
  mode = signal(/** @type {import("./types.js").PlayerMode} */ ("everything"));
  skipSilence = signal(false);
  volume = signal(1);
  muted = signal(false);
  offline = signal(false);
  /** What ends it; `error` tells of a lost line, too. */
  fatal = signal("");
  error = computed(() => this.fatal.value || (this.offline.value ? "offline" : ""));
  buffered = signal(/** @type {readonly (readonly [number, number])[]} */ ([]));
  needsGesture = signal(false);
  jumped = signal(/** @type {import("./types.js").Jump | null} */ (null));
  silences = signal(/** @type {readonly (readonly [number, number])[]} */ ([]));
  tracks = signal(/** @type {readonly import("./types.js").RecordedTrack[]} */ ([]));
  active = signal(/** @type {ReadonlySet<string>} */ (new Set()));
  room = signal(/** @type {import("../../state/types.js").RoomState | null} */ (null));
  sizes = signal(/** @type {Readonly<Record<string, import("./types.js").Size>>} */ ({}));
  speakers = signal(/** @type {Player["speakers"]["value"]} */ (NOBODY));
  line = signal(/** @type {{ bitrate: number | null, delay: number | null }} */ ({ bitrate: null, delay: null }));

  /**
   * @param {object} now
   * @param {number} now.t
   * @param {import("../../state/types.js").RoomState | null} now.room null: not known yet
   * @param {readonly string[]} now.active
   * @param {Readonly<Record<string, Size>>} now.sizes
   * @param {number} now.upto what can be played without the line
   * @param {Player["line"]["value"]} now.line
   * @param {Player["speakers"]["value"]} now.speakers
   * @param {{ live: boolean, newest: number, at: boolean, catchingUp: boolean }} now.edge
   */
  publish({ t, room, active, sizes, upto, line, speakers, edge }) {
    batch(() => {
      this.time.value = t;
      if (room) this.room.value = room;
      if (edge.live) this.duration.value = Math.max(this.duration.peek(), edge.newest);
      this.atLive.value = edge.at;
      this.catchingUp.value = edge.catchingUp;
      const known = this.active.peek();
      if (active.length !== known.size || active.some((id) => !known.has(id))) this.active.value = new Set(active);
      put(this.sizes, sizes);
      put(this.line, line);
      put(this.speakers, speakers);
      if (Math.abs(upto - (this.buffered.peek()[0]?.[1] ?? -WORTH)) >= WORTH) this.buffered.value = [[t, Math.max(t, upto)]];
    });
  }
}

/** @template T @param {import("@preact/signals-core").Signal<T>} into @param {T} value small, and plain */
function put(into, value) {
  if (JSON.stringify(value) !== JSON.stringify(into.peek())) into.value = value;
}
