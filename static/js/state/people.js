/**
 * Who is here and who was, with names and roles.
 *
 * People who left stay in `items`, so that what they wrote keeps its name.
 */

import { put } from "./records.js";

/** @typedef {import("./types.js").PeopleState} State */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { items: {}, blocked: [] };

/**
 * @param {State} state
 * @param {string} id
 * @param {Partial<import("./types.js").Person>} change
 * @returns {State}
 */
function changed(state, id, change) {
  const found = state.items[id];
  return found ? { ...state, items: put(state.items, id, { ...found, ...change }) } : state;
}

/** @param {State} state @param {string} id @param {number} at */
function gone(state, id, at) {
  // Who left before is not moved to a later time by being removed afterwards.
  return state.items[id]?.present ? changed(state, id, { present: false, left_at: at }) : state;
}

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, { type, at, data }) {
  const id = data["person"];
  switch (type) {
    case "people.joined": {
      const person = { id, name: data["name"], role: data["role"], present: true, joined_at: at, left_at: 0 };
      return { ...state, items: put(state.items, id, person) };
    }
    case "people.left":
      return gone(state, id, at);
    case "people.role_changed":
      return changed(state, id, { role: data["role"] });
    case "people.removed": {
      const rest = gone(state, id, at);
      return data["blocked"] && !rest.blocked.includes(id) ? { ...rest, blocked: [...rest.blocked, id] } : rest;
    }
    case "people.unblocked":
      return { ...state, blocked: state.blocked.filter((known) => known !== id) };
    default:
      return state;
  }
}
