/** A search field that asks when the typing pauses. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { Icon } from "./parts/icon.js";

/** Long enough for a slow typist, short enough to feel at once. */
const PAUSE_MS = 250;

/** @param {{ label: string, onSearch: (query: string) => void }} props */
export function SearchBox({ label, onSearch }) {
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => onSearch(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<label class="search">
    <${Icon} name="search" size=${16} />
    <span class="out-of-sight">${label}</span>
    <input
      class="input"
      type="search"
      placeholder=${label}
      value=${text}
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setText(event.currentTarget.value)}
    />
  </label>`;
}
