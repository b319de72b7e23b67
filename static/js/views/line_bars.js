/** How good a line is, as bars: the filled ones count, the rest stay visible as outlines of what could be. */
import { html } from "../html.js";

/** @typedef {"good" | "weak" | "bad" | "lost"} Line */

const FILLED = { good: 3, weak: 2, bad: 1, lost: 0 };

/** @param {{ line: Line, size?: number, label?: string }} props */
export function LineBars({ line, size = 20, label = "" }) {
  const named = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return html`<svg class=${`line-bars line-bars-${line}`} width=${size} height=${size} viewBox="0 0 20 20" ...${named}>
    ${[0, 1, 2].map((at) => html`<rect key=${at} x=${2 + at * 6} y=${11 - at * 4} width="4" height=${6 + at * 4} rx="1" class=${at < FILLED[line] ? "line-bar-full" : "line-bar"} />`)}
    ${line === "lost" && html`<path d="M3 3 17 17" stroke="currentColor" stroke-width="2" stroke-linecap="round" />`}
  </svg>`;
}
