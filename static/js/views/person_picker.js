/**
 * Choosing one account by typing a part of its name or login: the ARIA pattern "combobox with a list".
 */
import { useEffect, useId, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { ask, withQuery } from "../protocol/api.js";
import { Field } from "./parts/field.js";

/** @typedef {{ id: string, name: string, login?: string, role?: string }} Picked */

const PAUSE_MS = 200;
const MOST = 8; // What fits under a field in a dialog.

/**
 * @param {object} props
 * @param {string} props.label
 * @param {Picked | null} props.value
 * @param {(person: Picked | null) => void} props.onChange
 * @param {string} [props.role] only accounts of this role
 * @param {string} [props.error]
 * @param {string} [props.hint]
 */
export function PersonPicker({ label, value, onChange, role = "", error = "", hint = "" }) {
  const [text, setText] = useState(value?.name ?? "");
  const [list, setList] = useState(/** @type {Picked[]} */ ([]));
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState(false);
  const id = useId();
  useEffect(() => setText(value?.name ?? ""), [value?.id]);
  useEffect(() => {
    if (!open) return;
    let current = true;
    const timer = setTimeout(async () => {
      /** @type {import("../protocol/api.js").Outcome<Picked[]>} */
      const outcome = await ask("GET", withQuery("/api/people", { query: text.trim(), limit: 50 }));
      if (!current || !outcome.ok) return;
      setList(outcome.data.filter((person) => role === "" || person.role === role).slice(0, MOST));
      setAt(0);
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, open]);
  const pick = (/** @type {Picked | undefined} */ person) => {
    if (person === undefined) return;
    setOpen(false);
    setText(person.name);
    onChange(person);
  };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setOpen(true);
      setAt((before) => (before + (event.key === "ArrowDown" ? 1 : -1) + list.length) % Math.max(1, list.length));
    } else if (event.key === "Enter" && open && list.length > 0) pick(list[at]);
    else if (event.key === "Escape" && open) setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const typed = (/** @type {{ currentTarget: HTMLInputElement }} */ event) => {
    setText(event.currentTarget.value);
    setOpen(true);
    if (value !== null) onChange(null);
  };
  const control = (/** @type {object} */ ids) => html`<div class="picker">
    <input
      class="input"
      role="combobox"
      autocomplete="off"
      aria-expanded=${String(open && list.length > 0)}
      aria-controls=${`${id}-list`}
      aria-autocomplete="list"
      aria-activedescendant=${open && list[at] ? `${id}-${at}` : undefined}
      placeholder=${t("Name or login")}
      value=${text}
      onInput=${typed}
      onFocus=${() => value === null && setOpen(true)}
      onBlur=${() => setOpen(false)}
      onKeyDown=${keys}
      ...${ids}
    />
    <ul class="picker-list" role="listbox" id=${`${id}-list`} aria-label=${label} hidden=${!open || list.length === 0}>
      ${list.map(
        (person, index) => html`<li
          key=${person.id}
          id=${`${id}-${index}`}
          role="option"
          aria-selected=${String(index === at)}
          onPointerDown=${(/** @type {Event} */ event) => (event.preventDefault(), pick(person))}
        >
          ${person.name} <span class="faint mark-text">${person.login}</span>
        </li>`,
      )}
    </ul>
  </div>`;
  return html`<${Field} label=${label} error=${error} hint=${hint} control=${control} />`;
}
