/**
 * The one place where templates meet Preact: `html` is htm bound to Preact's `h`.
 *
 * `@preact/signals` is imported for its effect: it teaches Preact to redraw a component when a signal that the component
 * read while drawing has changed. A module that draws imports `html` from here, so none can forget that.
 */
import { h } from "preact";
import htm from "htm";
import "@preact/signals";

/** @type {(strings: TemplateStringsArray, ...values: any[]) => import("preact").VNode<any>} */
export const html = /** @type {any} */ (htm.bind(h));

export { Fragment, createContext, h, render } from "preact";
