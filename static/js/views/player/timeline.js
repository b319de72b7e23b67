/**
 * The bar that time runs along: chapters as its pieces, what is buffered, pauses hatched, what was cut (for editors), questions
 * and search hits as marks, what one has seen as a thin band, and for staff how much each place was watched.
 *
 * It is one slider for keyboard and screen reader; the marks have their list in the panels, so they are no stops of the tab key.
 */
import { signal } from "@preact/signals-core";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { formatDuration, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { chapterAt, joined, parts, share, sliderStep } from "../../state/timeline.js";
import { inWords } from "../../state/times.js";
import { Heat } from "./heat.js";
import { Hover } from "./hover.js";
import { Marks } from "./marks.js";
import { asViewer } from "./view.js";

/** The class time under the mouse or finger, null for none. */
export const pointed = signal(/** @type {number | null} */ (null));
/** A finger or the mouse holds the bar: the time shown is the one under it until it is let go. */
const held = signal(false);

const percent = (/** @type {number} */ part) => `${(part * 100).toFixed(3)}%`;

/** Where a stretch stands on the bar. @param {number} from @param {number} upto @param {number} duration */
const place = (from, upto, duration) => ({ insetInlineStart: percent(share(from, duration)), inlineSize: percent(share(upto, duration) - share(from, duration)) });

export function Timeline() {
  const { player } = useShow();
  const bar = useRef(/** @type {HTMLDivElement | null} */ (null));
  const width = useWidth(bar);
  const duration = player.duration.value;
  const at = (/** @type {PointerEvent} */ event) => {
    const box = bar.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    return Math.round(share(event.clientX - box.left, box.width) * player.duration.peek());
  };
  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    bar.current?.setPointerCapture(event.pointerId);
    held.value = true;
    pointed.value = at(event);
  };
  const up = (/** @type {PointerEvent} */ event) => {
    if (!held.value) return;
    held.value = false;
    player.seek(at(event));
    if (event.pointerType !== "mouse") pointed.value = null;
  };
  const off = () => {
    held.value = false;
    pointed.value = null;
  };
  return html`<div class="timeline" id="timeline">
    <${Heat} />
    <div
      class=${`timeline-bar ${held.value ? "timeline-held" : ""}`}
      ref=${bar}
      data-test="timeline"
      onPointerDown=${down}
      onPointerMove=${(/** @type {PointerEvent} */ event) => (pointed.value = at(event))}
      onPointerUp=${up}
      onPointerCancel=${off}
      onPointerLeave=${() => held.value || off()}
    >
      <${Pieces} duration=${duration} />
      <${Marks} duration=${duration} width=${width} />
      <${Handle} />
    </div>
    <${Hover} width=${width} />
  </div>`;
}

/** @param {{ current: HTMLElement | null }} box @returns {number} its width in CSS pixels, followed */
function useWidth(box) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const node = box.current;
    if (node === null) return;
    const sizes = new ResizeObserver(() => setWidth(node.clientWidth));
    sizes.observe(node);
    setWidth(node.clientWidth);
    return () => sizes.disconnect();
  }, []);
  return width;
}

/** Chapters with what is played and buffered in each; over them pauses and cuts. @param {{ duration: number }} props */
function Pieces({ duration }) {
  const show = useShow();
  // Viewers are not told where something is missing.
  const cuts = asViewer.value || !show.can.edit ? [] : show.cuts.value;
  return html`<div class="timeline-pieces" aria-hidden="true">
    ${parts(show.chapters.value, duration).map((part) => html`<span key=${part.from} class="timeline-piece" style=${place(part.from, part.upto, duration)}></span>`)}
    <${Buffered} duration=${duration} />
    <${Played} />
    ${show.gaps.value.map((gap) => html`<span key=${gap.start} class="timeline-gap" style=${place(gap.start, gap.end, duration)}></span>`)}
    ${cuts.map(([from, upto]) => html`<span key=${from} class="timeline-cut" style=${place(from, upto, duration)}></span>`)}
    <${Seen} duration=${duration} />
  </div>`;
}

/** @param {{ duration: number }} props */
function Buffered({ duration }) {
  const { player } = useShow();
  return joined(player.buffered.value, 250).map(
    ([from, upto]) => html`<span key=${from} class="timeline-buffered" style=${place(from, upto, duration)}></span>`,
  );
}

function Played() {
  const { player } = useShow();
  const t = held.value && pointed.value !== null ? pointed.value : player.time.value;
  return html`<span class="timeline-played" style=${{ inlineSize: percent(share(t, player.duration.value)) }}></span>`;
}

/** @param {{ duration: number }} props */
function Seen({ duration }) {
  const { watched, can } = useShow();
  useEffect(() => {
    if (can.ask) void watched.load();
  }, []);
  return joined(watched.data.value, 6000).map(
    ([from, upto]) => html`<span key=${from} class="timeline-seen" style=${place(from, upto, duration)}></span>`,
  );
}

/** The knob, and the slider for those who do not point. */
function Handle() {
  const show = useShow();
  const { player } = show;
  const duration = player.duration.value;
  const time = held.value && pointed.value !== null ? pointed.value : player.time.value;
  const chapter = chapterAt(show.chapters.value, time);
  const said = t("{time} of {duration}", { time: inWords(time), duration: inWords(duration) });
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = sliderStep(event.key, player.time.peek(), player.duration.peek());
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    player.seek(to);
  };
  return html`<div
    class="timeline-handle"
    style=${{ insetInlineStart: percent(share(time, duration)) }}
    role="slider"
    tabindex="0"
    data-test="seek"
    aria-label=${t("Moment of the recording")}
    aria-valuemin="0"
    aria-valuemax=${Math.round(duration / 1000)}
    aria-valuenow=${Math.round(time / 1000)}
    aria-valuetext=${chapter?.title ? `${said}, ${chapter.title}` : said}
    onKeyDown=${keys}
  ></div>`;
}

/** "12:41 / 48:03", for the eyes; the slider says it to others. */
export function Times() {
  const { player } = useShow();
  const time = held.value && pointed.value !== null ? pointed.value : player.time.value;
  return html`<span class="player-times" aria-hidden="true">
    <span data-test="time">${formatDuration(time)}</span><span class="faint"> / <span data-test="duration">${formatDuration(player.duration.value)}</span></span>
  </span>`;
}
