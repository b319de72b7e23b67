/**
 * Where a chat message is written: a new one, an answer, or one's own corrected. Drafts stay while one looks elsewhere;
 * what the server refused comes back with the reason.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { Compose } from "./compose.js";
import { calledOf, nameOf } from "./names.js";
import { IconButton } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { explain } from "./refusals.js";

/** @typedef {import("../state/context.js").Message} Message */
/** @typedef {{ id: string, to: string | null, text: string, reason: string, retry: () => void, drop: () => void }} Failure */

/** Messages that the server refused; they stay in the list until sent again or discarded. */
export const failures = signal(/** @type {readonly Failure[]} */ ([]));
/** Unsent text by thread. @type {Map<string, string>} */
const drafts = new Map();
const MAX_TEXT = 4000; // PROTOCOL.md 3.1
const TYPING_EVERY_MS = 3000; // The mark is shown for 5 s.
let counted = 0;

/** Post, and keep what is refused. */
async function post(/** @type {import("../state/context.js").Room} */ room, /** @type {{ text: string, to: string | null, reply_to: string | null }} */ data) {
  const reply = await room.send("chat.post", data);
  if (reply.ok) return;
  const id = `failed-${++counted}`;
  const drop = () => (failures.value = failures.value.filter((one) => one.id !== id));
  const retry = () => (drop(), void post(room, data));
  failures.value = [...failures.value, { id, to: data.to, text: data.text, reason: explain(reply), retry, drop }];
}

/**
 * @param {object} props
 * @param {string | null} props.to
 * @param {readonly Message[]} props.messages of this thread, for the arrow up
 * @param {Message | null} props.reply
 * @param {Message | null} props.edit
 * @param {() => void} props.onDone
 * @param {(message: Message) => void} props.onEdit
 */
export function ChatForm({ to, messages, reply, edit, onDone, onEdit }) {
  const room = useRoom();
  const key = to ?? "";
  const [text, setText] = useState(drafts.get(key) ?? "");
  const [focus, setFocus] = useState(0);
  const told = useRef(0);
  useEffect(() => {
    if (edit !== null) setText(edit.text);
    if (edit !== null || reply !== null) setFocus((n) => n + 1);
  }, [edit?.id, reply?.id]);
  const write = (/** @type {string} */ value) => {
    setText(value);
    if (edit === null) drafts.set(key, value);
    if (value !== "" && room.clock() - told.current > TYPING_EVERY_MS) {
      told.current = room.clock();
      room.signal("chat.typing", { to });
    }
  };
  const cancel = () => {
    if (edit !== null) setText(drafts.get(key) ?? "");
    onDone();
  };
  const send = () => {
    const clean = text.trim();
    if (edit !== null) void act(room, "chat.edit", { message: edit.id, text: clean });
    else void post(room, { text: clean, to, reply_to: reply?.id ?? null });
    drafts.delete(key);
    setText("");
    told.current = 0;
    onDone();
  };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && (edit !== null || reply !== null)) return event.preventDefault(), event.stopPropagation(), cancel();
    if (event.key !== "ArrowUp" || text !== "" || edit !== null) return;
    const last = messages.findLast((message) => message.author === room.me.value.id && message.gone === "");
    if (last) return event.preventDefault(), onEdit(last);
  };
  const closed = why(room, to);
  return html`<form class="chat-form" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    ${(reply ?? edit) !== null && html`<${About} reply=${reply} edit=${edit} onCancel=${cancel} />`}
    <${Compose}
      label=${to === null ? t("Message to everybody") : t("Message to {name}", { name: nameOf(room, to) })}
      placeholder=${to === null ? t("Write to everybody") : t("Write to {name}", { name: nameOf(room, to) })}
      value=${text}
      max=${MAX_TEXT}
      disabled=${closed}
      focus=${focus}
      test="chat"
      onInput=${write}
      onSend=${send}
      onKeyDown=${keys}
    />
  </form>`;
}

/** Return why nothing can be written here, or false. */
function why(/** @type {import("../state/context.js").Room} */ room, /** @type {string | null} */ to) {
  if (to === null) return room.can("chat") ? false : t("The teacher has closed the chat for now.");
  return room.can("private_chat") ? false : t("The teacher has closed private talks for now.");
}

/** @param {{ reply: Message | null, edit: Message | null, onCancel: () => void }} props */
function About({ reply, edit, onCancel }) {
  const room = useRoom();
  const title = edit !== null ? t("Correct the message") : t("Answer to {name}", { name: reply ? calledOf(room, reply.author) : "" });
  return html`<div class="chat-about">
    <${Icon} name=${edit !== null ? "pencil" : "reply"} size=${16} />
    <div class="chat-about-text"><strong>${title}</strong>${reply && html`<span class="one-line soft">${reply.text}</span>`}</div>
    <${IconButton} icon="x" label=${t("Cancel")} keys="Esc" onClick=${onCancel} />
  </div>`;
}
