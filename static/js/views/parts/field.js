/**
 * Form fields: a label above, the control, then a hint or what is wrong with it, tied together for screen readers.
 */
import { useId, useRef } from "preact/hooks";
import { html } from "../../html.js";
import { Icon } from "./icon.js";

/**
 * @param {object} props
 * @param {string} props.label
 * @param {string} [props.hint]
 * @param {string} [props.error] what is wrong and what to do
 * @param {string} [props.class]
 * @param {(ids: { id: string, "aria-describedby"?: string, "aria-invalid"?: "true" }) => any} props.control draws the control with these attributes
 */
export function Field({ label, hint = "", error = "", class: more = "", control }) {
  const id = useId();
  const note = error || hint;
  const ids = { id, "aria-describedby": note ? `${id}-note` : undefined, "aria-invalid": error ? /** @type {const} */ ("true") : undefined };
  return html`<div class=${`field ${error ? "field-wrong" : ""} ${more}`}>
    <label class="field-label" for=${id}>${label}</label>
    ${control(ids)}
    ${note && html`<p class="field-note" id=${`${id}-note`}>${error && html`<${Icon} name="circle-alert" size=${16} />`}${note}</p>`}
  </div>`;
}

/**
 * One line of text; `multiline` makes it a box of several.
 *
 * @param {object} props
 * @param {string} props.label
 * @param {string} props.value
 * @param {(value: string) => void} props.onInput
 * @param {string} [props.hint]
 * @param {string} [props.error]
 * @param {boolean} [props.multiline]
 */
export function TextField({ label, value, onInput, hint, error, multiline = false, ...rest }) {
  // "Enter a name" is done with when one is entered; what is wrong with a text is judged by whoever said it.
  const said = useRef({ error: "", empty: true });
  if (said.current.error !== (error ?? "")) said.current = { error: error ?? "", empty: value === "" };
  const done = said.current.empty && value !== "";
  const tag = multiline ? "textarea" : "input";
  const input = (/** @type {{ currentTarget: HTMLInputElement }} */ event) => onInput(event.currentTarget.value);
  const control = (/** @type {object} */ ids) => html`<${tag} class="input" value=${value} onInput=${input} ...${ids} ...${rest} />`;
  return html`<${Field} label=${label} hint=${hint} error=${done ? "" : error} control=${control} />`;
}

/**
 * @param {object} props
 * @param {string} props.label
 * @param {string} props.value
 * @param {readonly { value: string, label: string }[]} props.options
 * @param {(value: string) => void} props.onChange
 * @param {string} [props.hint]
 * @param {string} [props.error]
 * @param {boolean} [props.disabled]
 */
export function SelectField({ label, value, options, onChange, hint, error, ...rest }) {
  const change = (/** @type {{ currentTarget: HTMLSelectElement }} */ event) => onChange(event.currentTarget.value);
  const control = (/** @type {object} */ ids) => html`<div class="select">
    <select class="input" onChange=${change} ...${ids} ...${rest}>
      ${options.map((option) => html`<option key=${option.value} value=${option.value} selected=${option.value === value}>${option.label}</option>`)}
    </select>
    <${Icon} name="chevron-down" size=${16} />
  </div>`;
  return html`<${Field} label=${label} hint=${hint} error=${error} control=${control} />`;
}
