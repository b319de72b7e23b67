/** For staff: who hears and sees badly, why, and whether it is their own line. In the panel of the connection. */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { formatTime, t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { LineBars } from "./line_bars.js";
import { causeWords, theirWords } from "./line_words.js";
import { nameOf } from "./names.js";
import { networkAbout } from "./view.js";

/** @typedef {import("../state/context.js").WeakLine} WeakLine */

export function WeakLines() {
  const room = useRoom();
  if (!room.can("staff")) return null;
  const { people, more, cause } = room.lines.value;
  const me = room.me.value.id;
  const name = (/** @type {string} */ person) => nameOf(room, person);
  const others = people.filter(({ person }) => person !== me);
  const sought = others.some(({ person }) => person === networkAbout.value);
  const blame = cause !== null && cause.kind !== "viewers";
  return html`<section class="weak-lines" aria-labelledby="weak-lines-title" data-test="weak-lines">
    <h3 class="field-label" id="weak-lines-title">${t("Connections of the others")}</h3>
    ${cause !== null && (blame || others.length > 0) && html`<p class=${blame ? "weak-cause weak-cause-one" : "weak-cause"} data-test="weak-cause">${causeWords(cause, { me, weak: others.length < people.length }, name)}</p>`}
    ${others.length === 0 && !blame && html`<p class="weak-cause">${t("Nobody else has a weak connection.")}</p>`}
    ${others.length > 0 &&
    html`<ul class="weak-list" tabindex="0" data-first=${sought || undefined} aria-labelledby="weak-lines-title">
      ${others.map((line) => html`<${WeakRow} key=${line.person} line=${line} name=${name(line.person)} />`)}
    </ul>`}
    ${more > 0 && html`<p class="faint">${t("and {n} more", { n: more })}</p>`}
  </section>`;
}

/** @param {{ line: WeakLine, name: string }} props */
function WeakRow({ line, name }) {
  const row = useRef(/** @type {HTMLLIElement | null} */ (null));
  const sought = networkAbout.value === line.person;
  useEffect(() => {
    if (sought) row.current?.scrollIntoView({ block: "nearest" });
  }, [sought]);
  const since = line.problems[0]?.since;
  return html`<li ref=${row} class=${sought ? "weak-line weak-line-sought" : "weak-line"} data-test="weak-line" data-person=${line.person}>
    <span class=${`quality-${line.quality}`}><${LineBars} line=${line.quality} size=${16} label=${line.quality === "bad" ? t("Very weak network") : t("Weak network")} /></span>
    <span class="weak-words">
      <strong>${name}</strong>${" "}${line.problems.map((problem, index) => html`<span key=${problem.problem}>${index > 0 && html`<br />`}${theirWords(problem)}</span>`)}
      ${since !== undefined && html`<span class="faint weak-since">${t("since {time}", { time: formatTime(since) })}</span>`}
    </span>
  </li>`;
}
