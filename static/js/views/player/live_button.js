/** Of a class that is still on: how far behind it one is, and the way to its newest moment. */
import { html } from "../../html.js";
import { formatDuration, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { Button } from "../parts/button.js";

export function LiveButton() {
  const { player } = useShow();
  if (!player.live.value) return null;
  if (player.atLive.value) return html`<span class="badge badge-stop live-badge" data-test="at-live">${t("LIVE")}</span>`;
  const behind = formatDuration(Math.max(0, player.duration.value - player.time.value));
  return html`<${Button} class="live-button" icon="radio" test="go-live" tip=${t("To the newest moment")} onClick=${() => player.goLive()}>
    <span class="live-word">${t("LIVE")}</span><span class="faint">−${behind}</span>
  <//>`;
}
