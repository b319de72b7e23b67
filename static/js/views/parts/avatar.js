/**
 * A person without a picture: a disc with initials, its colour always the same for the same person. It only repeats the
 * name beside it, so screen readers pass over it.
 */
import { html } from "../../html.js";

const COLOURS = 8; // --person-1 .. --person-8 of tokens.css

/** Return one or two letters for `name`, whatever script it is in. */
export function initials(/** @type {string} */ name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? "");
  return letters.join("").toLocaleUpperCase() || "?";
}

/** Return 1..8 for `id`: spread evenly, and the same on every screen. */
export function colourOf(/** @type {string} */ id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65521;
  return (sum % COLOURS) + 1;
}

/**
 * @param {object} props
 * @param {string} props.id the person's id
 * @param {string} props.name
 * @param {"small" | "medium" | "large" | "fit"} [props.size] 24, 32, 48 px; fit takes its size from the tile around it
 */
export function Avatar({ id, name, size = "medium" }) {
  return html`<span class=${`avatar avatar-${size} avatar-${colourOf(id)}`} data-initials=${initials(name)} aria-hidden="true"></span>`;
}
