/**
 * The name of a button and its shortcut, shown beside it while the mouse rests on it or the keyboard is on it.
 *
 * One tooltip serves the page: it listens on the document for elements with `data-tip` (and `data-keys`), so that a button
 * costs nothing until somebody points at it. The text repeats what the button's own name says, hence it is hidden from
 * screen readers, except for the reason why something is disabled: that is the button's description (see button.js).
 */
import { signal } from "@preact/signals-core";
import { useEffect, useRef } from "preact/hooks";
import { html } from "../../html.js";
import { lift, place } from "./place.js";

/** Milliseconds of rest before it appears: shorter flickers when the mouse crosses the bar. */
const REST = 350;

/** @type {import("@preact/signals-core").Signal<HTMLElement | null>} */
const pointed = signal(null);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function target(/** @type {Event} */ event) {
  const from = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
  return from instanceof HTMLElement ? from : null;
}

function show(/** @type {Event} */ event) {
  const found = target(event);
  clearTimeout(timer);
  if (found === null) return;
  const touched = event instanceof PointerEvent && event.pointerType === "touch";
  const clicked = event.type === "focusin" && !found.matches(":focus-visible");
  if (touched || clicked) return;
  timer = setTimeout(() => (pointed.value = found.isConnected ? found : null), event.type === "focusin" ? 0 : REST);
}

function hide() {
  clearTimeout(timer);
  pointed.value = null;
}

function hideOnEscape(/** @type {KeyboardEvent} */ event) {
  if (event.key === "Escape") hide();
}

/** The tooltip of the page; mounted once, by Overlays. */
export function Tooltip() {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const anchor = pointed.value;
  useEffect(() => {
    const end = new AbortController();
    const options = { signal: end.signal, passive: true };
    document.addEventListener("pointerover", show, options);
    document.addEventListener("focusin", show, options);
    for (const type of ["pointerdown", "focusout", "pointerout"]) document.addEventListener(type, hide, options);
    document.addEventListener("scroll", hide, { ...options, capture: true });
    document.addEventListener("keydown", hideOnEscape, options);
    return () => end.abort();
  }, []);
  useEffect(() => {
    if (anchor === null || box.current === null) return;
    lift(box.current);
    place(box.current, anchor, { side: "top", align: "center", gap: 8 });
  }, [anchor]);
  if (anchor === null) return null;
  return html`<div class="tooltip" popover="manual" aria-hidden="true" ref=${box}>
    ${anchor.dataset.tip} ${anchor.dataset.keys && html`<kbd>${anchor.dataset.keys}</kbd>`}
  </div>`;
}
