/** Those who wait at the door: for staff, with admit and refuse. Whoever waits sees lobby_wait.js. */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { formatRelative, t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { roleName } from "./names.js";
import { Avatar } from "./parts/avatar.js";
import { Button, IconButton } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { announce } from "./parts/live.js";
import { dismiss, toast } from "./parts/toast.js";
import { panel } from "./view.js";

/** @typedef {import("../state/context.js").Room} Room */

export function Lobby() {
  const room = useRoom();
  const waiting = Object.values(room.state.lobby.value.waiting);
  if (waiting.length === 0 || !room.can("lobby")) return null;
  return html`<section class="people-section lobby" aria-labelledby="lobby-title">
    <h3 class="people-title" id="lobby-title"><${Icon} name="door-open" size=${16} />${tn("{n} person waits at the door", "{n} people wait at the door", waiting.length)}</h3>
    <ul class="people-list">
      ${waiting.map(
        (person) => html`<li key=${person.id} class="person">
          <${Avatar} id=${person.id} name=${person.name} />
          <span class="person-name"><span class="one-line">${person.name}</span><span class="faint mark-text">${roleName(person.role)} · ${formatRelative(person.since, room.clock())}</span></span>
          <span class="person-tools">
            <${Button} kind="primary" test="admit" onClick=${() => act(room, "lobby.admit", { person: person.id })}>${t("Let in")}<//>
            <${IconButton} icon="x" label=${t("Do not let {name} in", { name: person.name })} onClick=${() => act(room, "lobby.refuse", { person: person.id })} />
          </span>
        </li>`,
      )}
    </ul>
    ${waiting.length > 1 && html`<${Button} onClick=${() => act(room, "lobby.admit", { person: null })}>${t("Let all in")}<//>`}
  </section>`;
}

/** Tells staff that somebody is at the door; mounted by the page. */
export function LobbyNews({ onOpen = () => {} }) {
  const room = useRoom();
  const before = useRef(/** @type {Set<string> | null} */ (null));
  const { waiting } = room.state.lobby.value;
  const live = room.status.value === "live";
  useEffect(() => {
    if (!live || !room.can("lobby")) return;
    const fresh = Object.values(waiting).filter((person) => !before.current?.has(person.id));
    before.current = new Set(Object.keys(waiting));
    if (Object.keys(waiting).length === 0) dismiss("lobby");
    if (fresh.length === 0) return;
    const first = fresh[0]?.name ?? "";
    const text = fresh.length === 1 ? t("{name} waits at the door", { name: first }) : tn("{n} person waits at the door", "{n} people wait at the door", fresh.length);
    if (panel.value === "people") announce(text);
    else toast(text, { id: "lobby", actions: [{ label: t("Show"), onClick: onOpen }] });
  }, [waiting, live]);
  return null;
}
