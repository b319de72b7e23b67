/** One course: its facts, its classes and their recordings, and who is in it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "../html.js";
import { t, tn } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { recordingList } from "../state/recordings.js";
import { resource } from "../state/resource.js";
import { account, may } from "../state/visitor.js";
import { PlanDialog, StartDialog } from "./class_form.js";
import { Lists } from "./classes.js";
import { CourseDialog } from "./course_form.js";
import { controlName, yearName } from "./course_name.js";
import { EnrolDialog } from "./enrol_form.js";
import { Loaded } from "./loaded.js";
import { Avatar } from "./parts/avatar.js";
import { Button } from "./parts/button.js";
import { Badge, Empty } from "./parts/marks.js";
import { Menu } from "./parts/menu.js";
import { toast } from "./parts/toast.js";
import { Recordings } from "./recordings.js";
import { explain } from "./refusals.js";
import { Link } from "./router.js";

/** @typedef {import("../state/types_home.js").Course} Course */
/** @typedef {import("../state/types_home.js").Enrolment} Enrolment */
/** @typedef {import("../state/types_home.js").Mine} Mine */

/** @type {import("../state/resource.js").Resource<Course>} */
const course = resource();
/** @type {import("../state/resource.js").Resource<Mine>} */
const classes = resource();
/** @type {import("../state/resource.js").Resource<readonly Enrolment[]>} */
const members = resource();

/** Whether this person leads the course: teaches it, or manages courses. */
function leads(/** @type {Course} */ of) {
  return may("courses.manage") || of.teacher === account.value?.id;
}

/** @param {{ id: string }} props */
export function CoursePage({ id }) {
  const recordings = useMemo(() => recordingList(`/api/courses/${id}/recordings`), [id]);
  useEffect(() => {
    void course.load(`/api/courses/${id}`);
    void classes.load(`/api/courses/${id}/classes`);
  }, [id]);
  return html`<p class="back"><${Link} to="/courses">${t("Courses")}<//></p>
    <${Loaded} of=${course}>${(/** @type {Course} */ data) => html`<${Facts} data=${data} />`}<//>
    <${Loaded} of=${classes}>
      ${(/** @type {Mine} */ data) =>
        data.now.length + data.next.length + data.past.length === 0
          ? html`<${Empty} icon="calendar-days" title=${t("No classes yet")}>${t("What is planned for this course appears here, and later its recordings.")}<//>`
          : html`<${Lists} data=${data} recordings=${recordings.data.value} onChange=${() => void classes.again()} />`}
    <//>
    <${Recordings} list=${recordings} course=${id} leads=${(course.data.value !== undefined && leads(course.data.value)) || (recordings.data.value ?? []).some((one) => one.edit)} />
    ${course.data.value !== undefined && leads(course.data.value) && html`<${Members} id=${id} />`}`;
}

/** @param {{ data: Course }} props */
function Facts({ data }) {
  const [open, setOpen] = useState(/** @type {"" | "edit" | "plan" | "start"} */ (""));
  const close = () => setOpen("");
  const put = async () => {
    const outcome = await ask("PUT", `/api/courses/${data.id}/archived`, { archived: data.archived_at === null });
    if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
    await course.again();
  };
  /** @type {import("./parts/menu.js").Entry[]} */
  const items = [
    { label: t("Change"), icon: "pencil", onSelect: () => setOpen("edit") },
    { label: data.archived_at === null ? t("Put away") : t("Bring back"), icon: "archive", onSelect: () => void put() },
  ];
  return html`<div class="page-head">
      <div>
        <h1 tabindex="-1">${data.discipline}</h1>
        <p class="soft course-facts">
          <span>${t("group {group}", { group: data.group })}</span><span>${yearName(data.academic_year)}, ${t("semester {n}", { n: data.semester })}</span>
          <span>${controlName(data.control)}</span><span>${data.teacher_name}</span>
          ${data.archived_at !== null && html`<${Badge} icon="archive">${t("In the archive")}<//>`}
        </p>
      </div>
      <div class="page-tools">
        ${leads(data) &&
        data.archived_at === null &&
        html`<${Button} icon="calendar-plus" onClick=${() => setOpen("plan")}>${t("Plan a class")}<//>
          <${Button} kind="primary" icon="video" onClick=${() => setOpen("start")}>${t("Start a class now")}<//>`}
        ${may("courses.manage") && html`<${Menu} label=${t("More for this course")} items=${items} />`}
      </div>
    </div>
    ${open === "edit" && html`<${CourseDialog} course=${data} onClose=${close} onDone=${() => (close(), void course.again())} />`}
    ${open === "plan" && html`<${PlanDialog} course=${data.id} onClose=${close} onDone=${() => (close(), void classes.again())} />`}
    ${open === "start" && html`<${StartDialog} course=${data.id} onClose=${close} />`}`;
}

/** @param {{ id: string }} props */
function Members({ id }) {
  const [adding, setAdding] = useState(false);
  useEffect(() => void members.load(`/api/courses/${id}/people`), [id]);
  const done = () => {
    setAdding(false);
    void members.again();
  };
  return html`<section class="list-section" aria-labelledby="members">
    <div class="section-head">
      <h2 id="members">${t("Who is in it")}</h2>
      <${Button} icon="user-plus" onClick=${() => setAdding(true)}>${t("Enrol")}<//>
    </div>
    <${Loaded} of=${members}>
      ${(/** @type {readonly Enrolment[]} */ list) =>
        list.length === 0
          ? html`<${Empty} icon="users" title=${t("Nobody is enrolled yet")}>${t("Those who are enrolled see the classes of this course in their list.")}<//>`
          : html`<p class="soft mark-text">${tn("{n} person", "{n} people", list.length)}</p>
              <ul class="rows">
                ${list.map((one) => html`<${Member} key=${one.person} one=${one} />`)}
              </ul>`}
    <//>
    ${adding && html`<${EnrolDialog} course=${id} onClose=${() => setAdding(false)} onDone=${done} />`}
  </section>`;
}

/** @param {{ one: Enrolment }} props */
function Member({ one }) {
  const people = `/api/courses/${one.course}/people`;
  const enrol = (/** @type {"student" | "assistant"} */ role) => ask("POST", people, { people: [one.person], role });
  const act = async (/** @type {Promise<import("../protocol/api.js").Outcome<any>>} */ doing, done = "") => {
    const outcome = await doing;
    if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
    else if (done) toast(done, { actions: [{ label: t("Undo"), onClick: () => void act(enrol(one.role)) }] });
    await members.again();
  };
  const assistant = one.role === "assistant";
  const items = [
    { label: assistant ? t("Make a student again") : t("Make an assistant"), icon: "user-cog", onSelect: () => void act(enrol(assistant ? "student" : "assistant")) },
    {
      label: t("Take out of the course"),
      icon: "user-minus",
      kind: /** @type {const} */ ("stop"),
      onSelect: () => void act(ask("DELETE", `${people}/${one.person}`), t("{name} is no longer in the course.", { name: one.name })),
    },
  ];
  return html`<li class="row">
    <${Avatar} id=${one.person} name=${one.name} />
    <div class="row-text"><span class="one-line">${one.name}</span><span class="faint mark-text">${one.login}</span></div>
    ${assistant && html`<${Badge} kind="accent">${t("Assistant")}<//>`}
    <${Menu} label=${t("More for {name}", { name: one.name })} items=${items} />
  </li>`;
}
