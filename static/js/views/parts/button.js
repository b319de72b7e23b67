/**
 * Buttons: one with words, one with an icon alone. Both take a tooltip with the shortcut, a busy state and a reason why they
 * are disabled.
 *
 * A disabled button stays reachable (aria-disabled instead of disabled): who finds it by keyboard or finger hears why it does
 * nothing, instead of meeting a dead spot.
 */
import { useId } from "preact/hooks";
import { html } from "../../html.js";
import { Icon } from "./icon.js";
import { Spinner } from "./spinner.js";
import { toast } from "./toast.js";

/**
 * @typedef {object} ButtonProps
 * @property {any} [children]
 * @property {"plain" | "primary" | "quiet" | "stop" | "sun"} [kind] primary once a view; stop for what ends something; sun for hands
 * @property {string} [icon]
 * @property {boolean | string} [disabled] true, or the reason in words
 * @property {boolean} [busy] shows a spinner and ignores clicks
 * @property {boolean} [pressed] for buttons that are on or off
 * @property {string} [tip] shown in the tooltip
 * @property {string} [keys] the shortcut, shown in the tooltip
 * @property {string} [test] data-test
 * @property {string} [class]
 * @property {(event: MouseEvent) => void} [onClick]
 */

/** @param {ButtonProps & Record<string, any>} props */
export function Button(props) {
  const { children, kind = "plain", icon, disabled, busy, pressed, tip, keys, test, onClick, class: more, ...rest } = props;
  const reason = typeof disabled === "string" ? disabled : "";
  const described = useId();
  const act = (/** @type {MouseEvent} */ event) => {
    if (disabled || busy) {
      event.preventDefault();
      if (reason) toast(reason, { id: reason });
    } else onClick?.(event);
  };
  return html`<button
    type="button"
    class=${`button button-${kind} ${more ?? ""}`}
    aria-disabled=${disabled || busy ? "true" : undefined}
    aria-busy=${busy ? "true" : undefined}
    aria-pressed=${pressed === undefined ? undefined : String(pressed)}
    aria-describedby=${reason ? described : undefined}
    aria-keyshortcuts=${keys || undefined}
    data-tip=${reason || tip || undefined}
    data-keys=${reason ? undefined : keys || undefined}
    data-test=${test}
    onClick=${act}
    ...${rest}
  >
    ${busy ? html`<${Spinner} />` : icon && html`<${Icon} name=${icon} />`}${children}
    ${reason && html`<span id=${described} hidden>${reason}</span>`}
  </button>`;
}

/**
 * A square button with an icon; `label` is its name for everybody: tooltip and screen reader.
 *
 * @param {ButtonProps & { label: string } & Record<string, any>} props
 */
export function IconButton({ label, kind = "quiet", class: more = "", tip, ...rest }) {
  return html`<${Button} kind=${kind} class=${`button-icon ${more}`} aria-label=${label} tip=${tip ?? label} ...${rest} />`;
}
