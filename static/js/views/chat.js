/**
 * The chat: one thread for everybody and one for each person that one writes with privately. The list never jumps while
 * somebody reads further up; what came meanwhile is counted and one press away.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatTime, listOf, t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { groups, threads, unread } from "./chat_groups.js";
import { walkMessages } from "./chat_keys.js";
import { ChatForm, failures } from "./chat_form.js";
import { ChatMessage, PendingMessage } from "./chat_message.js";
import { calledOf, nameOf, roleName } from "./names.js";
import { Avatar } from "./parts/avatar.js";
import { Button, IconButton } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { Badge, Count, Empty } from "./parts/marks.js";
import { Moment } from "./player/moment.js";
import { RichText } from "./rich_text.js";

/** @typedef {import("../state/context.js").Message} Message */

/** Which thread is open: null for everybody. Kept outside, so that the list of people can open one. */
export const openThread = signal(/** @type {string | null} */ (null));
/** The last message seen in each thread ("" for everybody). */
const seen = signal(/** @type {Readonly<Record<string, string>>} */ ({}));
/** CSS pixels from the end within which the list follows new messages. */
const NEAR_END = 80;

/** Return how many messages of others wait unread in all threads; marks the tab. */
export function unreadChat(/** @type {import("../state/context.js").Room} */ room) {
  const me = room.me.value.id;
  return threads(room.state.chat.value.messages, me).reduce(
    (sum, thread) => sum + unread(thread.messages, seen.value[thread.person ?? ""] ?? null, me),
    0,
  );
}

export function ChatPanel() {
  const room = useRoom();
  const me = room.me.value.id;
  const all = threads(room.state.chat.value.messages, me);
  const person = openThread.value;
  const thread = all.find((one) => one.person === person) ?? { person, messages: [], last: 0 };
  const [reply, setReply] = useState(/** @type {Message | null} */ (null));
  const [edit, setEdit] = useState(/** @type {Message | null} */ (null));
  const open = (/** @type {string | null} */ whom) => {
    openThread.value = whom;
    setReply(null);
    setEdit(null);
  };
  return html`<div class="panel chat">
    <${Threads} all=${all} active=${person} onOpen=${open} />
    ${person === null && html`<${Pinned} />`}
    <${Lines} thread=${thread} onReply=${(/** @type {Message} */ m) => (setEdit(null), setReply(m))} onEdit=${(/** @type {Message} */ m) => (setReply(null), setEdit(m))} onPrivate=${open} />
    ${!room.replay && html`<${Typing} person=${person} />`}
    ${!room.replay && html`<${ChatForm} key=${person ?? ""} to=${person} messages=${thread.messages} reply=${reply} edit=${edit} onDone=${() => (setReply(null), setEdit(null))} onEdit=${setEdit} />`}
  </div>`;
}

/** @param {{ all: import("./chat_groups.js").Thread[], active: string | null, onOpen: (person: string | null) => void }} props */
function Threads({ all, active, onOpen }) {
  const room = useRoom();
  const people = all.map((thread) => thread.person);
  if (active !== null && !people.includes(active)) people.push(active);
  if (people.length === 1) return null;
  const waiting = (/** @type {string | null} */ person) =>
    unread(all.find((thread) => thread.person === person)?.messages ?? [], seen.value[person ?? ""] ?? null, room.me.value.id);
  return html`<div class="chat-threads" role="group" aria-label=${t("Talks")}>
    ${people.map(
      (person) => html`<button key=${person ?? ""} type="button" class="chip" aria-pressed=${String(person === active)} onClick=${() => onOpen(person)}>
        <${Icon} name=${person === null ? "users" : "lock"} size=${16} />
        <span class="one-line">${person === null ? t("Everybody") : nameOf(room, person)}</span>
        ${person !== active && waiting(person) > 0 && html`<${Count} of=${waiting(person)} fresh label=${t("unread")} />`}
      </button>`,
    )}
  </div>`;
}

function Pinned() {
  const room = useRoom();
  const { messages, pinned } = room.state.chat.value;
  const shown = pinned.map((id) => messages[id]).filter((message) => message !== undefined && message.gone === "");
  if (shown.length === 0) return null;
  return html`<ul class="chat-pins" aria-label=${t("Pinned messages")}>
    ${shown.map(
      (message) => html`<li key=${message?.id} class="chat-pin">
        <${Icon} name="pin" size=${16} />
        <span><${RichText} text=${message?.text ?? ""} /></span>
        ${room.can("moderate_chat") &&
        html`<${IconButton} icon="x" label=${t("Unpin")} onClick=${() => room.send("chat.unpin", { message: message?.id })} />`}
      </li>`,
    )}
  </ul>`;
}

/**
 * @param {object} props
 * @param {import("./chat_groups.js").Thread} props.thread
 * @param {(message: Message) => void} props.onReply
 * @param {(message: Message) => void} props.onEdit
 * @param {(person: string) => void} props.onPrivate
 */
