/**
 * Small things that say a state: a count, a coloured word, a notice inside a page, and the page that has nothing yet.
 */
import { html } from "../../html.js";
import { formatNumber } from "../../i18n.js";
import { Icon } from "./icon.js";

/**
 * A number in a pill; `fresh` draws it in the accent.
 *
 * @param {{ of: number, fresh?: boolean, label?: string }} props
 */
export function Count({ of, fresh = false, label = "" }) {
  return html`<span class=${`count ${fresh ? "count-fresh" : ""}`}>
    ${formatNumber(of)}${label && html`<span class="out-of-sight">, ${label}</span>`}
  </span>`;
}

/**
 * A state in a word, with its colour and, where given, an icon.
 *
 * @param {{ kind?: "plain" | "live" | "sun" | "weak" | "stop" | "accent", icon?: string, children: any }} props
 */
export function Badge({ kind = "plain", icon = "", children }) {
  return html`<span class=${`badge badge-${kind}`}>${icon && html`<${Icon} name=${icon} size=${16} />`}${children}</span>`;
}

/**
 * What has to be known here, beside what it concerns: what happened, what it means, what to do.
 *
 * @param {object} props
 * @param {"plain" | "live" | "sun" | "weak" | "stop"} [props.kind]
 * @param {string} [props.icon]
 * @param {string} [props.title]
 * @param {any} props.children
 * @param {any} [props.actions]
 * @param {boolean} [props.alert] read it at once
 */
export function Notice({ kind = "plain", icon = "info", title = "", children, actions, alert = false }) {
  return html`<div class=${`notice notice-${kind}`} role=${alert ? "alert" : undefined}>
    <${Icon} name=${icon} />
    <div class="notice-body">
      ${title && html`<p class="notice-title">${title}</p>`}
      <div class="notice-text">${children}</div>
      ${actions && html`<div class="notice-actions">${actions}</div>`}
    </div>
  </div>`;
}

/**
 * Nothing here yet: what will be here and who makes it.
 *
 * @param {{ icon: string, title: string, children?: any, action?: any }} props
 */
export function Empty({ icon, title, children, action }) {
  return html`<div class="empty">
    <span class="empty-icon"><${Icon} name=${icon} size=${32} /></span>
    <p class="empty-title">${title}</p>
    ${children && html`<p class="empty-text">${children}</p>`} ${action}
  </div>`;
}
