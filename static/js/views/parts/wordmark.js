/** The name of the program with its sign: the tunduk, the opening at the top of a yurt through which the light comes. */
import { html } from "../../html.js";

const SIGN = new URL("../../../icon.svg", import.meta.url).pathname;

export function Wordmark() {
  return html`<span class="wordmark"><img src=${SIGN} alt="" width="28" height="28" />Sabak</span>`;
}
