/** Captions for editors: a file is put in, what is wrong in it is told with its line, a cue is corrected in its place. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../../html.js";
import { LOCALES, formatDuration, t, tn } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { readCaptions } from "../../state/vtt.js";
import { Button, IconButton } from "../parts/button.js";
import { Choice } from "../parts/choice.js";
import { Confirm, Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { Notice } from "../parts/marks.js";
import { toast } from "../parts/toast.js";
import { explain } from "../refusals.js";
import { languageName } from "./captions_menu.js";
import { captions, dialog } from "./view.js";

/** @typedef {import("../../state/types_playback.js").Cue} Cue */
/** @typedef {import("../../state/vtt.js").Trouble} Trouble */

/** Troubles that are listed: a file of another kind would fill the page with them. */
const LISTED = 8;

/** @param {Trouble} trouble */
function sayTrouble({ line, code }) {
  const said = {
    time: t("line {line}: the times cannot be read", { line }),
    order: t("line {line}: it ends before it begins", { line }),
    empty: t("line {line}: there are no words", { line }),
    none: t("there is no caption in this file; it should be WebVTT (.vtt) or SubRip (.srt)"),
    long: t("the file is too large for captions"),
  };
  return said[code];
}

export function CaptionsDialog() {
  const show = useShow();
  const [language, setLanguage] = useState(show.languages.peek()[0] ?? document.documentElement.lang);
  const [cues, setCues] = useState(/** @type {readonly Cue[] | null} */ (null));
  const [kept, setKept] = useState(/** @type {readonly Cue[] | null} */ (null));
  const [troubles, setTroubles] = useState(/** @type {readonly Trouble[]} */ ([]));
  const [removing, setRemoving] = useState(false);
  const there = show.languages.value.includes(language);
  useEffect(() => {
    setTroubles([]);
    setCues(null);
    setKept(null);
    let gone = false;
    if (there) void show.texts.whole(language).then((found) => gone || setKept(found));
    return () => void (gone = true);
  }, [language]);
  const shown = cues ?? kept ?? [];
  const take = async (/** @type {File | undefined} */ file) => {
    if (file === undefined) return;
    const read = readCaptions(await file.text());
    setTroubles(read.troubles);
    if (read.cues.length > 0) setCues(read.cues);
  };
  const save = async () => {
    const outcome = await show.saveCaptions(language, shown);
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    setCues(null);
    setKept(show.texts.of.peek()[language]?.cues ?? shown);
    captions.value = language;
    toast(t("The captions were saved."), { kind: "good" });
  };
  const remove = async () => {
    const outcome = await show.removeCaptions(language);
    if (!outcome.ok) return void toast(explain(outcome), { kind: "bad" });
    setCues(null);
    setKept(null);
  };
  const options = [...new Set([...LOCALES, ...show.languages.value])].map((code) => ({ value: code, label: languageName(code), lang: code }));
  const footer = html`${there && html`<${Button} icon="trash-2" onClick=${() => setRemoving(true)}>${t("Remove these captions")}<//>`}
    <${Button} kind="primary" test="captions-save" disabled=${cues === null} onClick=${save}>${t("Save")}<//>`;
  return html`<${Dialog} title=${t("Captions")} size="large" footer=${footer} onClose=${() => (dialog.value = "")}>
    <${Choice} label=${t("Language")} value=${language} options=${options} onChange=${setLanguage} />
    <label class="button button-plain file-button">
      <${Icon} name="upload" />${there ? t("Replace them by a file") : t("Take a file (WebVTT or SubRip)")}
      <input class="out-of-sight" type="file" accept=".vtt,.srt,text/vtt,application/x-subrip" data-test="captions-file" onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => void take(event.currentTarget.files?.[0])} />
    </label>
    ${troubles.length > 0 && html`<${Troubles} troubles=${troubles} kept=${cues?.length ?? 0} />`}
    ${shown.length > 0 && html`<${CueList} cues=${shown} onChange=${setCues} />`}
    ${removing &&
    html`<${Confirm} title=${t("Remove these captions?")} text=${t("They cannot be brought back, unless you have the file.")} action=${t("Remove")} onConfirm=${remove} onClose=${() => setRemoving(false)} />`}
  <//>`;
}

/** @param {{ troubles: readonly Trouble[], kept: number }} props */
function Troubles({ troubles, kept }) {
  const more = troubles.length - LISTED;
  return html`<${Notice} kind=${kept > 0 ? "weak" : "stop"} icon="triangle-alert" alert title=${kept > 0 ? tn("{n} caption was read; not read was:", "{n} captions were read; not read was:", kept) : t("The file could not be read:")}>
    <ul data-test="captions-troubles">
      ${troubles.slice(0, LISTED).map((trouble) => html`<li key=${trouble.line}>${sayTrouble(trouble)}</li>`)}
      ${more > 0 && html`<li>${tn("and {n} more line", "and {n} more lines", more)}</li>`}
    </ul>
  <//>`;
}

/** Cues drawn at once: a text field each, so a whole lesson of them would be slow on a phone. */
const PAGE = 60;

/** @param {{ cues: readonly Cue[], onChange: (cues: readonly Cue[]) => void }} props */
function CueList({ cues, onChange }) {
  const { player } = useShow();
  const [from, setFrom] = useState(() => Math.max(0, cues.findLastIndex((cue) => cue.from <= player.time.peek()) - 3));
  const start = Math.min(from, Math.max(0, cues.length - PAGE));
  const put = (/** @type {number} */ at, /** @type {string} */ text) => onChange(cues.map((cue, index) => (index === at ? { ...cue, text } : cue)));
  return html`<div class="cue-list">
    ${start > 0 && html`<${Button} kind="quiet" icon="chevron-up" onClick=${() => setFrom(Math.max(0, start - PAGE))}>${t("Earlier")}<//>`}
    <ol aria-label=${t("Captions")}>
      ${cues.slice(start, start + PAGE).map(
        (cue, index) => html`<li key=${`${start + index}-${cue.from}`} class="cue-row" data-test="cue-row">
          <button type="button" class="moment" onClick=${() => player.seek(cue.from)}>${formatDuration(cue.from)}</button>
          <textarea
            class="input"
            rows=${cue.text.split("\n").length}
            aria-label=${t("Words at {time}", { time: formatDuration(cue.from) })}
            value=${cue.text}
            onChange=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ event) => event.currentTarget.value.trim() && put(start + index, event.currentTarget.value.trim())}
          ></textarea>
          <${IconButton} icon="trash-2" label=${t("Remove this caption")} onClick=${() => onChange(cues.filter((_, at) => at !== start + index))} />
        </li>`,
      )}
    </ol>
    ${start + PAGE < cues.length && html`<${Button} kind="quiet" icon="chevron-down" onClick=${() => setFrom(start + PAGE)}>${t("Later")}<//>`}
  </div>`;
}
