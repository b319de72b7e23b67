/**
 * The recordings of a course, or all of one's own: found by words, watched, named, shown and hidden, thrown away and brought back.
 */
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "../html.js";
import { t, tn } from "../i18n.js";
import { found, recordingList } from "../state/recordings.js";
import { may } from "../state/visitor.js";
import { Loaded } from "./loaded.js";
import { Button } from "./parts/button.js";
import { Empty } from "./parts/marks.js";
import { RecordingRow, TrashRow } from "./recording_row.js";
import { RecordingDialogs, resumeWork } from "./recording_dialogs.js";
import { SearchBox } from "./search_box.js";

/** @typedef {import("../state/types_home.js").Recorded} Recorded */
/** @typedef {import("../state/recordings.js").RecordingList} RecordingList */

/** From here on a search is worth its line. */
const SEARCH_FROM = 6;

/**
 * Ask for a list when it is shown, and again while it is: sooner while one is being finished.
 *
 * @param {RecordingList} list
 */
export function useList(list) {
  const patience = list.patience.value;
  useEffect(() => {
    void list.load();
    resumeWork();
  }, [list]);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && void list.again(), patience);
    return () => clearInterval(timer);
  }, [list, patience]);
}

const all = recordingList("/api/recordings");

/** All that this person may watch. */
export function RecordingsPage() {
  const heading = html`<h1 id="recordings" tabindex="-1">${t("Recordings")}</h1>`;
  return html`<${Recordings} list=${all} leads=${may("classes.plan") || (all.data.value ?? []).some((one) => one.edit)} heading=${heading} />`;
}

/**
 * @param {object} props
 * @param {RecordingList} props.list
 * @param {boolean} props.leads whether this person brings back what was thrown away
 * @param {string} [props.course] only what is of it is in the trash
 * @param {any} [props.heading]
 */
export function Recordings({ list, leads, course, heading }) {
  useList(list);
  const [words, setWords] = useState("");
  const [trash, setTrash] = useState(false);
  return html`<section class="list-section" aria-labelledby="recordings" data-test="recordings">
    <div class="section-head">
      ${heading ?? html`<h2 id="recordings">${t("Recordings")}</h2>`}
      ${leads && html`<${Button} icon=${trash ? "arrow-left" : "trash-2"} test="trash" pressed=${trash} onClick=${() => setTrash(!trash)}>${trash ? t("Back to the recordings") : t("Trash")}<//>`}
    </div>
    ${trash
      ? html`<${Trash} course=${course} onRestored=${() => void list.again()} />`
      : html`<${Loaded} of=${list}>${(/** @type {readonly Recorded[]} */ all) => html`<${List} list=${list} all=${all} words=${words} onSearch=${setWords} />`}<//>`}
    <${RecordingDialogs} list=${list} />
  </section>`;
}

/** @param {{ list: RecordingList, all: readonly Recorded[], words: string, onSearch: (words: string) => void }} props */
function List({ list, all, words, onSearch }) {
  const shown = found(all, words);
  const more = list.more.value;
  // Words are looked for in what is here: the rest comes by itself, page after page, while one looks for something.
  useEffect(() => {
    if (words !== "" && more) void list.next();
  }, [words, more, all.length]);
  if (all.length === 0) return html`<${Empty} icon="video" title=${t("No recordings yet")}>${t("A class that is recorded appears here as soon as it begins, and stays after it.")}<//>`;
  return html`${(all.length >= SEARCH_FROM || words !== "") && html`<div class="filters"><${SearchBox} label=${t("Find a recording")} onSearch=${onSearch} /></div>`}
    ${words !== "" && html`<p class="soft mark-text" role="status">${shown.length === 0 && !more ? t("Nothing of that name was recorded.") : tn("{n} recording", "{n} recordings", shown.length)}</p>`}
    ${shown.length > 0 && html`<ul class="rows">${shown.map((one) => html`<${RecordingRow} key=${one.id} one=${one} list=${list} />`)}</ul>`}
    ${more && html`<div class="list-more"><${Button} onClick=${() => list.next()}>${t("Show older ones")}<//></div>`}`;
}

/** What was thrown away, for thirty days. @param {{ course: string | undefined, onRestored: () => void }} props */
function Trash({ course, onRestored }) {
  const list = useMemo(() => recordingList("/api/recordings", { trash: true }), []);
  useList(list);
  return html`<${Loaded} of=${list}>
    ${(/** @type {readonly Recorded[]} */ all) => {
      const shown = all.filter((one) => course === undefined || one.course === course);
      if (shown.length === 0 && !list.more.value) return html`<${Empty} icon="trash-2" title=${t("The trash is empty")}>${t("What is deleted stays here for thirty days.")}<//>`;
      return html`<ul class="rows">${shown.map((one) => html`<${TrashRow} key=${one.id} one=${one} list=${list} onRestored=${onRestored} />`)}</ul>
        ${list.more.value && html`<div class="list-more"><${Button} onClick=${() => list.next()}>${t("Show older ones")}<//></div>`}`;
    }}
  <//>`;
}
