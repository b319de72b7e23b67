/**
 * Which questions are shown, in which order, and which of them look like the one that somebody is about to ask.
 * Pure; the board and its keyboard both use it.
 */

/** @typedef {import("../state/context.js").Question} Question */
/** @typedef {"open" | "answered" | "mine" | "held" | "dismissed"} Filter */
/** @typedef {"votes" | "time"} Order */

/** Words shorter than this ("эмне", "что", "why") say little about what a question is about. */
const MIN_WORD = 4;
/** Words are compared by their beginnings, because Kyrgyz and Russian change the ends. */
const STEM = 5;
/** How many look-alikes are offered: more would hide the form on a phone. */
const MAX_SIMILAR = 3;

/**
 * @param {Question} question
 * @param {Filter} filter
 * @param {string} me
 */
function passes(question, filter, me) {
  switch (filter) {
    case "open":
      return question.state === "open" || question.state === "answering" || (question.state === "held" && question.author === me);
    case "answered":
      return question.state === "answered";
    case "mine":
      return question.author === me && question.state !== "withdrawn";
    case "held":
      return question.state === "held";
    case "dismissed":
      return question.state === "dismissed";
  }
}

/**
 * Return the questions to show. The one that is being answered is always first; then by votes (older first among equals) or
 * by time (newest first, as one expects of a list that grows).
 *
 * @param {Readonly<Record<string, Question>>} items
 * @param {{ filter: Filter, order: Order, me: string }} choice
 * @returns {Question[]}
 */
export function arranged(items, { filter, order, me }) {
  const shown = Object.values(items).filter((question) => passes(question, filter, me));
  const now = (/** @type {Question} */ question) => (question.state === "answering" ? 1 : 0);
  return shown.sort(
    (a, b) =>
      now(b) - now(a) ||
      (order === "votes" ? b.votes - a.votes || a.asked_at - b.asked_at : b.asked_at - a.asked_at) ||
      (a.id < b.id ? -1 : 1),
  );
}

/**
 * Return how many questions there are of each kind that a tab may count.
 *
 * @param {Readonly<Record<string, Question>>} items
 * @param {string} me
 * @returns {Record<Filter, number>}
 */
export function counts(items, me) {
  const all = Object.values(items);
  const count = (/** @type {Filter} */ filter) => all.filter((question) => passes(question, filter, me)).length;
  return { open: count("open"), answered: count("answered"), mine: count("mine"), held: count("held"), dismissed: count("dismissed") };
}

/**
 * @param {string} text
 * @returns {Set<string>}
 */
function stems(text) {
  const words = text.toLowerCase().replaceAll("ё", "е").match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => word.length >= MIN_WORD).map((word) => word.slice(0, STEM)));
}

/**
 * Return up to three questions that share at least half of the draft's telling words, the closest first.
 *
 * @param {Readonly<Record<string, Question>>} items
 * @param {string} draft
 * @returns {Question[]}
 */
export function similar(items, draft) {
  const wanted = stems(draft);
  if (wanted.size === 0) return [];
  const scored = Object.values(items)
    .filter((question) => ["open", "answering", "answered"].includes(question.state))
    .map((question) => {
      const has = stems(question.text);
      const shared = [...wanted].filter((stem) => has.has(stem)).length;
      return { question, score: shared / wanted.size };
    });
  return scored
    .filter(({ score }) => score >= 0.5)
    .sort((a, b) => b.score - a.score || b.question.votes - a.question.votes)
    .slice(0, MAX_SIMILAR)
    .map(({ question }) => question);
}
