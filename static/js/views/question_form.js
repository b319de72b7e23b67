/**
 * Asking. While somebody writes, the questions that already ask the same are offered with a vote: one question with
 * forty votes helps a teacher more than forty questions.
 */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Compose } from "./compose.js";
import { Button } from "./parts/button.js";
import { toast } from "./parts/toast.js";
import { similar } from "./question_order.js";
import { explain } from "./refusals.js";

const MAX_TEXT = 1000; // PROTOCOL.md 3.1
/** What was begun stays while another panel is open. */
let draft = "";

/** @param {{ onVote: (question: string) => void }} props */
export function QuestionForm({ onVote }) {
  const room = useRoom();
  const [text, setText] = useState(draft);
  const [anonymous, setAnonymous] = useState(false);
  const write = (/** @type {string} */ value) => setText((draft = value));
  const send = async () => {
    const asked = text.trim();
    write("");
    const reply = await room.send("questions.ask", { text: asked, anonymous });
    if (reply.ok) return;
    toast(explain(reply), { kind: "bad" });
    if (draft === "") write(asked); // Nothing that was written is lost, unless something new stands there already.
  };
  const waiting = room.pending.value.filter((one) => one.type === "questions.ask");
  const close = room.can("ask") ? false : t("The teacher has closed the questions for now.");
  return html`<form class="question-ask" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    ${waiting.map((one) => html`<p key=${one.id} class="question-waiting mark-text faint">${t("Waiting to be sent")}: ${one.data["text"]}</p>`)}
    <${Similar} text=${text} onVote=${(/** @type {string} */ id) => (onVote(id), write(""))} />
    <${Compose} label=${t("Your question")} placeholder=${t("Ask a question")} value=${text} max=${MAX_TEXT} disabled=${close} test="question" onInput=${write} onSend=${send} />
    ${!room.can("moderate_questions") &&
    html`<label class="check-row mark-text">
      <input type="checkbox" checked=${anonymous} onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setAnonymous(event.currentTarget.checked)} />
      <span>${t("Hide my name from other students")}</span>
    </label>`}
  </form>`;
}

/** @param {{ text: string, onVote: (question: string) => void }} props */
function Similar({ text, onVote }) {
  const room = useRoom();
  const me = room.me.value.id;
  const found = similar(room.state.questions.value.items, text);
  if (found.length === 0) return null;
  return html`<div class="question-similar" role="group" aria-label=${t("Perhaps it has been asked already")}>
    <p class="mark-text soft">${t("Perhaps it has been asked already")}</p>
    <ul>
      ${found.map((question) => {
        const votable = question.author !== me && !question.voters.includes(me) && question.state !== "answered";
        return html`<li key=${question.id}>
          <span class="question-similar-text">${question.text}</span>
          ${votable
            ? html`<${Button} icon="chevron-up" onClick=${() => onVote(question.id)}>${t("Vote")}<//>`
            : html`<span class="faint mark-text">${question.state === "answered" ? t("Answered") : tn("{n} vote", "{n} votes", question.votes)}</span>`}
        </li>`;
      })}
    </ul>
  </div>`;
}
