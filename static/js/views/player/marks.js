/** Marks on the timeline: questions of the class, questions that were asked later, what the search found. A press goes there. */
import { useEffect } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { gathered, share } from "../../state/timeline.js";
import { hits, openTab, shownMoment, tab } from "./view.js";

/** @param {{ duration: number, width: number }} props */
export function Marks({ duration, width }) {
  const show = useShow();
  useEffect(() => {
    void show.moments.load();
    void show.asked.load();
  }, []);
  const found = tab.value === "search" ? hits.value : [];
  const marks = [
    ...show.asked.data.value.map((one) => ({ t: one.t, kind: "question", id: one.id, label: one.text })),
    ...show.moments.data.value.map((one) => ({ t: one.t, kind: "moment", id: one.id, label: one.text })),
    ...found.map((one, index) => ({ t: one.t, kind: "hit", id: String(index), label: one.text })),
  ];
  const go = (/** @type {import("../../state/timeline.js").Mark} */ mark) => (/** @type {PointerEvent} */ event) => {
    event.stopPropagation();
    show.player.seek(mark.t);
    if (mark.kind === "hit") return;
    if (mark.kind === "moment") shownMoment.value = mark.ids[0] ?? "";
    if (tab.value !== "questions") openTab("questions");
  };
  const names = { question: t("Question"), moment: t("Asked later"), hit: t("Found") };
  return html`<div class="timeline-marks" aria-hidden="true">
    ${gathered(marks, duration, width).map(
      (mark) => html`<span
        key=${`${mark.kind}-${mark.ids[0]}`}
        class=${`timeline-mark timeline-mark-${mark.kind}`}
        style=${{ insetInlineStart: `${(share(mark.t, duration) * 100).toFixed(3)}%` }}
        data-tip=${`${names[/** @type {keyof typeof names} */ (mark.kind)]}: ${mark.label.slice(0, 80)}`}
        data-test=${`mark-${mark.kind}`}
        onPointerDown=${go(mark)}
      ></span>`,
    )}
  </div>`;
}
