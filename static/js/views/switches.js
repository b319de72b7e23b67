/**
 * What the buttons and the keys both do: the microphone, the camera, the screen, the hand. Each says in words why it cannot.
 */
import { t } from "../i18n.js";
import { act } from "./act.js";
import { deviceHelp } from "./device_help.js";
import { toast } from "./parts/toast.js";
import { isStaff, placeInQueue, rightTo } from "./rights.js";
import { openPanel } from "./view.js";

/** @typedef {import("../state/context.js").Room} Room */
/** @typedef {"microphone" | "camera" | "screen"} Switch */

/** Return why `kind` cannot be switched on, "" when it can. */
export function reasonAgainst(/** @type {Room} */ room, /** @type {Switch} */ kind) {
  const right = rightTo(room.me.value, room.state.stage.value, room.state.locks.value, kind);
  const device = room.media[kind].value;
  if (right === "yes" || device.on) return "";
  if (right === "ask") return t("Raise your hand to speak: the teacher will let you.");
  if (kind === "microphone") return t("The teacher has locked the microphones of students.");
  if (kind === "camera") return t("The teacher has locked the cameras of students.");
  return t("The teacher has locked the screens of students.");
}

/** When this person last switched each off (ms): what goes off otherwise was somebody else's doing. */
const switchedOff = { microphone: -Infinity, camera: -Infinity, screen: -Infinity };
/** ms within which an own switch explains that a device is off: the command goes to the server and back. */
const OWN = 4000;

/** Did the person do it? Asked when a device has gone off. */
export function byOneself(/** @type {Switch} */ kind) {
  return performance.now() - switchedOff[kind] < OWN;
}

/** Switch a device; what goes wrong is said with what to do about it. */
export async function flip(/** @type {Room} */ room, /** @type {Switch} */ kind, on = !room.media[kind].value.on) {
  if (!on) switchedOff[kind] = performance.now();
  const reason = on ? reasonAgainst(room, kind) : "";
  if (reason) {
    toast(reason, { id: reason });
    return;
  }
  if (on && room.media[kind].value.busy) return;
  await { microphone: setMicrophone, camera: setCamera, screen: setScreen }[kind](room, on);
  const { error } = room.media[kind].value;
  // Who closes the browser's choice of a screen has refused nothing: that needs no word.
  if (!on || error === "" || (kind === "screen" && error === "denied")) return;
  tellWhatIsWrong(kind, error);
}

/** Say why a device is off, and what to do about it. */
export function tellWhatIsWrong(/** @type {Switch} */ kind, /** @type {Exclude<import("../state/types.js").DeviceError, "">} */ error) {
  const help = deviceHelp(kind, error);
  toast(`${help.title} ${help.text}`, { kind: "bad", id: `device-${kind}`, seconds: 12 });
}

const setMicrophone = (/** @type {Room} */ room, /** @type {boolean} */ on) => room.media.setMicrophone(on);
const setCamera = (/** @type {Room} */ room, /** @type {boolean} */ on) => room.media.setCamera(on);
const setScreen = (/** @type {Room} */ room, /** @type {boolean} */ on) => room.media.setScreen(on);

/** Raise or lower the own hand; for staff, look at the hands of the others. */
export async function flipHand(/** @type {Room} */ room) {
  const me = room.me.value;
  if (isStaff(me.role)) openPanel("people");
  else if (placeInQueue(room.state.hands.value, me.id)) await act(room, "hands.lower", { person: null });
  else await act(room, "hands.raise");
}
