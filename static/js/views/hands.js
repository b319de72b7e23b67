/** Raised hands in their order: for the teacher with allow and lower, for a student the place in the queue. */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { formatRelative, t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { calledOf, nameOf } from "./names.js";
import { Avatar } from "./parts/avatar.js";
import { Button } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { announce } from "./parts/live.js";
import { Menu } from "./parts/menu.js";
import { dismiss, toast } from "./parts/toast.js";
import { panel } from "./view.js";

/** @typedef {import("../state/context.js").Room} Room */

/** Return the reader's place in the queue, from 1, or 0. */
export function placeInQueue(/** @type {Room} */ room) {
  return room.state.hands.value.queue.findIndex((hand) => hand.person === room.me.value.id) + 1;
}

export function Hands() {
  const room = useRoom();
  const { queue } = room.state.hands.value;
  const staff = room.can("allow_stage");
  const place = placeInQueue(room);
  if (queue.length === 0) return null;
  return html`<section class="people-section hands" aria-labelledby="hands-title">
    <h3 class="people-title" id="hands-title"><${Icon} name="hand" size=${16} />${tn("{n} raised hand", "{n} raised hands", queue.length)}</h3>
    ${!staff && place > 0 && html`<p class="soft">${place === 1 ? t("You are next.") : t("You are number {n} in the queue.", { n: place })}</p>`}
    <ol class="people-list">
      ${queue.map(
        ({ person, at }, index) => html`<li key=${person} class="person hand-row">
          <${Avatar} id=${person} name=${nameOf(room, person)} />
          <span class="person-name"><span class="one-line">${calledOf(room, person)}</span><span class="faint mark-text">${formatRelative(at, room.clock())}</span></span>
          ${staff && html`<${HandTools} person=${person} first=${index === 0} />`}
        </li>`,
      )}
    </ol>
    ${staff && queue.length > 1 && html`<${Button} kind="quiet" onClick=${() => lowerAll(room)}>${t("Lower all hands")}<//>`}
  </section>`;
}

function lowerAll(/** @type {Room} */ room) {
  for (const { person } of room.state.hands.value.queue) void room.send("hands.lower", { person });
}

/** @param {{ person: string, first: boolean }} props */
function HandTools({ person, first }) {
  const room = useRoom();
  const allow = (/** @type {string[]} */ kinds) => () => void act(room, "stage.allow", { person, kinds });
  const entries = [
    { label: t("Microphone only"), icon: "mic", onSelect: allow(["microphone"]) },
    { label: t("Microphone, camera and screen"), icon: "monitor-up", onSelect: allow(["microphone", "camera", "screen", "screen_audio"]) },
    /** @type {"-"} */ ("-"),
    { label: t("Lower the hand"), icon: "hand", onSelect: () => void act(room, "hands.lower", { person }) },
  ];
  return html`<span class="person-tools">
    <${Button} kind=${first ? "primary" : "plain"} test="allow-stage" tip=${t("Allow microphone and camera")} onClick=${allow(["microphone", "camera"])}>${t("Allow")}<//>
    <${Menu} label=${t("More for {name}", { name: nameOf(room, person) })} items=${entries} />
  </span>`;
}

/** Tells staff of new hands, whichever panel is open; mounted by the page. */
export function HandNews({ onOpen = () => {} }) {
  const room = useRoom();
  const before = useRef(/** @type {Set<string> | null} */ (null));
  const told = useRef("");
  const { queue } = room.state.hands.value;
  const live = room.status.value === "live";
  useEffect(() => {
    if (!live) return;
    const old = before.current;
    const now = new Set(queue.map((hand) => hand.person));
    before.current = now;
    if (old === null || !room.can("allow_stage")) return;
    if (!now.has(told.current)) dismiss("hand");
    for (const person of now) if (!old.has(person)) tellHand(room, (told.current = person), onOpen);
  }, [queue, live]);
  return null;
}

function tellHand(/** @type {Room} */ room, /** @type {string} */ person, /** @type {() => void} */ onOpen) {
  const text = t("{name} raised a hand", { name: nameOf(room, person) });
  // Who has the list before the eyes sees the hand there.
  if (panel.value === "people") announce(text);
  else toast(text, { kind: "sun", id: "hand", actions: [{ label: t("Show"), onClick: onOpen }] });
}
