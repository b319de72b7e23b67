/** What can be taken away: one file, the sound alone, the tracks as they are, the text, and for staff who was there. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../../html.js";
import { formatBytes, formatPercent, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { Button, IconButton } from "../parts/button.js";
import { Choice } from "../parts/choice.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { Switch } from "../parts/switch.js";
import { toast } from "../parts/toast.js";
import { explain } from "../refusals.js";
import { languageName } from "./captions_menu.js";
import { dialog } from "./view.js";

/** @typedef {import("../../state/types_playback.js").Job} Job */
/** @template T @typedef {import("../../protocol/api.js").Outcome<T>} Outcome */

/** How often work under way is asked about. */
const LOOK_MS = 1500;
/** Pixels: as the server takes it when nothing is said. */
const HEIGHT = 720;
const HLS = { height: HEIGHT };

export function DownloadDialog() {
  const show = useShow();
  const [jobs, setJobs] = useState(/** @type {readonly Job[]} */ ([]));
  const load = async () => {
    const outcome = /** @type {Outcome<Job[]>} */ (await show.api("GET", "/jobs"));
    if (outcome.ok) setJobs(outcome.data);
  };
  const busy = jobs.some((job) => job.state === "waiting" || job.state === "running");
  useEffect(() => void load(), []);
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(load, LOOK_MS);
    return () => clearInterval(timer);
  }, [busy]);
  const start = async (/** @type {Job["kind"]} */ kind, /** @type {object} */ options = {}) => {
    const outcome = await show.api("POST", "/jobs", { kind, options });
    if (!outcome.ok) toast(outcome.code === "not_found" ? t("This server does not make such files.") : explain(outcome), { kind: "bad" });
    await load();
  };
  const stop = async (/** @type {Job} */ job) => {
    await show.api("DELETE", `/jobs/${job.id}`);
    await load();
  };
  const offer = { jobs, start, stop };
  return html`<${Dialog} title=${t("Download")} onClose=${() => (dialog.value = "")}>
    <${OneFile} offer=${offer} />
    <section class="settings-part">
      <h3>${t("Sound alone")}</h3>
      <p class="soft">${t("For listening on the way; a small file.")}</p>
      <${Work} kind="sound" offer=${offer} />
    </section>
    ${show.can.edit && html`<${ForOthers} offer=${offer} />`}
    <${Files} />
  <//>`;
}

/** @typedef {{ jobs: readonly Job[], start: (kind: Job["kind"], options?: object) => Promise<void>, stop: (job: Job) => Promise<void> }} Offer */

/** @param {{ offer: Offer }} props */
function OneFile({ offer }) {
  const [height, setHeight] = useState("720");
  const [chat, setChat] = useState(false);
  const sizes = [
    { value: "360", label: "360p" },
    { value: "720", label: "720p" },
    { value: "1080", label: "1080p" },
  ];
  return html`<section class="settings-part">
    <h3>${t("One file with picture and sound (MP4)")}</h3>
    <p class="soft">${t("The stage as you see it here, playable everywhere. Making it takes some time; you may close this page meanwhile.")}</p>
    <${Choice} label=${t("Height of the picture")} value=${height} options=${sizes} onChange=${setHeight} />
    <${Switch} label=${t("With the chat beside the picture")} checked=${chat} onChange=${setChat} />
    <${Work} kind="mp4" options=${{ chat, height: Number(height) }} offer=${offer} />
  </section>`;
}

/** What only those have a use for who go on working with it. @param {{ offer: Offer }} props */
function ForOthers({ offer }) {
  return html`<section class="settings-part">
      <h3>${t("All tracks in one file (MKV)")}</h3>
      <p class="soft">${t("Each picture and each voice as a track of its own, as good as it was recorded: for a program that cuts films.")}</p>
      <${Work} kind="remux" offer=${offer} />
    </section>
    <section class="settings-part">
      <h3>${t("For another website (HLS)")}</h3>
      <p class="soft">${t("The film in small pieces, in one archive: unpacked on a web server it plays there, on phones too.")}</p>
      <${Work} kind="hls" options=${HLS} offer=${offer} />
    </section>`;
}

