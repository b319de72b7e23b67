/** Entry point of the pages outside a class: language, who is here, and then the page that the address names. */
import { html, render } from "../html.js";
import { startLocale, t } from "../i18n.js";
import { account, recognise, trouble } from "../state/visitor.js";
import { AccountsPage } from "../views/accounts.js";
import { ClassesPage } from "../views/classes.js";
import { CoursePage } from "../views/course.js";
import { CoursesPage } from "../views/courses.js";
import { RecordingsPage } from "../views/recordings.js";
import { explain } from "../views/refusals.js";
import { path, wantedClass } from "../views/router.js";
import { Shell } from "../views/shell.js";
import { ChoosePassword, SignIn } from "../views/signin.js";
import { Button } from "../views/parts/button.js";
import { Empty } from "../views/parts/marks.js";
import { Overlays } from "../views/parts/overlays.js";
import { Spinner } from "../views/parts/spinner.js";

const COURSE = /^\/courses\/([A-Za-z][A-Za-z0-9_-]{0,63})$/;

function Page() {
  const course = COURSE.exec(path.value)?.[1];
  if (course !== undefined) return html`<${CoursePage} key=${course} id=${course} />`;
  if (path.value === "/courses") return html`<${CoursesPage} />`;
  if (path.value === "/recordings") return html`<${RecordingsPage} />`;
  if (path.value === "/people") return html`<${AccountsPage} />`;
  return html`<${ClassesPage} />`;
}

function App() {
  const person = account.value;
  if (person === undefined) return trouble.value === null ? html`<div class="loading loading-page"><${Spinner} label=${t("Loading")} /></div>` : html`<${Trouble} />`;
  if (person === null) return html`<${SignIn} />`;
  if (person.must_change) return html`<${ChoosePassword} />`;
  const wanted = wantedClass();
  if (wanted !== null) {
    location.replace(wanted);
    return null;
  }
  return html`<${Shell}><${Page} /><//>`;
}

function Trouble() {
  const action = html`<${Button} icon="refresh-cw" onClick=${() => void recognise()}>${t("Try again")}<//>`;
  return html`<main class="loading loading-page"><${Empty} icon="wifi-off" title=${t("The server cannot be reached")} action=${action}>${trouble.value && explain(trouble.value)}<//></main>`;
}

const root = document.getElementById("app");
if (root !== null) {
  await Promise.all([startLocale(), recognise()]);
  render(html`<${App} /><${Overlays} />`, root);
}
