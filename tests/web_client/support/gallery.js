/** Draws the class page for `?role=teacher|student&scene=NAME&dialog=...`, see gallery.html. */
import { signal } from "@preact/signals-core";
import { html, render } from "../../../static/js/html.js";
import { startLocale } from "../../../static/js/i18n.js";
import { ClassApp, enter } from "../../../static/js/views/class.js";
import * as view from "../../../static/js/views/view.js";
import { fakeRoom } from "./fake_room.js";

const query = new URLSearchParams(location.search);
const role = /** @type {import("../../../static/js/state/types.js").Role} */ (query.get("role") ?? "student");
const scene = query.get("scene") ?? "stage";

/** @type {Record<string, Partial<Parameters<typeof fakeRoom>[0]>>} */
const SCENES = {
  prejoin: {},
  naming: {},
  trouble: { error: /** @type {any} */ (query.get("error") ?? "denied") },
  empty: { people: 3 },
  stage: { tracks: [[0, "camera"], [0, "microphone"], [4, "camera"], [4, "microphone", true], [3, "microphone"]], hands: [2, 5], reactions: { clap: 12, slower: 2 } },
  screen: { tracks: [[0, "screen"], [0, "camera"], [0, "microphone"], [4, "camera"], [4, "microphone", true]], hands: [2], answering: true },
  grid: { people: 10, tracks: Array.from({ length: 9 }, (_, n) => /** @type {[number, "camera"]} */ ([n, "camera"])) },
  alone: { people: 1, tracks: [] },
  allowed: { tracks: [[0, "camera"], [0, "microphone"]], allowed: ["microphone", "camera"] },
  silent: { tracks: [[0, "camera"], [0, "microphone"]], silent: true },
  lost: { tracks: [[0, "camera"], [0, "microphone"]], status: "reconnecting" },
  weak: { tracks: [[0, "camera"], [0, "microphone"], [4, "camera"]], weak: true },
  recorded: {
    tracks: [[0, "camera"], [0, "microphone"], [4, "camera"], [4, "microphone"], [3, "microphone"], [1, "microphone"], [1, "camera"]],
    allowed: ["microphone", "camera"],
    recorded: { mode: "on", state: "on", number: 1, since: Date.now() - 754_000, consents: { u_4: true, u_3: false } },
  },
  paused: { tracks: [[0, "camera"], [0, "microphone"]], recorded: { mode: "on", state: "paused", number: 1, since: Date.now() - 754_000 } },
  asked: { tracks: [[0, "camera"], [0, "microphone"]], recorded: { mode: "ask" } },
  fault: { tracks: [[0, "camera"], [0, "microphone"]], recorded: { mode: "on", number: 1, reason: /** @type {any} */ (query.get("reason") ?? "disk_full") } },
  waiting: { status: "waiting" },
  over: { status: "over" },
};

const room = fakeRoom({ role, ...SCENES[scene] });
const named = scene === "naming";
const entry = {
  classId: "demo",
  step: signal(/** @type {"ready" | "naming"} */ (named ? "naming" : "ready")),
  refusal: signal(null),
  info: signal({ id: "demo", title: "Алгебра II · МТ-2-24", language: "ky", recording: /** @type {any} */ (query.get("recording") ?? "off") }),
  room: signal(named ? null : room),
  media: room.media,
  admit: async () => void (entry.room.value = room),
};
Object.assign(globalThis, { room, view, entry });
await startLocale();
if (scene === "trouble") await Promise.all([room.media.setCamera(true), room.media.setMicrophone(true)]);
if (!["prejoin", "naming", "trouble"].includes(scene)) await enter(entry, "");
if (query.has("bye")) /** @type {any} */ (room.bye).value = query.get("bye");
if (query.has("layout")) view.layout.value = query.get("layout") === "grid" ? "grid" : "stage";
if (query.has("dialog")) view.dialog.value = /** @type {any} */ (query.get("dialog"));
if (query.has("network")) view.openNetwork(query.get("network") || null);
if (query.has("panel")) view.panel.value = /** @type {any} */ (query.get("panel") || null);
const root = document.getElementById("app");
if (root) render(html`<${ClassApp} entry=${entry} />`, root);
