/**
 * Sending into the class from another program (OBS, FFmpeg, a studio's encoder): what such a program asks for.
 *
 * The key is covered until it is asked for: this dialog is opened in front of a class, often on a projector. The field is no
 * password's, so no browser offers to keep it.
 */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatDateTime, t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Button, IconButton } from "./parts/button.js";
import { Choice } from "./parts/choice.js";
import { copyText } from "./parts/clipboard.js";
import { Dialog } from "./parts/dialog.js";
import { Field } from "./parts/field.js";
import { Spinner } from "./parts/spinner.js";
import { explain } from "./refusals.js";
import { dialog } from "./view.js";

/** @typedef {import("../state/types.js").ProgramKey} ProgramKey */
/** @typedef {import("../protocol/api.js").Outcome<ProgramKey>} Outcome */

const COVER = "•".repeat(24);

export function ProgramDialog() {
  const room = useRoom();
  const [outcome, setOutcome] = useState(/** @type {Outcome | null} */ (null));
  const [as, setAs] = useState("camera");
  useEffect(() => void room.programKey().then(setOutcome), []);
  const kinds = [
    { value: "camera", label: t("Camera and microphone"), icon: "video" },
    { value: "screen", label: t("Screen with its sound"), icon: "monitor" },
  ];
  const address = `${location.origin}/whip/${room.info.value.id}${as === "screen" ? "?kind=screen" : ""}`;
  return html`<${Dialog} title=${t("Stream from another program")} onClose=${() => (dialog.value = "")}>
    <p class="soft">${t("Put the address and the key into OBS (settings, “Stream”, service WHIP) or any other program that speaks WHIP. What it sends is shown here as yours.")}</p>
    <${Choice} label=${t("Show it as")} value=${as} options=${kinds} onChange=${setAs} />
    <${Copied} label=${t("Address")} text=${address} action=${t("Copy the address")} test="program-address" />
    ${outcome === null && html`<p class="plain-wait" role="status"><${Spinner} /> ${t("Getting a key …")}</p>`}
    ${outcome !== null && !outcome.ok && html`<p role="alert">${explain(outcome)}</p>`}
    ${outcome?.ok && html`<${Key} given=${outcome.data} />`}
  <//>`;
}

/** @param {{ given: ProgramKey }} props */
function Key({ given }) {
  const [shown, setShown] = useState(false);
  const hint = t("Until {time} a program can begin to send in your name with it. Give it to nobody.", { time: formatDateTime(given.expires_at) });
  const label = shown ? t("Hide the key") : t("Show the key");
  const eye = html`<${IconButton} icon=${shown ? "eye-off" : "eye"} label=${label} test="program-show" onClick=${() => setShown(!shown)} />`;
  return html`<${Copied}
    label=${t("Key (bearer token)")}
    text=${given.token}
    shown=${shown}
    hint=${hint}
    action=${t("Copy the key")}
    test="program-key"
    more=${eye}
  />`;
}

/**
 * A line to be taken elsewhere. Covered, it is copied all the same.
 *
 * @param {object} props
 * @param {string} props.label
 * @param {string} props.text
 * @param {boolean} [props.shown]
 * @param {string} [props.hint]
 * @param {string} props.action what the button does, for those who do not see what it stands beside
 * @param {string} props.test
 * @param {any} [props.more] another button
 */
function Copied({ label, text, shown = true, hint = "", action, test, more }) {
  const select = (/** @type {{ currentTarget: HTMLInputElement }} */ event) => event.currentTarget.select();
  const control = (/** @type {object} */ ids) => html`<div class="copied">
    <input class="input" readonly value=${shown ? text : COVER} data-test=${test} spellcheck="false" autocomplete="off" onFocus=${select} ...${ids} />
    ${more}
    <${Button} icon="copy" test=${`${test}-copy`} aria-label=${action} onClick=${() => copyText(text)}>${t("Copy")}<//>
  </div>`;
  return html`<${Field} label=${label} hint=${hint} control=${control} />`;
}
