/** One recording in a list: what it is, how far it is, and what this person may do with it. */
import { html } from "../html.js";
import { formatBytes, formatDateTime, formatDuration, t } from "../i18n.js";
import { resumeAt } from "../state/times.js";
import { Button } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { Badge } from "./parts/marks.js";
import { Menu } from "./parts/menu.js";
import { toast } from "./parts/toast.js";
import { explain } from "./refusals.js";
import { openDialog, Work } from "./recording_dialogs.js";

/** @typedef {import("../state/types_home.js").Recorded} Recorded */
/** @typedef {import("../state/recordings.js").RecordingList} RecordingList */

/** A later part of a class that was stopped and begun again. @param {Recorded} one */
export const partName = (one) => (one.number > 1 ? t("part {n}", { n: one.number }) : "");

/** How long it is; one that goes on, so far. @param {Recorded} one */
export const lengthOf = (one) => formatDuration(one.state === "recording" ? Math.max(0, Date.now() - one.started_at) : one.duration);

/** What state it is in, where that has to be said. @param {{ one: Recorded }} props */
export function RecordingState({ one }) {
  if (one.state === "recording") return html`<${Badge} kind="stop" icon="circle-dot">${t("Being recorded")}<//>`;
  if (one.state === "finishing") return html`<${Badge} kind="weak" icon="history">${t("Being prepared")}<//>`;
  if (one.state === "failed") return html`<${Badge} kind="stop" icon="triangle-alert">${t("Could not be kept")}<//>`;
  return null;
}

