/**
 * Plural forms by the CLDR rules that come with the catalogue (UTS 35, part 3, section 5).
 *
 * `Intl.PluralRules` would do for our three languages, but then the order of the forms in the catalogue and the rules that
 * choose among them would come from two versions of CLDR.
 */

/** @typedef {import("./types.js").Condition} Condition */
/** @typedef {import("./types.js").Catalogue} Catalogue */

/**
 * The operands of a number as it is shown: n value, i integer digits, v and f visible fraction digits, w and t without
 * trailing zeros. A JavaScript number has no trailing zeros, so v = w and f = t.
 *
 * @param {number} value
 * @returns {Record<string, number>}
 */
function operands(value) {
  const n = Math.abs(value);
  const fraction = String(n).split(".")[1] ?? "";
  const f = fraction === "" ? 0 : Number(fraction);
  return { n, i: Math.trunc(n), v: fraction.length, w: fraction.length, f, t: f, c: 0, e: 0 };
}

/**
 * @param {Condition} node
 * @param {Record<string, number>} of
 * @returns {any} a truth value for conditions, a number for operands
 */
function evaluate(node, of) {
  const [kind, left, right] = node;
  switch (kind) {
    case "value":
      return left;
    case "mod":
      return evaluate(left, of) % evaluate(right, of);
    case "and":
      return evaluate(left, of) && evaluate(right, of);
    case "or":
      return evaluate(left, of) || evaluate(right, of);
    case "not":
      return !evaluate(left, of);
    case "in": {
      const number = evaluate(left, of);
      // "in" ranges hold whole numbers only: 1.5 is not in 1..2.
      return Number.isInteger(number) && right.some((/** @type {[number, number]} */ [from, to]) => from <= number && number <= to);
    }
    default:
      return of[kind];
  }
}

/**
 * @param {Catalogue["plural"]} plural
 * @param {number} value
 * @returns {string} "one", "few", "many", "other" ...
 */
export function pluralTag(plural, value) {
  const of = operands(value);
  for (const [tag, condition] of plural.rules) if (evaluate(condition, of)) return tag;
  return "other";
}

/**
 * @param {Catalogue["plural"]} plural
 * @param {import("./types.js").PluralTexts} texts
 * @param {number} value
 */
export function pluralText(plural, texts, value) {
  return texts[pluralTag(plural, value)] ?? texts["other"] ?? "{0}";
}
