/** How loud, and silence by one press. Phones have keys of their own for it. */
import { html } from "../../html.js";
import { formatPercent, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { IconButton } from "../parts/button.js";
import { keep } from "./view.js";

/** @param {import("../../state/types_playback.js").Player} player */
export function toggleMute(player) {
  player.muted.value = !player.muted.peek();
}

/** @param {import("../../state/types_playback.js").Player} player @param {number} volume */
export function setVolume(player, volume) {
  player.volume.value = Math.min(1, Math.max(0, volume));
  player.muted.value = false;
  keep({ volume: player.volume.value });
}

export function Volume() {
  const { player } = useShow();
  const off = player.muted.value || player.volume.value === 0;
  const shown = off ? 0 : player.volume.value;
  return html`<div class="volume">
    <${IconButton} class="bar-button" icon=${off ? "volume-x" : "volume-2"} label=${off ? t("Sound on") : t("Sound off")} keys="M" test="mute" onClick=${() => toggleMute(player)} />
    <input
      class="volume-range"
      type="range"
      min="0"
      max="1"
      step="0.05"
      value=${shown}
      aria-label=${t("Volume")}
      aria-valuetext=${formatPercent(shown)}
      data-own-keys
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setVolume(player, Number(event.currentTarget.value))}
    />
  </div>`;
}
