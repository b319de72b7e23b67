/** Draws the page of playback for `?role=teacher|student|guest&at=MINUTES&scene=...&tab=...&dialog=...`, see player_gallery.html. */
import { signal } from "@preact/signals-core";
import { html, render } from "../../../static/js/html.js";
import { startLocale } from "../../../static/js/i18n.js";
import { createPlaybackRoom } from "../../../static/js/state/playback_room.js";
import { createShow } from "../../../static/js/state/show.js";
import { PlayerApp } from "../../../static/js/views/player/app.js";
import * as own from "../../../static/js/views/player/view.js";
import * as view from "../../../static/js/views/view.js";
import { MINUTE, fakeAnswer, fakeApi, fakeCaptions, fakePlayer } from "./fake_player.js";

const query = new URLSearchParams(location.search);
const role = /** @type {"teacher" | "student" | "guest"} */ (query.get("role") ?? "student");
const scene = query.get("scene") ?? "";
const at = Number(query.get("at") ?? 0) * MINUTE;
const state = scene === "finishing" || scene === "failed" ? scene : "ready";
const answer = fakeAnswer({ role, live: scene === "live", position: scene === "resume" ? at : null, bare: scene === "bare", state });
const player = fakePlayer(answer, { at, offline: scene === "offline", waiting: scene === "waiting", needsGesture: scene === "silent" });
const room = createPlaybackRoom({ answer, player });
const api = fakeApi({ role, state });
// Captions are fetched as text: this page has no server for them.
const real = globalThis.fetch;
globalThis.fetch = async (input, init) => (String(input).includes("/captions/") ? new Response(fakeCaptions()) : String(input).includes("/api/") ? new Response("[]") : real(input, init));
const show = createShow({ answer, room, resumed: scene === "resume" ? at : null, original: query.has("original"), ask: api.ask });
const refused = query.get("refused");
const entry = { show: signal(refused || scene === "frame" ? null : show), refusal: signal(refused ? { code: refused } : null), base: "/api/recordings/demo-1", shared: query.has("shared"), again: () => {} };
Object.assign(globalThis, { show, player, room, own, view, api });
await startLocale();
if (query.has("tab")) own.tab.value = /** @type {any} */ (query.get("tab") || null);
if (query.has("dialog")) own.dialog.value = /** @type {any} */ (query.get("dialog"));
if (query.has("captions")) own.captions.value = query.get("captions") ?? "";
if (query.has("layout")) view.layout.value = query.get("layout") === "grid" ? "grid" : "stage";
if (scene === "error") player.error.value = query.get("error") ?? "unavailable";
if (scene === "waiting") player.play();
const root = document.getElementById("app");
if (root) render(html`<${PlayerApp} entry=${entry} />`, root);
