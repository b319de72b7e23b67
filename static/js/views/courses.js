/** Courses: one's own by year and semester; those who manage courses see all of them and make new ones. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { withQuery } from "../protocol/api.js";
import { resource } from "../state/resource.js";
import { may } from "../state/visitor.js";
import { CourseDialog } from "./course_form.js";
import { controlName, yearName } from "./course_name.js";
import { Loaded } from "./loaded.js";
import { Button } from "./parts/button.js";
import { Choice } from "./parts/choice.js";
import { Badge, Empty } from "./parts/marks.js";
import { Link, go } from "./router.js";
import { SearchBox } from "./search_box.js";

/** @typedef {import("../state/types_home.js").Course} Course */

/** @type {import("../state/resource.js").Resource<readonly Course[]>} */
const found = resource();

export function CoursesPage() {
  const all = may("courses.see_all");
  const [scope, setScope] = useState(all ? "all" : "mine");
  const [query, setQuery] = useState("");
  const [making, setMaking] = useState(false);
  useEffect(() => void found.load(withQuery("/api/courses", { scope, query: scope === "all" ? query : "", limit: 200 })), [scope, query]);
  const made = (/** @type {Course} */ course) => go(`/courses/${course.id}`);
  return html`<div class="page-head">
      <h1 tabindex="-1">${t("Courses")}</h1>
      ${may("courses.manage") &&
      html`<div class="page-tools"><${Button} kind="primary" icon="plus" onClick=${() => setMaking(true)}>${t("New course")}<//></div>`}
    </div>
    ${all &&
    html`<div class="filters">
      <${Choice} quiet label=${t("Which courses")} value=${scope} onChange=${setScope} options=${[{ value: "all", label: t("All") }, { value: "mine", label: t("Mine") }]} />
      ${scope === "all" && html`<${SearchBox} label=${t("Find a discipline, group or teacher")} onSearch=${setQuery} />`}
    </div>`}
    <${Loaded} of=${found}>${(/** @type {readonly Course[]} */ list) => html`<${Years} list=${list} searched=${query !== ""} />`}<//>
    ${making && html`<${CourseDialog} onClose=${() => setMaking(false)} onDone=${made} />`}`;
}

/** @param {{ list: readonly Course[], searched: boolean }} props */
function Years({ list, searched }) {
  if (list.length === 0)
    return searched
      ? html`<${Empty} icon="search" title=${t("Nothing was found")}>${t("Try fewer letters.")}<//>`
      : html`<${Empty} icon="book-open" title=${t("No courses yet")}>${t("Courses are made by the coordinator; yours appear here with their classes.")}<//>`;
  const terms = new Map();
  for (const course of list) {
    const term = `${yearName(course.academic_year)} · ${t("semester {n}", { n: course.semester })}`;
    terms.set(term, [...(terms.get(term) ?? []), course]);
  }
  return html`${[...terms].map(
    ([term, courses]) => html`<section key=${term} class="list-section">
      <h2>${term}</h2>
      <ul class="rows">
        ${courses.map(
          (/** @type {Course} */ course) => html`<li key=${course.id} class="row">
            <div class="row-text">
              <${Link} to=${`/courses/${course.id}`} class="row-link">${course.discipline}<//>
              <span class="soft mark-text">${course.group} · ${course.teacher_name}</span>
            </div>
            <${Badge}>${controlName(course.control)}<//>
          </li>`,
        )}
      </ul>
    </section>`,
  )}`;
}
