/** Whether the class is open. */

/** @typedef {import("./types.js").LifecycleState} State */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { title: "", language: "", state: "new", opened_at: 0, closed_at: 0, reason: "" };

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, { type, at, data }) {
  switch (type) {
    case "lifecycle.opened":
      return { ...initial, title: data["title"], language: data["language"], state: "open", opened_at: at };
    case "lifecycle.closed":
      return { ...state, state: "closed", closed_at: at, reason: data["reason"] };
    default:
      return state;
  }
}
