/**
 * The page of a class, from the way in to the way out: asking the server, the page before joining, the door, the class, and the
 * goodbye. pages/class.js makes the `Entry` and draws `ClassApp`.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { RoomContext, useRoom } from "../state/context.js";
import { Bar } from "./bar.js";
import { Goodbye } from "./goodbye.js";
import { ConnectionBar, Header } from "./header.js";
import { EndDialog } from "./leave.js";
import { LobbyWait } from "./lobby_wait.js";
import { Invitation, Watch } from "./notices.js";
import { SidePanel } from "./panel.js";
import { Overlays } from "./parts/overlays.js";
import { Spinner } from "./parts/spinner.js";
import { PreJoin } from "./prejoin.js";
import { ProgramDialog } from "./program.js";
import { MarkDialog } from "./recording.js";
import { RecordingAsks } from "./recording_asks.js";
import { explain } from "./refusals.js";
import { isStaff } from "./rights.js";
import { SettingsDialog } from "./settings.js";
import { Keys, ShortcutsDialog } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { dialog, panel, sheet } from "./view.js";

/** @typedef {import("../state/context.js").Room} Room */
/** @typedef {import("../state/context.js").Refusal} Refusal */
/** @typedef {import("../state/types.js").ClassInfo} ClassInfo */
/** @template T @typedef {import("@preact/signals-core").ReadonlySignal<T>} Read */

/**
 * How somebody comes to the class.
 *
 * @typedef {object} Entry
 * @property {Read<"asking" | "naming" | "ready" | "refused">} step the server is asked; a guest says a name
 *   first (again, where `refusal` says why the last one did not do); there is a room to join; there is no way in (see `refusal`)
 * @property {Read<Refusal | null>} refusal why the last attempt failed
 * @property {string} classId
 * @property {Read<ClassInfo | null>} info
 * @property {Read<Room | null>} room from "ready" on
 * @property {import("../state/context.js").MediaClient} media for the page before joining
 * @property {(name: string) => Promise<void>} admit asks the server again with the name of a guest; sets `step`, never throws
 */

/** The button "Enter" was pressed and the room was told to join. */
const entered = signal(false);

/** Go in: with a name where the server still has to be asked, then to the class. */
export async function enter(/** @type {Entry} */ entry, /** @type {string} */ name) {
  if (entry.room.value === null) await entry.admit(name);
  const room = entry.room.value;
  if (room === null) return;
  // A listener tried his devices on the page before; inside he could not send, and a camera that is on for nobody alarms.
  if (!isStaff(room.me.value.role)) await Promise.all([entry.media.setCamera(false), entry.media.setMicrophone(false)]);
  entered.value = true;
  await room.join();
}

/** @param {{ entry: Entry }} props */
export function ClassApp({ entry }) {
  return html`<${Step} entry=${entry} /><${Overlays} />`;
}

/** @param {{ entry: Entry }} props */
function Step({ entry }) {
  const room = entry.room.value;
  const title = entry.info.value?.title ?? "";
  useTitle(title);
  const refusal = entry.refusal.value;
  if (entry.step.value === "asking") return html`<${Wait} text=${t("Looking for the class …")} />`;
  if (entry.step.value === "refused") return html`<${Goodbye} code=${refusal?.code ?? "unavailable"} wait=${refusal?.retry_after} title=${title} classId=${entry.classId} came=${false} />`;
  if (room !== null && entered.value) return html`<${RoomContext.Provider} value=${room}><${Inside} /><//>`;
  const person = room?.me.value ?? { id: "guest", name: "", role: /** @type {const} */ ("guest") };
  return html`<${PreJoin}
    title=${title || t("Class")}
    person=${person}
    asksName=${room === null}
    recording=${entry.info.value?.recording ?? "off"}
    media=${entry.media}
    refusal=${refusal ? explain(refusal) : ""}
    onJoin=${(/** @type {string} */ name) => enter(entry, name)}
  />`;
}

function useTitle(/** @type {string} */ title) {
  useEffect(() => {
    document.title = title ? `${title} · Sabak` : "Sabak";
  }, [title]);
}

/** ms after which waiting needs a word. */
const LONG = 5000;

/** @param {{ text: string }} props */
function Wait({ text }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG);
    return () => clearTimeout(timer);
  }, []);
  return html`<main class="plain-page">
    <div class="plain-card" role="status">
      <p class="plain-wait"><${Spinner} /> ${text}</p>
      ${long && html`<p>${t("This takes longer than usual. It is being tried again by itself; check your network meanwhile.")}</p>`}
    </div>
  </main>`;
}

/** After "Enter": what is shown is what `room.status` says. */
function Inside() {
  const room = useRoom();
  const status = room.status.value;
  const begun = room.state.lifecycle.value.state !== "new";
  if (status === "over") return html`<${Goodbye} code=${room.bye.value} title=${room.info.value.title} classId=${room.info.value.id} />`;
  if (status === "waiting") return html`<${LobbyWait} />`;
  if (status === "connecting" || !begun) return html`<${Wait} text=${t("Entering the class …")} />`;
  return html`<${Classroom} />`;
}

export function Classroom() {
  const place = sheet.value ? "phone" : "desk";
  return html`<div class=${`classroom classroom-${place} ${panel.value ? "with-panel" : "without-panel"}`}>
    <a class="skip-link" href="#stage">${t("Go to the stage")}</a>
    <${Header} />
    <${ConnectionBar} />
    <main class="classroom-stage"><${Stage} /><div class="asks"><${Invitation} /><${RecordingAsks} /></div></main>
    <${SidePanel} />
    <${Bar} />
    <${Dialogs} />
    <${Watch} />
    <${Keys} />
  </div>`;
}

function Dialogs() {
  if (dialog.value === "mark") return html`<${MarkDialog} />`;
  if (dialog.value === "settings") return html`<${SettingsDialog} />`;
  if (dialog.value === "program") return html`<${ProgramDialog} />`;
  if (dialog.value === "shortcuts") return html`<${ShortcutsDialog} />`;
  return dialog.value === "end" ? html`<${EndDialog} />` : null;
}
