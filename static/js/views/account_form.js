/** Making an account or changing one, and showing, once, the password that was made for it. */
import { useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { LOCALE_NAMES, LOCALES, t } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { may } from "../state/visitor.js";
import { Button } from "./parts/button.js";
import { copyText } from "./parts/clipboard.js";
import { Dialog } from "./parts/dialog.js";
import { SelectField, TextField } from "./parts/field.js";
import { Notice } from "./parts/marks.js";
import { explain } from "./refusals.js";
import { focusWrong } from "./signin.js";

/** @typedef {import("../state/visitor.js").Account} Account */
/** @typedef {{ person: Account, password: string | null }} Made */

/** @param {Account["role"]} role */
export function accountRole(role) {
  const names = { administrator: t("Administrator"), coordinator: t("Academic coordinator"), teacher: t("Teacher"), student: t("Student") };
  return names[role];
}

/** @param {{ person?: Account, onClose: () => void, onDone: (made: Made) => void }} props */
export function AccountDialog({ person, onClose, onDone }) {
  const [login, setLogin] = useState(person?.login ?? "");
  const [name, setName] = useState(person?.name ?? "");
  const [role, setRole] = useState(person?.role ?? "student");
  const [language, setLanguage] = useState(person?.language ?? "");
  const [wrong, setWrong] = useState({ login: "", name: "", all: "" });
  const [busy, setBusy] = useState(false);
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const save = async () => {
    if (busy) return;
    const missing = { login: login.trim() === "" ? t("Enter a login.") : "", name: name.trim() === "" ? t("Enter the name.") : "", all: "" };
    setWrong(missing);
    if (missing.login || missing.name) return focusWrong(form.current);
    setBusy(true);
    const outcome = await (person
      ? /** @type {Promise<import("../protocol/api.js").Outcome<Account>>} */ (ask("PUT", `/api/people/${person.id}`, { name: name.trim(), role, language }))
      : /** @type {Promise<import("../protocol/api.js").Outcome<Made>>} */ (ask("POST", "/api/people", { login: login.trim(), name: name.trim(), role, language })));
    setBusy(false);
    if (outcome.ok) return onDone("person" in outcome.data ? outcome.data : { person: outcome.data, password: null });
    setWrong(outcome.code === "taken" ? { ...missing, login: t("This login is used already.") } : { ...missing, all: explain(outcome) });
    focusWrong(form.current);
  };
  const roles = /** @type {Account["role"][]} */ (may("people.appoint") ? ["student", "teacher", "coordinator", "administrator"] : ["student", "teacher"]);
  const shown = roles.includes(role) ? roles : [...roles, role];
  const footer = html`<${Button} onClick=${onClose}>${t("Cancel")}<//><${Button} kind="primary" busy=${busy} onClick=${save}>${person ? t("Save") : t("Make the account")}<//>`;
  return html`<${Dialog} title=${person ? t("Change the account") : t("New account")} onClose=${onClose} footer=${footer}>
    <form class="form" ref=${form} novalidate onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), void save())}>
      ${wrong.all && html`<${Notice} kind="stop" icon="circle-alert" alert>${wrong.all}<//>`}
      <${TextField} label=${t("Name")} value=${name} onInput=${setName} error=${wrong.name} maxlength=${200} autofocus />
      <${TextField} label=${t("Login")} value=${login} onInput=${setLogin} error=${wrong.login} readonly=${person !== undefined} autocapitalize="none" spellcheck=${false} />
      <${SelectField} label=${t("Role")} value=${role} onChange=${setRole} options=${shown.map((value) => ({ value, label: accountRole(value) }))} />
      <${SelectField} label=${t("Language")} value=${language} onChange=${setLanguage} options=${[{ value: "", label: t("As the browser") }, ...LOCALES.map((code) => ({ value: code, label: LOCALE_NAMES[code] }))]} />
      ${!person && html`<p class="soft mark-text">${t("A password is made and shown once; the person chooses an own one at the first sign-in.")}</p>`}
      <button hidden type="submit"></button>
    </form>
  <//>`;
}

/** @param {{ given: { person: Account, password: string }, onClose: () => void }} props */
export function PasswordDialog({ given, onClose }) {
  const copy = () => copyText(`${given.person.login} ${given.password}`);
  const footer = html`<${Button} icon="copy" onClick=${copy}>${t("Copy")}<//><${Button} kind="primary" onClick=${onClose}>${t("Done")}<//>`;
  return html`<${Dialog} title=${t("Password of {name}", { name: given.person.name })} size="small" onClose=${onClose} footer=${footer}>
    <p>${t("It is shown only now. Hand it over in person or by a way that others do not read.")}</p>
    <dl class="secret">
      <dt class="soft">${t("Login")}</dt>
      <dd><code>${given.person.login}</code></dd>
      <dt class="soft">${t("Password")}</dt>
      <dd><code data-test="made-password">${given.password}</code></dd>
    </dl>
  <//>`;
}
