/** Play, pause and the rest of the bar below the timeline. On a phone the rarer ones move into the menu. */
import { html } from "../../html.js";
import { formatNumber, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { IconButton } from "../parts/button.js";
import { sheet } from "../view.js";
import { CaptionsMenu } from "./captions_menu.js";
import { ChapterName } from "./chapter_name.js";
import { LiveButton } from "./live_button.js";
import { ViewMenu } from "./more_menu.js";
import { SpeedMenu } from "./speed.js";
import { Times } from "./timeline.js";
import { Volume } from "./volume.js";

/** ms that one press goes back or forward. */
export const STEP_MS = 10_000;

/** @param {import("../../state/types_playback.js").Player} player @param {number} ms */
export function skip(player, ms) {
  player.seek(Math.min(player.duration.peek(), Math.max(0, player.time.peek() + ms)));
}

/** @param {import("../../state/types_playback.js").Player} player */
export function playOrPause(player) {
  // Before the first click a browser may refuse sound: then this click is what it waits for.
  if (player.playing.peek() && !player.ended.peek() && !player.needsGesture.peek()) player.pause();
  else {
    if (player.ended.peek()) player.seek(0);
    player.play();
  }
}

export function Controls() {
  return html`<div class="controls">
    <div class="bar-group">
      <${Play} />
      <${Skip} ms=${-STEP_MS} />
      <${Skip} ms=${STEP_MS} />
      ${!sheet.value && html`<${Volume} />`}
      <${Times} />
      <${LiveButton} />
    </div>
    ${!sheet.value && html`<${ChapterName} />`}
    <div class="bar-group bar-view">
      <${SpeedMenu} />
      <${CaptionsMenu} />
      <${ViewMenu} />
    </div>
  </div>`;
}

function Play() {
  const { player } = useShow();
  const again = player.ended.value;
  const on = player.playing.value && !again && !player.needsGesture.value;
  const label = again ? t("Play again") : on ? t("Pause") : t("Play");
  return html`<${IconButton}
    class="bar-button play-button"
    kind="primary"
    icon=${again ? "rotate-ccw" : on ? "pause" : "play"}
    label=${label}
    keys="K"
    test="play"
    onClick=${() => playOrPause(player)}
  />`;
}

/** @param {{ ms: number }} props */
function Skip({ ms }) {
  const { player } = useShow();
  const label = ms < 0 ? t("10 seconds back") : t("10 seconds forward");
  return html`<${IconButton} class="bar-button skip-button" icon=${ms < 0 ? "undo-2" : "redo-2"} label=${label} keys=${ms < 0 ? "J" : "L"} test=${ms < 0 ? "back" : "forward"} onClick=${() => skip(player, ms)}>
    <span class="skip-number" aria-hidden="true">${formatNumber(Math.abs(ms) / 1000)}</span>
  <//>`;
}

