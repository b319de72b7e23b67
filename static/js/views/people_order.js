/** Who stands where in the list of people: the reader's search, then staff, then those on the stage, then by name. Pure. */

/** @typedef {import("../state/context.js").Person} Person */
/** @typedef {import("../state/context.js").Track} Track */

const RANK = { teacher: 0, assistant: 1, student: 2, guest: 2 };

/**
 * Return those who are present and match, in order.
 *
 * @param {Readonly<Record<string, Person>>} items
 * @param {Readonly<Record<string, Track>>} tracks
 * @param {string} search
 * @param {(a: string, b: string) => number} compare of names
 * @returns {Person[]}
 */
export function listed(items, tracks, search, compare) {
  const sending = new Set(Object.values(tracks).map((track) => track.person));
  const wanted = fold(search.trim());
  const rank = (/** @type {Person} */ person) => RANK[person.role] * 2 + (sending.has(person.id) ? 0 : 1);
  return Object.values(items)
    .filter((person) => person.present && (wanted === "" || fold(person.name).includes(wanted)))
    .sort((a, b) => rank(a) - rank(b) || compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

/** Letters that a Russian keyboard lacks are found by those that people type instead. */
function fold(/** @type {string} */ text) {
  return text.toLowerCase().replaceAll("ё", "е").replaceAll("ө", "о").replaceAll("ү", "у").replaceAll("ң", "н");
}
