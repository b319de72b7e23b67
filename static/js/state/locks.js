/** What the teacher has locked for students and guests. */

/** @typedef {import("./types.js").LocksState} State */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { microphone: false, camera: false, screen: false, chat: false, private_chat: false, questions: false };

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, { type, data }) {
  if (type !== "locks.changed") return state;
  const { microphone, camera, screen, chat, private_chat, questions } = data;
  return { microphone, camera, screen, chat, private_chat, questions };
}
