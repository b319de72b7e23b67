/** The queue of raised hands, first come first. */

/** @typedef {import("./types.js").HandsState} State */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { queue: [] };

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, { type, at, data }) {
  const person = data["person"];
  const others = () => state.queue.filter((hand) => hand.person !== person);
  switch (type) {
    case "hands.raised":
      return { queue: [...others(), { person, at }] };
    case "hands.lowered":
      return { queue: others() };
    default:
      return state;
  }
}
