/**
 * Whether a person is recorded: the word of each for oneself, and what staff may do, which is to leave somebody out. Nobody can
 * say yes for somebody else.
 */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { takes } from "../state/recording.js";
import { act } from "./act.js";
import { Switch } from "./parts/switch.js";
import { toast } from "./parts/toast.js";
import { isStaff } from "./rights.js";

/** @typedef {import("../state/context.js").Room} Room */
/** @typedef {import("../state/context.js").Person} Person */

/** Whether this reader sends something that is recorded as soon as they agree, and has not said. @param {Room} room */
export function needsWord(room) {
  const { id, role } = room.me.value;
  const { state, consents, left_out } = room.state.recording.value;
  if (room.replay || state === "off" || isStaff(role) || Object.hasOwn(consents, id) || left_out.includes(id)) return false;
  return Object.values(room.state.stage.value.tracks).some((track) => track.person === id && !track.muted);
}

/** Say for oneself whether one may be recorded; the answer can be taken back at once. @param {Room} room @param {boolean} yes */
export async function consent(room, yes) {
  if (!(await act(room, "recording.consent", { yes }))) return;
  const text = yes ? t("You are recorded from now on.") : t("You are not recorded.");
  toast(text, { id: "consent", actions: [{ label: t("Undo"), onClick: () => void act(room, "recording.consent", { yes: !yes }) }] });
}

/** Whether the reader's own word about recording means something here. @param {Room} room */
const matters = (room) => !room.replay && (room.state.recording.value.state !== "off" || room.state.recording.value.mode !== "off");

/** The own word in the menu of one's tile. @param {Room} room @returns {import("./parts/menu.js").Choice[]} */
export function ownEntry(room) {
  if (!matters(room)) return [];
  if (said(room)) return [{ icon: "circle-off", label: t("Do not record me"), test: "unrecord-me", onSelect: () => void consent(room, false) }];
  return [{ icon: "circle-dot", label: t("Record me"), test: "record-me", onSelect: () => void consent(room, true) }];
}

/** What this reader said, or what holds while they say nothing. */
function said(/** @type {Room} */ room) {
  const { id, role } = room.me.value;
  const { consents } = room.state.recording.value;
  return Object.hasOwn(consents, id) ? consents[id] === true : isStaff(role);
}

/** What staff may do about somebody else. @param {Room} room @param {Person} person @returns {import("./parts/menu.js").Choice[]} */
export function staffEntry(room, person) {
  if (!matters(room) || !room.can("record")) return [];
  const out = room.state.recording.value.left_out.includes(person.id);
  if (out) return [{ icon: "circle-dot", label: t("Put back into the recording"), hint: isStaff(person.role) ? "" : t("If they have agreed."), test: "put-back", onSelect: () => void leaveOut(room, person, false) }];
  return [{ icon: "circle-off", label: t("Leave out of the recording"), test: "leave-out", onSelect: () => void leaveOut(room, person, true) }];
}

/** @param {Room} room @param {Person} person @param {boolean} out */
async function leaveOut(room, person, out) {
  if (!(await act(room, "recording.leave_out", { person: person.id, out }))) return;
  const text = out ? t("{name} is left out of the recording.", { name: person.name }) : t("{name} may be recorded again.", { name: person.name });
  toast(text, { id: "leave-out", actions: [{ label: t("Undo"), onClick: () => void act(room, "recording.leave_out", { person: person.id, out: !out }) }] });
}

/**
 * Why somebody who is on the stage is not recorded although the class is, in words; "" where they are, or where this reader does
 * not know: that is between the person and staff.
 *
 * @param {Room} room
 * @param {string} id
 */
export function whyNotRecorded(room, id) {
  const recording = room.state.recording.value;
  const person = room.state.people.value.items[id];
  const own = id === room.me.value.id;
  if (room.replay || recording.state === "off" || person === undefined || !(own || room.can("record"))) return "";
  if (takes(recording, person)) return "";
  if (recording.left_out.includes(id)) return t("Not recorded: left out by the teacher");
  return Object.hasOwn(recording.consents, id) ? t("Not recorded: did not agree") : t("Not recorded: has not agreed yet");
}

/** The own word among the settings. */
export function ConsentSetting() {
  const room = useRoom();
  if (!matters(room)) return null;
  const left = room.state.recording.value.left_out.includes(room.me.value.id);
  const hint = left ? t("The teacher leaves you out: you are not recorded in any case.") : t("Your voice, camera and screen. What you write is part of the recording of the class.");
  return html`<section class="settings-part">
    <h3>${t("Recording")}</h3>
    <${Switch} label=${t("I may be recorded")} hint=${hint} checked=${said(room)} test="consent-setting" onChange=${(/** @type {boolean} */ yes) => void consent(room, yes)} />
  </section>`;
}