function Lines({ thread, onReply, onEdit, onPrivate }) {
  const room = useRoom();
  const me = room.me.value.id;
  const key = thread.person ?? "";
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [away, setAway] = useState(false);
  const newest = thread.messages.at(-1)?.id ?? "";
  const fresh = unread(thread.messages, seen.value[key] ?? null, me);
  const waiting = room.pending.value.filter((one) => one.type === "chat.post" && (one.data["to"] ?? null) === thread.person);
  const failed = failures.value.filter((one) => one.to === thread.person);
  const toEnd = () => list.current?.scrollTo({ top: list.current.scrollHeight });
  const held = useRef(true);
  held.current = !away;
  // Where "new" begins is fixed when the thread is opened, so that the line does not run away under the reader's eyes.
  const line = useMemo(() => (fresh > 0 ? (seen.value[key] ?? "") : ""), [key]);
  useLayoutEffect(() => {
    if (!away) toEnd();
  }, [newest, waiting.length, failed.length, key]);
  // The end stays in sight when the room for it shrinks (a pin, an answer, a keyboard) or the last message grows.
  useLayoutEffect(() => {
    const sizes = new ResizeObserver(() => held.current && toEnd());
    for (const box of [list.current, list.current?.firstElementChild]) if (box) sizes.observe(box);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => {
    if (!away && newest !== "" && seen.value[key] !== newest) seen.value = { ...seen.value, [key]: newest };
  }, [newest, away, key]);
  const scrolled = (/** @type {{ currentTarget: HTMLElement }} */ { currentTarget: box }) =>
    setAway(box.scrollHeight - box.scrollTop - box.clientHeight > NEAR_END);
  const keys = (/** @type {KeyboardEvent & { currentTarget: HTMLElement }} */ event) => walkMessages(event, event.currentTarget);
  return html`<div class="chat-room">
    <div class="chat-lines" ref=${list} onScroll=${scrolled} onKeyDown=${keys} tabindex="0" role="log" aria-live="off" aria-label=${t("Messages")}><div>
      ${thread.messages.length + waiting.length + failed.length === 0 && html`<${Nothing} person=${thread.person} />`}
      ${groups(thread.messages).map((group) => html`<${Group} key=${group.id} group=${group} after=${line} onReply=${onReply} onEdit=${onEdit} onPrivate=${onPrivate} />`)}
      ${waiting.length + failed.length > 0 &&
      html`<ul class="chat-group-lines chat-mine">
        ${waiting.map((one) => html`<${PendingMessage} key=${one.id} text=${one.data["text"]} />`)}
        ${failed.map((one) => html`<${PendingMessage} key=${one.id} text=${one.text} refused=${one.reason} onRetry=${one.retry} onDrop=${one.drop} />`)}
      </ul>`}
    </div></div>
    ${away && fresh > 0 && html`<${Button} class="chat-fresh" kind="primary" icon="arrow-down" onClick=${toEnd}>${tn("{n} new message", "{n} new messages", fresh)}<//>`}
    ${away && fresh === 0 && html`<${IconButton} class="chat-fresh" kind="plain" icon="arrow-down" label=${t("To the newest")} onClick=${toEnd} />`}
  </div>`;
}

/** @param {{ person: string | null }} props */
function Nothing({ person }) {
  const room = useRoom();
  if (room.replay) return html`<${Empty} icon="message-square" title=${t("Nothing written yet")}>${t("Messages appear here as they were written.")}<//>`;
  if (person !== null)
    return html`<${Empty} icon="lock" title=${t("Only you and {name} read this", { name: nameOf(room, person) })}>${t("Not even the teacher sees it.")}<//>`;
  return html`<${Empty} icon="message-square" title=${t("Nothing written yet")}>${t("Say hello. What belongs to the lesson is better asked under Questions: there it is not lost.")}<//>`;
}

/** @param {{ group: import("./chat_groups.js").Group, after: string } & Record<string, any>} props */
function Group({ group, after, ...on }) {
  const room = useRoom();
  const author = room.state.people.value.items[group.author];
  const staff = author?.role === "teacher" || author?.role === "assistant";
  return html`<section class=${`chat-group ${group.author === room.me.value.id ? "chat-own" : ""}`}>
    <header class="chat-group-head">
      <${Avatar} id=${group.author} name=${nameOf(room, group.author)} size="small" />
      <span class="chat-name one-line">${calledOf(room, group.author)}</span>
      ${staff && author && html`<${Badge} kind="accent">${roleName(author.role)}<//>`}
      ${room.replay ? html`<${Moment} at=${group.at} />` : html`<time class="faint mark-text" datetime=${new Date(group.at).toISOString()}>${formatTime(group.at)}</time>`}
    </header>
    <ul class="chat-group-lines">
      ${group.messages.map(
        (message) => html`
          <${ChatMessage} key=${message.id} message=${message} ...${on} />
          ${message.id === after && html`<li key="new" class="chat-new">${t("New")}</li>`}
        `,
      )}
    </ul>
  </section>`;
}

/** @param {{ person: string | null }} props */
function Typing({ person }) {
  const room = useRoom();
  const [, tick] = useState(0);
  const writing = Object.entries(room.typing.value)
    .filter(([id, mark]) => mark.until > room.clock() && (person === null ? mark.to === null : id === person && mark.to !== null))
    .map(([id]) => nameOf(room, id));
  useEffect(() => {
    if (writing.length === 0) return;
    const timer = setTimeout(() => tick((n) => n + 1), 1000); // The mark is valid for some seconds; nobody tells when it ends.
    return () => clearTimeout(timer);
  });
  const text =
    writing.length === 0 ? "" : writing.length > 3 ? t("Several people write") : tn("{names} writes", "{names} write", writing.length, { names: listOf(writing) });
  return html`<p class="chat-typing faint mark-text one-line" aria-hidden="true">${text}</p>`;
}
