/**
 * Which of the pages outside a class is shown: the address bar decides, by the History API, without a reload.
 */
import { signal } from "@preact/signals-core";
import { html } from "../html.js";

export const path = signal(globalThis.location?.pathname ?? "/");

globalThis.addEventListener?.("popstate", () => (path.value = location.pathname));

const INSIDE = /^\/class\/[A-Za-z][A-Za-z0-9_-]{0,63}$|^\/recording\/[A-Za-z][A-Za-z0-9_-]{0,70}(\?t=[\w:]{1,20})?$/;

/**
 * Return the class or recording that somebody wanted before signing in (`/?to=/class/ID`), or null. Only those: an address from
 * outside must not send anybody anywhere else.
 */
export function wantedClass(search = globalThis.location?.search ?? "") {
  const to = new URLSearchParams(search).get("to") ?? "";
  return INSIDE.test(to) ? to : null;
}

/** Go to another of these pages; the focus goes to its heading, as after a real load. */
export function go(/** @type {string} */ to) {
  if (to !== location.pathname) history.pushState(null, "", to);
  path.value = to;
  window.scrollTo(0, 0);
  queueMicrotask(() => requestAnimationFrame(() => document.querySelector("h1")?.focus()));
}

/**
 * A link to another of these pages. Anything but a plain click is the browser's (new tab, saving).
 *
 * @param {{ to: string, children?: any, class?: string } & Record<string, any>} props
 */
export function Link({ to, children, ...rest }) {
  const click = (/** @type {MouseEvent} */ event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  const here = path.value === to ? "page" : undefined;
  return html`<a href=${to} aria-current=${here} onClick=${click} ...${rest}>${children}</a>`;
}
