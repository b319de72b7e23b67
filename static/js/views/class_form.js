/** Planning a class, changing a planned one, and starting one at once. */
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { LOCALE_NAMES, LOCALES, fieldsOf, formatDate, formatZone, locale, momentOf, t, tn } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { resource } from "../state/resource.js";
import { courseName } from "./course_name.js";
import { Button } from "./parts/button.js";
import { Choice } from "./parts/choice.js";
import { Dialog } from "./parts/dialog.js";
import { SelectField, TextField } from "./parts/field.js";
import { Notice } from "./parts/marks.js";
import { Switch } from "./parts/switch.js";
import { explain } from "./refusals.js";
import { focusWrong } from "./signin.js";

/** @typedef {import("../state/types_home.js").Course} Course */
/** @typedef {import("../state/types_home.js").PlannedClass} PlannedClass */

const MINUTE = 60_000;
const LENGTHS = [30, 40, 45, 60, 80, 90, 120, 180]; // 40 and 80 minutes are the lessons of the country's schools and universities.
const USUAL = 80;

/** @type {import("../state/resource.js").Resource<readonly Course[]>} */
const courses = resource();

function useCourses() {
  useEffect(() => void courses.load("/api/courses"), []);
  const list = courses.data.value ?? [];
  return [{ value: "", label: t("Without a course") }, ...list.map((course) => ({ value: course.id, label: courseName(course) }))];
}

const languages = () => LOCALES.map((code) => ({ value: code, label: LOCALE_NAMES[code] }));

/** @param {number} value @param {number} [width] */
const two = (value, width = 2) => String(value).padStart(width, "0");

/** Date and time as the browser's own fields want them, in the reader's zone. */
function fieldsFor(/** @type {number} */ at) {
  const of = fieldsOf(at);
  return { date: `${two(of.year, 4)}-${two(of.month)}-${two(of.day)}`, time: `${two(of.hour)}:${two(of.minute)}` };
}

/** @param {string} date @param {string} time @returns {number | null} */
function momentFrom(date, time) {
  // The time is typed, not picked: the browser's own field speaks the browser's language (often "AM"), not the page's.
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2})[:.](\d\d)$/.exec(`${date}T${time.trim()}`);
  if (found === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = found.slice(1).map(Number);
  if (hour > 23 || minute > 59) return null;
  return momentOf({ year, month, day, hour, minute });
}

/** The next full hour, when most people would begin. */
function soon() {
  return Math.ceil(Date.now() / (60 * MINUTE)) * 60 * MINUTE;
}

/** Whether a class is recorded, with what each means. */
const recordingModes = () => [
  { value: "on", label: t("From the beginning"), hint: t("Teachers can pause and stop it in the class.") },
  { value: "ask", label: t("Ask at the beginning"), hint: t("Teachers and assistants are asked when the class opens.") },
  { value: "off", label: t("Not by itself"), hint: t("It can still be started in the class.") },
];

/**
 * @param {object} props
 * @param {PlannedClass} [props.planned] to change this one
 * @param {string} [props.course] chosen at first
 * @param {() => void} props.onClose
 * @param {() => void} props.onDone
 */
