/**
 * The board of questions: ask, vote, and, for the teacher, work through it by keyboard. It is a place of its own, not a
 * part of the chat, so that a question is neither lost between greetings nor asked five times.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { QuestionCard } from "./question_card.js";
import { QuestionForm } from "./question_form.js";
import { arranged, counts } from "./question_order.js";
import { announce } from "./parts/live.js";
import { Menu } from "./parts/menu.js";
import { Count, Empty } from "./parts/marks.js";
import { toast } from "./parts/toast.js";

/** @typedef {import("./question_order.js").Filter} Filter */
/** @typedef {import("./question_order.js").Order} Order */
/** @typedef {import("../state/context.js").Room} Room */

const order = signal(/** @type {Order} */ ("votes"));
const filter = signal(/** @type {Filter} */ ("open"));
/** Ids of questions that the reader has had before the eyes; marks the tab. */
const seen = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** Return how many questions are open, for the tab. */
export function openQuestions(/** @type {Room} */ room) {
  const found = counts(room.state.questions.value.items, room.me.value.id);
  return room.can("moderate_questions") ? found.open + found.held : found.open;
}

/** Return whether there is a question that this reader has not seen. */
export function freshQuestions(/** @type {Room} */ room) {
  const items = room.state.questions.value.items;
  return Object.values(items).some((one) => !seen.value.has(one.id) && one.author !== room.me.value.id && (one.state === "open" || one.state === "held"));
}

export function QuestionsPanel() {
  const room = useRoom();
  const me = room.me.value.id;
  const { items } = room.state.questions.value;
  const shown = arranged(items, { filter: filter.value, order: order.value, me });
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  useKeptPlace(list, shown);
  useEffect(() => {
    const fresh = Object.keys(items).filter((id) => !seen.value.has(id));
    if (fresh.length > 0) seen.value = new Set([...seen.value, ...fresh]);
  }, [items]);
  return html`<div class="panel questions">
    <${Head} />
    <ul class="questions-list" ref=${list} tabindex="0" aria-label=${t("Questions")} onKeyDown=${(/** @type {KeyboardEvent} */ event) => walk(event, list.current)}>
      ${shown.map((question) => html`<${QuestionCard} key=${question.id} question=${question} />`)}
      ${shown.length === 0 && html`<li><${Nothing} /></li>`}
    </ul>
    ${room.can("moderate_questions") && shown.length > 0 && html`<p class="questions-keys faint mark-text">
      <span><kbd>J</kbd> <kbd>K</kbd> ${t("next and previous")}</span>
      <span><kbd>A</kbd> ${t("answer")}</span>
      <span><kbd>D</kbd> ${t("dismiss")}</span>
    </p>`}
    <${QuestionForm} onVote=${(/** @type {string} */ id) => act(room, "questions.vote", { question: id, on: true })} />
  </div>`;
}

function Head() {
  const room = useRoom();
  const found = counts(room.state.questions.value.items, room.me.value.id);
  const staff = room.can("moderate_questions");
  /** @type {{ id: Filter, label: string, fresh?: boolean }[]} */
  const filters = [
    { id: "open", label: t("Open") },
    ...(staff ? [{ id: /** @type {Filter} */ ("held"), label: t("Held back"), fresh: true }] : []),
    { id: "answered", label: t("Answered") },
    { id: "mine", label: t("Mine") },
    { id: "dismissed", label: t("Dismissed") },
  ];
  // A filter that would show nothing is only in the way, unless it was chosen.
  const offered = filters.filter(({ id }) => id === "open" || found[id] > 0 || filter.value === id);
  return html`<header class="questions-head">
    <div class="chips" role="group" aria-label=${t("Which questions")}>
      ${offered.map(
        ({ id, label, fresh }) => html`<button key=${id} type="button" class="chip" aria-pressed=${String(filter.value === id)} onClick=${() => (filter.value = id)}>
          ${label}${found[id] > 0 && html`<${Count} of=${found[id]} fresh=${Boolean(fresh)} />`}
        </button>`,
      )}
    </div>
    <${Menu} label=${t("Order and rules")} icon="arrow-down-wide-narrow" items=${() => choices(room)} />
  </header>`;
}

/** @param {Room} room @returns {import("./parts/menu.js").Entry[]} */
function choices(room) {
  const { moderated } = room.state.questions.value;
  /** @type {import("./parts/menu.js").Entry[]} */
  const entries = [
    { heading: t("Order") },
    { label: t("Most votes first"), checked: order.value === "votes", onSelect: () => (order.value = "votes") },
    { label: t("Newest first"), checked: order.value === "time", onSelect: () => (order.value = "time") },
  ];
  if (room.can("moderate_questions"))
    entries.push(
      { heading: t("New questions") },
      { label: t("Everybody sees them at once"), checked: !moderated, onSelect: () => moderate(room, false) },
      { label: t("They wait for me first"), hint: t("You publish each one or hold it back."), checked: moderated, onSelect: () => moderate(room, true) },
    );
  return entries;
}

