/** One person in the list: name, role, what they send, how good their line is, and a menu of what this reader may do. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { openThread } from "./chat.js";
import { act } from "./act.js";
import { staffEntry, whyNotRecorded } from "./consent.js";
import { LineBars } from "./line_bars.js";
import { roleName } from "./names.js";
import { Avatar } from "./parts/avatar.js";
import { Icon } from "./parts/icon.js";
import { Menu } from "./parts/menu.js";
import { toast } from "./parts/toast.js";
import { openNetwork, panel } from "./view.js";

/** @typedef {import("../state/context.js").Person} Person */
/** @typedef {import("../state/context.js").Room} Room */
/** @typedef {import("../state/context.js").Track} Track */

/** @param {{ person: Person }} props */
export function PersonRow({ person }) {
  const room = useRoom();
  const own = person.id === room.me.value.id;
  const items = own || room.replay ? [] : actions(room, person);
  return html`<li class="person" data-test="participant" data-person=${person.id}>
    <${Avatar} id=${person.id} name=${person.name} />
    <span class="person-name">
      <span class="one-line">${person.name || t("Somebody")}${own && html` <span class="faint">(${t("you")})</span>`}</span>
      ${person.role !== "student" && html`<span class="faint mark-text">${roleName(person.role)}</span>`}
    </span>
    <${Marks} person=${person} />
    ${items.length > 0 && html`<${Menu} label=${t("More for {name}", { name: person.name })} items=${() => actions(room, person)} />`}
  </li>`;
}

/** @param {{ person: Person }} props */
function Marks({ person }) {
  const room = useRoom();
  const tracks = tracksOf(room, person.id);
  const microphone = tracks.find((track) => track.kind === "microphone");
  const quality = room.network.value[person.id];
  const allowed = person.id in room.state.stage.value.allowed;
  return html`<span class="person-marks">
    <${RecordedMark} person=${person} sends=${tracks.length > 0} />
    ${quality !== undefined && quality !== "good" && html`<${WeakMark} person=${person} quality=${quality} />`}
    ${tracks.some((track) => track.kind === "screen") && html`<${Icon} name="monitor-up" size=${16} label=${t("Shares the screen")} />`}
    ${tracks.some((track) => track.kind === "camera" && !track.muted) && html`<${Icon} name="video" size=${16} label=${t("Camera is on")} />`}
    ${microphone !== undefined && html`<${Icon} name=${microphone.muted ? "mic-off" : "mic"} size=${16} label=${microphone.muted ? t("Muted") : t("Microphone is on")} />`}
    ${allowed && microphone === undefined && html`<${Icon} name="mic" size=${16} class="faint" label=${t("May speak")} />`}
  </span>`;
}

/**
 * For staff, while the class is recorded: whether this person is, where that is a question: they send something, or said no.
 *
 * @param {{ person: Person, sends: boolean }} props
 */
function RecordedMark({ person, sends }) {
  const room = useRoom();
  const { state, consents, left_out } = room.state.recording.value;
  if (room.replay || state === "off" || !room.can("record")) return null;
  if (!sends && consents[person.id] !== false && !left_out.includes(person.id)) return null;
  const why = whyNotRecorded(room, person.id);
  if (why) return html`<${Icon} name="circle-off" size=${16} label=${why} />`;
  return html`<${Icon} name="circle-dot" size=${16} class="person-recorded" label=${state === "paused" ? t("Will be recorded when it goes on") : t("Is recorded")} />`;
}

/** Bars that lead to what is wrong. @param {{ person: Person, quality: "weak" | "bad" }} props */
function WeakMark({ person, quality }) {
  const label = quality === "bad" ? t("Very weak network") : t("Weak network");
  return html`<button type="button" class=${`weak-mark quality-${quality}`} aria-label=${`${person.name}: ${label}`} data-tip=${label} data-test="weak-mark" onClick=${() => openNetwork(person.id)}>
    <${LineBars} line=${quality} size=${16} />
  </button>`;
}

