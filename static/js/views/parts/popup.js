/**
 * A box that floats beside its button until Escape, a click elsewhere or the tab key takes it away. Not a menu (menu.js is
 * one, built on this): it may hold anything, for instance the reactions or the network panel.
 *
 * It is a popover in the browser's top layer, so no parent's overflow or z-index can cut it off. Focus goes into it when it
 * opens and back to the button when it closes by keyboard.
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../../html.js";
import { lift, place } from "./place.js";

const FOCUSABLE = "a[href], button, input, select, textarea, [tabindex]";

/**
 * @param {object} props
 * @param {{ current: HTMLElement | null }} props.anchor the button it belongs to, or what holds it
 * @param {() => void} props.onClose
 * @param {any} props.children
 * @param {import("./place.js").Side} [props.side]
 * @param {import("./place.js").Align} [props.align]
 * @param {string} [props.label] its name for screen readers
 * @param {string} [props.role]
 * @param {string} [props.class]
 * @param {string} [props.id]
 * @param {boolean} [props.focus] false leaves the focus on the button
 * @param {(event: KeyboardEvent) => void} [props.onKeyDown]
 */
export function Popup({ anchor, onClose, children, side, align, label, role = "dialog", class: more = "", id, focus = true, onKeyDown }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => {
    if (box.current === null || anchor.current === null) return;
    lift(box.current);
    place(box.current, anchor.current, { side, align });
  });
  useLayoutEffect(() => {
    // Before the next key is read: who opens a menu by keyboard goes on typing at once.
    if (focus) first(box.current)?.focus({ preventScroll: true });
  }, []);
  // A layout effect: Preact takes back the others only after the next frame, and a popup that is opened again by then would
  // be closed by the listener of the one before.
  useLayoutEffect(() => watchOutside(box, anchor, onClose), [onClose]);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      onClose();
      focusOn(anchor.current);
    } else onKeyDown?.(event);
  };
  return html`<div class=${`popup ${more}`} popover="manual" ref=${box} role=${role} aria-label=${label} id=${id} tabindex="-1" onKeyDown=${onKey}>
    ${children}
  </div>`;
}

/** Give the focus to a button, or to the one inside `anchor`. */
export function focusOn(/** @type {HTMLElement | null} */ anchor) {
  const button = anchor?.matches("button") ? anchor : anchor?.querySelector("button");
  button?.focus();
}

/** Return the element that gets the focus: the chosen one, else the first, else the box. */
function first(/** @type {HTMLElement | null} */ box) {
  const chosen = box?.querySelector("[data-first], [aria-checked='true'], :checked");
  const found = chosen ?? box?.querySelector(FOCUSABLE) ?? box;
  return /** @type {HTMLElement | null} */ (found);
}

/**
 * Call `onClose` when a press, or the focus, lands outside the box and its button.
 *
 * @param {{ current: HTMLElement | null }} box
 * @param {{ current: HTMLElement | null }} anchor
 * @param {() => void} onClose
 */
function watchOutside(box, anchor, onClose) {
  const end = new AbortController();
  const page = anchor.current?.ownerDocument ?? document; // of the second screen, perhaps
  const look = (/** @type {Event} */ event) => {
    const at = event.target;
    if (at === null || at === page.body || !("nodeType" in at)) return;
    const node = /** @type {Node} */ (at);
    if (!box.current?.contains(node) && !anchor.current?.contains(node)) onClose();
  };
  page.addEventListener("pointerdown", look, { signal: end.signal, capture: true });
  page.addEventListener("focusin", look, { signal: end.signal });
  page.defaultView?.addEventListener("resize", onClose, { signal: end.signal });
  return () => end.abort();
}
