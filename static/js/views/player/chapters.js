/** The chapters: a press goes there. Who may edit adds one at the moment that is shown, renames and removes. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { formatDuration, t } from "../../i18n.js";
import { NEW, useShow } from "../../state/show.js";
import { chapterAt } from "../../state/timeline.js";
import { Button, IconButton } from "../parts/button.js";
import { Empty } from "../parts/marks.js";
import { Menu } from "../parts/menu.js";
import { toast } from "../parts/toast.js";
import { explain } from "../refusals.js";

/** @typedef {import("../../state/types_playback.js").Chapter} Chapter */
/** @typedef {import("../../state/show.js").Show} Show */

/** Characters of a name, as the server takes them. */
const LONGEST = 200;

/**
 * Keep another list; what the server refuses leaves the old one. `undo` offers the way back.
 *
 * @param {Show} show
 * @param {readonly Chapter[]} list
 * @param {string} [undo] what was done
 */
async function keep(show, list, undo) {
  const before = show.chapters.peek();
  show.chapters.value = [...list].sort((a, b) => a.t - b.t);
  const outcome = await show.saveChapters(show.chapters.peek());
  if (!outcome.ok) {
    show.chapters.value = before;
    toast(explain(outcome), { kind: "bad" });
    return;
  }
  if (undo) toast(undo, { actions: [{ label: t("Undo"), onClick: () => void keep(show, before) }] });
}

export function ChaptersPanel() {
  const show = useShow();
  const [renamed, setRenamed] = useState("");
  const list = show.chapters.value;
  const now = chapterAt(list, show.player.time.value);
  const add = () => {
    const chapter = { id: `${NEW}${list.length}-${Date.now()}`, t: Math.round(show.player.time.peek()), title: t("New chapter"), source: "teacher" };
    void keep(show, [...list, chapter]).then(() => setRenamed(show.chapters.peek().find((one) => one.t === chapter.t)?.id ?? ""));
  };
  return html`<div class="panel chapters">
    <ol class="chapters-list" tabindex="0" aria-label=${t("Chapters")}>
      ${list.map((chapter) => html`<${Row} key=${chapter.id} chapter=${chapter} now=${chapter === now} renamed=${chapter.id === renamed} onRename=${setRenamed} />`)}
      ${list.length === 0 && html`<li><${Empty} icon="list-ordered" title=${t("No chapters")}>${t("Chapters cut a long recording into parts that are found again.")}<//></li>`}
    </ol>
    ${show.can.edit && html`<div class="panel-foot"><${Add} onClick=${add} /></div>`}
  </div>`;
}

/** @param {{ onClick: () => void }} props */
function Add({ onClick }) {
  const { player } = useShow();
  return html`<${Button} class="button-wide" icon="plus" test="chapter-add" onClick=${onClick}>${t("Add a chapter at {time}", { time: formatDuration(player.time.value) })}<//>`;
}

/** @param {{ chapter: Chapter, now: boolean, renamed: boolean, onRename: (id: string) => void }} props */
function Row({ chapter, now, renamed, onRename }) {
  const show = useShow();
  const line = useRef(/** @type {HTMLLIElement | null} */ (null));
  useLayoutEffect(() => {
    if (now) line.current?.scrollIntoView({ block: "nearest" });
  }, [now]);
  const list = () => show.chapters.peek();
  const items = () => [
    { label: t("Rename"), icon: "pencil", onSelect: () => onRename(chapter.id) },
    { label: t("Begin it at {time}", { time: formatDuration(show.player.time.peek()) }), icon: "arrow-right-to-line", onSelect: () => void keep(show, list().map((one) => (one.id === chapter.id ? { ...one, t: Math.round(show.player.time.peek()) } : one)), t("The chapter was moved.")) },
    { label: t("Remove"), icon: "trash-2", kind: /** @type {const} */ ("stop"), onSelect: () => void keep(show, list().filter((one) => one.id !== chapter.id), t("The chapter was removed.")) },
  ];
  return html`<li class=${`chapter ${now ? "chapter-on" : ""}`} ref=${line} aria-current=${now ? "true" : undefined} data-test="chapter">
    ${renamed
      ? html`<${Rename} chapter=${chapter} onDone=${(/** @type {string | null} */ title) => {
          onRename("");
          if (title && title !== chapter.title) void keep(show, list().map((one) => (one.id === chapter.id ? { ...one, title } : one)));
        }} />`
      : html`<button type="button" class="chapter-go" onClick=${() => show.player.seek(chapter.t)}>
          <span class="moment">${formatDuration(chapter.t)}</span><span>${chapter.title}</span>
        </button>`}
    ${show.can.edit && !renamed && html`<${Menu} label=${t("More for “{title}”", { title: chapter.title })} icon="ellipsis" items=${items} />`}
  </li>`;
}

/** @param {{ chapter: Chapter, onDone: (title: string | null) => void }} props */
function Rename({ chapter, onDone }) {
  const [title, setTitle] = useState(chapter.title);
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useLayoutEffect(() => field.current?.select(), []);
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") onDone(null);
    else if (event.key === "Enter") onDone(title.trim());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<input
      class="input"
      ref=${field}
      value=${title}
      maxlength=${LONGEST}
      aria-label=${t("Name of the chapter")}
      data-test="chapter-name"
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setTitle(event.currentTarget.value)}
      onKeyDown=${keys}
    />
    <${IconButton} icon="check" label=${t("Save")} onClick=${() => onDone(title.trim())} />`;
}