function moderate(/** @type {Room} */ room, /** @type {boolean} */ on) {
  if (room.state.questions.value.moderated !== on) void act(room, "questions.moderate", { on });
}

function Nothing() {
  const room = useRoom();
  if (filter.value !== "open") return html`<${Empty} icon="circle-question-mark" title=${t("Nothing here")} />`;
  const begun = Object.keys(room.state.questions.value.items).length > 0;
  if (begun) return html`<${Empty} icon="circle-question-mark" title=${t("No open questions")} />`;
  return room.can("moderate_questions")
    ? html`<${Empty} icon="circle-question-mark" title=${t("No open questions")}>${t("What students ask appears here with its votes, the most wanted first.")}<//>`
    : html`<${Empty} icon="circle-question-mark" title=${t("Nobody has asked yet")}>${t("Ask, or vote for what others ask. The teacher sees the most wanted first, and nothing is lost.")}<//>`;
}

/**
 * When the card with the focus leaves the list (answered, set aside), the one that takes its place gets it: the teacher goes
 * on to the next question without looking for it.
 *
 * @param {{ current: HTMLElement | null }} list
 * @param {readonly { id: string }[]} shown
 */
function useKeptPlace(list, shown) {
  const before = cardsOf(list.current);
  const at = before.findIndex((card) => card.contains(document.activeElement));
  const left = at >= 0 && !shown.some((question) => question.id === before[at]?.dataset["question"]);
  useLayoutEffect(() => {
    if (!left) return;
    const now = cardsOf(list.current);
    (now[Math.min(at, now.length - 1)] ?? list.current)?.focus();
  });
}

/** @returns {HTMLElement[]} */
function cardsOf(/** @type {HTMLElement | null} */ list) {
  return list === null ? [] : [...list.querySelectorAll("[data-question]")].filter((card) => card instanceof HTMLElement);
}

/** J and K (or arrows) walk through the cards, as in a mailbox; letters for the rest belong to the card. */
function walk(/** @type {KeyboardEvent} */ event, /** @type {HTMLElement | null} */ list) {
  if (list === null || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement) return;
  const step = { j: 1, J: 1, ArrowDown: 1, k: -1, K: -1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const cards = cardsOf(list);
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  const next = cards[Math.max(0, Math.min(cards.length - 1, at + step))];
  event.preventDefault();
  next?.focus();
}

/** Tells people what became of their questions and staff of new ones; mounted by the page, whichever panel is open. */
export function QuestionNews({ onOpen = () => {} }) {
  const room = useRoom();
  const before = useRef(/** @type {Readonly<Record<string, import("../state/context.js").Question>> | null} */ (null));
  const { items } = room.state.questions.value;
  const live = room.status.value === "live" || room.status.value === "reconnecting";
  useEffect(() => {
    if (!live) return;
    const old = before.current;
    before.current = items;
    if (old === null) return; // What was there when one came is not news.
    for (const question of Object.values(items)) tell(room, old[question.id], question, onOpen);
  }, [items, live]);
  return null;
}

/**
 * @param {Room} room
 * @param {import("../state/context.js").Question | undefined} old
 * @param {import("../state/context.js").Question} now
 * @param {() => void} onOpen
 */
function tell(room, old, now, onOpen) {
  const own = now.author === room.me.value.id;
  if (old === undefined && !own && (now.state === "open" || now.state === "held")) announce(t("New question: {text}", { text: now.text }));
  if (old === undefined || old.state === now.state || !own) return;
  const show = () => {
    filter.value = "mine"; // Whatever became of it, it stands there.
    onOpen();
  };
  // One notice a question: what is new about it replaces what was.
  const options = { id: `question-${now.id}`, actions: [{ label: t("Show"), onClick: show }] };
  if (now.state === "answering") toast(t("Your question is being answered now."), { ...options, kind: "sun", icon: "mic" });
  else if (now.state === "answered") toast(t("Your question was answered."), { ...options, kind: "good" });
  else if (now.state === "dismissed") toast(now.reason ? t("Your question was set aside: {reason}", { reason: now.reason }) : t("Your question was set aside."), options);
  else if (now.state === "open" && old.state === "held") toast(t("Your question is now seen by everybody."), { ...options, kind: "good" });
}
