/**
 * A recorded class on the screen: the class page with a timeline in place of the bar. Only what is shown is loaded; dialogs
 * come when they are opened.
 */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { Stage } from "../stage.js";
import { sheet } from "../view.js";
import { CaptionLine } from "./caption_line.js";
import { Controls, playOrPause } from "./controls.js";
import { PlayerDialogs } from "./dialogs.js";
import { FactsKeeper } from "./facts_keeper.js";
import { PlayerHeader } from "./header.js";
import { Keys } from "./keys.js";
import { MediaKeys } from "./media_keys.js";
import { LineBar, Notices, Waiting } from "./notices.js";
import { PlayerPanel } from "./panel.js";
import { Timeline } from "./timeline.js";
import { tab } from "./view.js";
import { WatchKeeper } from "./watch_keeper.js";

export function PlayerPage() {
  const place = sheet.value ? "phone" : "desk";
  const { player } = useShow();
  const stage = useRef(/** @type {HTMLElement | null} */ (null));
  const press = usePress(player);
  useEffect(() => stage.current?.querySelector("h1")?.focus(), []);
  return html`<div class=${`classroom player classroom-${place} ${tab.value ? "with-panel" : "without-panel"}`}>
    <a class="skip-link" href="#timeline">${t("Go to the timeline")}</a>
    <${PlayerHeader} />
    <${LineBar} />
    <main class="classroom-stage" ref=${stage} ...${press}>
      <${Notices} />
      <div class="player-stage"><${Stage} /><${Waiting} /></div>
      <${CaptionLine} />
    </main>
    <${PlayerPanel} />
    <section class="bar player-bar" aria-label=${t("Playing")}>
      <${Timeline} />
      <${Controls} />
    </section>
    <${PlayerDialogs} />
    <${Keys} />
    <${MediaKeys} />
    <${WatchKeeper} />
    <${FactsKeeper} />
  </div>`;
}

/** ms within which a second press makes it a double one (pinning a tile). */
const DOUBLE = 250;

/**
 * A press on the picture plays and pauses, as everywhere; two quick ones pin, as in a class.
 *
 * @param {import("../../state/types_playback.js").Player} player
 */
function usePress(player) {
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    onClick: (/** @type {MouseEvent} */ event) => {
      const at = event.target instanceof Element ? event.target : null;
      clearTimeout(timer.current);
      if (!at?.closest(".tile, .stage-main, .grid-room") || at.closest("button, a, [role='menu'], .strip") || event.detail > 1) return;
      timer.current = setTimeout(() => playOrPause(player), DOUBLE);
    },
  };
}
