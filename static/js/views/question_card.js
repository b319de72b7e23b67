/**
 * One question: votes at the left, what was asked, by whom and when, its state, the answer, and what this reader may do.
 *
 * The keys of a focused card: A answers (then: answered aloud), W writes an answer, D dismisses, P publishes or holds back,
 * V votes. They are shown in the tooltips.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatRelative, formatTime, t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { Compose } from "./compose.js";
import { calledOf } from "./names.js";
import { Button, IconButton } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { Badge } from "./parts/marks.js";
import { Menu } from "./parts/menu.js";
import { Moment } from "./player/moment.js";
import { RichText } from "./rich_text.js";

/** @typedef {import("../state/context.js").Question} Question */
/** @typedef {import("../state/context.js").Room} Room */
/** @typedef {"" | "answer" | "dismiss" | "edit"} Form */

const MAX = { answer: 4000, dismiss: 300, edit: 1000 }; // PROTOCOL.md 3.1

/** @param {{ question: Question }} props */
export function QuestionCard({ question }) {
  const room = useRoom();
  const [form, setForm] = useState(/** @type {Form} */ (""));
  const card = useRef(/** @type {HTMLLIElement | null} */ (null));
  const staff = room.can("moderate_questions");
  // What one pressed or wrote in may go with the state it belonged to: the focus then stays on the card.
  const within = card.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (within && document.activeElement === document.body) card.current?.focus();
  });
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const command = byKey(room, question, event.key.toLowerCase(), setForm);
    if (command === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    command();
  };
  return html`<li
    class=${`question question-${question.state}`}
    data-test="question"
    data-question=${question.id}
    data-state=${question.state}
    tabindex="0"
    ref=${card}
    onKeyDown=${keys}
  >
    <${Vote} question=${question} />
    <div class="question-body">
      <div class="question-text"><${RichText} text=${question.text} /></div>
      <${Meta} question=${question} />
      <${Answer} question=${question} />
      ${form !== "" && html`<${Reason} question=${question} form=${form} onClose=${() => setForm("")} />`}
      ${form === "" && staff && html`<${StaffTools} question=${question} setForm=${setForm} />`}
      ${form === "" && !staff && question.author === room.me.value.id && html`<${OwnTools} question=${question} setForm=${setForm} />`}
    </div>
  </li>`;
}

/**
 * Return what `key` does on this card, or undefined.
 *
 * @param {Room} room
 * @param {Question} question
 * @param {string} key
 * @param {(form: Form) => void} setForm
 */
function byKey(room, question, key, setForm) {
  if (room.replay) return undefined;
  const send = (/** @type {string} */ type, more = {}) => () => void act(room, type, { question: question.id, ...more });
  if (key === "v" && question.author !== room.me.value.id) return send("questions.vote", { on: !question.voters.includes(room.me.value.id) });
  if (!room.can("moderate_questions")) return undefined;
  const { state } = question;
  if (key === "a" && state === "open") return send("questions.answering");
  if (key === "a" && state === "answering") return send("questions.answer", { how: "aloud", text: "" });
  if (key === "w" && (state === "open" || state === "answering")) return () => setForm("answer");
  if (key === "d" && ["open", "answering", "held"].includes(state)) return () => setForm("dismiss");
  if (key === "p" && state === "held") return send("questions.publish");
  if (key === "p" && state === "open") return send("questions.hold");
  if (key === "r" && (state === "answered" || state === "dismissed")) return send("questions.reopen");
  return undefined;
}

/** @param {{ question: Question }} props */
function Vote({ question }) {
  const room = useRoom();
  const me = room.me.value.id;
  const mine = question.voters.includes(me);
  const own = question.author === me;
  if (room.replay) return html`<p class="question-vote question-votes-then" aria-label=${tn("{n} vote", "{n} votes", question.votes)}><span class="question-votes">${question.votes}</span></p>`;
  const closed = question.state !== "open" && question.state !== "answering";
  const label = `${mine ? t("Take the vote back") : t("Vote for this question")}, ${tn("{n} vote", "{n} votes", question.votes)}`;
  return html`<${Button}
    kind="plain"
    class="question-vote"
    test="question-vote"
    aria-label=${label}
    tip=${mine ? t("Take the vote back") : t("I want to know this too")}
    keys="V"
    pressed=${mine}
    disabled=${own ? t("This is your own question: others may vote for it.") : closed ? t("This question is closed.") : false}
    onClick=${() => act(room, "questions.vote", { question: question.id, on: !mine })}
  >
    <${Icon} name="chevron-up" /><span class="question-votes">${question.votes}</span>
  <//>`;
}

/** @param {{ question: Question }} props */
function Meta({ question }) {
  const room = useRoom();
  const who = question.author === "" ? t("Anonymous") : calledOf(room, question.author);
  return html`<p class="question-meta mark-text faint">
    <span>${who}</span>
    ${question.anonymous && question.author !== "" && html`<span class="question-hidden"><${Icon} name="eye-off" size=${16} label=${t("Other students do not see the name")} /></span>`}
    ${room.replay
      ? html`<${Moment} at=${question.asked_at} />`
      : html`<time datetime=${new Date(question.asked_at).toISOString()} title=${formatTime(question.asked_at)}>${formatRelative(question.asked_at, room.clock())}</time>`}
    ${question.edited_at > 0 && html`<span>${t("edited")}</span>`} <${State} question=${question} />
  </p>`;
}

