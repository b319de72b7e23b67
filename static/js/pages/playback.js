/**
 * The page of one recording: finds the way in, makes the player and the room of it, draws them. Wiring only.
 */
import { effect, signal } from "@preact/signals-core";
import { html, render } from "../html.js";
import { startLocale } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { createPlayer } from "../protocol/playback/player.js";
import { readAddress } from "../protocol/recording_address.js";
import { createPlaybackRoom } from "../state/playback_room.js";
import { createShow } from "../state/show.js";
import { resumeAt } from "../state/times.js";
import { PlayerApp } from "../views/player/app.js";
import { dialog, kept } from "../views/player/view.js";

/** @typedef {import("../views/player/app.js").PlayerEntry} PlayerEntry */
/** @typedef {import("../state/types_playback.js").PlaybackAnswer} PlaybackAnswer */

const address = readAddress({ location, history });
const base = `/api/recordings/${encodeURIComponent(address.recording)}`;
const show = signal(/** @type {PlayerEntry["show"]["value"]} */ (null));
const refusal = signal(/** @type {PlayerEntry["refusal"]["value"]} */ (null));

/** Staff who cut look at all of it. @type {import("../protocol/playback/types.js").Load} */
const load = (path, init) => fetch(`${base}/${path}${address.original ? `${path.includes("?") ? "&" : "?"}original=1` : ""}`, { ...init, credentials: "same-origin" });

/** @type {ReturnType<typeof createPlayer> | null} */
let player = null;

async function open() {
  refusal.value = null;
  if (address.key !== "") {
    const outcome = await ask("POST", `${base}/admission`, { key: address.key });
    if (!outcome.ok) return void (refusal.value = outcome);
  }
  player ??= begin();
  player.retry();
}

function begin() {
  const made = createPlayer({ recording: address.recording, start: address.start, load });
  made.setRate(kept.rate);
  made.volume.value = kept.volume;
  made.skipSilence.value = kept.skip;
  made.mode.value = kept.mode;
  effect(() => {
    const answer = /** @type {PlaybackAnswer | null} */ (made.opened.value);
    const code = made.error.value;
    if (answer === null) void refuse(code);
    else if (show.peek() === null) {
      refusal.value = null;
      const resumed = address.start === null && !answer.live ? resumeAt(answer.position, answer.manifest.duration) : null;
      // The server begins where one stopped, at the end, too. Not at once: the player is still taking the answer in.
      if (address.start === null && resumed === null && !answer.live) queueMicrotask(() => made.seek(0));
      show.value = createShow({ answer, room: createPlaybackRoom({ answer, player: made }), resumed, original: address.original });
      if (address.original && answer.can.edit) dialog.value = "cut";
      made.play();
    }
  });
  return made;
}

/** Say why there is nothing. Staff may look into the trash: what they threw away is not told to be unknown. @param {string} code */
async function refuse(code) {
  if (code === "not_found") {
    const outcome = await ask("GET", base);
    if (outcome.ok && /** @type {{ deleted_at: number | null }} */ (outcome.data).deleted_at !== null) code = "deleted";
  }
  refusal.value = code === "" ? null : { code };
}

addEventListener("pagehide", (event) => {
  // A page that is only put aside (phones) comes back.
  if (!event.persisted) player?.close();
});

await startLocale();
/** @type {PlayerEntry} */
const entry = { show, refusal, base, shared: address.key !== "", again: () => void open() };
const place = document.getElementById("app");
if (place) render(html`<${PlayerApp} entry=${entry} />`, place);
if (address.recording === "") refusal.value = { code: "not_found" };
else await open();
