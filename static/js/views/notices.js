/**
 * What the class tells this person about the stage and the line: "you may speak now" with the buttons for it, the word taken
 * back, muted by the teacher, connection lost and found. Nothing is ever switched on by itself.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Button, IconButton } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { announce } from "./parts/live.js";
import { toast } from "./parts/toast.js";
import { useLineNews } from "./own_line.js";
import { useRecordingNews } from "./recording.js";
import { isStaff, onStage, rightTo } from "./rights.js";
import { byOneself, flip, tellWhatIsWrong } from "./switches.js";
import { mark } from "./tone.js";

/** The word was given and nothing was switched on since. */
const invited = signal(false);

/** Watches and tells; draws nothing. */
export function Watch() {
  useWord();
  useRole();
  useGoneOff("microphone");
  useGoneOff("camera");
  useConnection();
  useHandMark();
  useLineNews();
  useRecordingNews();
  return null;
}

function useWord() {
  const room = useRoom();
  const me = room.me.value;
  const kinds = room.state.stage.value.allowed[me.id]?.length ?? 0;
  const before = useRef(/** @type {number | null} */ (null));
  const live = room.status.value === "live";
  useEffect(() => {
    if (!live) return;
    const had = before.current;
    before.current = kinds;
    if (had === null || isStaff(me.role) || (had > 0) === (kinds > 0)) return;
    invited.value = kinds > 0;
    if (kinds > 0) {
      announce(t("You may speak now."), true);
      mark("word");
    } else toast(t("The teacher has ended your turn. Nobody hears or sees you now."), { id: "word" });
  }, [kinds, live]);
}

/** Told when the role changes: other buttons appear, and who gets them should know what they are for. */
function useRole() {
  const { role } = useRoom().me.value;
  const before = useRef(role);
  useEffect(() => {
    if (before.current === role) return;
    const was = before.current;
    before.current = role;
    if (role === "assistant") toast(t("You are an assistant now: you let people in, give them the word and keep order in chat and questions."), { kind: "good", id: "role", seconds: 10 });
    else if (was === "assistant") toast(t("You are no longer an assistant."), { id: "role" });
  }, [role]);
}

/** ms that a device must stay off: one that is changed or plugged in again goes off for a moment too. */
const SETTLED = 700;

/** @param {"microphone" | "camera"} kind */
function useGoneOff(kind) {
  const room = useRoom();
  const device = room.media[kind];
  const { on } = device.value;
  const before = useRef(on);
  useEffect(() => {
    const was = before.current;
    before.current = on;
    if (!was || on || byOneself(kind)) return;
    const timer = setTimeout(() => {
      const { on: again, error } = device.value;
      if (again) return;
      // It was pulled out, and nothing else is there: who goes on talking should know that nobody hears it.
      if (error) return tellWhatIsWrong(kind, error);
      // Without the word everything is off, and that was told already.
      if (!onStage(room.me.value, room.state.stage.value)) return;
      toast(kind === "microphone" ? t("The teacher has muted you.") : t("The teacher has turned off your camera."), { id: `stopped-${kind}` });
    }, SETTLED);
    return () => clearTimeout(timer);
  }, [on]);
}

function useConnection() {
  const { status } = useRoom();
  const now = status.value;
  const before = useRef(now);
  useEffect(() => {
    if (now === "reconnecting") announce(t("Connection lost. Reconnecting …"), true);
    if (now === "live" && before.current === "reconnecting") toast(t("Connected again. Nothing was missed."), { kind: "good", id: "line", seconds: 3 });
    before.current = now;
  }, [now]);
}

function useHandMark() {
  const room = useRoom();
  const count = room.state.hands.value.queue.length;
  const before = useRef(count);
  useEffect(() => {
    if (count > before.current && room.can("allow_stage")) mark("hand");
    before.current = count;
  }, [count]);
}

/** "You may speak now", above the bar until something is switched on or it is put away. */
export function Invitation() {
  const room = useRoom();
  const { microphone, camera, screen } = room.media;
  const me = room.me.value;
  const right = (/** @type {"microphone" | "camera"} */ kind) => rightTo(me, room.state.stage.value, room.state.locks.value, kind) === "yes";
  if (!invited.value || microphone.value.on || camera.value.on || screen.value.on) return null;
  const start = (/** @type {boolean} */ withCamera) => async () => {
    invited.value = false;
    await flip(room, "microphone", true);
    if (withCamera) await flip(room, "camera", true);
  };
  return html`<div class="invitation" role="region" aria-label=${t("You may speak now.")}>
    <${Icon} name="hand" />
    <p class="invitation-text"><strong>${t("You may speak now.")}</strong> ${t("Nobody hears you until you turn on the microphone.")}</p>
    <div class="invitation-actions">
      ${right("microphone") && html`<${Button} kind="primary" icon="mic" test="invited-mic" onClick=${start(false)}>${t("Microphone on")}<//>`}
      ${right("microphone") && right("camera") && html`<${Button} icon="video" test="invited-both" onClick=${start(true)}>${t("With camera")}<//>`}
      <${IconButton} icon="x" label=${t("Later")} onClick=${() => (invited.value = false)} />
    </div>
  </div>`;
}
