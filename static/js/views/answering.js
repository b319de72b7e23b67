/** "Answering now": the question that is being answered, on the stage for all to read; staff can tick it off from here. */
import { html } from "../html.js";
import { t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { nameOf } from "./names.js";
import { Button } from "./parts/button.js";
import { Badge } from "./parts/marks.js";
import { toast } from "./parts/toast.js";

export function Answering() {
  const room = useRoom();
  const question = Object.values(room.state.questions.value.items).find((each) => each.state === "answering");
  if (question === undefined) return null;
  const asker = question.author && !question.anonymous ? nameOf(room, question.author) : t("Anonymous");
  const answered = async () => {
    if (!(await act(room, "questions.answer", { question: question.id, how: "aloud", text: "" }))) return;
    const undo = { label: t("Undo"), onClick: () => void act(room, "questions.answering", { question: question.id }) };
    toast(t("Marked as answered"), { kind: "good", actions: [undo] });
  };
  return html`<aside class="answering" aria-label=${t("Answering now")}>
    <div class="answering-head">
      <${Badge} kind="sun" icon="message-circle-question-mark">${t("Answering now")}<//>
      <span class="soft mark-text">${asker} · ${tn("{n} vote", "{n} votes", question.votes)}</span>
    </div>
    <p class="answering-text">${question.text}</p>
    ${room.can("moderate_questions") && html`<${Button} icon="check" onClick=${answered}>${t("Mark as answered")}<//>`}
  </aside>`;
}
