/**
 * The side panel of a recording: chat, questions and people as they were at the moment, and chapters, the text of what was said,
 * search. The panels are loaded when they are opened.
 */
import { signal } from "@preact/signals-core";
import { useEffect } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { IconButton } from "../parts/button.js";
import { Notice } from "../parts/marks.js";
import { Spinner } from "../parts/spinner.js";
import { Tabs } from "../parts/tabs.js";
import { Edge } from "../panel.js";
import { panelWidth, sheet } from "../view.js";
import { lastTab, openTab, tab, toggleTab } from "./view.js";

/** @typedef {import("./view.js").TabName} TabName */

/** @type {Record<TabName, () => Promise<any>>} each gives the component that it shows */
const LOADERS = {
  chat: async () => (await import("../chat.js")).ChatPanel,
  questions: async () => (await import("./questions_then.js")).QuestionsThen,
  people: async () => (await import("../people.js")).PeoplePanel,
  chapters: async () => (await import("./chapters.js")).ChaptersPanel,
  text: async () => (await import("./transcript.js")).TranscriptPanel,
  search: async () => (await import("./search.js")).SearchPanel,
};
/** What has come; "failed" where the network did not bring it. */
const loaded = signal(/** @type {Readonly<Partial<Record<TabName, any>>>} */ ({}));

async function load(/** @type {TabName} */ name) {
  try {
    const found = await LOADERS[name]();
    loaded.value = { ...loaded.value, [name]: found };
  } catch {
    loaded.value = { ...loaded.value, [name]: "failed" };
  }
}

export function PlayerPanel() {
  const open = tab.value;
  const width = open && !sheet.value ? { inlineSize: `${panelWidth.value}px` } : {};
  const names = titles();
  return html`<aside class=${`side ${open ? "side-open" : "side-closed"}`} style=${width} aria-label=${t("What was written, said and asked")}>
    ${open && !sheet.value && html`<${Edge} />`}
    <div class="side-head">
      <${PanelTabs} names=${names} />
      ${(open || !sheet.value) &&
      html`<${IconButton}
        class="side-toggle"
        icon=${sheet.value ? "chevron-down" : open ? "panel-right-close" : "panel-right-open"}
        label=${open ? t("Hide the panel") : t("Show the panel")}
        keys="B"
        test="panel-toggle"
        onClick=${() => toggleTab(open ?? lastTab.value)}
      />`}
    </div>
    ${open && html`<div class="side-body" role="tabpanel" id=${`side-panel-${open}`} aria-labelledby=${`side-tab-${open}`}>
      <h2 class="out-of-sight">${names[open]}</h2>
      <${Body} key=${open} name=${open} />
    </div>`}
  </aside>`;
}

/** @returns {Record<TabName, string>} */
function titles() {
  return { chat: t("Chat"), questions: t("Questions"), people: t("People"), chapters: t("Chapters"), text: t("Text"), search: t("Search") };
}

/** @param {{ names: Record<TabName, string> }} props */
function PanelTabs({ names }) {
  const { room, moments } = useShow();
  const open = tab.value;
  const asked = Object.values(room.state.questions.value.items).filter((one) => one.state !== "withdrawn").length + moments.data.value.length;
  const people = Object.values(room.state.people.value.items).filter((person) => person.present).length;
  // Six words do not fit: the open one has its word, the others their icon and a tooltip.
  const tip = (/** @type {TabName} */ name) => (name === open ? {} : { tip: names[name] });
  const tabs = [
    { id: "chat", label: names.chat, icon: "message-square", ...tip("chat") },
    { id: "questions", label: names.questions, icon: "message-circle-question-mark", count: asked, ...tip("questions") },
    { id: "people", label: names.people, icon: "users", count: people, ...tip("people") },
    { id: "chapters", label: names.chapters, icon: "list-ordered", ...tip("chapters") },
    { id: "text", label: names.text, icon: "captions", ...tip("text") },
    { id: "search", label: names.search, icon: "search", ...tip("search") },
  ];
  return html`<${Tabs}
    label=${t("Panels")}
    prefix="side"
    tabs=${tabs}
    active=${open}
    vertical=${open === null && !sheet.value}
    onChange=${(/** @type {TabName} */ name) => openTab(name)}
  />`;
}

/** @param {{ name: TabName }} props */
function Body({ name }) {
  const part = loaded.value[name];
  useEffect(() => {
    if (part === undefined) void load(name);
  }, [name, part]);
  if (part === undefined) return html`<div class="side-wait"><${Spinner} label=${t("Loading …")} /></div>`;
  if (part !== "failed") return html`<${part} />`;
  const again = html`<${IconButton} icon="refresh-cw" label=${t("Try again")} onClick=${() => void load(name)} />`;
  return html`<${Notice} kind="stop" icon="circle-alert" actions=${again}>${t("This part of the page did not load. Check your connection and try again.")}<//>`;
}
