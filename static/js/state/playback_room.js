/**
 * The room of a class that was recorded: the same object as that of a live class (types.d.ts, `Room`), so that the same views
 * draw it. Its state is what stood there at the player's time; it never writes.
 */
import { batch, computed, effect, signal } from "@preact/signals-core";
import { EMPTY, FEATURE_NAMES } from "./fold.js";
import { ALL_WELL } from "./lines.js";

/** @typedef {import("./types.js").Room} Room */
/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").MediaClient} MediaClient */
/** @typedef {import("./types_playback.js").Player} Player */
/** @typedef {import("./types_playback.js").PlaybackAnswer} PlaybackAnswer */

const NO_REACTIONS = { clap: 0, yes: 0, no: 0, slower: 0, faster: 0 };
const REFUSED = /** @type {const} */ ({ ok: false, code: "not_open" });

/** What of a class is drawn at a moment of its recording: the class stood still before, and goes on behind. @returns {RoomState} */
function shown(/** @type {RoomState} */ state) {
  // Hands, the door and rules mean nothing when the class is over, and who watches cannot act on them.
  return { ...EMPTY, ...state, lobby: EMPTY.lobby };
}

/**
 * A media client without devices: it shows what the player brings.
 *
 * @param {Player} player
 * @returns {MediaClient}
 */
export function replayMedia(player) {
  const off = signal({ on: false, busy: false, error: /** @type {const} */ ("") });
  const nothing = async () => {};
  return {
    microphone: off,
    camera: off,
    screen: off,
    devices: signal({ microphone: [], camera: [], speaker: [] }),
    chosen: signal({ microphone: "", camera: "", speaker: "" }),
    level: signal(0),
    streams: signal(new Map()),
    local: signal({ camera: null, screen: null }),
    mode: computed(() => (player.mode.value === "sound" ? "sound" : "everything")),
    state: signal("connected"),
    silent: player.needsGesture,
    stats: signal(null),
    canShareScreen: false,
    canChooseSpeaker: false,
    setMicrophone: nothing,
    setCamera: nothing,
    setScreen: nothing,
    choose: nothing,
    setMode: (mode) => (player.mode.value = mode === "everything" ? "everything" : "sound"),
    wish: (track, want) => player.wish(track, want),
    refreshDevices: nothing,
    playSound: async () => player.play(),
    start: () => {},
    stop: nothing,
  };
}

/**
 * @param {object} parts
 * @param {PlaybackAnswer} parts.answer
 * @param {Player} parts.player
 * @returns {Room & { close(): void }}
 */
export function createPlaybackRoom({ answer, player }) {
  const { recording } = answer;
  /** @type {{ [F in keyof RoomState]: import("@preact/signals-core").Signal<any> }} */
  const state = /** @type {any} */ (Object.fromEntries(FEATURE_NAMES.map((name) => [name, signal(EMPTY[name])])));
  const forget = effect(() => {
    const next = shown(player.room.value ?? EMPTY);
    batch(() => {
      // What stayed the same object is not drawn again, however often the time moves on.
      for (const name of FEATURE_NAMES) state[name].value = next[name];
    });
  });
  return {
    state,
    me: signal(answer.me),
    info: signal({ id: recording.class_id, title: recording.title, language: answer.state.room.lifecycle?.language ?? "" }),
    can: () => false,
    status: signal("live"),
    bye: signal(null),
    send: async () => REFUSED,
    pending: signal([]),
    signal: () => {},
    history: async () => REFUSED,
    programKey: async () => REFUSED,
    speakers: player.speakers,
    reactions: signal(NO_REACTIONS),
    typing: signal({}),
    lines: signal(ALL_WELL),
    network: signal({}),
    stats: signal(null),
    clock: () => recording.started_at + player.time.peek(),
    media: replayMedia(player),
    replay: player,
    began: recording.started_at,
    join: async () => player.play(),
    leave: async () => player.close(),
    close() {
      forget();
      player.close();
    },
  };
}
