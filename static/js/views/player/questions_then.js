/**
 * Questions: those that were asked in class up to the moment that is shown, and those that were asked later about a moment,
 * with their answers, and the way to ask one.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { formatDuration, formatRelative, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { Compose } from "../compose.js";
import { Button, IconButton } from "../parts/button.js";
import { Badge, Empty } from "../parts/marks.js";
import { toast } from "../parts/toast.js";
import { QuestionCard } from "../question_card.js";
import { explain } from "../refusals.js";
import { RichText } from "../rich_text.js";
import { MomentAt } from "./moment.js";
import { shownMoment } from "./view.js";

/** @typedef {import("../../state/types_playback.js").Moment} Moment */

const MOST = { question: 1000, answer: 4000 }; // As in class (PROTOCOL.md 3.1).

export function QuestionsThen() {
  const show = useShow();
  return html`<div class="panel questions-then">
    <div class="questions-both" tabindex="0" role="group" aria-label=${t("Questions")}>
      <${Then} />
      <${Later} />
    </div>
    ${show.can.ask && html`<${AskForm} />`}
  </div>`;
}

/** All that stood on the board by now, in the order in which it was asked: who watches later has nothing to vote for. */
function Then() {
  const { room, moments } = useShow();
  const list = Object.values(room.state.questions.value.items)
    .filter((question) => question.state !== "withdrawn")
    .sort((a, b) => a.asked_at - b.asked_at);
  return html`<section class="then" aria-labelledby="then-title">
    <h3 class="people-title" id="then-title">${t("Asked in class")}</h3>
    ${list.length === 0
      ? moments.data.value.length > 0
        ? html`<p class="soft then-none">${t("No questions here yet")}</p>`
        : html`<${Empty} icon="circle-question-mark" title=${t("No questions here yet")}>${t("Questions appear here as they were asked.")}<//>`
      : html`<ul class="moments">${list.map((question) => html`<${QuestionCard} key=${question.id} question=${question} />`)}</ul>`}
  </section>`;
}

function Later() {
  const show = useShow();
  useEffect(() => void show.moments.load(), []);
  const list = [...show.moments.data.value].sort((a, b) => a.t - b.t);
  if (list.length === 0) return null;
  return html`<section class="later" aria-labelledby="later-title">
    <h3 class="people-title" id="later-title">${t("Asked later")}</h3>
    <ul class="moments">${list.map((moment) => html`<${One} key=${moment.id} moment=${moment} />`)}</ul>
  </section>`;
}

/** @param {{ moment: Moment }} props */
function One({ moment }) {
  const show = useShow();
  const [writing, setWriting] = useState(false);
  const line = useRef(/** @type {HTMLLIElement | null} */ (null));
  const found = shownMoment.value === moment.id;
  useLayoutEffect(() => {
    if (found) line.current?.scrollIntoView({ block: "center" });
  }, [found]);
  const mine = moment.author === show.answer.me.id;
  const answered = moment.answered_at !== null;
  const remove = async () => {
    const outcome = await show.api("DELETE", `/questions/${moment.id}`);
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    show.moments.data.value = show.moments.data.peek().filter((one) => one.id !== moment.id);
  };
  return html`<li class=${`moment-question ${found ? "moment-found" : ""}`} ref=${line} data-test="moment">
    <p class="question-meta mark-text faint">
      <${MomentAt} t=${moment.t} />
      <span>${mine ? t("You") : moment.author_name || t("Somebody")}</span>
      <time datetime=${new Date(moment.asked_at).toISOString()}>${formatRelative(moment.asked_at, Date.now())}</time>
      ${!answered && html`<${Badge} kind="sun">${t("Waits for an answer")}<//>`}
    </p>
    <div class="question-text"><${RichText} text=${moment.text} /></div>
    ${answered && html`<div class="question-answer"><p class="mark-text faint">${t("{name} answers", { name: moment.answered_name || t("Teacher") })}</p><${RichText} text=${moment.answer} /></div>`}
    ${writing && html`<${AnswerForm} moment=${moment} onClose=${() => setWriting(false)} />`}
    ${!writing &&
    html`<div class="question-tools">
      ${show.can.edit && html`<${Button} kind=${answered ? "quiet" : "plain"} icon="pencil" test="moment-answer" onClick=${() => setWriting(true)}>${answered ? t("Change the answer") : t("Answer")}<//>`}
      ${(show.can.edit || (mine && !answered)) && html`<${IconButton} icon="trash-2" label=${t("Remove this question")} onClick=${remove} />`}
    </div>`}
  </li>`;
}

/** @param {{ moment: Moment, onClose: () => void }} props */
function AnswerForm({ moment, onClose }) {
  const show = useShow();
  const [text, setText] = useState(moment.answer);
  const send = async () => {
    const outcome = await show.api("POST", `/questions/${moment.id}/answer`, { text: text.trim() });
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    onClose();
    await show.moments.load();
  };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  return html`<div class="question-form">
    <${Compose} label=${t("Your answer")} placeholder=${t("Your answer")} value=${text} max=${MOST.answer} focus=${1} test="moment-answer" onInput=${setText} onSend=${send} onKeyDown=${keys} />
    <div class="question-tools"><${Button} kind="quiet" keys="Esc" onClick=${onClose}>${t("Cancel")}<//></div>
  </div>`;
}

/** What was begun, and about which moment, stays while another panel is open. @type {{ text: string, at: number | null }} */
let draft = { text: "", at: null };

/** Ask about the moment at which one began to write: while one writes, the recording may go on. */
function AskForm() {
  const show = useShow();
  const { player } = show;
  const [{ text, at }, setDraft] = useState(draft);
  const write = (/** @type {string} */ value) => {
    draft = { text: value, at: value === "" ? null : (draft.at ?? Math.round(player.time.peek())) };
    setDraft(draft);
  };
  const send = async () => {
    const asked = text.trim();
    const outcome = await show.api("POST", "/questions", { t: at ?? Math.round(player.time.peek()), text: asked });
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    write("");
    toast(t("Asked. The answer will stand at this moment."), { kind: "good" });
    await show.moments.load();
    shownMoment.value = /** @type {{ id?: string }} */ (outcome.data).id ?? "";
  };
  return html`<form class="question-ask" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <p class="mark-text soft">${at === null ? t("Ask about the moment that you see; a teacher answers later.") : t("Your question belongs to {time}.", { time: formatDuration(at) })}</p>
    <${Compose} label=${t("Your question about this moment")} placeholder=${t("Ask about this moment")} value=${text} max=${MOST.question} test="ask-moment" onInput=${write} onSend=${send} />
  </form>`;
}