function tracksOf(/** @type {Room} */ room, /** @type {string} */ person) {
  return Object.values(room.state.stage.value.tracks).filter((track) => track.person === person);
}

/** @param {Room} room @param {Person} person @returns {import("./parts/menu.js").Entry[]} */
function actions(room, person) {
  const theirs = person.role === "student" || person.role === "guest";
  /** @type {import("./parts/menu.js").Entry[]} */
  const entries = [];
  if (room.can("private_chat") || person.role === "teacher" || person.role === "assistant")
    entries.push({
      label: t("Write privately"),
      icon: "lock",
      onSelect: () => {
        openThread.value = person.id;
        panel.value = "chat";
      },
    });
  if (room.can("allow_stage") && theirs) entries.push(...stageActions(room, person));
  entries.push(...staffEntry(room, person));
  if (room.can("set_role") && theirs && person.role === "student")
    entries.push({ label: t("Make an assistant"), icon: "user-cog", onSelect: () => setRole(room, person, "assistant") });
  if (room.can("set_role") && person.role === "assistant")
    entries.push({ label: t("Make a student again"), icon: "user", onSelect: () => setRole(room, person, "student") });
  if (room.can("remove_people") && person.role !== "teacher")
    entries.push(
      "-",
      { label: t("Remove from the class"), hint: t("May come back."), icon: "log-out", kind: "stop", onSelect: () => remove(room, person, false) },
      { label: t("Remove and block"), hint: t("Cannot come back until unblocked."), icon: "ban", kind: "stop", onSelect: () => remove(room, person, true) },
    );
  return entries;
}

/** @param {Room} room @param {Person} person @returns {import("./parts/menu.js").Entry[]} */
function stageActions(room, person) {
  const tracks = tracksOf(room, person.id);
  const allowed = person.id in room.state.stage.value.allowed;
  /** @type {import("./parts/menu.js").Entry[]} */
  const entries = [];
  for (const track of tracks.filter((one) => !one.muted && one.kind === "microphone"))
    entries.push({ label: t("Mute"), icon: "mic-off", onSelect: () => act(room, "stage.mute", { track: track.id }) });
  for (const track of tracks.filter((one) => one.kind === "camera"))
    entries.push({ label: t("Stop the camera"), icon: "video-off", onSelect: () => act(room, "stage.stop", { track: track.id }) });
  for (const track of tracks.filter((one) => one.kind === "screen"))
    entries.push({ label: t("Stop the shared screen"), icon: "monitor-off", onSelect: () => act(room, "stage.stop", { track: track.id }) });
  if (allowed) entries.push({ label: t("Take the word back"), icon: "mic-off", onSelect: () => act(room, "stage.disallow", { person: person.id }) });
  else
    entries.push(
      { label: t("Allow microphone and camera"), icon: "video", onSelect: () => act(room, "stage.allow", { person: person.id, kinds: ["microphone", "camera"] }) },
      { label: t("Microphone only"), icon: "mic", onSelect: () => act(room, "stage.allow", { person: person.id, kinds: ["microphone"] }) },
    );
  return entries;
}

async function setRole(/** @type {Room} */ room, /** @type {Person} */ person, /** @type {"assistant" | "student"} */ role) {
  if (!(await act(room, "people.set_role", { person: person.id, role }))) return;
  const undo = role === "assistant" ? "student" : "assistant";
  const text = role === "assistant" ? t("{name} is an assistant now.", { name: person.name }) : t("{name} is a student again.", { name: person.name });
  toast(text, { actions: [{ label: t("Undo"), onClick: () => void act(room, "people.set_role", { person: person.id, role: undo }) }] });
}

async function remove(/** @type {Room} */ room, /** @type {Person} */ person, /** @type {boolean} */ block) {
  if (!(await act(room, "people.remove", { person: person.id, block })) || !block) return;
  toast(t("{name} was blocked.", { name: person.name }), {
    actions: [{ label: t("Undo"), onClick: () => void act(room, "people.unblock", { person: person.id }) }],
  });
}
