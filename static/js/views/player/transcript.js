/** What was said, as a text: follows the recording, and a press on a line goes there. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { formatDuration, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { Button } from "../parts/button.js";
import { Empty } from "../parts/marks.js";
import { languageName, shownLanguage } from "./captions_menu.js";
import { dialog } from "./view.js";

/** @typedef {import("../../state/types_playback.js").Cue} Cue */

export function TranscriptPanel() {
  const show = useShow();
  const offered = show.languages.value;
  const [chosen, setChosen] = useState("");
  const language = offered.includes(chosen) ? chosen : shownLanguage(show) || offered[0] || "";
  useEffect(() => {
    if (language) void show.texts.load(language);
  }, [language]);
  const edit = show.can.edit && html`<${Button} icon="pencil" onClick=${() => (dialog.value = "captions")}>${t("Add or correct captions")}<//>`;
  if (language === "") return html`<${Empty} icon="captions" title=${t("There is no text yet")} action=${edit}>${t("With captions, what was said stands here to be read, searched and followed.")}<//>`;
  return html`<div class="panel transcript">
    ${offered.length > 1 &&
    html`<div class="chips transcript-head" role="group" aria-label=${t("Language")}>
      ${offered.map((code) => html`<button key=${code} type="button" class="chip" lang=${code} aria-pressed=${String(code === language)} onClick=${() => setChosen(code)}>${languageName(code)}</button>`)}
    </div>`}
    <${Lines} cues=${show.texts.of.value[language]?.cues ?? []} language=${language} />
    ${edit && html`<div class="panel-foot">${edit}</div>`}
  </div>`;
}

/** @param {{ cues: readonly Cue[], language: string }} props */
function Lines({ cues, language }) {
  const { player } = useShow();
  const list = useRef(/** @type {HTMLOListElement | null} */ (null));
  const [away, setAway] = useState(false);
  const moved = useRef(0);
  const at = cues.findLastIndex((cue) => cue.from <= player.time.value);
  const follow = () => {
    moved.current = performance.now();
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
  };
  useLayoutEffect(() => {
    if (!away) follow();
  }, [at, away]);
  // A wheel or a finger is somebody who reads elsewhere; our own scrolling is not.
  const leave = () => performance.now() - moved.current > 200 && setAway(true);
  return html`<div class="transcript-room">
    <ol class="transcript-lines" ref=${list} tabindex="0" lang=${language} dir="auto" aria-label=${t("What was said")} onWheel=${leave} onTouchMove=${leave}>
      ${cues.map(
        (cue, index) => html`<li key=${cue.from} aria-current=${index === at ? "true" : undefined} class=${`cue ${index === at ? "cue-on" : ""}`}>
          <button type="button" class="cue-go" data-test="cue" onClick=${() => (setAway(false), player.seek(cue.from))}>
            <span class="moment">${formatDuration(cue.from)}</span>
            <span>${cue.voice && html`<b>${cue.voice}: </b>`}${cue.text}</span>
          </button>
        </li>`,
      )}
    </ol>
    ${away && html`<${Button} class="chat-fresh" kind="primary" icon="arrow-down" onClick=${() => setAway(false)}>${t("Follow the recording")}<//>`}
  </div>`;
}
