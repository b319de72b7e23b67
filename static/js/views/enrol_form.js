/** Enrolling many at once: logins as they stand in a list or a spreadsheet column, all of them or none. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { listOf, t, tn } from "../i18n.js";
import { ask, withQuery } from "../protocol/api.js";
import { Button } from "./parts/button.js";
import { Choice } from "./parts/choice.js";
import { Dialog } from "./parts/dialog.js";
import { TextField } from "./parts/field.js";
import { explain } from "./refusals.js";

const MOST = 500; // The server's bound.
/** A refusal does not say whom it means; more logins than these are not looked up one by one. */
const LOOKED_UP = 60;
const AT_ONCE = 6; // As many requests as a browser sends to one server at the same time.
const SHOWN = 10;

/** Logins hold no blanks or commas, so anything of that kind separates them. */
export function loginsIn(/** @type {string} */ text) {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

/** @param {readonly string[]} logins @returns {Promise<string[]>} those of them that nobody has */
async function strangers(logins) {
  /** @type {string[]} */
  const found = [];
  for (let at = 0; at < Math.min(logins.length, LOOKED_UP); at += AT_ONCE) {
    const part = logins.slice(at, at + AT_ONCE);
    const known = await Promise.all(part.map(isKnown));
    found.push(...part.filter((_, index) => !known[index]));
  }
  return found;
}

async function isKnown(/** @type {string} */ login) {
  /** @type {import("../protocol/api.js").Outcome<{ login: string }[]>} */
  const outcome = await ask("GET", withQuery("/api/people", { query: login, limit: 50 }));
  return !outcome.ok || outcome.data.some((person) => person.login === login.toLowerCase());
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
    if (outcome.code !== "not_found") return setWrong(explain(outcome));
    const unknown = await strangers(people);
    const names = listOf(unknown.slice(0, SHOWN));
    setWrong(unknown.length === 0 ? t("One of these logins does not exist. Nobody was enrolled.") : t("Not known here: {names}. Nobody was enrolled.", { names }));
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
