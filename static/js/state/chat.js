/**
 * What was written, to all and to one, with replies, pins and reactions.
 *
 * A message that is gone keeps its place with an empty text, so that an answer to it still makes sense.
 */

import { drop, put, sizeOf } from "./records.js";

/** @typedef {import("./types.js").ChatState} State */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Event} Event */

/** As the server keeps them (PROTOCOL.md 1.2); older ones come through `history`. */
const KEPT = 2000;

/** @type {State} */
export const initial = { messages: {}, pinned: [] };

/** @param {State} state @param {Event} event @returns {State} */
function posted(state, { at, data }) {
  const { message: id, author, text, to, reply_to } = data;
  /** @type {Message} */
  const message = { id, author, text, to, reply_to, at, edited_at: 0, gone: "", reactions: {} };
  const messages = put(state.messages, id, message);
  const surplus = sizeOf(messages) - KEPT;
  return { ...state, messages: surplus <= 0 ? messages : drop(messages, ...Object.keys(messages).slice(0, surplus)) };
}

/**
 * @param {Message} message
 * @param {string} emoji
 * @param {string} person
 * @param {boolean} on
 * @returns {Message}
 */
function reacted(message, emoji, person, on) {
  const people = (message.reactions[emoji] ?? []).filter((one) => one !== person);
  if (on) people.push(person);
  // An emoji that is there keeps its place, so the row under a message does not jump.
  const reactions = people.length === 0 ? drop(message.reactions, emoji) : put(message.reactions, emoji, people);
  return { ...message, reactions };
}

/** @type {Record<string, (message: Message, event: Event) => Message>} */
const CHANGES = {
  "chat.edited": (message, { at, data }) => ({ ...message, text: data["text"], edited_at: at }),
  "chat.withdrawn": (message) => ({ ...message, text: "", gone: "withdrawn" }),
  "chat.removed": (message) => ({ ...message, text: "", gone: "removed" }),
  "chat.reacted": (message, { data }) => reacted(message, data["emoji"], data["person"], true),
  "chat.unreacted": (message, { data }) => reacted(message, data["emoji"], data["person"], false),
};

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, event) {
  const id = event.data["message"];
  const others = () => state.pinned.filter((known) => known !== id);
  switch (event.type) {
    case "chat.posted":
      return posted(state, event);
    case "chat.pinned":
      return { ...state, pinned: [...others(), id] };
    case "chat.unpinned":
      return { ...state, pinned: others() };
    default: {
      const change = CHANGES[event.type];
      const found = state.messages[id];
      if (!change || !found) return state;
      return { ...state, messages: put(state.messages, id, change(found, event)) };
    }
  }
}
