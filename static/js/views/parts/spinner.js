/**
 * The sign that something is under way. Anything that takes longer than a tenth of a second shows one; what takes longer
 * than a second says in words what it is waiting for.
 */
import { html } from "../../html.js";

/**
 * @param {object} props
 * @param {number} [props.size] CSS pixels
 * @param {string} [props.label] said to screen readers, where no text stands beside it
 */
export function Spinner({ size = 20, label = "" }) {
  const named = label ? { role: "status", "aria-label": label } : { "aria-hidden": "true" };
  return html`<span class="spinner" style=${{ inlineSize: `${size}px`, blockSize: `${size}px` }} ...${named}></span>`;
}
