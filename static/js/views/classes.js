/**
 * My classes: what is on now first, with one big way in, then what comes, then what was. The first page after signing in.
 */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatDate, t } from "../i18n.js";
import { byClass, recordingList } from "../state/recordings.js";
import { resource } from "../state/resource.js";
import { account, may } from "../state/visitor.js";
import { ClassCard } from "./class_card.js";
import { PlanDialog, StartDialog } from "./class_form.js";
import { Loaded } from "./loaded.js";
import { Button } from "./parts/button.js";
import { Empty } from "./parts/marks.js";
import { RecordingDialogs } from "./recording_dialogs.js";
import { RecordingRow } from "./recording_row.js";
import { useList } from "./recordings.js";
import { Link } from "./router.js";

/** @typedef {import("../state/types_home.js").Mine} Mine */
/** @typedef {import("../state/types_home.js").Listed} Listed */
/** @typedef {import("../state/types_home.js").Recorded} Recorded */

/** How often the list looks whether a class has begun. */
const REFRESH_MS = 30_000;

/** @type {import("../state/resource.js").Resource<Mine>} */
const mine = resource();
const recordings = recordingList("/api/recordings");
/** How many of the newest recordings stand on the first page. */
const NEWEST = 3;

export function ClassesPage() {
  const [open, setOpen] = useState(/** @type {"" | "plan" | "start"} */ (""));
  useEffect(() => {
    void mine.load("/api/classes");
    const timer = setInterval(() => document.visibilityState === "visible" && void mine.again(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  useList(recordings);
  const teaches = may("classes.plan");
  const close = () => setOpen("");
  return html`<div class="page-head">
      <h1 tabindex="-1">${t("My classes")}</h1>
      ${teaches &&
      html`<div class="page-tools">
        <${Button} icon="calendar-plus" onClick=${() => setOpen("plan")}>${t("Plan a class")}<//>
        <${Button} kind="primary" icon="video" onClick=${() => setOpen("start")}>${t("Start a class now")}<//>
      </div>`}
    </div>
    <${Loaded} of=${mine}>${(/** @type {Mine} */ data) => html`<${Lists} data=${data} recordings=${recordings.data.value} onChange=${() => void mine.again()}><${Newest} /><//>`}<//>
    ${open === "plan" && html`<${PlanDialog} onClose=${close} onDone=${() => (close(), void mine.again())} />`}
    ${open === "start" && html`<${StartDialog} onClose=${close} />`}`;
}

/** The newest recordings, and the way to all of them. */
function Newest() {
  const all = (recordings.data.value ?? []).filter((one) => one.state === "ready" || one.state === "finishing");
  if (all.length === 0) return null;
  return html`<section class="list-section" aria-labelledby="newest">
    <div class="section-head"><h2 id="newest">${t("New recordings")}</h2><${Link} to="/recordings">${t("All recordings")}<//></div>
    <ul class="rows">
      ${all.slice(0, NEWEST).map((one) => html`<${RecordingRow} key=${one.id} one=${one} list=${recordings} />`)}
    </ul>
    <${RecordingDialogs} list=${recordings} />
  </section>`;
}

/**
 * @param {object} props
 * @param {Mine} props.data
 * @param {readonly Recorded[]} [props.recordings] those of these classes are shown with them
 * @param {() => void} props.onChange
 * @param {any} [props.children] stands between what is on now and what comes
 */
export function Lists({ data, recordings = [], onChange, children }) {
  const of = byClass(recordings);
  const nothing = data.now.length + data.next.length + data.past.length === 0;
  if (nothing) return html`<${Nothing} />${children}`;
  return html`${data.now.length > 0 &&
    html`<section class="list-section" aria-labelledby="now">
      <h2 id="now">${t("Now")}</h2>
      <ul class="cards">
        ${data.now.map((one) => html`<${ClassCard} key=${one.planned.id} listed=${one} now recordings=${of.get(one.planned.id)} onChange=${onChange} />`)}
      </ul>
    </section>`}
    ${children}
    <section class="list-section" aria-labelledby="next">
      <h2 id="next">${t("Next")}</h2>
      ${data.next.length === 0 && html`<p class="soft">${t("Nothing is planned.")}</p>`}
      ${byDay(data.next).map(
        ([day, list]) => html`<h3 key=${day} class="day">${day}</h3>
          <ul class="rows">
            ${list.map((one) => html`<${ClassCard} key=${one.planned.id} listed=${one} recordings=${of.get(one.planned.id)} onChange=${onChange} />`)}
          </ul>`,
      )}
    </section>
    ${data.past.length > 0 &&
    html`<section class="list-section" aria-labelledby="past">
      <h2 id="past">${t("Past")}</h2>
      <ul class="rows">
        ${data.past.map((one) => html`<${ClassCard} key=${one.planned.id} listed=${one} past recordings=${of.get(one.planned.id)} onChange=${onChange} />`)}
      </ul>
    </section>`}`;
}

/** @param {readonly Listed[]} list @returns {[string, Listed[]][]} */
function byDay(list) {
  /** @type {Map<string, Listed[]>} */
  const days = new Map();
  for (const one of list) {
    const day = formatDate(one.planned.starts_at, { style: "full" });
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  return [...days];
}

function Nothing() {
  if (may("classes.plan"))
    return html`<${Empty} icon="calendar-days" title=${t("No classes yet")}>${t("Start one now, or plan it: your students find it here at its time.")}<//>`;
  const name = account.value?.name ?? "";
  return html`<${Empty} icon="calendar-days" title=${t("No classes yet, {name}", { name })}>${t("When your teachers plan a class for your group, it appears here. You need not do anything.")}<//>`;
}