export function PlanDialog({ planned, course: first = "", onClose, onDone }) {
  const options = useCourses();
  const begins = fieldsFor(planned?.starts_at ?? soon());
  const [title, setTitle] = useState(planned?.title ?? "");
  const [course, setCourse] = useState(planned?.course ?? first);
  const [date, setDate] = useState(begins.date);
  const [time, setTime] = useState(begins.time);
  const [minutes, setMinutes] = useState(String((planned?.duration ?? USUAL * MINUTE) / MINUTE));
  const [language, setLanguage] = useState(planned?.language ?? locale.value);
  const [lobby, setLobby] = useState(planned?.settings.lobby ?? false);
  const [moderated, setModerated] = useState(planned?.settings.moderated ?? false);
  const [recording, setRecording] = useState(/** @type {string} */ (planned?.settings.recording ?? "on"));
  const [publish, setPublish] = useState(planned?.settings.publish ?? true);
  const [wrong, setWrong] = useState({ title: "", date: "", all: "" });
  const [busy, setBusy] = useState(false);
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const at = momentFrom(date, time);
  const lengths = [...new Set([...LENGTHS, Number(minutes)])].sort((a, b) => a - b);
  const save = async () => {
    if (busy) return;
    const missing = { title: title.trim() === "" ? t("Give the class a name.") : "", date: at === null ? t("Choose a day and a time.") : "", all: "" };
    setWrong(missing);
    if (missing.title || missing.date) return focusWrong(form.current);
    const settings = { ...planned?.settings, lobby, moderated, recording, publish, locks: planned?.settings.locks ?? [] };
    const body = { title: title.trim(), starts_at: at, duration: Number(minutes) * MINUTE, language, course: course || null, settings };
    setBusy(true);
    const outcome = await (planned ? ask("PUT", `/api/classes/${planned.id}`, body) : ask("POST", "/api/classes", body));
    setBusy(false);
    if (outcome.ok) onDone();
    else setWrong({ title: "", date: "", all: explain(outcome) });
  };
  const footer = html`<${Button} onClick=${onClose}>${t("Cancel")}<//><${Button} kind="primary" busy=${busy} onClick=${save}>${planned ? t("Save") : t("Plan")}<//>`;
  return html`<${Dialog} title=${planned ? t("Change the class") : t("Plan a class")} onClose=${onClose} footer=${footer}>
    <form class="form" ref=${form} novalidate onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), void save())}>
      ${wrong.all && html`<${Notice} kind="stop" icon="circle-alert" alert>${wrong.all}<//>`}
      <${TextField} label=${t("Topic")} value=${title} onInput=${setTitle} error=${wrong.title} maxlength=${200} autofocus />
      <${SelectField} label=${t("Course")} value=${course} options=${options} onChange=${setCourse} />
      <div class="form-row">
        <${TextField} label=${t("Day")} value=${date} onInput=${setDate} error=${wrong.date} type="date" hint=${at === null ? "" : formatDate(at, { style: "full" })} />
        <${TextField} label=${t("Begins")} value=${time} onInput=${setTime} inputmode="numeric" placeholder="14:30" maxlength=${5} hint=${formatZone(at ?? Date.now())} />
        <${SelectField} label=${t("Lasts")} value=${minutes} options=${lengths.map((n) => ({ value: String(n), label: tn("{n} minute", "{n} minutes", n) }))} onChange=${setMinutes} />
      </div>
      <${SelectField} label=${t("Language of the class")} value=${language} options=${languages()} onChange=${setLanguage} />
      <${Switch} label=${t("Students wait until they are let in")} checked=${lobby} onChange=${setLobby} />
      <${Switch} label=${t("Questions wait for the teacher before others see them")} checked=${moderated} onChange=${setModerated} />
      <${Choice} label=${t("Recording")} kind="list" value=${recording} options=${recordingModes()} onChange=${setRecording} />
      <${Switch} label=${t("Students may watch the recording as soon as it is ready")} hint=${publish ? "" : t("They see it when you show it to them.")} checked=${publish} test="publish" onChange=${setPublish} />
      <button hidden type="submit"></button>
    </form>
  <//>`;
}

/** @param {{ course?: string, onClose: () => void }} props */
export function StartDialog({ course: first = "", onClose }) {
  const options = useCourses();
  const [title, setTitle] = useState("");
  const [course, setCourse] = useState(first);
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const start = async () => {
    if (busy) return;
    const named = title.trim() || options.find((option) => option.value === course && course !== "")?.label || t("Class");
    setBusy(true);
    /** @type {import("../protocol/api.js").Outcome<PlannedClass>} */
    const outcome = await ask("POST", "/api/classes/now", { title: named, language: locale.value, course: course || null });
    if (outcome.ok) return location.assign(`/class/${outcome.data.id}`);
    setBusy(false);
    setWrong(explain(outcome));
  };
  const footer = html`<${Button} onClick=${onClose}>${t("Cancel")}<//><${Button} kind="primary" icon="video" busy=${busy} onClick=${start}>${t("Start")}<//>`;
  return html`<${Dialog} title=${t("Start a class now")} size="small" onClose=${onClose} footer=${footer}>
    <form class="form" novalidate onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), void start())}>
      <${TextField} label=${t("Topic")} hint=${t("May be empty.")} value=${title} onInput=${setTitle} error=${wrong} maxlength=${200} autofocus />
      <${SelectField} label=${t("Course")} value=${course} options=${options} onChange=${setCourse} />
      <p class="soft mark-text">${t("It is recorded from the beginning; in the class you can pause and stop that.")}</p>
      <button hidden type="submit"></button>
    </form>
  <//>`;
}
