/**
 * The side panel: chat, questions, people. A column whose edge can be dragged; collapsed, a rail of icons with counts; on a
 * phone a sheet whose tabs stay in reach above the bar.
 *
 * The three are loaded after the class is on the screen: picture and sound come first.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { IconButton } from "./parts/button.js";
import { Notice } from "./parts/marks.js";
import { Spinner } from "./parts/spinner.js";
import { Tabs } from "./parts/tabs.js";
import { PANEL, clampWidth, lastPanel, openPanel, panel, panelWidth, sheet, togglePanel } from "./view.js";

/** @typedef {import("./view.js").PanelName} PanelName */
/** @typedef {{ chat: typeof import("./chat.js"), questions: typeof import("./questions.js"), people: typeof import("./people.js"), hands: typeof import("./hands.js"), lobby: typeof import("./lobby.js") }} Panels */

/** What of the panels has come, or "failed" where the network did not bring them. */
const loaded = signal(/** @type {Panels | null | "failed"} */ (null));

async function load() {
  try {
    const [chat, questions, people, hands, lobby] = await Promise.all([
      import("./chat.js"), import("./questions.js"), import("./people.js"), import("./hands.js"), import("./lobby.js"),
    ]);
    loaded.value = { chat, questions, people, hands, lobby };
  } catch {
    loaded.value = "failed";
  }
}

export function SidePanel() {
  useEffect(() => {
    if (loaded.value === null) void load();
  }, []);
  const open = panel.value;
  const width = open && !sheet.value ? { inlineSize: `${panelWidth.value}px` } : {};
  return html`<aside class=${`side ${open ? "side-open" : "side-closed"}`} style=${width} aria-label=${t("Chat, questions, people")}>
    ${open && !sheet.value && html`<${Edge} />`}
    <div class="side-head">
      <${PanelTabs} />
      ${(open || !sheet.value) &&
      html`<${IconButton}
        class="side-toggle"
        icon=${sheet.value ? "chevron-down" : open ? "panel-right-close" : "panel-right-open"}
        label=${open ? t("Hide the panel") : t("Show the panel")}
        keys="B"
        test="panel-toggle"
        onClick=${() => togglePanel(open ?? lastPanel.value)}
      />`}
    </div>
    ${open && html`<div class="side-body" role="tabpanel" id=${`side-panel-${open}`} aria-labelledby=${`side-tab-${open}`}>
      <h2 class="out-of-sight">${titleOf(open)}</h2>
      <${Body} name=${open} />
    </div>`}
    <${News} />
  </aside>`;
}

function titleOf(/** @type {PanelName} */ name) {
  return { chat: t("Chat"), questions: t("Questions"), people: t("People") }[name];
}

function PanelTabs() {
  const room = useRoom();
  const parts = loaded.value;
  const ready = parts !== null && parts !== "failed" ? parts : null;
  const unread = ready && panel.value !== "chat" ? ready.chat.unreadChat(room) : 0;
  const questions = ready?.questions.openQuestions(room) ?? 0;
  const fresh = ready !== null && panel.value !== "questions" && ready.questions.freshQuestions(room);
  const people = Object.values(room.state.people.value.items).filter((person) => person.present).length;
  const waiting = Object.keys(room.state.lobby.value.waiting).length;
  const tabs = [
    { id: "chat", label: titleOf("chat"), icon: "message-square", count: unread, fresh: unread > 0, freshLabel: t("unread"), keys: "C" },
    { id: "questions", label: titleOf("questions"), icon: "message-circle-question-mark", count: questions, fresh, freshLabel: t("new"), keys: "Q" },
    { id: "people", label: titleOf("people"), icon: "users", count: people, fresh: waiting > 0, freshLabel: t("somebody waits at the door"), keys: "P" },
  ];
  const closed = panel.value === null;
  const shown = closed && !sheet.value ? tabs.map((tab) => ({ ...tab, tip: tab.label })) : tabs;
  return html`<${Tabs}
    label=${t("Panels")}
    prefix="side"
    tabs=${shown}
    active=${panel.value}
    vertical=${closed && !sheet.value}
    onChange=${(/** @type {PanelName} */ name) => openPanel(name)}
  />`;
}

/** @param {{ name: PanelName }} props */
function Body({ name }) {
  const parts = loaded.value;
  if (parts === null) return html`<div class="side-wait"><${Spinner} label=${t("Loading …")} /></div>`;
  if (parts === "failed") {
    const again = html`<${IconButton} icon="refresh-cw" label=${t("Try again")} onClick=${() => ((loaded.value = null), load())} />`;
    return html`<${Notice} kind="stop" icon="circle-alert" actions=${again}>${t("This part of the page did not load. Check your connection and try again.")}<//>`;
  }
  if (name === "chat") return html`<${parts.chat.ChatPanel} />`;
  return name === "questions" ? html`<${parts.questions.QuestionsPanel} />` : html`<${parts.people.PeoplePanel} />`;
}

/** What the panels have to tell while they are closed. */
function News() {
  const parts = loaded.value;
  if (parts === null || parts === "failed") return null;
  const open = (/** @type {PanelName} */ name) => () => {
    panel.value = lastPanel.value = name;
  };
  return html`<${parts.questions.QuestionNews} onOpen=${open("questions")} />
    <${parts.hands.HandNews} onOpen=${open("people")} />
    <${parts.lobby.LobbyNews} onOpen=${open("people")} />`;
}

/** The edge that is dragged, or moved with the arrows, to make the panel wider. */
export function Edge() {
  const held = useRef(false);
  const to = (/** @type {number} */ width) => (panelWidth.value = clampWidth(width));
  const keys = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowLeft: 20, ArrowRight: -20 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    to(panelWidth.value + step);
  };
  const down = (/** @type {PointerEvent & { currentTarget: Element }} */ event) => {
    held.current = true;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (/** @type {PointerEvent} */ event) => {
    if (held.current) to(window.innerWidth - event.clientX);
  };
  return html`<div
    class="side-edge"
    role="separator"
    tabindex="0"
    aria-orientation="vertical"
    aria-label=${t("Width of the panel")}
    aria-valuemin=${PANEL.least}
    aria-valuemax=${PANEL.most}
    aria-valuenow=${panelWidth.value}
    onKeyDown=${keys}
    onPointerDown=${down}
    onPointerMove=${move}
    onPointerUp=${() => (held.current = false)}
    onLostPointerCapture=${() => (held.current = false)}
    onDblClick=${() => to(PANEL.usual)}
  ></div>`;
}
