/** The captions of the moment, over the lower part of the stage. */
import { useEffect } from "preact/hooks";
import { html } from "../../html.js";
import { useShow } from "../../state/show.js";
import { cuesAt } from "../../state/vtt.js";
import { shownLanguage } from "./captions_menu.js";
import { captionBand, captionSize } from "./view.js";

export function CaptionLine() {
  const show = useShow();
  const language = shownLanguage(show);
  useEffect(() => {
    if (language) void show.texts.load(language);
  }, [language]);
  if (!language) return null;
  return html`<${Words} cues=${show.texts.of.value[language]?.cues ?? []} language=${language} />`;
}

/** @param {{ cues: readonly import("../../state/types_playback.js").Cue[], language: string }} props */
function Words({ cues, language }) {
  const { player } = useShow();
  const now = cuesAt(cues, player.time.value);
  if (now.length === 0) return null;
  return html`<div class=${`caption caption-${captionSize.value} ${captionBand.value ? "caption-band" : ""}`} lang=${language} dir="auto" data-test="caption">
    ${now.map((cue) => html`<p key=${cue.from}><span>${cue.voice && html`<b>${cue.voice}: </b>`}${cue.text}</span></p>`)}
  </div>`;
}
