/**
 * Cutting: the beginning and the end, parts in between, and covering one person. A list with undo; saving it changes what viewers
 * get, never the original. "As viewers see it" plays it so before anything is saved.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useState } from "preact/hooks";
import { html } from "../../html.js";
import { compare, formatDuration, t } from "../../i18n.js";
import { begun, changed, hidden, left, redo, undo, whole, wrong } from "../../state/edits.js";
import { useShow } from "../../state/show.js";
import { inWords, readMoment } from "../../state/times.js";
import { Button, IconButton } from "../parts/button.js";
import { Choice } from "../parts/choice.js";
import { Dialog } from "../parts/dialog.js";
import { SelectField, TextField } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Notice } from "../parts/marks.js";
import { Spinner } from "../parts/spinner.js";
import { toast } from "../parts/toast.js";
import { explain } from "../refusals.js";
import { asViewer, dialog } from "./view.js";

/** @typedef {import("../../state/types_playback.js").Edit} Edit */
/** @typedef {import("../../state/edits.js").History} History */
/** @typedef {{ list: Edit[], revision: number }} Saved */

/** What is being made, kept while the dialog is closed to look at a place. */
const work = signal(/** @type {{ history: History, revision: number, saved: string } | null} */ (null));

export function CutDialog() {
  const show = useShow();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (work.peek() === null) void load();
  }, []);
  const load = async () => {
    const outcome = /** @type {import("../../protocol/api.js").Outcome<Saved>} */ (await show.api("GET", "/edits"));
    if (!outcome.ok) return setProblem(explain(outcome));
    work.value = { history: begun(outcome.data.list), revision: outcome.data.revision, saved: JSON.stringify(outcome.data.list) };
    show.cuts.value = hidden(outcome.data.list, show.player.duration.peek());
    setProblem("");
  };
  const save = async () => {
    const now = work.peek();
    if (now === null) return;
    const { list } = now.history;
    const outcome = /** @type {import("../../protocol/api.js").Outcome<Saved>} */ (await show.api("PUT", "/edits", { list, revision: now.revision }));
    if (!outcome.ok) return setProblem(outcome.code === "conflict" ? t("Somebody else has changed the cuts meanwhile. Close this, look at them, and do yours again.") : explain(outcome));
    work.value = { ...now, revision: outcome.data.revision, saved: JSON.stringify(list) };
    show.cuts.value = hidden(list, show.player.duration.peek());
    dialog.value = "";
    toast(t("Saved. Viewers get it so from now on; the original is kept."), { kind: "good" });
  };
  const now = work.value;
  const dirty = now !== null && JSON.stringify(now.history.list) !== now.saved;
  const put = (/** @type {History} */ history) => {
    if (now === null) return;
    work.value = { ...now, history };
    show.cuts.value = hidden(history.list, show.player.duration.peek());
  };
  const footer =
    now !== null &&
    html`<${IconButton} icon="undo-2" label=${t("Undo")} disabled=${now.history.done.length === 0} onClick=${() => put(undo(now.history))} />
      <${IconButton} icon="redo-2" label=${t("Redo")} disabled=${now.history.undone.length === 0} onClick=${() => put(redo(now.history))} />
      <span class="header-space"></span>
      <${Button} icon="eye" test="as-viewer" pressed=${asViewer.value} onClick=${() => ((asViewer.value = !asViewer.value), (dialog.value = ""))}>${t("As viewers see it")}<//>
      <${Button} kind="primary" test="cut-save" disabled=${!dirty} onClick=${save}>${t("Save")}<//>`;
  return html`<${Dialog} title=${t("Cut and cover")} size="large" footer=${footer} onClose=${() => (dialog.value = "")}>
    ${problem && html`<${Notice} kind="stop" icon="circle-alert" alert>${problem}<//>`}
    ${now === null ? !problem && html`<${Spinner} label=${t("Loading")} />` : html`<${Editor} history=${now.history} onChange=${put} />`}
  <//>`;
}

/** @param {{ history: History, onChange: (history: History) => void }} props */
function Editor({ history, onChange }) {
  const show = useShow();
  const duration = show.player.duration.value;
  const { list } = history;
  const add = (/** @type {Edit} */ edit) => onChange(changed(history, edit.op === "trim" ? [...list.filter((one) => one.op !== "trim"), edit] : [...list, edit]));
  return html`<p class="soft">${t("Viewers get {time} of {whole}. The original stays as it is, and every cut can be taken back.", { time: inWords(left(list, duration)), whole: inWords(duration) })}</p>
    ${list.length > 0 &&
    html`<ul class="edit-list" aria-label=${t("What is cut and covered")}>
      ${list.map(
        (edit, index) => html`<li key=${index} class="edit-row" data-test="edit">
          <${Icon} name=${edit.op === "redact" ? "user-minus" : "scissors"} /><span>${sayEdit(show, edit)}</span>
          <${IconButton} icon="x" label=${t("Take it back")} onClick=${() => onChange(changed(history, list.filter((_, at) => at !== index)))} />
        </li>`,
      )}
    </ul>`}
    <${NewEdit} onAdd=${add} />`;
}

