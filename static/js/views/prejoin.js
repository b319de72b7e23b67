/**
 * The page before the class: the own picture, the moving level of the microphone, the choice of devices, a test sound, and in
 * words what is wrong. Joining needs none of it.
 *
 * Microphone and camera begin switched off: who comes late into a running class must not be heard by surprise.
 */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { deviceHelp } from "./device_help.js";
import { DeviceMenus, LevelMeter } from "./devices.js";
import { modes } from "./network.js";
import { Wordmark } from "./parts/wordmark.js";
import { Avatar } from "./parts/avatar.js";
import { Button, IconButton } from "./parts/button.js";
import { SelectField, TextField } from "./parts/field.js";
import { Icon } from "./parts/icon.js";
import { LanguageMenu } from "./parts/language.js";
import { Notice } from "./parts/marks.js";
import { isStaff } from "./rights.js";
import { sheet } from "./view.js";

/** @typedef {import("../state/context.js").MediaClient} MediaClient */

/** The longest name that the server takes (PROTOCOL.md, section 2). */
const NAME_MOST = 80;

/**
 * @param {object} props
 * @param {string} props.title of the class
 * @param {{ id: string, name: string, role: import("../state/context.js").Role }} props.person
 * @param {boolean} props.asksName an invited guest says how to be called
 * @param {MediaClient} props.media
 * @param {"on" | "paused" | "off" | "ask"} [props.recording] whether the class is recorded, or will be
 * @param {string} [props.refusal] why the last attempt to come in failed, in words
 * @param {(name: string) => Promise<void>} props.onJoin
 */
export function PreJoin({ title, person, asksName, media, recording = "off", refusal = "", onJoin }) {
  const [name, setName] = useState(person.name);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const speaks = isStaff(person.role);
  const join = async () => {
    if (asksName && name.trim() === "") {
      setMissing(true);
      return;
    }
    setBusy(true);
    await onJoin(name.trim());
    setBusy(false);
  };
  const joinWith = (/** @type {boolean} */ sound) => async () => {
    if (media.camera.value.on) await media.setCamera(false);
    if (!sound && media.microphone.value.on) await media.setMicrophone(false);
    await join();
  };
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    void join();
  };
  return html`<div class="prejoin">
    <header class="prejoin-top"><${Wordmark} /><${LanguageMenu} /></header>
    <main class="prejoin-main">
      <div class="prejoin-see">
        <${Mirror} media=${media} person=${{ ...person, name: name || person.name }} />
        <${Troubles} media=${media} />
      </div>
      <form class="prejoin-form" onSubmit=${submit} novalidate>
        <div>
          <p class="soft">${speaks ? t("You teach here") : t("You are about to enter")}</p>
          <h1>${title}</h1>
        </div>
        ${refusal && html`<${Notice} kind="stop" icon="circle-alert" alert>${refusal}<//>`}
        ${asksName &&
        html`<${TextField}
          label=${t("Your name")}
          value=${name}
          onInput=${(/** @type {string} */ value) => (setName(value), setMissing(false))}
          hint=${t("So the class will see you")}
          error=${missing ? t("Write how the class should call you.") : ""}
          maxlength=${NAME_MOST}
          autocomplete="name"
          autofocus
          data-test="guest-name"
        />`}
        <${Recorded} recording=${recording} speaks=${speaks} />
        ${!speaks && html`<p class="soft">${t("You come in as a listener. When the teacher lets you speak, you can turn on your microphone and camera. Try them here if you like.")}</p>`}
        <div class="prejoin-go">
          <${Button} kind="primary" class="button-large button-wide" type="submit" busy=${busy} test="join">${t("Enter the class")}<//>
          <${Less} media=${media} joinWith=${joinWith} />
        </div>
        <details class="prejoin-more" open=${!sheet.value}>
          <summary><${Icon} name="settings" /> ${t("Devices and connection")} <${Icon} name="chevron-down" size=${16} /></summary>
          <div class="prejoin-devices">
            <${DeviceMenus} media=${media} />
            <${SelectField} label=${t("What you receive")} value=${media.mode.value} options=${modes().map(withHint)} onChange=${media.setMode} />
          </div>
        </details>
      </form>
    </main>
  </div>`;
}

/** Who comes has to know before they are in. @param {{ recording: "on" | "paused" | "off" | "ask", speaks: boolean }} props */
function Recorded({ recording, speaks }) {
  if (recording === "off") return null;
  const title = recording === "ask" ? t("This class may be recorded") : recording === "paused" ? t("This class is recorded (paused now)") : t("This class is recorded");
  const text = speaks
    ? recording === "ask" ? t("You will be asked at the beginning.") : t("You can pause and stop it in the class.")
    : t("You are heard and seen in it only if you agree. What you write is part of it.");
  return html`<div data-test="recorded"><${Notice} icon="circle-dot" title=${title}>${text}<//></div>`;
}

