/**
 * A button with a menu, by the ARIA pattern "menu button": arrows, Home, End, first letters, Escape; Enter chooses.
 *
 * Entries are plain objects, so that a view says what there is to choose and nothing about how it is drawn:
 * `{ label, icon?, onSelect, checked?, disabled?, kind?, hint?, keys? }`, `{ heading }` or `"-"` for a line.
 */
import { useCallback, useId, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { IconButton } from "./button.js";
import { Icon } from "./icon.js";
import { Popup, focusOn } from "./popup.js";
import { toast } from "./toast.js";

/**
 * @typedef {object} Choice
 * @property {string} label
 * @property {() => void} onSelect
 * @property {string} [icon]
 * @property {boolean} [checked] draws a tick; entries of one heading in which one is ticked are a choice
 * @property {boolean | string} [disabled] true, or the reason
 * @property {"plain" | "stop"} [kind]
 * @property {string} [hint] a second, quieter line
 * @property {string} [keys] the shortcut
 * @property {string} [test] data-test
 */
/** @typedef {Choice | { heading: string } | "-"} Entry */

/**
 * @param {object} props
 * @param {string} props.label the name of the button, and of the menu
 * @param {string} [props.icon]
 * @param {readonly Entry[] | (() => readonly Entry[])} props.items
 * @param {import("./place.js").Side} [props.side]
 * @param {import("./place.js").Align} [props.align]
 * @param {any} [props.children] words inside the button
 * @param {() => void} [props.onOpen]
 */
export function Menu({ label, icon = "ellipsis-vertical", items, side, align = "end", children, onOpen, ...button }) {
  const [open, setOpen] = useState(false);
  const anchor = useRef(/** @type {HTMLElement | null} */ (null));
  const id = useId();
  const close = useCallback(() => setOpen(false), []);
  const toggle = () => {
    if (!open) onOpen?.();
    setOpen(!open);
  };
  const byKey = (/** @type {KeyboardEvent} */ event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || open) return;
    event.preventDefault();
    toggle();
  };
  return html`<span class="menu-anchor" ref=${anchor}>
      <${IconButton}
        icon=${icon}
        label=${label}
        aria-haspopup="menu"
        aria-expanded=${String(open)}
        aria-controls=${open ? id : undefined}
        onClick=${toggle}
        onKeyDown=${byKey}
        ...${button}
        >${children}<//
      >
    </span>
    ${open && html`<${MenuBox} id=${id} anchor=${anchor} label=${label} items=${items} side=${side} align=${align} onClose=${close} />`}`;
}

/**
 * The menu alone, for what opens it in another way (a right click on a tile).
 *
 * @param {object} props
 * @param {string} [props.id]
 * @param {{ current: HTMLElement | null }} props.anchor
 * @param {string} props.label
 * @param {readonly Entry[] | (() => readonly Entry[])} props.items
 * @param {import("./place.js").Side} [props.side]
 * @param {import("./place.js").Align} [props.align]
 * @param {() => void} props.onClose
 */
export function MenuBox({ id, anchor, label, items, side, align, onClose }) {
  const entries = typeof items === "function" ? items() : items;
  const ticks = entries.some((entry) => typeof entry === "object" && "checked" in entry);
  const choose = (/** @type {Choice} */ entry) => () => {
    if (typeof entry.disabled === "string") toast(entry.disabled, { id: entry.disabled });
    if (entry.disabled) return;
    onClose();
    focusOn(anchor.current);
    entry.onSelect();
  };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Tab") onClose();
    else walk(event);
  };
  return html`<${Popup} id=${id} role="menu" class="menu" anchor=${anchor} label=${label} side=${side} align=${align} onClose=${onClose} onKeyDown=${keys}>
    ${entries.map((entry, index) => {
      if (entry === "-") return html`<hr key=${index} class="menu-line" />`;
      if ("heading" in entry) return html`<div key=${index} class="menu-heading" role="presentation">${entry.heading}</div>`;
      return html`<${Item} key=${index} entry=${entry} ticks=${ticks} onClick=${choose(entry)} />`;
    })}
  <//>`;
}

/** @param {{ entry: Choice, ticks: boolean, onClick: () => void }} props */
function Item({ entry, ticks, onClick }) {
  const tick = entry.checked !== undefined;
  return html`<button
    type="button"
    class=${`menu-item menu-item-${entry.kind ?? "plain"}`}
    role=${tick ? "menuitemradio" : "menuitem"}
    aria-checked=${tick ? String(entry.checked) : undefined}
    aria-disabled=${entry.disabled ? "true" : undefined}
    tabindex="-1"
    data-test=${entry.test}
    onClick=${onClick}
  >
    ${ticks && html`<span class="menu-tick">${entry.checked && html`<${Icon} name="check" size=${16} />`}</span>`}
    ${entry.icon && html`<${Icon} name=${entry.icon} />`}
    <span class="menu-label">${entry.label}${entry.hint && html`<span class="menu-hint">${entry.hint}</span>`}</span>
    ${entry.keys && html`<kbd>${entry.keys}</kbd>`}
  </button>`;
}

/** Move the focus among the entries of the menu that the key was pressed in. */
function walk(/** @type {KeyboardEvent} */ event) {
  const menu = /** @type {HTMLElement} */ (event.currentTarget);
  const entries = [...menu.querySelectorAll("button")];
  const at = entries.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  const next = step(event.key, at, entries);
  if (next === null) return;
  event.preventDefault();
  event.stopPropagation();
  next?.focus();
}

/**
 * Return the entry that `key` leads to, undefined for none, null where the key means nothing in a menu.
 *
 * @param {string} key
 * @param {number} at
 * @param {HTMLButtonElement[]} entries
 */
function step(key, at, entries) {
  if (key === "ArrowDown") return entries[(at + 1) % entries.length];
  if (key === "ArrowUp") return entries[(at - 1 + entries.length) % entries.length];
  if (key === "Home") return entries[0];
  if (key === "End") return entries.at(-1);
  if (key.length !== 1 || key === " ") return null;
  const rest = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
  return rest.find((entry) => entry.textContent?.trim().toLocaleLowerCase().startsWith(key.toLocaleLowerCase()));
}
