/**
 * The page of one class: finds the way in, makes the room, draws it. Wiring only.
 */
import { effect, signal } from "@preact/signals-core";
import { html, render } from "../html.js";
import { startLocale } from "../i18n.js";
import { Admission, classId } from "../protocol/admission.js";
import { BROWSER } from "../protocol/environment.js";
import { Media } from "../protocol/rtc.js";
import { browserWorld } from "../protocol/world.js";
import { createRoom } from "../state/room.js";
import { ClassApp } from "../views/class.js";

/** @typedef {import("../views/class.js").Entry} Entry */
/** @typedef {import("../protocol/admission.js").Seat} Seat */
/** @typedef {ReturnType<typeof createRoom>} Hall a room with what this page alone uses of it */

/** @returns {Storage | null} */
function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

const admission = new Admission(classId({ location }), {
  location,
  history,
  storage: tabStorage(),
  fetch: (input, init) => fetch(input, init),
  now: () => Date.now(),
});
const media = new Media({ world: browserWorld(), environment: BROWSER });

/** @param {(give: (auth: object) => void) => void} auth */
function open(auth) {
  return io(location.origin, { auth, transports: ["websocket"], reconnection: false, autoConnect: false, forceNew: true });
}

/** @param {Seat} seat @returns {Hall} */
function makeRoom(seat) {
  return createRoom({ seat, open, environment: BROWSER, media, readmit: async () => (await admission.again())?.seat ?? null });
}

const step = signal(/** @type {Entry["step"]["value"]} */ ("asking"));
const refusal = signal(/** @type {Entry["refusal"]["value"]} */ (null));
const info = signal(/** @type {Entry["info"]["value"]} */ (null));
const room = signal(/** @type {Hall | null} */ (null));

/** @param {string} [name] */
async function admit(name) {
  const answer = await admission.enter(name);
  if (!answer.ok) {
    refusal.value = answer;
    step.value = admission.needsName && name !== undefined ? "naming" : "refused";
    return;
  }
  refusal.value = null;
  info.value = answer.seat.class;
  room.value = makeRoom(answer.seat);
  step.value = "ready";
}

/** What the invitation opens is said before its guest is asked for a name; that it opens nothing, too. */
async function invited() {
  const answer = await admission.peek();
  if (answer.ok) info.value = answer.info;
  else if (answer.code === "unauthorized") refusal.value = answer;
  step.value = answer.ok || answer.code !== "unauthorized" ? "naming" : "refused";
}

/** The browser tells of the network and of coming back from sleep; nothing else here listens to the page. */
function watchSurroundings() {
  const moved = () => {
    room.value?.moved();
    media.networkChanged();
  };
  addEventListener("online", moved);
  // Phones go from Wi-Fi to the mobile network without being offline. The event also comes for mere estimates of speed,
  // and only browsers of phones have it.
  /** @type {EventTarget & { type?: string } | undefined} */
  const line = /** @type {any} */ (navigator).connection;
  let carrier = line?.type;
  line?.addEventListener?.("change", () => {
    if (line.type === carrier) return;
    carrier = line.type;
    moved();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") room.value?.hint();
  });
  addEventListener("pagehide", (event) => {
    // A page that is only put aside (phones) comes back; one that is closed frees its devices at once.
    if (!event.persisted) void room.value?.leave();
  });
}

await startLocale();
watchSurroundings();
// A seat of a class that is over is worth nothing to the next visit. Who was removed or not let in keeps it: by a link there
// is no other way to knock again, and one who is barred is told so.
effect(() => {
  if (room.value?.bye.value === "closed") admission.forget();
});
/** @type {Entry} */
const entry = { step, refusal, classId: classId({ location }), info, room, media, admit };
const place = document.getElementById("app");
if (place) render(html`<${ClassApp} entry=${entry} />`, place);
if (admission.needsName) await invited();
else await admit();
