/**
 * Text that people wrote, cut into plain pieces and links. Only http and https become links; what is shown is what was
 * written, so a link cannot pretend to lead elsewhere.
 */

/** @typedef {{ text: string, href: string | null }} Piece */

const LINK = /\bhttps?:\/\/[^\s<>"'`]+/giu;

// What ends a sentence is not part of the address; a closing bracket is only if it was opened inside it.
const TAIL = /[.,:;!?…»”’*_]+$/u;

/**
 * Return the address without the punctuation of the sentence around it.
 *
 * @param {string} found
 */
function trimmed(found) {
  let link = found;
  for (;;) {
    const before = link;
    link = link.replace(TAIL, "");
    if (link.endsWith(")") && !balanced(link)) link = link.slice(0, -1);
    if (link === before) return link;
  }
}

/** @param {string} link */
function balanced(link) {
  return link.split("(").length >= link.split(")").length;
}

/**
 * Return the address that the browser would open, or null where it would not be a web address with a host.
 *
 * @param {string} link
 */
function address(link) {
  try {
    const url = new URL(link);
    // A name before the host ("https://bank.kg@evil.example") is only ever used to deceive.
    return url.hostname.includes(".") && url.username === "" ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * Return `text` as pieces in order; joined together they are `text`.
 *
 * @param {string} text
 * @returns {Piece[]}
 */
export function pieces(text) {
  /** @type {Piece[]} */
  const found = [];
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const link = trimmed(match[0]);
    const href = address(link);
    if (href === null) continue;
    if (match.index > done) found.push({ text: text.slice(done, match.index), href: null });
    found.push({ text: link, href });
    done = match.index + link.length;
  }
  if (done < text.length) found.push({ text: text.slice(done), href: null });
  return found;
}
