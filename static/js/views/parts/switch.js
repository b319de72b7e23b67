/**
 * On or off, with effect at once (a form that is sent later uses a checkbox).
 */
import { useId } from "preact/hooks";
import { html } from "../../html.js";

/**
 * @param {object} props
 * @param {string} props.label
 * @param {boolean} props.checked
 * @param {(on: boolean) => void} props.onChange
 * @param {string} [props.hint]
 * @param {boolean} [props.disabled]
 * @param {string} [props.test] data-test
 */
export function Switch({ label, checked, onChange, hint = "", disabled = false, test }) {
  const id = useId();
  const change = (/** @type {{ currentTarget: HTMLInputElement }} */ event) => onChange(event.currentTarget.checked);
  return html`<label class="switch-row">
    <span class="switch-text">
      <span>${label}</span>
      ${hint && html`<span class="switch-hint" id=${id}>${hint}</span>`}
    </span>
    <input
      class="switch"
      type="checkbox"
      role="switch"
      checked=${checked}
      disabled=${disabled}
      aria-describedby=${hint ? id : undefined}
      data-test=${test}
      onChange=${change}
    />
  </label>`;
}
