/**
 * One of a few, all of them visible: a row of segments (theme, layout) or a list with a line of explanation each (how much
 * to receive). Native radio buttons underneath, so arrows and screen readers work as everywhere.
 */
import { useId } from "preact/hooks";
import { html } from "../../html.js";
import { Icon } from "./icon.js";

/**
 * @param {object} props
 * @param {string} props.label
 * @param {string} props.value
 * @param {readonly { value: string, label: string, icon?: string, hint?: string, lang?: string }[]} props.options
 * @param {(value: string) => void} props.onChange
 * @param {"row" | "list"} [props.kind]
 * @param {boolean} [props.quiet] the label is for screen readers only
 */
export function Choice({ label, value, options, onChange, kind = "row", quiet = false }) {
  const name = useId();
  return html`<fieldset class=${`choice choice-${kind}`}>
    <legend class=${quiet ? "out-of-sight" : "field-label"}>${label}</legend>
    <div class="choice-options">
      ${options.map(
        (option) => html`<label key=${option.value} class="choice-option" lang=${option.lang}>
          <input
            type="radio"
            name=${name}
            value=${option.value}
            checked=${option.value === value}
            onChange=${() => onChange(option.value)}
          />
          ${option.icon && html`<${Icon} name=${option.icon} />`}
          <span class="choice-text">${option.label}${option.hint && html`<span class="choice-hint">${option.hint}</span>`}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}
