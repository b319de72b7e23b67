/** One class in a list: when, what, by whom, and what this person may do with it. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { formatDate, formatDateTime, formatRelative, formatTime, formatZone, t } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { account } from "../state/visitor.js";
import { PlanDialog } from "./class_form.js";
import { InvitationsDialog } from "./invitations.js";
import { Icon } from "./parts/icon.js";
import { Badge } from "./parts/marks.js";
import { Confirm } from "./parts/dialog.js";
import { Menu } from "./parts/menu.js";
import { toast } from "./parts/toast.js";
import { RecordingLinks } from "./recording_row.js";
import { explain } from "./refusals.js";

/** @typedef {import("../state/types_home.js").Listed} Listed */
/** @typedef {import("../state/types_home.js").PlannedClass} PlannedClass */

/** The classes of Kyrgyzstan keep this time, wherever the reader is (no summer time). */
const CLASS_ZONE = "Asia/Bishkek";

/**
 * @param {object} props
 * @param {Listed} props.listed
 * @param {boolean} [props.now]
 * @param {boolean} [props.past]
 * @param {readonly import("../state/types_home.js").Recorded[]} [props.recordings] of this class
 * @param {() => void} props.onChange
 */
export function ClassCard({ listed, now = false, past = false, recordings = [], onChange }) {
  const { planned } = listed;
  return html`<li class=${`class-card ${now ? "class-card-now" : ""}`} data-test="class-card">
    <div class="class-when"><${When} planned=${planned} now=${now} past=${past} /></div>
    <div class="class-what">
      <p class="class-title">${planned.title}</p>
      <p class="soft class-about">
        ${planned.discipline !== "" && html`<span>${planned.discipline} · ${planned.group}</span>`}
        <span>${planned.teacher === account.value?.id ? t("You teach") : planned.teacher_name}</span>
        ${!listed.may_enter && !past && planned.state !== "cancelled" && html`<span class="faint">${t("opens {time}", { time: formatRelative(listed.enters_at, Date.now()) })}</span>`}
      </p>
    </div>
    <div class="class-tools">
      <${RecordingLinks} recordings=${recordings} now=${now} />
      ${listed.may_enter && html`<${Enter} planned=${planned} now=${now} />`}
      ${listed.role !== "student" && !past && planned.state !== "cancelled" && html`<${Tools} listed=${listed} onChange=${onChange} />`}
    </div>
  </li>`;
}

/** @param {{ planned: PlannedClass, now: boolean, past: boolean }} props */
function When({ planned, now, past }) {
  if (planned.state === "open") return html`<${Badge} kind="live" icon="radio">${t("On now")}<//>`;
  if (planned.permanent) return html`<${Badge} icon="infinity">${t("Always open")}<//>`;
  const ends = planned.starts_at + planned.duration;
  const hours = `${formatTime(planned.starts_at)}–${formatTime(ends)}`;
  const there = `${formatDateTime(planned.starts_at, { zone: CLASS_ZONE })} ${formatZone(planned.starts_at, CLASS_ZONE)}`;
  const off = planned.state === "cancelled";
  return html`<time class=${off ? "class-off" : ""} datetime=${new Date(planned.starts_at).toISOString()} title=${there}>
      ${(past || now) && html`<span class="class-day soft">${formatDate(planned.starts_at)}</span>`}${hours}
    </time>
    ${off && html`<${Badge} kind="stop" icon="x">${t("Called off")}<//>`}`;
}

/** @param {{ planned: PlannedClass, now: boolean }} props */
function Enter({ planned, now }) {
  return html`<a class=${`button ${now ? "button-primary button-large" : "button-plain"}`} href=${`/class/${planned.id}`} data-test="enter">
    <${Icon} name="log-in" />${t("Enter")}
  </a>`;
}

/** @param {{ listed: Listed, onChange: () => void }} props */
function Tools({ listed, onChange }) {
  const [open, setOpen] = useState(/** @type {"" | "invite" | "edit" | "cancel"} */ (""));
  const { planned } = listed;
  const close = () => setOpen("");
  const cancel = async () => {
    const outcome = await ask("DELETE", `/api/classes/${planned.id}`);
    if (outcome.ok) toast(t("“{title}” was called off.", { title: planned.title }));
    else toast(explain(outcome), { kind: "bad" });
    onChange();
  };
  /** @type {import("./parts/menu.js").Entry[]} */
  const items = [{ label: t("Invite by a link"), icon: "link", onSelect: () => setOpen("invite") }];
  if (planned.state === "planned" && !planned.permanent && listed.role === "teacher")
    items.push(
      { label: t("Change"), icon: "pencil", onSelect: () => setOpen("edit") },
      "-",
      { label: t("Call off"), icon: "trash-2", kind: "stop", onSelect: () => setOpen("cancel") },
    );
  return html`<${Menu} label=${t("More for “{title}”", { title: planned.title })} items=${items} />
    ${open === "invite" && html`<${InvitationsDialog} planned=${planned} onClose=${close} />`}
    ${open === "edit" && html`<${PlanDialog} planned=${planned} onClose=${close} onDone=${() => (close(), onChange())} />`}
    ${open === "cancel" &&
    html`<${Confirm}
      title=${t("Call this class off?")}
      text=${t("It stays in everybody's list, marked as called off, and cannot be brought back.")}
      action=${t("Call off")}
      keep=${t("Keep the class")}
      onConfirm=${cancel}
      onClose=${close}
    />`}`;
}
