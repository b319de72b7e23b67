/** What somebody wrote, with its line feeds kept (CSS) and its links made clickable; opened apart, telling nothing of this page. */
import { html } from "../html.js";
import { pieces } from "./links.js";

/** @param {{ text: string }} props */
export function RichText({ text }) {
  return html`<span class="rich-text" dir="auto"
    >${pieces(text).map((piece) =>
      piece.href === null
        ? piece.text
        : html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`,
    )}</span
  >`;
}
