/** Who may send sound and picture, and what is being sent. */

/** @typedef {import("./types.js").StageState} State */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { allowed: {}, tracks: {} };

/** @param {State} state @param {string} id @param {boolean} muted @returns {State} */
function muted(state, id, muted) {
  const found = state.tracks[id];
  return found ? { ...state, tracks: { ...state.tracks, [id]: { ...found, muted } } } : state;
}

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, { type, at, data }) {
  const { track: id, person } = data;
  switch (type) {
    case "stage.allowed":
      return { ...state, allowed: { ...state.allowed, [person]: data["kinds"] } };
    case "stage.disallowed": {
      const { [person]: _, ...allowed } = state.allowed;
      return { ...state, allowed };
    }
    case "stage.started": {
      const track = { id, person, kind: data["kind"], muted: data["muted"], since: at };
      return { ...state, tracks: { ...state.tracks, [id]: track } };
    }
    case "stage.muted":
      return muted(state, id, true);
    case "stage.unmuted":
      return muted(state, id, false);
    case "stage.stopped": {
      const { [id]: _, ...tracks } = state.tracks;
      return { ...state, tracks };
    }
    default:
      return state;
  }
}
