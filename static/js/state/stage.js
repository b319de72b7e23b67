/** Who may send sound and picture, and what is being sent. */

import { drop, put } from "./records.js";

/** @typedef {import("./types.js").StageState} State */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { allowed: {}, tracks: {} };

/** @param {State} state @param {string} id @param {boolean} muted @returns {State} */
function muted(state, id, muted) {
  const found = state.tracks[id];
  return found ? { ...state, tracks: put(state.tracks, id, { ...found, muted }) } : state;
}

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, { type, at, data }) {
  const { track: id, person } = data;
  switch (type) {
    case "stage.allowed":
      return { ...state, allowed: put(state.allowed, person, data["kinds"]) };
    case "stage.disallowed":
      return { ...state, allowed: drop(state.allowed, person) };
    case "stage.started":
      return { ...state, tracks: put(state.tracks, id, { id, person, kind: data["kind"], muted: data["muted"], since: at }) };
    case "stage.muted":
      return muted(state, id, true);
    case "stage.unmuted":
      return muted(state, id, false);
    case "stage.stopped":
      return { ...state, tracks: drop(state.tracks, id) };
    default:
      return state;
  }
}
