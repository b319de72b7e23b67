/**
 * The control bar: the same places for everybody, the state of each switch visible at a glance.
 *
 * A student who is not on the stage has one wide button there, "Raise your hand to speak", where the others have microphone,
 * camera and screen: dead buttons would only teach that buttons do not work.
 */
import { html } from "../html.js";
import { t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { LeaveButton } from "./leave.js";
import { Button, IconButton } from "./parts/button.js";
import { Count } from "./parts/marks.js";
import { ReactButton } from "./reactions.js";
import { isStaff, onStage, placeInQueue } from "./rights.js";
import { flip, flipHand, reasonAgainst } from "./switches.js";
import { talking } from "./view.js";
import { ViewMenu } from "./view_menu.js";

/** @typedef {import("./switches.js").Switch} SwitchName */

export function Bar() {
  const room = useRoom();
  const me = room.me.value;
  const may = onStage(me, room.state.stage.value);
  return html`<section class="bar" aria-label=${t("Controls")} onClick=${forgetFocus}>
    <div class="bar-group bar-own">
      ${may && html`<${MicrophoneButton} /><${CameraButton} /><${ScreenButton} />`}
      <${HandButton} wide=${!may} />
      <${ReactButton} />
    </div>
    <div class="bar-group bar-view"><${ViewMenu} /><${LeaveButton} /></div>
  </section>`;
}

/**
 * A button pressed with the mouse gives the focus away again, so that the space bar talks instead of pressing it once more.
 * Who works by keyboard keeps it.
 */
function forgetFocus(/** @type {MouseEvent} */ event) {
  if (event.detail > 0 && document.activeElement instanceof HTMLElement && event.currentTarget instanceof Node && event.currentTarget.contains(document.activeElement)) {
    document.activeElement.blur();
  }
}

/**
 * @param {object} props
 * @param {SwitchName} props.kind
 * @param {{ on: string, off: string }} props.icons
 * @param {{ on: string, off: string }} props.labels what a press does when it is on, when it is off
 * @param {string} props.keys
 * @param {string} props.test
 * @param {boolean} [props.quiet] off is the usual state and is not coloured
 */
function DeviceButton({ kind, icons, labels, keys, test, quiet = false }) {
  const room = useRoom();
  const { on, busy, error } = room.media[kind].value;
  const reason = reasonAgainst(room, kind);
  const off = !on && !quiet;
  const failed = error !== "" && kind !== "screen";
  return html`<span class="bar-device">
    <${IconButton}
      class=${`bar-button ${on ? "bar-on" : off ? "bar-off" : ""}`}
      icon=${on ? icons.on : icons.off}
      label=${on ? labels.on : labels.off}
      keys=${keys}
      test=${test}
      busy=${busy}
      pressed=${on}
      disabled=${reason || false}
      onClick=${() => flip(room, kind)}
    />
    ${failed && !reason && html`<span class="bar-trouble" aria-hidden="true">!</span>`}
  </span>`;
}

function MicrophoneButton() {
  const labels = { on: t("Turn off the microphone"), off: t("Turn on the microphone") };
  return html`<span class="bar-mic">
    <${DeviceButton} kind="microphone" icons=${{ on: "mic", off: "mic-off" }} labels=${labels} keys="M" test="mic" />
    <${Level} />
    ${talking.value && html`<span class="bar-talking" role="status">${t("You are heard while you hold the space bar")}</span>`}
  </span>`;
}

/** The own level as a line under the microphone: the quickest answer to "do they hear me?". */
function Level() {
  const { microphone, level } = useRoom().media;
  if (!microphone.value.on) return null;
  return html`<span class="bar-level" aria-hidden="true"><span style=${{ transform: `scaleX(${Math.min(1, level.value * 1.6)})` }}></span></span>`;
}

function CameraButton() {
  const labels = { on: t("Turn off the camera"), off: t("Turn on the camera") };
  return html`<${DeviceButton} kind="camera" icons=${{ on: "video", off: "video-off" }} labels=${labels} keys="V" test="camera" />`;
}

function ScreenButton() {
  const room = useRoom();
  if (!room.media.canShareScreen) return null;
  const labels = { on: t("Stop sharing the screen"), off: t("Share your screen") };
  return html`<${DeviceButton} kind="screen" icons=${{ on: "screen-share-off", off: "screen-share" }} labels=${labels} keys="S" test="screen" quiet=${true} />`;
}

/** @param {{ wide: boolean }} props */
function HandButton({ wide }) {
  const room = useRoom();
  const me = room.me.value;
  const hands = room.state.hands.value;
  const press = () => flipHand(room);
  if (isStaff(me.role)) {
    const waiting = hands.queue.length;
    const label = waiting ? tn("{n} hand raised", "{n} hands raised", waiting) : t("No hands raised");
    return html`<${IconButton} class=${`bar-button ${waiting ? "bar-sun" : ""}`} icon="hand" label=${label} keys="H" test="hand" onClick=${press}>
      ${waiting > 0 && html`<${Count} of=${waiting} />`}
    <//>`;
  }
  const place = placeInQueue(hands, me.id);
  const label = place ? t("Lower your hand (place {place} in the queue)", { place }) : t("Raise your hand");
  if (!wide) {
    return html`<${IconButton} class=${`bar-button ${place ? "bar-sun" : ""}`} icon="hand" label=${label} keys="H" test="hand" pressed=${place > 0} onClick=${press}>
      ${place > 0 && html`<${Count} of=${place} />`}
    <//>`;
  }
  const words = place ? t("Hand raised: place {place}", { place }) : t("Raise your hand to speak");
  return html`<${Button} class=${`bar-button bar-wide ${place ? "bar-sun" : ""}`} icon="hand" keys="H" test="hand" tip=${label} pressed=${place > 0} onClick=${press}>
    <span>${words}</span>
  <//>`;
}
