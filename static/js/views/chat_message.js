/**
 * One message and what can be done with it. A message that is gone keeps its place, so that answers to it still make sense.
 */
import { useCallback, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { compare, formatTime, listOf, t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { calledOf, nameOf } from "./names.js";
import { Button, IconButton } from "./parts/button.js";
import { copyText } from "./parts/clipboard.js";
import { Icon } from "./parts/icon.js";
import { Menu } from "./parts/menu.js";
import { Popup } from "./parts/popup.js";
import { seekBy, seekTo } from "./player/moment.js";
import { RichText } from "./rich_text.js";

/** @typedef {import("../state/context.js").Message} Message */
/** @typedef {import("../state/context.js").Room} Room */

/** The six of PROTOCOL.md 3.1. */
export const EMOJI = ["👍", "❤️", "😂", "🎉", "🤔", "👏"];
const EDITABLE_MS = 24 * 3_600_000; // PROTOCOL.md: the author may edit within 24 h.

/**
 * @param {object} props
 * @param {Message} props.message
 * @param {(message: Message) => void} props.onReply
 * @param {(message: Message) => void} props.onEdit
 * @param {(person: string) => void} props.onPrivate
 */
export function ChatMessage({ message, onReply, onEdit, onPrivate }) {
  const room = useRoom();
  const pinned = room.state.chat.value.pinned.includes(message.id);
  const { replay } = room;
  const seek = replay ? seekBy(room, message.at) : undefined;
  if (message.gone !== "") return html`<li class="chat-line" tabindex="-1" data-test="chat-message" id=${`message-${message.id}`}><${Gone} message=${message} /></li>`;
  return html`<li class=${`chat-line ${pinned ? "chat-line-pinned" : ""}`} tabindex="-1" data-test="chat-message" id=${`message-${message.id}`}>
    ${message.reply_to !== null && html`<${Quote} id=${message.reply_to} />`}
    <div class=${`chat-line-text ${replay ? "seekable" : ""}`} title=${formatTime(message.at)} onClick=${seek}>
      <${RichText} text=${message.text} />
      ${message.edited_at > 0 && html` <span class="faint mark-text">${t("edited")}</span>`}
    </div>
    <${Reactions} message=${message} />
    <div class="chat-line-tools">
      ${!replay && html`<${React} message=${message} />`}
      <${Menu} label=${t("Actions for this message")} icon="ellipsis" tabindex="-1" items=${() => actions(room, message, pinned, { onReply, onEdit, onPrivate })} />
    </div>
  </li>`;
}

/** @param {{ message: Message }} props */
function Gone({ message }) {
  const text = message.gone === "removed" ? t("Removed by the teacher") : t("Withdrawn");
  return html`<p class="chat-line-text faint chat-gone"><${Icon} name="ban" size=${16} />${text}</p>`;
}

/** @param {{ id: string }} props */
function Quote({ id }) {
  const room = useRoom();
  const origin = room.state.chat.value.messages[id];
  if (!origin) return html`<p class="chat-quote faint">${t("An earlier message")}</p>`;
  const show = () => {
    const line = document.getElementById(`message-${id}`);
    line?.scrollIntoView({ block: "center" });
    line?.classList.add("chat-line-found");
    setTimeout(() => line?.classList.remove("chat-line-found"), 1500); // Long enough to be seen after the scroll.
  };
  return html`<button type="button" class="chat-quote" onClick=${show}>
    <span class="chat-quote-name">${calledOf(room, origin.author)}</span>
    <span class="one-line">${origin.gone === "" ? origin.text : t("Withdrawn")}</span>
  </button>`;
}

/** The button with the six emoji. @param {{ message: Message }} props */
function React({ message }) {
  const room = useRoom();
  const me = room.me.value.id;
  const [open, setOpen] = useState(false);
  const anchor = useRef(/** @type {HTMLElement | null} */ (null));
  const close = useCallback(() => setOpen(false), []);
  const give = (/** @type {string} */ emoji, /** @type {boolean} */ mine) => () => {
    close();
    void act(room, "chat.react", { message: message.id, emoji, on: !mine });
  };
  return html`<span ref=${anchor}>
      <${IconButton} icon="smile-plus" label=${t("React")} tabindex="-1" aria-expanded=${String(open)} aria-haspopup="dialog" onClick=${() => setOpen(!open)} />
    </span>
    ${open &&
    html`<${Popup} anchor=${anchor} label=${t("React")} side="top" align="end" class="chat-emoji" onClose=${close}>
      ${EMOJI.map((emoji) => {
        const mine = message.reactions[emoji]?.includes(me) ?? false;
        return html`<button key=${emoji} type="button" class="chat-emoji-button" aria-pressed=${String(mine)} onClick=${give(emoji, mine)}>${emoji}</button>`;
      })}
    <//>`}`;
}

/** @param {{ message: Message }} props */
function Reactions({ message }) {
  const room = useRoom();
  const me = room.me.value.id;
  const given = Object.entries(message.reactions).filter(([, people]) => people.length > 0);
  if (given.length === 0) return null;
  return html`<ul class="chat-reactions">
    ${given.map(([emoji, people]) => {
      const mine = people.includes(me);
      const names = listOf(people.map((id) => calledOf(room, id)).sort(compare).slice(0, 10));
      const name = `${emoji} ${tn("{n} person", "{n} people", people.length)}`;
      return html`<li key=${emoji}>
        <button
          type="button"
          class="chat-reaction"
          aria-pressed=${String(mine)}
          aria-label=${name}
          data-tip=${names}
          disabled=${room.replay !== null}
          onClick=${() => act(room, "chat.react", { message: message.id, emoji, on: !mine })}
        >
          <span aria-hidden="true">${emoji} ${people.length}</span>
        </button>
      </li>`;
    })}
  </ul>`;
}

/**
 * Return what this reader may do with `message`.
 *
 * @param {Room} room
 * @param {Message} message
 * @param {boolean} pinned
 * @param {{ onReply: (m: Message) => void, onEdit: (m: Message) => void, onPrivate: (person: string) => void }} on
 * @returns {import("./parts/menu.js").Entry[]}
 */
function actions(room, message, pinned, on) {
  const me = room.me.value.id;
  const own = message.author === me;
  const open = message.to === null;
  /** @type {import("./parts/menu.js").Entry[]} */
  const entries = [{ heading: `${nameOf(room, message.author)}, ${formatTime(message.at)}` }];
  if (room.replay) entries.push({ label: t("Go to this moment"), icon: "play", onSelect: () => seekTo(room, message.at) });
  else entries.push({ label: t("Reply"), icon: "reply", onSelect: () => on.onReply(message) });
  entries.push({ label: t("Copy text"), icon: "copy", onSelect: () => copyText(message.text) });
  if (room.replay) return entries;
  if (!own && room.can("private_chat"))
    entries.push({ label: t("Write to {name} privately", { name: nameOf(room, message.author) }), icon: "lock", onSelect: () => on.onPrivate(message.author) });
  if (room.can("moderate_chat") && open)
    entries.push({ label: pinned ? t("Unpin") : t("Pin"), icon: pinned ? "pin-off" : "pin", onSelect: () => act(room, pinned ? "chat.unpin" : "chat.pin", { message: message.id }) });
  if (own && room.clock() - message.at < EDITABLE_MS) entries.push({ label: t("Edit"), icon: "pencil", onSelect: () => on.onEdit(message) });
  if (own) entries.push({ label: t("Withdraw"), icon: "trash-2", kind: "stop", onSelect: () => act(room, "chat.withdraw", { message: message.id }) });
  else if (room.can("moderate_chat") && open)
    entries.push({ label: t("Remove for everybody"), icon: "trash-2", kind: "stop", onSelect: () => act(room, "chat.remove", { message: message.id }) });
  return entries;
}

/**
 * A message of one's own that the server has not acknowledged yet.
 *
 * @param {{ text: string, refused?: string, onRetry?: () => void, onDrop?: () => void }} props
 */
export function PendingMessage({ text, refused = "", onRetry, onDrop }) {
  return html`<li class="chat-line chat-line-pending">
    <div class="chat-line-text"><${RichText} text=${text} /></div>
    ${refused
      ? html`<p class="chat-refused mark-text" role="alert">
          <${Icon} name="circle-alert" size=${16} />${refused}
          <${Button} kind="quiet" onClick=${onRetry}>${t("Try again")}<//><${Button} kind="quiet" onClick=${onDrop}>${t("Discard")}<//>
        </p>`
      : html`<p class="faint mark-text">${t("Waiting to be sent")}</p>`}
  </li>`;
}