/** @param {{ question: Question }} props */
function State({ question }) {
  const room = useRoom();
  switch (question.state) {
    case "answering":
      return html`<${Badge} kind="sun" icon="mic">${t("Answering now")}<//>`;
    case "answered":
      return html`<${Badge} kind="live" icon="check">${question.answer?.how === "aloud" ? t("Answered aloud") : t("Answered")}<//>`;
    case "held":
      return html`<${Badge} kind="weak" icon="eye-off">${room.can("moderate_questions") ? t("Held back") : t("Waits for the teacher")}<//>`;
    case "dismissed":
      return html`<${Badge} icon="x">${t("Set aside")}<//>`;
    default:
      return null;
  }
}

/** @param {{ question: Question }} props */
function Answer({ question }) {
  const room = useRoom();
  if (question.state === "dismissed" && question.reason) return html`<p class="question-answer soft">${question.reason}</p>`;
  const { answer } = question;
  if (answer === null || question.state !== "answered" || answer.text === "") return null;
  return html`<div class="question-answer">
    <p class="mark-text faint">${t("{name} answers", { name: calledOf(room, answer.by) })}</p>
    <${RichText} text=${answer.text} />
  </div>`;
}

/** @param {{ question: Question, setForm: (form: Form) => void }} props */
function StaffTools({ question, setForm }) {
  const room = useRoom();
  const send = (/** @type {string} */ type, more = {}) => () => void act(room, type, { question: question.id, ...more });
  const { state } = question;
  if (state === "withdrawn") return null;
  if (state === "answered" || state === "dismissed")
    return html`<div class="question-tools"><${Button} kind="quiet" icon="rotate-ccw" keys="R" onClick=${send("questions.reopen")}>${t("Reopen")}<//></div>`;
  return html`<div class="question-tools">
    ${state === "held" && html`<${Button} kind="primary" icon="eye" keys="P" onClick=${send("questions.publish")}>${t("Publish")}<//>`}
    ${state === "open" && html`<${Button} icon="mic" keys="A" onClick=${send("questions.answering")}>${t("Answer now")}<//>`}
    ${state === "answering" &&
    html`<${Button} kind="primary" icon="check" keys="A" onClick=${send("questions.answer", { how: "aloud", text: "" })}>${t("Answered")}<//>`}
    ${state !== "held" && html`<${IconButton} icon="pencil" label=${t("Answer in writing")} keys="W" onClick=${() => setForm("answer")} />`}
    <${Menu} label=${t("More for this question")} icon="ellipsis" items=${() => more(room, question, setForm)} />
  </div>`;
}

/**
 * @param {Room} room
 * @param {Question} question
 * @param {(form: Form) => void} setForm
 * @returns {import("./parts/menu.js").Entry[]}
 */
function more(room, question, setForm) {
  const { state } = question;
  /** @type {import("./parts/menu.js").Entry[]} */
  const entries = [];
  if (state === "open") entries.push({ label: t("Hold back"), icon: "eye-off", keys: "P", onSelect: () => act(room, "questions.hold", { question: question.id }) });
  if (state === "answering") entries.push({ label: t("Not now: back to the open ones"), icon: "rotate-ccw", onSelect: () => act(room, "questions.reopen", { question: question.id }) });
  entries.push({ label: t("Set aside with a reason"), icon: "x", keys: "D", onSelect: () => setForm("dismiss") });
  return entries;
}

/** @param {{ question: Question, setForm: (form: Form) => void }} props */
function OwnTools({ question, setForm }) {
  const room = useRoom();
  if (room.replay || (question.state !== "open" && question.state !== "held")) return null;
  return html`<div class="question-tools">
    ${question.votes === 0 && html`<${Button} kind="quiet" icon="pencil" onClick=${() => setForm("edit")}>${t("Edit")}<//>`}
    <${Button} kind="quiet" icon="trash-2" onClick=${() => act(room, "questions.withdraw", { question: question.id })}>${t("Withdraw")}<//>
  </div>`;
}

/**
 * A written answer, the reason of a dismissal, or the corrected text.
 *
 * @param {{ question: Question, form: Exclude<Form, "">, onClose: () => void }} props
 */
function Reason({ question, form, onClose }) {
  const room = useRoom();
  const [text, setText] = useState(form === "edit" ? question.text : "");
  const labels = { answer: t("Your answer, for everybody to read"), dismiss: t("Why it is set aside (may be empty)"), edit: t("Your question") };
  const commands = {
    answer: { type: "questions.answer", data: { question: question.id, how: "written", text: text.trim() } },
    dismiss: { type: "questions.dismiss", data: { question: question.id, reason: text.trim() } },
    edit: { type: "questions.edit", data: { question: question.id, text: text.trim() } },
  };
  const send = async () => {
    const { type, data } = commands[form];
    if (await act(room, type, data)) onClose();
  };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    onClose();
  };
  return html`<div class="question-form">
    <${Compose} label=${labels[form]} placeholder=${labels[form]} value=${text} max=${MAX[form]} focus=${1} test=${`question-${form}`} optional=${form === "dismiss"} button=${form !== "dismiss"} onInput=${setText} onSend=${send} onKeyDown=${keys} />
    <div class="question-tools">
      ${form === "dismiss" && html`<${Button} kind="primary" keys="Enter" onClick=${send}>${t("Set aside")}<//>`}
      <${Button} kind="quiet" keys="Esc" onClick=${onClose}>${t("Cancel")}<//>
    </div>
  </div>`;
}
