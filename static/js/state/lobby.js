/** Who waits outside, where the teacher wants to let people in one by one. Only staff see them. */

import { drop, put } from "./records.js";

/** @typedef {import("./types.js").LobbyState} State */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { on: false, waiting: {} };

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, { type, at, data }) {
  const id = data["person"];
  switch (type) {
    case "lobby.switched":
      return { ...state, on: data["on"] };
    case "lobby.knocked":
      return { ...state, waiting: put(state.waiting, id, { id, name: data["name"], role: data["role"], since: at }) };
    case "lobby.admitted":
    case "lobby.refused":
    case "lobby.gave_up":
      return { ...state, waiting: drop(state.waiting, id) };
    default:
      return state;
  }
}
