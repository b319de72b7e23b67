/**
 * What is said to a screen reader without moving its focus: `announce("Aida raised a hand")`.
 *
 * Two regions stand in every page from the beginning (a region that appears together with its text is often not read):
 * a polite one, and one that interrupts, for what cannot wait (the line is lost, the class is over).
 */
import { signal } from "@preact/signals-core";
import { html } from "../../html.js";

const polite = signal("");
const urgent = signal("");

/** ms within which the same text is one piece of news, told by two parts of the page. */
const ONCE = 1000;
let last = { text: "", at: -Infinity };

/**
 * Say `text`. The same text again, later, is read again: an invisible mark at its end makes it a new text.
 *
 * @param {string} text
 * @param {boolean} [now] interrupt what is being read
 */
export function announce(text, now = false) {
  const at = performance.now();
  if (text === last.text && at - last.at < ONCE) return;
  last = { text, at };
  const region = now ? urgent : polite;
  region.value = region.value === text ? `${text}\u00a0` : text;
}

/** The two regions; mounted once a page, by Overlays. */
export function LiveRegions() {
  return html`<div class="out-of-sight">
    <div aria-live="polite">${polite.value}</div>
    <div aria-live="assertive">${urgent.value}</div>
  </div>`;
}
