/**
 * The board of questions: asked, voted for, held back or published, answered.
 */

import { drop, put } from "./records.js";

/** @typedef {import("./types.js").QuestionsState} State */
/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { moderated: false, items: {} };

/**
 * @param {Event} event
 * @param {Partial<Question>} more
 * @returns {Question}
 */
function fresh({ data }, more) {
  return {
    id: data["question"],
    author: data["author"],
    anonymous: data["anonymous"],
    text: data["text"],
    asked_at: 0,
    edited_at: 0,
    state: "open",
    votes: 0,
    voters: [],
    answer: null,
    reason: "",
    ...more,
  };
}

/** The question that was being answered goes back to the others. @param {State} state @param {string} id @returns {State} */
function answering(state, id) {
  let { items } = state;
  for (const known of Object.values(items)) {
    if (known.state === "answering") items = put(items, known.id, { ...known, state: "open" });
  }
  const found = items[id];
  return { ...state, items: found ? put(items, id, { ...found, state: "answering" }) : items };
}

/** @type {Record<string, (question: Question, event: Event) => Question>} */
const CHANGES = {
  "questions.edited": (question, { at, data }) => ({ ...question, text: data["text"], edited_at: at }),
  "questions.held": (question) => ({ ...question, state: "held", answer: null, reason: "" }),
  "questions.voted": (question, { data }) => {
    const voters = data["voter"] && !question.voters.includes(data["voter"]) ? [...question.voters, data["voter"]] : question.voters;
    return { ...question, votes: question.votes + 1, voters };
  },
  "questions.unvoted": (question, { data }) => ({
    ...question,
    votes: Math.max(0, question.votes - 1),
    voters: question.voters.filter((known) => known !== data["voter"]),
  }),
  "questions.answered": (question, { at, by, data }) => ({
    ...question,
    state: "answered",
    answer: { how: data["how"], text: data["text"], by, at },
  }),
  "questions.dismissed": (question, { data }) => ({ ...question, state: "dismissed", reason: data["reason"] }),
  "questions.reopened": (question) => ({ ...question, state: "open", answer: null, reason: "" }),
  "questions.withdrawn": (question) => ({ ...question, state: "withdrawn", text: "" }),
};

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, event) {
  const { type, at, data } = event;
  const id = data["question"];
  switch (type) {
    case "questions.moderated":
      return { ...state, moderated: data["on"] };
    case "questions.asked":
      return { ...state, items: put(state.items, id, fresh(event, { asked_at: at, state: data["held"] ? "held" : "open" })) };
    case "questions.published":
      // At the end for those who had it, too: so everybody has the same order.
      return { ...state, items: put(drop(state.items, id), id, fresh(event, { asked_at: data["asked_at"], votes: data["votes"] })) };
    case "questions.hidden":
      return { ...state, items: drop(state.items, id) };
    case "questions.answering":
      return answering(state, id);
    default: {
      const change = CHANGES[type];
      const found = state.items[id];
      if (!change || !found) return state;
      return { ...state, items: put(state.items, id, change(found, event)) };
    }
  }
}
