/** What is at the place of the bar that is pointed at: a small picture where there is one, the time, the chapter. */
import { html } from "../../html.js";
import { formatDuration, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { chapterAt, lastBefore, share } from "../../state/timeline.js";
import { pointed } from "./timeline.js";
import { asViewer } from "./view.js";

/** CSS pixels: half of the widest box, which stays inside the bar. */
const HALF = 90;

/** @param {{ width: number }} props of the bar */
export function Hover({ width }) {
  const show = useShow();
  const at = pointed.value;
  if (at === null || width === 0) return null;
  const duration = show.player.duration.value;
  const x = Math.min(Math.max(share(at, duration) * width, HALF), Math.max(HALF, width - HALF));
  const chapter = chapterAt(show.chapters.value, at);
  const picture = lastBefore(show.thumbnails.data.value, at);
  const gap = show.gaps.value.find((one) => one.start <= at && at < one.end);
  const cut = !asViewer.value && show.can.edit && show.cuts.value.some(([from, upto]) => from <= at && at < upto);
  return html`<div class="hover" style=${{ insetInlineStart: `${x}px` }} aria-hidden="true">
    ${picture &&
    html`<div
      class="hover-picture"
      style=${{ inlineSize: `${picture.w}px`, blockSize: `${picture.h}px`, backgroundImage: `url("${show.derived(picture.sheet)}")`, backgroundPosition: `-${picture.x}px -${picture.y}px` }}
    ></div>`}
    <div class="hover-words">
      <strong>${formatDuration(at)}</strong>
      ${gap && html`<span>${gap.why === "paused" ? t("The recording was paused") : t("Nothing was kept of this part")}</span>`}
      ${cut && html`<span>${t("Cut out")}</span>`}
      ${chapter?.title && html`<span class="one-line">${chapter.title}</span>`}
    </div>
  </div>`;
}
