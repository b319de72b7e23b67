/** Making a course, or changing its facts. */
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { fieldsOf, t } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { account } from "../state/visitor.js";
import { controlName, yearName } from "./course_name.js";
import { PersonPicker } from "./person_picker.js";
import { Button } from "./parts/button.js";
import { Dialog } from "./parts/dialog.js";
import { SelectField, TextField } from "./parts/field.js";
import { Notice } from "./parts/marks.js";
import { explain } from "./refusals.js";
import { focusWrong } from "./signin.js";

/** @typedef {import("../state/types_home.js").Course} Course */

/** @type {import("../state/types_home.js").Control[]} */
const CONTROLS = ["exam", "credit", "graded_credit", "course_work", "none"];
const SEMESTERS = 12; // Where semesters are counted through six years.

/** An academic year begins in September; in summer one plans the next. */
function presentYear() {
  const { year, month } = fieldsOf(Date.now());
  return month >= 7 ? year : year - 1;
}

/** @param {{ course?: Course, onClose: () => void, onDone: (course: Course) => void }} props */
export function CourseDialog({ course, onClose, onDone }) {
  const own = account.value?.role === "teacher" ? { id: account.value.id, name: account.value.name } : null;
  const [discipline, setDiscipline] = useState(course?.discipline ?? "");
  const [group, setGroup] = useState(course?.group ?? "");
  const [year, setYear] = useState(String(course?.academic_year ?? presentYear()));
  const [semester, setSemester] = useState(String(course?.semester ?? 1));
  const [control, setControl] = useState(course?.control ?? "exam");
  const [teacher, setTeacher] = useState(course ? { id: course.teacher, name: course.teacher_name } : own);
  const [wrong, setWrong] = useState({ discipline: "", group: "", teacher: "", all: "" });
  const [busy, setBusy] = useState(false);
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const first = presentYear() - 3;
  const years = [...new Set([Number(year), ...Array.from({ length: 6 }, (_, n) => first + n)])].sort();
  useEffect(() => setWrong((before) => ({ ...before, teacher: "" })), [teacher?.id]);
  const save = async () => {
    if (busy) return;
    const missing = {
      discipline: discipline.trim() === "" ? t("Enter the discipline.") : "",
      group: group.trim() === "" ? t("Enter the group.") : "",
      teacher: teacher === null ? t("Choose who teaches it.") : "",
      all: "",
    };
    setWrong(missing);
    if (missing.discipline || missing.group || teacher === null) return focusWrong(form.current);
    const body = { academic_year: Number(year), semester: Number(semester), discipline: discipline.trim(), group: group.trim(), control, teacher: teacher.id };
    setBusy(true);
    /** @type {import("../protocol/api.js").Outcome<Course>} */
    const outcome = await (course ? ask("PUT", `/api/courses/${course.id}`, body) : ask("POST", "/api/courses", body));
    setBusy(false);
    if (outcome.ok) return onDone(outcome.data);
    setWrong({ ...missing, all: outcome.code === "taken" ? t("This course exists already.") : explain(outcome) });
  };
  const footer = html`<${Button} onClick=${onClose}>${t("Cancel")}<//><${Button} kind="primary" busy=${busy} onClick=${save}>${course ? t("Save") : t("Make the course")}<//>`;
  return html`<${Dialog} title=${course ? t("Change the course") : t("New course")} onClose=${onClose} footer=${footer}>
    <form class="form" ref=${form} novalidate onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), void save())}>
      ${wrong.all && html`<${Notice} kind="stop" icon="circle-alert" alert>${wrong.all}<//>`}
      <${TextField} label=${t("Discipline")} value=${discipline} onInput=${setDiscipline} error=${wrong.discipline} maxlength=${200} autofocus />
      <div class="form-row">
        <${TextField} label=${t("Group")} value=${group} onInput=${setGroup} error=${wrong.group} maxlength=${100} />
        <${SelectField} label=${t("Form of control")} value=${control} onChange=${setControl} options=${CONTROLS.map((value) => ({ value, label: controlName(value) }))} />
      </div>
      <div class="form-row">
        <${SelectField} label=${t("Academic year")} value=${year} onChange=${setYear} options=${years.map((value) => ({ value: String(value), label: yearName(value) }))} />
        <${SelectField} label=${t("Semester")} value=${semester} onChange=${setSemester} options=${Array.from({ length: SEMESTERS }, (_, n) => ({ value: String(n + 1), label: String(n + 1) }))} />
      </div>
      <${PersonPicker} label=${t("Teacher")} value=${teacher} onChange=${setTeacher} error=${wrong.teacher} role="teacher" />
      <button hidden type="submit"></button>
    </form>
  <//>`;
}
