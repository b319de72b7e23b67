/**
 * My classes: what is on now first, with one big way in, then what comes, then what was. The first page after signing in.
 */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatDate, t } from "../i18n.js";
import { resource } from "../state/resource.js";
import { account, may } from "../state/visitor.js";
import { ClassCard } from "./class_card.js";
import { PlanDialog, StartDialog } from "./class_form.js";
import { Loaded } from "./loaded.js";
import { Button } from "./parts/button.js";
import { Empty } from "./parts/marks.js";

/** @typedef {import("../state/types_home.js").Mine} Mine */
/** @typedef {import("../state/types_home.js").Listed} Listed */

/** How often the list looks whether a class has begun. */
const REFRESH_MS = 30_000;

/** @type {import("../state/resource.js").Resource<Mine>} */
const mine = resource();

export function ClassesPage() {
  const [open, setOpen] = useState(/** @type {"" | "plan" | "start"} */ (""));
  useEffect(() => {
    void mine.load("/api/classes");
    const timer = setInterval(() => document.visibilityState === "visible" && void mine.again(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
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
    <${Loaded} of=${mine}>${(/** @type {Mine} */ data) => html`<${Lists} data=${data} onChange=${() => void mine.again()} />`}<//>
    ${open === "plan" && html`<${PlanDialog} onClose=${close} onDone=${() => (close(), void mine.again())} />`}
    ${open === "start" && html`<${StartDialog} onClose=${close} />`}`;
}

/** @param {{ data: Mine, onChange: () => void }} props */
export function Lists({ data, onChange }) {
  const nothing = data.now.length + data.next.length + data.past.length === 0;
  if (nothing) return html`<${Nothing} />`;
  return html`${data.now.length > 0 &&
    html`<section class="list-section" aria-labelledby="now">
      <h2 id="now">${t("Now")}</h2>
      <ul class="cards">
        ${data.now.map((one) => html`<${ClassCard} key=${one.planned.id} listed=${one} now onChange=${onChange} />`)}
      </ul>
    </section>`}
    <section class="list-section" aria-labelledby="next">
      <h2 id="next">${t("Next")}</h2>
      ${data.next.length === 0 && html`<p class="soft">${t("Nothing is planned.")}</p>`}
      ${byDay(data.next).map(
        ([day, list]) => html`<h3 key=${day} class="day">${day}</h3>
          <ul class="rows">
            ${list.map((one) => html`<${ClassCard} key=${one.planned.id} listed=${one} onChange=${onChange} />`)}
          </ul>`,
      )}
    </section>
    ${data.past.length > 0 &&
    html`<section class="list-section" aria-labelledby="past">
      <h2 id="past">${t("Past")}</h2>
      <ul class="rows">
        ${data.past.map((one) => html`<${ClassCard} key=${one.planned.id} listed=${one} past onChange=${onChange} />`)}
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
