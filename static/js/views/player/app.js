/**
 * A page of playback from the question to the picture: the frame of it within a moment, then the recording, or why there is none.
 * pages/playback.js makes the `PlayerEntry`.
 */
import { signal } from "@preact/signals-core";
import { useEffect } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { ask } from "../../protocol/api.js";
import { RoomContext } from "../../state/context.js";
import { ShowContext } from "../../state/show.js";
import { Button } from "../parts/button.js";
import { Icon } from "../parts/icon.js";
import { Overlays } from "../parts/overlays.js";
import { Spinner } from "../parts/spinner.js";
import { toast } from "../parts/toast.js";
import { explain } from "../refusals.js";
import { PlayerDialogs } from "./dialogs.js";
import { PlayerPage } from "./page.js";
import { dialog } from "./view.js";

/** @template T @typedef {import("@preact/signals-core").ReadonlySignal<T>} Read */

/**
 * @typedef {object} PlayerEntry
 * @property {Read<import("../../state/show.js").Show | null>} show from the moment on that something can be played
 * @property {Read<{ code: string, retry_after?: number } | null>} refusal why there is nothing
 * @property {string} base of the recording's API
 * @property {boolean} shared it was opened by a link for others
 * @property {() => void} again
 */

/** @param {{ entry: PlayerEntry }} props */
export function PlayerApp({ entry }) {
  return html`<${Step} entry=${entry} /><${Overlays} />`;
}

/** @param {{ entry: PlayerEntry }} props */
function Step({ entry }) {
  const show = entry.show.value;
  const refusal = entry.refusal.value;
  const title = show?.info.value.title ?? "";
  useEffect(() => {
    document.title = title ? `${title} · Sabak` : "Sabak";
  }, [title]);
  if (show !== null) return html`<${ShowContext.Provider} value=${show}><${RoomContext.Provider} value=${show.room}><${PlayerPage} /><//><//>`;
  if (refusal !== null) return html`<${NoWay} entry=${entry} refusal=${refusal} />`;
  return html`<${Frame} />`;
}

/** What the page will be, in grey: nothing jumps when it comes. */
function Frame() {
  return html`<main class="classroom classroom-desk player player-frame" aria-busy="true">
    <div class="header"><span class="frame-line"></span></div>
    <div class="classroom-stage"><div class="stage"><div class="player-waiting"><${Spinner} size=${32} label=${t("Opening the recording …")} /></div></div></div>
    <div class="bar player-bar"><div class="timeline"><div class="timeline-bar"><div class="timeline-pieces"><span class="timeline-piece"></span></div></div></div></div>
  </main>`;
}

/** @typedef {{ icon: string, title: string, text: string, again?: boolean, signIn?: boolean, restore?: boolean }} Reason */

/** @param {string} code @param {boolean} shared @returns {Reason} */
function reason(code, shared) {
  /** @type {Record<string, Reason>} */
  const known = {
    unauthorized: shared
      ? { icon: "link", title: t("This link opens nothing any more"), text: t("It has expired or was taken back. Ask whoever gave it to you for a new one.") }
      : { icon: "lock", title: t("Sign in to watch this"), text: t("This recording is for people of the course."), signIn: true },
    not_found: { icon: "circle-question-mark", title: t("There is no such recording"), text: t("It was deleted, or is not for you. Check the link; if you belong to the course, ask the teacher.") },
    not_allowed: { icon: "lock", title: t("This recording is not for you"), text: t("It is for people of the course. If you belong to it, ask the teacher.") },
    deleted: { icon: "trash-2", title: t("This recording was deleted"), text: t("You can bring it back for thirty days; until then nobody else sees it."), restore: true },
    "recording.damaged": { icon: "triangle-alert", title: t("This recording is damaged"), text: t("Its files are not what was saved, so they are not shown. The administrator can look into it."), again: true },
    unsupported: { icon: "triangle-alert", title: t("This browser cannot play recordings here"), text: t("A current Chrome, Firefox, Edge or Safari can (on an iPhone from iOS 17.1 on).") },
    offline: { icon: "wifi-off", title: t("The server cannot be reached"), text: t("Check your network. It is being tried again by itself."), again: true },
  };
  return known[code] ?? { icon: "circle-alert", title: t("The recording could not be opened"), text: "", again: true };
}

/** What the download needs of a recording that this browser cannot play. @param {string} base */
function withoutPlayer(base) {
  const api = (/** @type {string} */ method, /** @type {string} */ path, /** @type {object} */ body) => ask(method, base + path, body);
  return /** @type {import("../../state/show.js").Show} */ (/** @type {unknown} */ ({ base, api, can: { edit: false, download: true, ask: false }, languages: signal([]) }));
}

/** @param {{ entry: PlayerEntry, refusal: { code: string, retry_after?: number } }} props */
function NoWay({ entry, refusal }) {
  const { icon, title, text, again, signIn, restore } = reason(refusal.code, entry.shared);
  const takeAway = refusal.code === "unsupported" && !entry.shared;
  const bringBack = async () => {
    const outcome = await ask("POST", `${entry.base}/restore`);
    if (outcome.ok) location.reload();
    else toast(explain(outcome), { kind: "bad" });
  };
  const to = `/?to=${location.pathname}${location.search}`;
  return html`<main class="plain-page" data-test="no-way">
    <div class="plain-card">
      <span class="empty-icon"><${Icon} name=${icon} size=${32} /></span>
      <h1>${title}</h1>
      <p>${text || explain(refusal)}</p>
      <div class="plain-actions">
        ${signIn && html`<${Button} kind="primary" icon="log-in" onClick=${() => location.assign(to)}>${t("Sign in")}<//>`}
        ${takeAway && html`<${Button} kind="primary" icon="download" test="take-away" onClick=${() => (dialog.value = "download")}>${t("Download")}<//>`}
        ${restore && html`<${Button} kind="primary" icon="rotate-ccw" test="restore" onClick=${bringBack}>${t("Bring it back")}<//>`}
        ${again && html`<${Button} kind="primary" icon="refresh-cw" onClick=${entry.again}>${t("Try again")}<//>`}
        <${Button} kind="plain" onClick=${() => location.assign("/")}>${t("My classes")}<//>
      </div>
    </div>
    ${takeAway && html`<${ShowContext.Provider} value=${withoutPlayer(entry.base)}><${PlayerDialogs} /><//>`}
  </main>`;
}
