/**
 * One picture of the sprite that static/vendor.mjs draws from static/icons.json. It takes the colour of the text around it.
 *
 * An icon says nothing to a screen reader unless `label` is given: beside a text it would only repeat it.
 */
import { html } from "../../html.js";

// Relative to this module, so that the address has the version that the server gives all its files.
const SPRITE = new URL("../../../vendor/icons.svg", import.meta.url).pathname;

/**
 * @param {object} props
 * @param {string} props.name a name of static/icons.json
 * @param {number} [props.size] CSS pixels; 20 is the size everywhere but in marks (16) and empty states (32)
 * @param {string} [props.label] what it means, where it stands alone
 * @param {string} [props.class]
 */
export function Icon({ name, size = 20, label = "", class: more = "" }) {
  return html`<svg
    class=${`icon ${more}`}
    width=${size}
    height=${size}
    role=${label ? "img" : undefined}
    aria-label=${label || undefined}
    aria-hidden=${label ? undefined : "true"}
    focusable="false"
  >
    <use href=${`${SPRITE}#${name}`} />
  </svg>`;
}
