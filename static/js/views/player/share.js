/** Who may watch: students of the course, and whoever has a link, until it expires or is taken back. For staff. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../../html.js";
import { formatDateTime, t, tn } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { Button } from "../parts/button.js";
import { Choice } from "../parts/choice.js";
import { copyText } from "../parts/clipboard.js";
import { Dialog } from "../parts/dialog.js";
import { Field, TextField } from "../parts/field.js";
import { Spinner } from "../parts/spinner.js";
import { Switch } from "../parts/switch.js";
import { toast } from "../parts/toast.js";
import { explain } from "../refusals.js";
import { dialog } from "./view.js";

/** @typedef {import("../../state/types_playback.js").Share} Share */
/** @typedef {import("../../state/types_playback.js").RecordingInfo} RecordingInfo */

const DAY_MS = 86_400_000;

export function ShareDialog() {
  return html`<${Dialog} title=${t("Share")} onClose=${() => (dialog.value = "")}>
    <${Facts} />
    <${Links} />
  <//>`;
}

function Facts() {
  const show = useShow();
  const info = show.info.value;
  const [title, setTitle] = useState(info.title);
  const [description, setDescription] = useState(info.description);
  const change = async (/** @type {Partial<RecordingInfo>} */ what) => {
    const before = show.info.peek();
    show.info.value = { ...before, ...what };
    const { title, description, published, protected: kept } = show.info.peek();
    const outcome = await show.change({ title, description, published, protected: kept });
    if (outcome.ok) return;
    show.info.value = before;
    toast(explain(outcome), { kind: "bad" });
  };
  const changed = title.trim() !== info.title || description.trim() !== info.description;
  return html`<section class="settings-part">
      <h3>${t("About this recording")}</h3>
      <${TextField} label=${t("Title")} value=${title} onInput=${setTitle} maxlength="200" />
      <${TextField} label=${t("Description")} value=${description} onInput=${setDescription} multiline rows="2" maxlength="4000" />
      ${changed && html`<div><${Button} kind="primary" disabled=${title.trim() === ""} onClick=${() => void change({ title: title.trim(), description: description.trim() })}>${t("Save")}<//></div>`}
    </section>
    <section class="settings-part">
      <h3>${t("Who may watch")}</h3>
      <${Switch}
        label=${t("Students of this class")}
        hint=${info.published ? t("They find it with their course.") : t("Only teachers see it.")}
        checked=${info.published}
        test="published"
        onChange=${(/** @type {boolean} */ published) => void change({ published })}
      />
      <${Switch}
        label=${t("Keep it for good")}
        hint=${t("Nobody deletes it by mistake, and it is never swept away.")}
        checked=${info.protected}
        onChange=${(/** @type {boolean} */ kept) => void change({ protected: kept })}
      />
    </section>`;
}

function Links() {
  const show = useShow();
  const [list, setList] = useState(/** @type {readonly Share[] | null} */ (null));
  const [days, setDays] = useState("7");
  const [link, setLink] = useState("");
  const load = async () => {
    const outcome = /** @type {import("../../protocol/api.js").Outcome<Share[]>} */ (await show.api("GET", "/shares"));
    if (outcome.ok) setList(outcome.data);
    else toast(explain(outcome), { kind: "bad" });
  };
  useEffect(() => void load(), []);
  const make = async () => {
    const outcome = /** @type {import("../../protocol/api.js").Outcome<{ key: string }>} */ (await show.api("POST", "/shares", { expires_at: Date.now() + Number(days) * DAY_MS }));
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    setLink(`${location.origin}/recording/${show.info.peek().id}#key=${outcome.data.key}`);
    await load();
  };
  const revoke = async (/** @type {Share} */ share) => {
    const outcome = await show.api("DELETE", `/shares/${share.id}`);
    if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
    else toast(t("The link opens nothing any more."), { kind: "good" });
    setLink("");
    await load();
  };
  const options = [1, 7, 30].map((n) => ({ value: String(n), label: tn("{n} day", "{n} days", n) }));
  const valid = (list ?? []).filter((share) => share.revoked_at === null && share.expires_at > Date.now());
  return html`<section class="settings-part">
    <h3>${t("Links for others")}</h3>
    <p class="soft">${t("Whoever has the link can watch without signing in: this recording alone, and without private talks.")}</p>
    <${Choice} label=${t("It is good for")} value=${days} options=${options} onChange=${setDays} />
    <div><${Button} kind="primary" icon="link" test="share-make" onClick=${make}>${t("Make a link")}<//></div>
    ${link && html`<${NewLink} link=${link} />`}
    ${list === null && html`<${Spinner} label=${t("Loading")} />`}
    ${valid.length > 0 &&
    html`<ul class="share-list" aria-label=${t("Links that are good now")}>
      ${valid.map(
        (share) => html`<li key=${share.id} class="share-row">
          <span>${t("Until {time}", { time: formatDateTime(share.expires_at) })}<span class="faint mark-text">${tn("opened {n} time", "opened {n} times", share.uses)}</span></span>
          <${Button} icon="ban" test="share-revoke" onClick=${() => revoke(share)}>${t("Take back")}<//>
        </li>`,
      )}
    </ul>`}
  </section>`;
}

/** The link is told once: the server keeps only a hash of its key. @param {{ link: string }} props */
function NewLink({ link }) {
  const control = (/** @type {object} */ ids) => html`<div class="copied">
    <input class="input" readonly value=${link} data-test="share-link" spellcheck="false" autocomplete="off" onFocus=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => event.currentTarget.select()} ...${ids} />
    <${Button} icon="copy" aria-label=${t("Copy the link")} onClick=${() => copyText(link)}>${t("Copy")}<//>
  </div>`;
  return html`<${Field} label=${t("The new link")} hint=${t("It is shown only now. Copy it.")} control=${control} />`;
}
