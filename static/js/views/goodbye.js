/** After the class: why it is over for this person, what that means, and the way on. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { Button } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { RecordingAfter } from "./recording_after.js";
import { explain } from "./refusals.js";

/** @typedef {{ icon: string, title: string, text: string, back: boolean }} Farewell `back`: coming back makes sense */

/** @returns {Record<string, Farewell>} */
function farewells() {
  return {
    left: { icon: "log-out", title: t("You have left the class"), text: t("It goes on without you; you can come back while it lasts."), back: true },
    closed: { icon: "circle-check", title: t("The class is over"), text: t("Thank you for being here. What was written and asked is kept with the class."), back: false },
    removed: { icon: "door-open", title: t("You were removed from the class"), text: t("A teacher or an assistant did this. If it was a mistake, come back or write to them."), back: true },
    blocked: { icon: "lock", title: t("You cannot come back into this class"), text: t("A teacher or an assistant has blocked the way in. Write to them if you think it is a mistake."), back: false },
    refused: { icon: "lock", title: t("You were not let in"), text: t("The teacher did not admit you. If you belong to this class, write to the teacher and try again."), back: true },
    replaced: { icon: "monitor", title: t("You joined somewhere else"), text: t("The class was opened in another tab or on another device with your name, and goes on there."), back: true },
    bad_version: { icon: "refresh-cw", title: t("Sabak was updated"), text: t("Reload the page to go on."), back: true },
    offline: { icon: "wifi-off", title: t("The server cannot be reached"), text: t("Check your network, then reload the page."), back: true },
    unauthorized: { icon: "lock", title: t("This link does not open the class"), text: t("It has expired or was made for another class. Ask for a new one, or sign in."), back: false },
    not_found: { icon: "circle-question-mark", title: t("There is no such class"), text: t("Check the link: perhaps a part of it is missing."), back: false },
  };
}

/** Codes of those who were inside: for them it is coming back, for others trying again. */
const AGAIN = new Set(["left", "removed", "refused", "replaced"]);

/** Codes after which one may watch what was recorded. */
const RECORDED = new Set(["left", "closed"]);

/**
 * @param {object} props
 * @param {string | null} props.code of `bye` or of a refusal; null: left by oneself
 * @param {number} [props.wait] ms until another attempt makes sense
 * @param {string} [props.title] of the class
 * @param {string} [props.classId]
 * @param {boolean} [props.came] this person was in the class just now
 */
export function Goodbye({ code, wait, title = "", classId = "", came = true }) {
  const unknown = { icon: "circle-alert", title: t("The way into the class is closed"), text: explain({ code: code ?? "", retry_after: wait }), back: true };
  const { icon, title: heading, text, back } = farewells()[code ?? "left"] ?? unknown;
  // Who is not known yet signs in, and comes back to this class.
  const unknownPerson = code === "unauthorized";
  const home = () => location.assign(unknownPerson ? `/?to=${location.pathname}` : "/");
  return html`<main class="plain-page" data-test="goodbye">
    <div class="plain-card">
      <span class="empty-icon"><${Icon} name=${icon} size=${32} /></span>
      ${title && html`<p class="soft">${title}</p>`}
      <h1>${heading}</h1>
      <p>${code === "closed" && !came ? t("What was written and asked is kept with the class.") : text}</p>
      ${classId && RECORDED.has(code ?? "left") && html`<${RecordingAfter} classId=${classId} over=${code === "closed"} />`}
      <div class="plain-actions">
        ${back && html`<${Button} kind="primary" icon="refresh-cw" test="come-back" onClick=${() => location.reload()}>${AGAIN.has(code ?? "left") ? t("Come back") : t("Reload")}<//>`}
        <${Button} kind=${back ? "plain" : "primary"} icon=${unknownPerson ? "log-in" : undefined} onClick=${home}>${unknownPerson ? t("Sign in") : t("My classes")}<//>
      </div>
    </div>
  </main>`;
}
