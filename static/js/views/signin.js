/**
 * Signing in: login, password, language, nothing else. What is wrong stands beside its field. Who got a password from
 * somebody else chooses an own one first.
 */
import { useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { account, changePassword, signIn, signOut } from "../state/visitor.js";
import { Button } from "./parts/button.js";
import { TextField } from "./parts/field.js";
import { LanguageChoice } from "./parts/language.js";
import { Wordmark } from "./parts/wordmark.js";
import { explain } from "./refusals.js";

/** The server's least; said before it refuses. */
const LEAST_PASSWORD = 8;

/** @param {{ title: string, children: any }} props */
function Frame({ title, children }) {
  return html`<main class="entrance" id="main">
    <div class="entrance-box">
      <p class="brand-large"><${Wordmark} /></p>
      <h1 tabindex="-1">${title}</h1>
      ${children}
      <${LanguageChoice} />
    </div>
  </main>`;
}

export function SignIn() {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState({ login: "", password: "" });
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    const missing = { login: login.trim() === "" ? t("Enter your login.") : "", password: password === "" ? t("Enter your password.") : "" };
    setWrong(missing);
    if (missing.login || missing.password) return focusWrong(form.current);
    setBusy(true);
    const outcome = await signIn(login.trim(), password);
    setBusy(false);
    if (outcome.ok) return;
    setWrong({ login: "", password: explain(outcome) });
    focusWrong(form.current);
  };
  return html`<${Frame} title=${t("Sign in")}>
    <form class="form" ref=${form} onSubmit=${submit} novalidate>
      <${TextField} label=${t("Login")} value=${login} onInput=${setLogin} error=${wrong.login} name="username" autocomplete="username" autocapitalize="none" spellcheck=${false} data-test="login" autofocus />
      <${TextField} label=${t("Password")} value=${password} onInput=${setPassword} error=${wrong.password} name="password" type="password" autocomplete="current-password" data-test="password" />
      <${Button} kind="primary" class="button-large button-wide" busy=${busy} type="submit" test="sign-in">${t("Sign in")}<//>
    </form>
    <p class="soft mark-text">${t("No account or a forgotten password? Your administrator or coordinator helps. With an invitation link you need none.")}</p>
  <//>`;
}

export function ChoosePassword() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [wrong, setWrong] = useState({ current: "", next: "" });
  const [busy, setBusy] = useState(false);
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const outcome = await changePassword(current, next);
    setBusy(false);
    if (outcome.ok) return;
    const text = explain(outcome);
    setWrong(outcome.code === "weak_password" ? { current: "", next: text } : { current: text, next: "" });
    focusWrong(form.current);
  };
  return html`<${Frame} title=${t("Choose your own password")}>
    <p class="soft">${t("Hello, {name}. Your password was made by somebody else; from now on only you should know it.", { name: account.value?.name ?? "" })}</p>
    <form class="form" ref=${form} onSubmit=${submit} novalidate>
      <input hidden name="username" autocomplete="username" value=${account.value?.login ?? ""} readonly />
      <${TextField} label=${t("Password that you were given")} value=${current} onInput=${setCurrent} error=${wrong.current} type="password" autocomplete="current-password" />
      <${NewPasswordField} value=${next} onInput=${setNext} error=${wrong.next} />
      <${Button} kind="primary" class="button-large button-wide" busy=${busy} type="submit">${t("Go on")}<//>
    </form>
    <${Button} kind="quiet" onClick=${() => void signOut()}>${t("Sign out")}<//>
  <//>`;
}

/** @param {{ value: string, onInput: (value: string) => void, error: string }} props */
export function NewPasswordField({ value, onInput, error }) {
  const hint = t("At least {n} characters; three words that only you would put together are good.", { n: LEAST_PASSWORD });
  return html`<${TextField} label=${t("New password")} hint=${hint} value=${value} onInput=${onInput} error=${error} type="password" autocomplete="new-password" />`;
}

/** After a refusal the focus goes to the first field that is wrong. */
export function focusWrong(/** @type {HTMLElement | null} */ form) {
  requestAnimationFrame(() => {
    const field = form?.querySelector("[aria-invalid]");
    if (field instanceof HTMLElement) field.focus();
  });
}
