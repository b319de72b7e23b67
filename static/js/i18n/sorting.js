/**
 * The order of names: that of the dictionary of the language shown, numbers by value, case and accents last.
 *
 * Chrome's `Intl.Collator` knows no Kyrgyz and would put ң, ө and ү where their Unicode numbers are.
 */
import { catalogue } from "./catalogue.js";

const LETTERS = 1000; // Above it are letters; below are spaces, marks and digits, which sort first as in CLDR.
const UNKNOWN = 10_000; // Letters that the alphabet does not name: after it, by number.

/** @type {{ alphabet: string, places: Map<string, number> }} */
let cached = { alphabet: "", places: new Map() };

/** @returns {Map<string, number>} */
function places() {
  const { alphabet } = catalogue.value;
  if (cached.alphabet !== alphabet) {
    cached = { alphabet, places: new Map([...alphabet].map((letter, index) => [letter, LETTERS + index])) };
  }
  return cached.places;
}

/**
 * Split a name into primary weights and what decides between names that are equal in them.
 *
 * @param {string} text
 * @returns {{ primary: number[], rest: string }}
 */
function key(text) {
  const order = places();
  const primary = [];
  let rest = "";
  for (const piece of text.normalize("NFC").match(/\d+|\D/gu) ?? []) {
    const folded = piece.toLowerCase();
    if (/\d/.test(piece)) primary.push(LETTERS - 2, Number(piece.slice(0, 15)));
    else if (order.has(folded)) primary.push(order.get(folded) ?? 0);
    else {
      // ё is е with a mark, é is e with one: the same letter at first sight.
      const [base = "", ...marks] = folded.normalize("NFD");
      const place = order.get(base);
      const letter = place !== undefined || /\p{L}/u.test(base);
      if (letter) primary.push(place ?? UNKNOWN + (base.codePointAt(0) ?? 0));
      else primary.push(/\s/u.test(base) ? 1 : 2);
      rest += letter ? marks.join("") : folded;
    }
    rest += "\u0001"; // a step for each letter, so that the first difference counts
  }
  return { primary, rest };
}

/**
 * For `Array.sort`. Reads the catalogue, so a sorted list redraws when the language changes.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number} negative, zero or positive
 */
export function compare(a, b) {
  const left = key(a);
  const right = key(b);
  const length = Math.max(left.primary.length, right.primary.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left.primary[index] ?? -1) - (right.primary[index] ?? -1);
    if (difference !== 0) return difference;
  }
  if (left.rest !== right.rest) return left.rest < right.rest ? -1 : 1;
  if (a === b) return 0;
  // Only the case differs: small letters first, as CLDR has it.
  return a > b ? -1 : 1;
}
