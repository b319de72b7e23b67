/** Where the searched words stand in a text, to be marked. Pure. */

/** What keyboards lack. @type {Readonly<Record<string, string>>} */
const PLAIN = { ө: "о", ү: "у", ң: "н" };

/** As the server folds: case, marks (ё is е, й stays), and ө ү ң like о у н. One letter stays one, so that places are those of the text. */
function folded(/** @type {string} */ text) {
  return [...text].map((letter) => {
    const low = letter.toLocaleLowerCase();
    const bare = low === "й" ? low : low.normalize("NFKD").replace(/\p{M}/gu, "");
    return bare.length === letter.length ? (PLAIN[bare] ?? bare) : letter;
  }).join("");
}

/**
 * @param {string} text
 * @param {string} query words, each of which is looked for
 * @returns {{ text: string, found: boolean }[]} joined they are the text
 */
export function pieces(text, query) {
  const words = folded(query).split(/\s+/).filter(Boolean);
  const within = folded(text);
  /** @type {{ text: string, found: boolean }[]} */
  const made = [];
  let at = 0;
  while (at < text.length) {
    const next = words
      .map((word) => ({ at: within.indexOf(word, at), length: word.length }))
      .filter((one) => one.at >= 0)
      .sort((a, b) => a.at - b.at || b.length - a.length)[0];
    if (next === undefined) break;
    if (next.at > at) made.push({ text: text.slice(at, next.at), found: false });
    made.push({ text: text.slice(next.at, next.at + next.length), found: true });
    at = next.at + next.length;
  }
  if (at < text.length) made.push({ text: text.slice(at), found: false });
  return made;
}
