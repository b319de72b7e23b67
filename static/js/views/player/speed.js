/** How fast it plays: the usual speeds, and whether stretches where nobody speaks are hurried through. */
import { html } from "../../html.js";
import { formatNumber, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { Menu } from "../parts/menu.js";
import { keep } from "./view.js";

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** The next speed up or down. @param {number} rate @param {1 | -1} way */
export function rateStep(rate, way) {
  const next = way > 0 ? RATES.find((one) => one > rate + 0.01) : RATES.findLast((one) => one < rate - 0.01);
  return next ?? rate;
}

/** @param {import("../../state/types_playback.js").Player} player @param {number} rate */
export function setRate(player, rate) {
  player.setRate(rate);
  keep({ rate });
}

/** @param {import("../../state/types_playback.js").Player} player @param {boolean} on */
export function setSkip(player, on) {
  player.skipSilence.value = on;
  keep({ skip: on });
}

/** "1.5×" */
export function rateText(/** @type {number} */ rate) {
  return t("{n}×", { n: formatNumber(rate, { digits: 2 }) });
}

export function SpeedMenu() {
  const { player } = useShow();
  const rate = player.rate.value;
  const items = () => [
    { heading: t("Speed") },
    ...RATES.map((one) => ({ label: one === 1 ? t("Usual") : rateText(one), checked: one === player.rate.peek(), onSelect: () => setRate(player, one) })),
    { heading: t("Silence") },
    { label: t("Play it as it was"), checked: !player.skipSilence.peek(), onSelect: () => setSkip(player, false) },
    { label: t("Skip where nobody speaks"), checked: player.skipSilence.peek(), onSelect: () => setSkip(player, true) },
  ];
  const text = rateText(rate);
  return html`<${Menu} class="bar-button speed-button" icon="" label=${t("Speed: {speed}", { speed: text })} tip=${t("Speed")} keys=${"< >"} test="speed" side="top" items=${items}>
    <span>${text}</span>
  <//>`;
}