/** @param {{ one: Recorded, list: RecordingList }} props */
export function RecordingRow({ one, list }) {
  const part = partName(one);
  return html`<li class="row recording-row" data-test="recording" data-recording=${one.id}>
    <div class="row-text">
      <span>
        ${one.state === "failed" ? html`<span class="row-link">${one.title}</span>` : html`<a class="row-link" href=${`/recording/${one.id}`} data-test="watch">${one.title}</a>`}
        ${part && html` <span class="faint mark-text">${part}</span>`}
      </span>
      <span class="soft mark-text recording-facts">
        <time datetime=${new Date(one.started_at).toISOString()}>${formatDateTime(one.started_at)}</time>
        ${one.state !== "failed" && html`<span class="tabular">${lengthOf(one)}</span>`}
        <span>${one.teacher_name}</span>
        ${one.edit && one.bytes > 0 && html`<span>${formatBytes(one.bytes)}</span>`}
        ${progressOf(one) && html`<span>${progressOf(one)}</span>`}
      </span>
      ${one.description && html`<span class="mark-text recording-about">${one.description}</span>`}
      <${Work} recording=${one.id} />
    </div>
    <span class="row-marks">
      <${RecordingState} one=${one} />
      ${one.edit && !one.published && html`<${Badge} icon="eye-off">${t("Hidden from students")}<//>`}
      ${one.edit && one.protected && html`<${Badge} icon="shield">${t("Kept for good")}<//>`}
    </span>
    <${RowMenu} one=${one} list=${list} />
  </li>`;
}

/** How far this person has come with it, as the player takes it. @param {Recorded} one */
function progressOf({ state, position, duration }) {
  if (state !== "ready" || position === null || position <= 0) return "";
  const at = resumeAt(position, duration);
  if (at !== null) return t("you stopped at {time}", { time: formatDuration(at) });
  return position > duration / 2 ? t("seen to the end") : "";
}

/** @param {{ one: Recorded, list: RecordingList }} props */
function RowMenu({ one, list }) {
  const done = one.state === "ready";
  const taken = done ? [{ label: t("Download"), icon: "download", test: "recording-download", onSelect: () => openDialog("download", one) }] : [];
  /** @returns {import("./parts/menu.js").Entry[]} */
  const items = () => (one.edit ? [...staffItems(one, list), ...taken, "-", throwAway(one, list)] : taken);
  if (!one.edit && !done) return null;
  return html`<${Menu} label=${t("More for “{title}”", { title: one.title })} test="recording-menu" items=${items} />`;
}

/** @param {Recorded} one @param {RecordingList} list @returns {import("./parts/menu.js").Choice[]} */
function staffItems(one, list) {
  const set = async (/** @type {Partial<Recorded>} */ what, /** @type {string} */ said) => {
    const outcome = await list.change(one, what);
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    const back = { published: one.published, protected: one.protected };
    toast(said, { kind: "good", actions: [{ label: t("Undo"), onClick: () => void list.change(outcome.data, back) }] });
  };
  return [
    { label: t("Name and description"), icon: "pencil", test: "recording-rename", onSelect: () => openDialog("about", one) },
    { label: t("Share"), icon: "link", test: "recording-share", onSelect: () => openDialog("share", one) },
    one.published
      ? { label: t("Hide from students"), icon: "eye-off", test: "recording-hide", onSelect: () => void set({ published: false }, t("Only teachers see it now.")) }
      : { label: t("Show to students"), icon: "eye", test: "recording-publish", onSelect: () => void set({ published: true }, t("Students find it with their course now.")) },
    one.protected
      ? { label: t("Keep no longer than others"), icon: "shield", test: "recording-unprotect", onSelect: () => void set({ protected: false }, t("It may be deleted again.")) }
      : { label: t("Keep it for good"), icon: "shield", test: "recording-protect", onSelect: () => void set({ protected: true }, t("It is kept for good.")) },
  ];
}

/** @param {Recorded} one @param {RecordingList} list @returns {import("./parts/menu.js").Choice} */
function throwAway(one, list) {
  const against = one.protected ? t("It is kept for good. Take that back first.") : one.state === "recording" ? t("It is still being recorded.") : one.state === "finishing" ? t("It is still being prepared.") : false;
  const go = async () => {
    const outcome = await list.remove(one);
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    toast(t("“{title}” is in the trash.", { title: one.title }), { actions: [{ label: t("Undo"), onClick: () => void undo(one, list) }] });
  };
  return { label: t("Delete"), icon: "trash-2", kind: "stop", disabled: against, test: "recording-delete", onSelect: () => void go() };
}

/** @param {Recorded} one @param {RecordingList} list */
async function undo(one, list) {
  const outcome = await list.restore(one);
  if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
}

/** @param {{ one: Recorded, list: RecordingList, onRestored: () => void }} props */
export function TrashRow({ one, list, onRestored }) {
  const restore = async () => {
    const outcome = await list.restore(one);
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    toast(t("“{title}” is back.", { title: one.title }), { kind: "good" });
    onRestored();
  };
  return html`<li class="row" data-test="thrown-away" data-recording=${one.id}>
    <div class="row-text">
      <span>${one.title}${partName(one) && html` <span class="faint mark-text">${partName(one)}</span>`}</span>
      <span class="soft mark-text recording-facts">
        <span>${formatDateTime(one.started_at)}</span><span class="tabular">${lengthOf(one)}</span>
        ${one.purge_at !== null && html`<span>${t("gone for good on {time}", { time: formatDateTime(one.purge_at) })}</span>`}
      </span>
    </div>
    <${Button} icon="archive-restore" test="recording-restore" onClick=${restore}>${t("Bring back")}<//>
  </li>`;
}

/** Ways on a card: of a class that is held in the same room every week only the newest. */
const MOST_WAYS = 3;

/**
 * The ways to the recordings of a class, on its card.
 *
 * @param {{ recordings: readonly Recorded[], now: boolean }} props
 */
export function RecordingLinks({ recordings, now }) {
  if (recordings.length === 0) return null;
  return html`<span class="class-recordings">${recordings.slice(-MOST_WAYS).map((one) => html`<${RecordingLink} key=${one.id} one=${one} now=${now} several=${recordings.length > 1} />`)}</span>`;
}

/** @param {{ one: Recorded, now: boolean, several: boolean }} props */
function RecordingLink({ one, now, several }) {
  if (one.state === "failed") return html`<${RecordingState} one=${one} />`;
  const late = now && one.state === "recording";
  const name = late ? t("From the start") : several ? t("Recording, part {n}", { n: one.number }) : t("Recording");
  const to = `/recording/${one.id}${late ? "?t=0s" : ""}`;
  return html`<a class="button button-plain" href=${to} data-test=${late ? "from-start" : "class-recording"} data-tip=${late ? t("Watch what you have missed while the class goes on") : undefined}>
    <${Icon} name=${late ? "rotate-ccw" : "play"} />${name}
    ${one.state === "finishing" ? html`<${RecordingState} one=${one} />` : !late && html`<span class="faint tabular">${lengthOf(one)}</span>`}
  </a>`;
}
