/**
 * "● REC" in the header, for everybody the same and in words too; for staff it is the menu of the recording. What begins, pauses
 * and ends is told to everybody, politely; who stops it by mistake goes on with one press.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatDuration, t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { Button } from "./parts/button.js";
import { Dialog } from "./parts/dialog.js";
import { TextField } from "./parts/field.js";
import { Icon } from "./parts/icon.js";
import { announce } from "./parts/live.js";
import { Menu } from "./parts/menu.js";
import { toast } from "./parts/toast.js";
import { dialog, openPanel } from "./view.js";

/** @typedef {import("../state/context.js").Room} Room */
/** @typedef {import("../state/types.js").RecordingState} RecordingState */

/** The longest name of a mark that the server takes (PROTOCOL.md 1.3). */
const LABEL_MOST = 200;
/** The toast of the recording: a newer one takes its place. */
const TOAST = "recording";

/** What the header says of the recording, and for staff does. */
export function RecordingSign() {
  const room = useRoom();
  const { state } = room.state.recording.value;
  if (room.replay) return null;
  if (room.can("record")) return html`<${StaffSign} />`;
  if (state === "off") return null;
  const label = signLabel(state);
  return html`<span class=${`rec rec-${state}`} data-tip=${label} data-test="rec"><${Light} state=${state} /><span class="out-of-sight">${label}</span></span>`;
}

/** @param {RecordingState["state"]} state */
function signLabel(state) {
  if (state === "paused") return t("The recording is paused");
  return state === "on" ? t("This class is recorded") : t("This class is not recorded");
}

/** The light and its three letters, which mean the same in every language. @param {{ state: RecordingState["state"] }} props */
function Light({ state }) {
  if (state === "paused") return html`<${Icon} name="pause" size=${16} /><span aria-hidden="true">REC</span>`;
  return html`<span class="rec-light" aria-hidden="true"></span><span aria-hidden="true">REC</span>`;
}

function StaffSign() {
  const room = useRoom();
  const { state } = room.state.recording.value;
  // The letters that are seen come first: by voice it is called what is written on it.
  const label = `${state === "off" ? "" : "REC. "}${signLabel(state)}. ${t("Recording: what can be done")}`;
  return html`<${Menu} class=${`rec rec-menu rec-${state}`} icon=${state === "off" ? "circle-dot" : ""} label=${label} tip=${signLabel(state)} test="rec" items=${() => entries(room)}>
    ${state !== "off" && html`<${Light} state=${state} />`}
  <//>`;
}

/** @param {Room} room @returns {import("./parts/menu.js").Entry[]} */
function entries(room) {
  const recording = room.state.recording.value;
  const who = { icon: "users", label: t("Who is recorded"), hint: t("And leave somebody out"), test: "rec-who", onSelect: () => openPanel("people") };
  if (recording.state === "off")
    return [{ heading: t("This class is not recorded") }, { icon: "circle-dot", label: t("Record from now on"), test: "rec-start", onSelect: () => void act(room, "recording.start") }, who];
  const running = recording.state === "on";
  const length = formatDuration(Math.max(0, room.clock() - recording.since));
  return [
    { heading: running ? t("Recorded for {time}", { time: length }) : t("The recording is paused") },
    running
      ? { icon: "pause", label: t("Pause the recording"), hint: t("What happens in a pause is not kept."), test: "rec-pause", onSelect: () => void act(room, "recording.pause") }
      : { icon: "circle-dot", label: t("Go on recording"), test: "rec-resume", onSelect: () => void act(room, "recording.resume") },
    ...(running
      ? [
          { icon: "bookmark-plus", label: t("Mark this moment"), hint: t("A chapter begins here."), keys: "K", test: "rec-mark", onSelect: () => void markMoment(room) },
          { icon: "bookmark", label: t("Mark with a name …"), test: "rec-mark-name", onSelect: () => (dialog.value = "mark") },
        ]
      : []),
    who,
    "-",
    { icon: "square", kind: "stop", label: t("Stop the recording"), test: "rec-stop", onSelect: () => void act(room, "recording.stop") },
  ];
}

/** Begin a chapter here and now. @param {Room} room @param {string} [label] */
export async function markMoment(room, label = "") {
  if (!room.can("record")) return;
  const recording = room.state.recording.value;
  if (recording.state !== "on") return void toast(t("Only what is being recorded can be marked."), { id: TOAST });
  const time = formatDuration(Math.max(0, room.clock() - recording.since));
  if (await act(room, "recording.mark", { label })) toast(t("Marked: a chapter begins at {time}.", { time }), { kind: "good", icon: "bookmark", id: "mark" });
}

/** A mark that gets its name at once. Its chapter begins when it is sent. */
export function MarkDialog() {
  const room = useRoom();
  const [label, setLabel] = useState("");
  const close = () => (dialog.value = "");
  const send = () => {
    close();
    void markMoment(room, label.trim());
  };
  const footer = html`<${Button} onClick=${close}>${t("Cancel")}<//><${Button} kind="primary" icon="bookmark" test="mark-send" onClick=${send}>${t("Mark")}<//>`;
  return html`<${Dialog} title=${t("Mark this moment")} size="small" onClose=${close} footer=${footer}>
    <form class="form" onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), send())}>
      <${TextField} label=${t("What begins here")} hint=${t("Viewers find it as a chapter.")} value=${label} onInput=${setLabel} maxlength=${LABEL_MOST} autofocus data-test="mark-label" />
      <button hidden type="submit"></button>
    </form>
  <//>`;
}

/** @typedef {Pick<RecordingState, "state" | "number" | "reason">} Told what was told of it */

/** Tells what becomes of the recording, to everybody in the class. */
export function useRecordingNews() {
  const room = useRoom();
  const { state, reason, number } = room.state.recording.value;
  const live = room.status.value === "live";
  const before = useRef(/** @type {Told | null} */ (null));
  useEffect(() => {
    if (!live) return;
    const was = before.current;
    before.current = { state, number, reason };
    if (was === null) {
      if (state !== "off") announce(signLabel(state));
    } else if (was.state !== state || was.number !== number) tell(room, was, before.current);
  }, [state, number, live]);
}

/** @param {Room} room @param {Told} was @param {Told} now */
function tell(room, was, { state, number, reason }) {
  const staff = room.can("record");
  // The server was away: what ended without anybody's doing has begun again by itself.
  const mended = state === "on" && number > was.number && (was.state !== "off" || was.reason === "interrupted");
  if (staff && mended) return void toast(t("The recording was interrupted, and goes on in a new part."), { icon: "circle-dot", id: TOAST, seconds: 10 });
  if (state === "paused") return void toast(t("The recording is paused: nothing is kept now."), { icon: "pause", id: TOAST });
  if (state === "on") return void toast(was.state === "paused" && number === was.number ? t("The recording goes on.") : t("This class is recorded from now on."), { icon: "circle-dot", id: TOAST });
  // What went wrong staff read in a notice (recording_asks.js), which stays; that the class is over all read on a page.
  if (staff ? reason !== "stopped" : reason === "ended") return;
  const goOn = { label: t("Go on recording"), onClick: () => void act(room, "recording.start") };
  toast(t("The recording has stopped."), { icon: "square", id: TOAST, actions: staff ? [goOn] : [] });
}

