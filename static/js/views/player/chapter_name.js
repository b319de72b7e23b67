/** The chapter that is playing, in the middle of the bar; it opens the list. */
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { chapterAt } from "../../state/timeline.js";
import { Button } from "../parts/button.js";
import { openTab } from "./view.js";

export function ChapterName() {
  const show = useShow();
  const chapter = chapterAt(show.chapters.value, show.player.time.value);
  if (!chapter?.title) return html`<span></span>`;
  return html`<${Button} kind="quiet" class="chapter-now" tip=${t("Chapters")} onClick=${() => openTab("chapters")}><span class="one-line">${chapter.title}</span><//>`;
}
