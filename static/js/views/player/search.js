/** Search in what was written, asked and said; what is found is marked on the timeline, too. */
import { signal } from "@preact/signals-core";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../../html.js";
import { formatDuration, t, tn } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { pieces } from "../../state/found.js";
import { Badge, Empty } from "../parts/marks.js";
import { Spinner } from "../parts/spinner.js";
import { explain } from "../refusals.js";
import { SearchBox } from "../search_box.js";
import { hits } from "./view.js";

/** @typedef {import("../../state/types_playback.js").Hit} Hit */
/** @typedef {import("../../protocol/api.js").Outcome<Hit[]>} Outcome */

/** What is looked for, and how that goes. */
const asked = signal("");
const state = signal(/** @type {"" | "asking" | Extract<Outcome, { ok: false }>} */ (""));

/** One letter finds everything. */
const LEAST = 2;

export function SearchPanel() {
  const show = useShow();
  const panel = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => panel.current?.querySelector("input")?.focus(), []);
  const search = async (/** @type {string} */ query) => {
    if (query === asked.peek()) return;
    asked.value = query;
    hits.value = [];
    if (query.length < LEAST) return void (state.value = "");
    state.value = "asking";
    const outcome = /** @type {Outcome} */ (await show.api("GET", `/search?q=${encodeURIComponent(query)}`));
    if (query !== asked.peek()) return; // Something else is looked for by now.
    state.value = outcome.ok ? "" : outcome;
    if (outcome.ok) hits.value = [...outcome.data].sort((a, b) => a.t - b.t);
  };
  // The field is empty when it comes back; so is what it found, and an answer on its way is for nobody.
  useEffect(
    () => () => {
      asked.value = "";
      state.value = "";
      hits.value = [];
    },
    [],
  );
  return html`<div class="panel search-panel" ref=${panel}>
    <div class="search-head"><${SearchBox} label=${t("Search in this recording")} onSearch=${search} /></div>
    <${Found} />
  </div>`;
}

function Found() {
  const { player } = useShow();
  const now = state.value;
  const query = asked.value;
  if (now === "asking") return html`<div class="side-wait"><${Spinner} label=${t("Searching")} /></div>`;
  if (now !== "") return html`<${Empty} icon="triangle-alert" title=${t("This could not be shown")}>${explain(now)}<//>`;
  if (query.length < LEAST) return html`<${Empty} icon="search" title=${t("Find a moment")}>${t("Words of the chat, of questions and answers, and of what was said.")}<//>`;
  if (hits.value.length === 0) return html`<${Empty} icon="search" title=${t("Nothing found")}>${t("Try a shorter word or another form of it.")}<//>`;
  const names = { chat: t("Chat"), question: t("Question"), answer: t("Answer"), caption: t("Said") };
  return html`<p class="search-count mark-text soft" role="status">${tn("{n} place", "{n} places", hits.value.length)}</p>
    <ol class="search-hits" tabindex="0" aria-label=${t("Found")}>
      ${hits.value.map(
        (hit, index) => html`<li key=${index}>
          <button type="button" class="cue-go" data-test="hit" onClick=${() => player.seek(hit.t)}>
            <span class="moment">${formatDuration(hit.t)}</span>
            <span class="hit-words"><${Badge}>${names[hit.kind]}<//> ${hit.author_name && html`<b>${hit.author_name}: </b>`}${pieces(hit.text, query).map((piece) => (piece.found ? html`<mark>${piece.text}</mark>` : piece.text))}</span>
          </button>
        </li>`,
      )}
    </ol>`;
}
