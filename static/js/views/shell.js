/** What stands around every page of a person who is signed in: name, ways, language, account. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { account, changePassword, may, signOut, signOutEverywhere } from "../state/visitor.js";
import { Avatar } from "./parts/avatar.js";
import { Button } from "./parts/button.js";
import { Dialog } from "./parts/dialog.js";
import { TextField } from "./parts/field.js";
import { LanguageMenu } from "./parts/language.js";
import { Menu } from "./parts/menu.js";
import { ThemeChoice } from "./parts/theme.js";
import { toast } from "./parts/toast.js";
import { Wordmark } from "./parts/wordmark.js";
import { explain } from "./refusals.js";
import { Link } from "./router.js";
import { NewPasswordField } from "./signin.js";

/** @param {{ children: any }} props */
export function Shell({ children }) {
  return html`<a class="skip-link" href="#main">${t("To the content")}</a>
    <header class="top">
      <${Link} to="/" class="brand"><${Wordmark} /><//>
      <nav class="top-nav" aria-label=${t("Pages")}>
        <${Link} to="/">${t("My classes")}<//>
        <${Link} to="/courses">${t("Courses")}<//>
        <${Link} to="/recordings">${t("Recordings")}<//>
        ${may("people.manage") && html`<${Link} to="/people">${t("Accounts")}<//>`}
      </nav>
      <div class="top-tools"><${LanguageMenu} /><${AccountMenu} /></div>
    </header>
    <main class="page" id="main" tabindex="-1">${children}</main>`;
}

function AccountMenu() {
  const [open, setOpen] = useState(false);
  const person = account.value;
  if (!person) return null;
  const items = [
    { heading: `${person.name} · ${person.login}` },
    { label: t("Settings"), icon: "settings", onSelect: () => setOpen(true) },
    { label: t("Sign out"), icon: "log-out", onSelect: () => void signOut() },
  ];
  return html`<${Menu} label=${t("My account")} icon="" items=${items} class="account-button"><${Avatar} id=${person.id} name=${person.name} /><//>
    ${open && html`<${AccountDialog} onClose=${() => setOpen(false)} />`}`;
}

/** @param {{ onClose: () => void }} props */
function AccountDialog({ onClose }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [wrong, setWrong] = useState({ current: "", next: "" });
  const change = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const outcome = await changePassword(current, next);
    if (!outcome.ok) return setWrong(outcome.code === "weak_password" ? { current: "", next: explain(outcome) } : { current: explain(outcome), next: "" });
    onClose();
    toast(t("The password was changed; other browsers were signed out."), { kind: "good" });
  };
  const leaveAll = async () => {
    const outcome = await signOutEverywhere();
    if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
  };
  return html`<${Dialog} title=${t("Settings")} onClose=${onClose}>
    <section class="section"><${ThemeChoice} /></section>
    <section class="section">
      <h3>${t("Password")}</h3>
      <form class="form" onSubmit=${change} novalidate>
        <${TextField} label=${t("Present password")} value=${current} onInput=${setCurrent} error=${wrong.current} type="password" autocomplete="current-password" />
        <${NewPasswordField} value=${next} onInput=${setNext} error=${wrong.next} />
        <div><${Button} kind="primary" type="submit" disabled=${current === "" || next === ""}>${t("Change the password")}<//></div>
      </form>
    </section>
    <section class="section">
      <h3>${t("Lost a phone?")}</h3>
      <p class="soft">${t("This ends your sessions in all browsers, here too.")}</p>
      <div><${Button} icon="log-out" onClick=${leaveAll}>${t("Sign out everywhere")}<//></div>
    </section>
  <//>`;
}
