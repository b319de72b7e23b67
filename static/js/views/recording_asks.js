/**
 * What the class asks about its recording, above the bar until it is answered: staff whether to record at all, and what to do when
 * it has stopped by a fault; who is heard or seen whether that may be recorded. Until they say yes, it is not.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useId } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { asks } from "../state/recording.js";
import { act } from "./act.js";
import { consent, needsWord } from "./consent.js";
import { Button, IconButton } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { announce } from "./parts/live.js";

/** @typedef {import("../state/types.js").RecordingState} RecordingState */

/** The recording whose fault was read and put away: "NUMBER/REASON". */
const put = signal("");

export function RecordingAsks() {
  const room = useRoom();
  if (room.replay) return null;
  return room.can("record") ? html`<${Faults} /><${AskStaff} />` : html`<${AskConsent} />`;
}

/**
 * @param {object} props
 * @param {string} props.icon
 * @param {string} props.title
 * @param {string} props.text
 * @param {any} props.actions
 * @param {"plain" | "stop"} [props.kind]
 * @param {string} props.test
 */
function Ask({ icon, title, text, actions, kind = "plain", test }) {
  const id = useId();
  // It appears while one does something else: said once, without taking the focus away.
  useEffect(() => announce(`${title} ${text}`, kind === "stop"), [title]);
  return html`<section class=${`invitation ask ask-${kind}`} aria-labelledby=${id} data-test=${test}>
    <${Icon} name=${icon} />
    <p class="invitation-text"><strong id=${id}>${title}</strong> ${text}</p>
    <div class="invitation-actions">${actions}</div>
  </section>`;
}

function AskStaff() {
  const room = useRoom();
  if (!asks(room.state.recording.value)) return null;
  const actions = html`<${Button} kind="primary" icon="circle-dot" test="ask-record" onClick=${() => act(room, "recording.start")}>${t("Record")}<//>
    <${Button} test="ask-decline" onClick=${() => act(room, "recording.decline")}>${t("Not this time")}<//>`;
  return html`<${Ask} icon="circle-dot" title=${t("Record this class?")} text=${t("Who is not here can watch it later.")} actions=${actions} test="ask-staff" />`;
}

/** Who is heard or seen and has not said yet. */
function AskConsent() {
  const room = useRoom();
  const me = room.me.value.id;
  if (!needsWord(room)) return null;
  const kinds = Object.values(room.state.stage.value.tracks).filter((track) => track.person === me && !track.muted).map((track) => track.kind);
  const heard = kinds.includes("microphone") || kinds.includes("screen_audio");
  const seen = kinds.includes("camera") || kinds.includes("screen");
  const title = heard && seen ? t("You are heard and seen now. May it be recorded?") : heard ? t("You are heard now. May it be recorded?") : t("You are seen now. May it be recorded?");
  const actions = html`<${Button} kind="primary" icon="circle-dot" test="consent-yes" onClick=${() => consent(room, true)}>${t("Record me")}<//>
    <${Button} test="consent-no" onClick=${() => consent(room, false)}>${t("Not me")}<//>`;
  return html`<${Ask} icon="circle-dot" title=${title} text=${t("Until you answer, you are not recorded. You can change your mind at any time.")} actions=${actions} test="consent" />`;
}

/** @param {RecordingState["reason"]} reason @returns {{ title: string, text: string } | null} */
function fault(reason) {
  const kept = t("The class goes on, and what was recorded before is kept.");
  if (reason === "disk_full") return { title: t("The recording has stopped: the server's disk is full."), text: `${kept} ${t("Ask the administrator to make room, then start again.")}` };
  if (reason === "disk_slow") return { title: t("The recording has stopped: the server's disk was too slow."), text: `${kept} ${t("Start again; if it stops once more, tell the administrator.")}` };
  if (reason === "failed") return { title: t("The recording has stopped: something went wrong on the server."), text: `${kept} ${t("Start again; if it stops once more, tell the administrator.")}` };
  if (reason === "interrupted") return { title: t("The recording was interrupted: the server was away for a while."), text: `${kept} ${t("Start again: the recording goes on in a second part.")}` };
  return null;
}

/** What went wrong, for staff, at once and until they have done something about it. */
function Faults() {
  const room = useRoom();
  const { state, reason, number } = room.state.recording.value;
  const found = state === "off" ? fault(reason) : null;
  const key = `${number}/${reason}`;
  if (found === null || put.value === key) return null;
  const actions = html`<${Button} kind="primary" icon="circle-dot" test="rec-again" onClick=${() => act(room, "recording.start")}>${t("Start again")}<//>
    <${IconButton} icon="x" label=${t("Close")} onClick=${() => (put.value = key)} />`;
  return html`<${Ask} kind="stop" icon="triangle-alert" title=${found.title} text=${found.text} actions=${actions} test="rec-fault" />`;
}