function withHint(/** @type {{ value: string, label: string, hint: string }} */ { value, label, hint }) {
  return { value, label: `${label} – ${hint}` };
}

/**
 * The one-click ways to come in with less than what is switched on.
 *
 * @param {{ media: MediaClient, joinWith: (sound: boolean) => () => void }} props
 */
function Less({ media, joinWith }) {
  const camera = media.camera.value.on;
  const microphone = media.microphone.value.on;
  if (!camera && !microphone) return html`<p class="prejoin-note faint mark-text">${t("Camera and microphone are off: you come in unseen and unheard.")}</p>`;
  return html`<div class="prejoin-less">
    ${camera && microphone && html`<${Button} kind="quiet" onClick=${joinWith(true)}>${t("Only with the microphone")}<//>`}
    <${Button} kind="quiet" onClick=${joinWith(false)}>${t("Without camera and microphone")}<//>
  </div>`;
}

/**
 * The own picture, as in a mirror, with the two switches on it.
 *
 * @param {{ media: MediaClient, person: { id: string, name: string } }} props
 */
function Mirror({ media, person }) {
  const { camera, microphone } = media;
  const stream = media.local.value.camera;
  const show = (/** @type {HTMLVideoElement | null} */ video) => {
    if (video && video.srcObject !== stream) video.srcObject = stream;
  };
  const flipCamera = () => media.setCamera(!camera.value.on);
  const flipMicrophone = () => media.setMicrophone(!microphone.value.on);
  return html`<div class="mirror">
    ${camera.value.on && stream
      ? html`<video class="picture picture-mirrored" ref=${show} aria-label=${t("Your picture")} autoplay playsinline muted></video>`
      : html`<div class="mirror-off"><${Avatar} id=${person.id} name=${person.name || "?"} size="fit" /><p>${t("Your camera is off")}</p></div>`}
    <div class="mirror-tools">
      <${Toggle} device=${microphone.value} names=${["mic", "mic-off"]} labels=${[t("Turn off the microphone"), t("Turn on the microphone")]} test="preview-mic" onClick=${flipMicrophone} />
      <${Toggle} device=${camera.value} names=${["video", "video-off"]} labels=${[t("Turn off the camera"), t("Turn on the camera")]} test="preview-camera" onClick=${flipCamera} />
    </div>
    ${microphone.value.on && html`<div class="mirror-level"><${LevelMeter} media=${media} /></div>`}
  </div>`;
}

/** @param {{ device: import("../state/types.js").Device, names: [string, string], labels: [string, string], test: string, onClick: () => void }} props */
function Toggle({ device, names, labels, test, onClick }) {
  const at = device.on ? 0 : 1;
  return html`<${IconButton}
    class=${`mirror-button ${device.on ? "" : "bar-off"}`}
    icon=${names[at]}
    label=${labels[at]}
    busy=${device.busy}
    pressed=${device.on}
    test=${test}
    onClick=${onClick}
  />`;
}

/** What is wrong with the devices and what to do. @param {{ media: MediaClient }} props */
function Troubles({ media }) {
  const camera = media.camera.value.error;
  const microphone = media.microphone.value.error;
  /** @type {{ kind: "camera" | "microphone" | "both", error: typeof camera }[]} */
  const found = camera === microphone ? [{ kind: "both", error: camera }] : [{ kind: "camera", error: camera }, { kind: "microphone", error: microphone }];
  const wrong = found.filter(({ error }) => error !== "");
  const again = (/** @type {"camera" | "microphone" | "both"} */ kind) => async () => {
    if (kind !== "microphone") await media.setCamera(true);
    if (kind !== "camera") await media.setMicrophone(true);
  };
  return html`<div class="prejoin-troubles" role="status">
    ${wrong.map(({ kind, error }) => {
      if (error === "") return null;
      const { title, text } = deviceHelp(kind, error);
      const actions = html`<${Button} icon="refresh-cw" onClick=${again(kind)}>${t("Try again")}<//>`;
      return html`<${Notice} key=${kind} kind="weak" icon=${kind === "microphone" ? "mic-off" : "video-off"} title=${title} actions=${actions}>${text}<//>`;
    })}
    ${wrong.length > 0 && html`<p class="faint mark-text">${t("You can join without them: you will see and hear the class, write and ask.")}</p>`}
  </div>`;
}
