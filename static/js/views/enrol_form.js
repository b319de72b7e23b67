/** Enrolling many at once: logins as they stand in a list or a spreadsheet column, all of them or none. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t, tn } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { Button } from "./parts/button.js";
import { Choice } from "./parts/choice.js";
import { Dialog } from "./parts/dialog.js";
import { TextField } from "./parts/field.js";
import { explain } from "./refusals.js";

const MOST = 500; // The server's bound.

/** Logins hold no blanks or commas, so anything of that kind separates them. */
export function loginsIn(/** @type {string} */ text) {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

/** @param {{ course: string, onClose: () => void, onDone: () => void }} props */
export function EnrolDialog({ course, onClose, onDone }) {
  const [text, setText] = useState("");
  const [role, setRole] = useState("student");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const people = loginsIn(text);
  const save = async () => {
    if (busy) return;
    if (people.length === 0) return setWrong(t("Enter at least one login."));
    if (people.length > MOST) return setWrong(tn("At most {n} person at once.", "At most {n} people at once.", MOST));
    setBusy(true);
    const outcome = await ask("POST", `/api/courses/${course}/people`, { people, role });
    setBusy(false);
    if (outcome.ok) return onDone();
    const who = outcome.detail ? ` (${outcome.detail})` : "";
    setWrong(outcome.code === "not_found" ? t("One of these logins does not exist{who}. Nobody was enrolled.", { who }) : explain(outcome));
  };
  const footer = html`<${Button} onClick=${onClose}>${t("Cancel")}<//><${Button} kind="primary" busy=${busy} onClick=${save}>
      ${people.length > 0 ? tn("Enrol {n} person", "Enrol {n} people", people.length) : t("Enrol")}
    <//>`;
  return html`<${Dialog} title=${t("Enrol")} onClose=${onClose} footer=${footer}>
    <div class="form">
      <${TextField} label=${t("Logins")} hint=${t("One in a line, or separated by commas. A column from a spreadsheet can be pasted here.")} value=${text} onInput=${setText} error=${wrong} multiline rows="6" spellcheck=${false} autofocus />
      <${Choice} label=${t("As")} value=${role} onChange=${setRole} options=${[{ value: "student", label: t("Student") }, { value: "assistant", label: t("Assistant") }]} />
    </div>
  <//>`;
}
