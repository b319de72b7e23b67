/**
 * The lines of a class: one's own as the server judges it, and for staff all that are not good.
 *
 * Signals, so nothing here is kept: the newest word counts, and a reader who was away begins with "all is well".
 */

/** @typedef {import("./types.js").Lines} Lines */
/** @typedef {import("./types.js").LineProblem} LineProblem */
/** @typedef {import("./types.js").OwnLine} OwnLine */
/** @typedef {import("./types.js").Quality} Quality */

/** What staff take for granted until they hear otherwise. @type {Lines} */
export const ALL_WELL = { people: [], more: 0, cause: null };

/** Take `stage.lines`. @param {Record<string, any>} message @returns {Lines} */
export function lines({ people, more, cause }) {
  return { people, more, cause };
}

/** Take `stage.stats`. @param {Record<string, any>} message @returns {OwnLine} */
export function ownLine({ up, down, quality, problems, inherits }) {
  return { up, down, quality, problems, inherits };
}

/** Who has which quality, for marks beside names. @param {Lines} all @returns {Readonly<Record<string, Quality>>} */
export function qualities({ people }) {
  return Object.fromEntries(people.map(({ person, quality }) => [person, quality]));
}

/**
 * Whether two judgements of one's own line would be told in the same words.
 *
 * @param {OwnLine | null} one
 * @param {OwnLine | null} other
 */
export function sameWords(one, other) {
  const words = (/** @type {OwnLine | null} */ line) => (line === null ? "" : `${line.quality} ${line.problems.map((found) => found.problem + found.level).join(" ")}`);
  return words(one) === words(other);
}