/**
 * The button that begins it, unless there is this very file; while it is made its progress; then the files.
 *
 * @param {{ kind: Job["kind"], options?: { chat?: boolean, height?: number }, offer: Offer }} props
 */
function Work({ kind, options = {}, offer }) {
  const show = useShow();
  const of = offer.jobs.filter((job) => job.kind === kind).sort((a, b) => b.created_at - a.created_at);
  const open = of.find((job) => job.state === "waiting" || job.state === "running");
  const done = of.filter((job) => job.state === "done");
  const there = done.some((job) => job.current && sameWish(job.options, options));
  const failed = of[0]?.state === "failed";
  const begin = html`<div><${Button} icon="download" test=${`make-${kind}`} onClick=${() => void offer.start(kind, options)}>${t("Make the file")}<//></div>`;
  return html`<div class="work">
    ${open ? html`<${Progress} job=${open} onStop=${() => void offer.stop(open)} />` : !there && begin}
    ${failed && html`<p class="field-note work-failed" role="alert"><${Icon} name="circle-alert" size=${16} />${t("Making it failed. Try again; if it fails again, tell the administrator.")}</p>`}
    ${done.map(
      (job) => html`<a key=${job.id} class=${`button ${job.current ? "button-primary" : "button-plain"}`} href=${`${show.base}/jobs/${job.id}/file`} download data-test=${`file-${kind}`}>
        <${Icon} name="download" />${describe(job)}
      </a>`,
    )}
  </div>`;
}

/** What was not wished is as the server has it. @param {Job["options"]} a @param {Job["options"]} b */
const sameWish = (a, b) => (a.chat ?? false) === (b.chat ?? false) && (a.height ?? HEIGHT) === (b.height ?? HEIGHT);

/** What tells this file from the others of its kind. @param {Job} job */
function describe(job) {
  const film = job.kind === "mp4";
  const parts = [film ? `${job.options.height ?? HEIGHT}p` : t("Download")];
  if (film && job.options.chat) parts.push(t("with the chat"));
  if (!job.current) parts.push(t("before the last edit"));
  if (job.result?.bytes) parts.push(formatBytes(job.result.bytes));
  return parts.join(" · ");
}

/** @param {{ job: Job, onStop: () => void }} props */
function Progress({ job, onStop }) {
  const part = job.progress / 1000;
  const text = job.state === "waiting" ? t("Waits for its turn") : t("Being made: {part}", { part: formatPercent(part) });
  return html`<div class="progress" data-test="progress">
    <div class="progress-words"><span role="status">${text}</span><${IconButton} icon="x" label=${t("Stop making it")} onClick=${onStop} /></div>
    <progress max="1" value=${part} aria-label=${text}></progress>
  </div>`;
}

function Files() {
  const show = useShow();
  const link = (/** @type {string} */ path, /** @type {string} */ label, /** @type {string} */ icon) =>
    html`<li key=${path}><a class="button button-plain" href=${show.base + path} download><${Icon} name=${icon} />${label}</a></li>`;
  return html`<section class="settings-part">
    <h3>${t("Texts and tables")}</h3>
    <ul class="file-list">
      ${link("/transcript.txt", t("Chat and questions as a text"), "file-text")}
      ${link("/transcript.csv", t("Chat and questions as a table"), "table")}
      ${show.languages.value.map((code) => link(`/captions/${code}`, t("Captions: {language}", { language: languageName(code) }), "captions"))}
      ${show.can.edit && link("/attendance.csv", t("Who was there"), "users")}
      ${show.can.edit && link("/tracks.zip", t("All tracks as they were recorded"), "archive")}
    </ul>
  </section>`;
}