/** @param {import("../../state/show.js").Show} show @param {Edit} edit */
function sayEdit(show, edit) {
  if (edit.op !== "redact") {
    const stretch = { from: formatDuration(edit.from), upto: formatDuration(edit.upto) };
    return edit.op === "trim" ? t("Only from {from} to {upto}", stretch) : t("Cut out: {from} to {upto}", stretch);
  }
  const name = show.people()[edit.person] ?? t("Somebody");
  const what = edit.what.length === 2 ? t("sound, picture and words of {name}", { name }) : edit.what[0] === "media" ? t("sound and picture of {name}", { name }) : t("words of {name}", { name });
  if (whole(edit)) return t("Covered: {what}", { what });
  return t("Covered from {from} to {upto}: {what}", { from: formatDuration(edit.from ?? 0), upto: formatDuration(Math.min(edit.upto ?? Infinity, show.player.duration.peek())), what });
}

/** @param {{ onAdd: (edit: Edit) => void }} props */
function NewEdit({ onAdd }) {
  const show = useShow();
  const duration = show.player.duration.peek();
  const [op, setOp] = useState(/** @type {Edit["op"]} */ ("cut"));
  const [from, setFrom] = useState(formatDuration(show.player.time.peek()));
  const [upto, setUpto] = useState("");
  const [person, setPerson] = useState("");
  const [what, setWhat] = useState("both");
  const [error, setError] = useState({ from: "", upto: "", person: "" });
  const always = op === "redact" && upto === "" && from === "";
  const add = () => {
    const [start, end] = [readMoment(from), readMoment(upto)];
    const trouble = always ? "" : wrong(start, end, duration);
    const said = {
      from: trouble === "from" ? t("Write a moment as 12:34.") : trouble === "beyond" ? t("This is behind the end of the recording.") : "",
      upto: trouble === "upto" ? t("Write a moment as 12:34.") : trouble === "order" ? t("The end has to be behind the beginning.") : "",
      person: op === "redact" && person === "" ? t("Choose whom to cover.") : "",
    };
    setError(said);
    if (said.from || said.upto || said.person) return;
    const stretch = { from: start ?? 0, upto: Math.min(end ?? duration, duration) };
    if (op !== "redact") onAdd({ op, ...stretch });
    else onAdd({ op, person, ...(always ? {} : stretch), what: what === "both" ? ["media", "words"] : [/** @type {"media" | "words"} */ (what)] });
    setUpto("");
  };
  const kinds = [
    { value: "cut", label: t("Cut out a part"), icon: "scissors" },
    { value: "trim", label: t("Beginning and end"), icon: "move-horizontal" },
    { value: "redact", label: t("Cover a person"), icon: "user-minus" },
  ];
  const choose = (/** @type {Edit["op"]} */ next) => {
    setOp(next);
    setError({ from: "", upto: "", person: "" });
    if (next === "redact") (setFrom(""), setUpto(""));
    else if (next === "trim") (setFrom("0:00"), setUpto(formatDuration(duration)));
  };
  const people = Object.entries(show.people()).sort((a, b) => compare(a[1], b[1])).map(([value, label]) => ({ value, label }));
  const hint = op === "redact" ? t("Empty: the whole recording") : "";
  return html`<section class="settings-part new-edit">
    <${Choice} label=${t("What to do")} value=${op} options=${kinds} onChange=${choose} />
    ${op === "redact" &&
    html`<${SelectField} label=${t("Who")} value=${person} options=${[{ value: "", label: t("Choose a person") }, ...people]} error=${error.person} onChange=${setPerson} />
      <${SelectField} label=${t("What of it")} value=${what} options=${[{ value: "both", label: t("Sound, picture and words") }, { value: "media", label: t("Sound and picture") }, { value: "words", label: t("Written words") }]} onChange=${setWhat} />`}
    <div class="two-moments">
      <${MomentField} label=${op === "trim" ? t("Begin at") : t("From")} value=${from} error=${error.from} hint=${hint} test="edit-from" onInput=${setFrom} />
      <${MomentField} label=${op === "trim" ? t("End at") : t("To")} value=${upto} error=${error.upto} hint="" test="edit-upto" onInput=${setUpto} />
    </div>
    <div><${Button} icon="plus" test="edit-add" onClick=${add}>${t("Add to the list")}<//></div>
  </section>`;
}

/** @param {{ label: string, value: string, error: string, hint: string, test: string, onInput: (value: string) => void }} props */
function MomentField({ label, value, error, hint, test, onInput }) {
  const { player } = useShow();
  const now = formatDuration(player.time.value);
  return html`<div class="moment-field">
    <${TextField} label=${label} value=${value} error=${error} hint=${hint} placeholder="12:34" data-test=${test} onInput=${onInput} />
    <${Button} kind="quiet" onClick=${() => onInput(now)}>${t("Now: {time}", { time: now })}<//>
  </div>`;
}
