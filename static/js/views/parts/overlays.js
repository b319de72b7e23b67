/** What floats above every page: toasts, the tooltip, and the regions that speak to screen readers. A page mounts it once. */
import { html } from "../../html.js";
import { LiveRegions } from "./live.js";
import { Toasts } from "./toasts.js";
import { Tooltip } from "./tooltip.js";

export function Overlays() {
  return html`<${Toasts} /><${Tooltip} /><${LiveRegions} />`;
}
