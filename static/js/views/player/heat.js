/** For staff: how often each place was watched, as a low curve above the bar. */
import { useEffect } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { useShow } from "../../state/show.js";

/** Points of the curve at most: more could not be seen. */
const POINTS = 240;

/** @param {readonly number[]} counts @returns {number[]} at most POINTS, the largest of each stretch */
export function sampled(counts) {
  const step = Math.max(1, Math.ceil(counts.length / POINTS));
  return Array.from({ length: Math.ceil(counts.length / step) }, (_, at) => Math.max(...counts.slice(at * step, (at + 1) * step)));
}

export function Heat() {
  const show = useShow();
  useEffect(() => {
    if (show.can.edit) void show.heat.load();
  }, []);
  const points = sampled(show.heat.data.value);
  const most = Math.max(...points, 0);
  if (!show.can.edit || most === 0) return null;
  const line = points.map((count, at) => `${((at + 0.5) / points.length) * 100},${(20 - (count / most) * 20).toFixed(1)}`).join(" ");
  return html`<svg class="heat" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label=${t("How often each part was watched")}>
    <polygon points=${`0,20 ${line} 100,20`} />
  </svg>`;
}
