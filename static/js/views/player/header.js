/** The top of a recording: what it is, when it was, whether it is still going on, and what can be done with it. */
import { html } from "../../html.js";
import { formatDate, formatTime, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { writeMoment } from "../../state/times.js";
import { IconButton } from "../parts/button.js";
import { Badge } from "../parts/marks.js";
import { dialog } from "./view.js";

export function PlayerHeader() {
  const show = useShow();
  const info = show.info.value;
  const when = `${formatDate(info.started_at)}, ${formatTime(info.started_at)}`;
  return html`<header class="header">
    <${IconButton} icon="arrow-left" label=${t("My classes")} onClick=${() => location.assign("/")} />
    <div class="player-title">
      <h1 class="header-title one-line" title=${info.title}>${info.title}</h1>
      <p class="player-when one-line faint mark-text">${when}</p>
    </div>
    <${State} />
    <span class="header-space"></span>
    ${show.can.edit && html`<${IconButton} icon="scissors" label=${t("Cut and cover")} test="cut" onClick=${() => openCut(show)} />`}
    ${show.can.edit && html`<${IconButton} icon="link" label=${t("Share")} test="share" onClick=${() => (dialog.value = "share")} />`}
    ${show.can.download && html`<${IconButton} icon="download" label=${t("Download")} test="download" onClick=${() => (dialog.value = "download")} />`}
  </header>`;
}

/**
 * Cutting is done on the original, which only staff get, and only when they ask for it: otherwise they see what viewers see.
 *
 * @param {import("../../state/show.js").Show} show
 */
export function openCut(show) {
  if (show.original) dialog.value = "cut";
  else location.assign(`${location.pathname}?original=1&t=${writeMoment(show.player.time.peek())}`);
}

function State() {
  const show = useShow();
  const info = show.info.value;
  if (show.player.live.value) return html`<${Badge} kind="stop" icon="radio">${t("Still going on")}<//>`;
  if (info.deleted_at) return html`<${Badge} kind="stop" icon="trash-2">${t("Deleted")}<//>`;
  if (show.original) return html`<${Badge} kind="weak" icon="scissors">${t("The original, uncut")}<//>`;
  if (!info.published && show.can.edit) return html`<${Badge} kind="weak" icon="eye-off">${t("Not published")}<//>`;
  return null;
}
