/**
 * What is done with a recording out of a list: its name, sharing it, files to take away. Sharing and files are the dialogs of the
 * page of playback, loaded when they are opened; files that are being made show how far they are in the row, too.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatPercent, t } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { ShowContext } from "../state/show.js";
import { Button } from "./parts/button.js";
import { Dialog } from "./parts/dialog.js";
import { TextField } from "./parts/field.js";
import { toast } from "./parts/toast.js";
import { dialog as open } from "./player/view.js";
import { explain } from "./refusals.js";

/** @typedef {import("../state/types_home.js").Recorded} Recorded */
/** @typedef {import("../state/types_playback.js").Job} Job */
/** @typedef {import("../state/recordings.js").RecordingList} RecordingList */

/** The recording that a dialog is about, and the how manieth dialog it is: each shows the recording as it is then. */
const about = signal(/** @type {{ one: Recorded, count: number } | null} */ (null));
const naming = signal(false);
/** Open jobs by recording, of those that were begun or looked at here. */
const jobs = signal(/** @type {Readonly<Record<string, readonly Job[]>>} */ ({}));

const LOADERS = {
  share: async () => (await import("./player/share.js")).ShareDialog,
  download: async () => (await import("./player/download.js")).DownloadDialog,
};

/** @param {"about" | "share" | "download"} name @param {Recorded} one */
export function openDialog(name, one) {
  about.value = { one, count: (about.peek()?.count ?? 0) + 1 };
  naming.value = name === "about";
  open.value = name === "about" ? "" : name;
}

/** @param {{ list: RecordingList }} props */
export function RecordingDialogs({ list }) {
  if (about.value === null) return null;
  const { one, count } = about.value;
  if (naming.value) return html`<${AboutDialog} key=${count} one=${one} list=${list} onClose=${() => (naming.value = false)} />`;
  return html`<${Borrowed} key=${count} one=${one} list=${list} />`;
}

/** The part of a page of playback that its dialogs need. @param {Recorded} one */
function lend(one) {
  const base = `/api/recordings/${one.id}`;
  const part = {
    base,
    info: signal(one),
    languages: signal(/** @type {readonly string[]} */ ([])),
    can: { edit: one.edit, download: true, ask: true },
    api: (/** @type {string} */ method, /** @type {string} */ path, /** @type {object | undefined} */ body) => ask(method, base + path, body),
    change: (/** @type {object} */ facts) => ask("PUT", base, facts),
  };
  return /** @type {import("../state/show.js").Show} */ (/** @type {unknown} */ (part));
}

/** @param {{ one: Recorded, list: RecordingList }} props */
function Borrowed({ one, list }) {
  const name = open.value;
  const [show] = useState(() => lend(one));
  const [Shown, setShown] = useState(/** @type {any} */ (null));
  useEffect(() => {
    if (name !== "share" && name !== "download") return;
    LOADERS[name]().then(
      (found) => setShown(() => found),
      () => {
        open.value = "";
        toast(t("This part of the page did not load. Check your connection and try again."), { kind: "bad" });
      },
    );
    // What was changed and begun in it is shown when it is closed.
    return () => {
      setShown(null);
      void list.again();
      if (name === "download") void look(one.id);
    };
  }, [name]);
  return Shown && html`<${ShowContext.Provider} value=${show}><${Shown} /><//>`;
}

/** @param {{ one: Recorded, list: RecordingList, onClose: () => void }} props */
function AboutDialog({ one, list, onClose }) {
  const [title, setTitle] = useState(one.title);
  const [description, setDescription] = useState(one.description);
  const [wrong, setWrong] = useState("");
  const save = async () => {
    if (title.trim() === "") return setWrong(t("Give the recording a name."));
    onClose();
    const outcome = await list.change(one, { title: title.trim(), description: description.trim() });
    if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
  };
  const footer = html`<${Button} onClick=${onClose}>${t("Cancel")}<//><${Button} kind="primary" test="recording-save" onClick=${save}>${t("Save")}<//>`;
  return html`<${Dialog} title=${t("Name and description")} onClose=${onClose} footer=${footer}>
    <form class="form" novalidate onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), void save())}>
      <${TextField} label=${t("Title")} value=${title} onInput=${setTitle} error=${wrong} maxlength=${200} data-test="recording-title" />
      <${TextField} label=${t("Description")} value=${description} onInput=${setDescription} multiline rows="3" maxlength=${4000} />
      <button hidden type="submit"></button>
    </form>
  <//>`;
}

/** Jobs that this tab has seen open, by recording: another visit in it goes on telling how far they are, and that they are done. */
const KEY = "sabak.work";
/** @type {Record<string, string[]>} */
let seen = remembered();

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  } catch {
    return {}; // Forbidden, or written by another version.
  }
}

/** Look after what was being made when this tab was here last. */
export function resumeWork() {
  for (const recording of Object.keys(seen)) if (!(recording in jobs.peek())) void look(recording);
}

/** ms between two looks at work under way. */
const LOOK_MS = 2000;

const isOpen = (/** @type {Job} */ job) => job.state === "waiting" || job.state === "running";

/** Ask what is being made of a recording. @param {string} recording */
async function look(recording) {
  /** @type {import("../protocol/api.js").Outcome<Job[]>} */
  const outcome = await ask("GET", `/api/recordings/${recording}/jobs`);
  // Without a line it is asked again; a recording that is gone has nothing made of it.
  if (!outcome.ok && outcome.code === "offline") return;
  const all = outcome.ok ? outcome.data : [];
  const before = seen[recording] ?? [];
  const now = all.filter(isOpen);
  jobs.value = { ...jobs.peek(), [recording]: now };
  const { [recording]: _, ...others } = seen;
  seen = now.length > 0 ? { ...others, [recording]: now.map(({ id }) => id) } : others;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(seen));
  } catch {
    // Forbidden: then only this visit tells it.
  }
  for (const job of all) if (before.includes(job.id)) tell(recording, job);
}

/** @param {string} recording @param {Job} job */
function tell(recording, job) {
  if (job.state === "failed") toast(t("Making it failed. Try again; if it fails again, tell the administrator."), { kind: "bad", id: `job-${job.id}` });
  if (job.state !== "done") return;
  const save = { label: t("Save the file"), onClick: () => location.assign(`/api/recordings/${recording}/jobs/${job.id}/file`) };
  toast(t("The file is ready."), { kind: "good", id: `job-${job.id}`, seconds: 30, actions: [save] });
}

/** How far the files are that are being made of a recording. @param {{ recording: string }} props */
export function Work({ recording }) {
  const under = jobs.value[recording] ?? [];
  const busy = under.length > 0;
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => void look(recording), LOOK_MS);
    return () => clearInterval(timer);
  }, [busy, recording]);
  return under.map((job) => {
    const part = job.progress / 1000;
    const text = job.state === "waiting" ? t("A file waits for its turn") : t("A file is being made: {part}", { part: formatPercent(part) });
    return html`<span key=${job.id} class="recording-work mark-text soft" data-test="recording-work"><progress max="1" value=${part} aria-label=${text}></progress> ${text}</span>`;
  });
}
