/**
 * A row of tabs by the ARIA pattern: one stop of the tab key, arrows move and choose at once.
 */
import { html } from "../../html.js";
import { Icon } from "./icon.js";
import { Count } from "./marks.js";

/**
 * @typedef {object} Tab
 * @property {string} id
 * @property {string} label
 * @property {string} [icon]
 * @property {number} [count] how many there are
 * @property {boolean} [fresh] something in it is new: the count is drawn in the accent
 * @property {string} [freshLabel] that, in words
 * @property {string} [tip] shown beside it, where only its icon is drawn
 * @property {string} [keys] the shortcut
 */

/**
 * @param {object} props
 * @param {string} props.label what is chosen with them
 * @param {readonly Tab[]} props.tabs
 * @param {string | null} props.active null while the panel that they choose is closed
 * @param {(id: string) => void} props.onChange
 * @param {boolean} [props.vertical]
 * @param {string} props.prefix ids: `${prefix}-tab-${id}` and, for the panel that the caller draws, `${prefix}-panel-${id}`
 */
export function Tabs({ label, tabs, active, onChange, prefix, vertical = false }) {
  const keys = (/** @type {KeyboardEvent} */ event) => {
    const focused = tabs.findIndex((tab) => document.activeElement?.id === `${prefix}-tab-${tab.id}`);
    const at = focused >= 0 ? focused : tabs.findIndex((tab) => tab.id === active);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (next === undefined) return;
    event.preventDefault();
    if (active !== null) onChange(next.id);
    document.getElementById(`${prefix}-tab-${next.id}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} aria-orientation=${vertical ? "vertical" : undefined} onKeyDown=${keys}>
    ${tabs.map(
      (tab, index) => html`<button
        key=${tab.id}
        type="button"
        role="tab"
        class="tab"
        id=${`${prefix}-tab-${tab.id}`}
        aria-selected=${String(tab.id === active)}
        aria-controls=${tab.id === active ? `${prefix}-panel-${tab.id}` : undefined}
        tabindex=${tab.id === active || (active === null && index === 0) ? 0 : -1}
        data-test=${`tab-${tab.id}`}
        data-tip=${tab.tip}
        data-keys=${tab.tip && tab.keys}
        aria-keyshortcuts=${tab.keys}
        onClick=${() => onChange(tab.id)}
      >
        ${tab.icon && html`<${Icon} name=${tab.icon} />`}
        <span class="tab-label">${tab.label}</span>
        ${tab.count !== undefined && tab.count > 0 && html`<${Count} of=${tab.count} fresh=${tab.fresh} label=${tab.fresh ? tab.freshLabel : ""} />`}
      </button>`,
    )}
  </div>`;
}
