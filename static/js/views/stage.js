/**
 * The stage: one large tile with a strip of the others below it, or a grid of equals. It owns the space of the page.
 *
 * A tile keeps its element when it moves between strip and stage only within one layout; the picture itself is only a stream,
 * so nothing is fetched again when it moves.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Answering } from "./answering.js";
import { IconButton } from "./parts/button.js";
import { Empty } from "./parts/marks.js";
import { ReactionCounts } from "./reactions.js";
import { cut, mainTile, tilesOf } from "./stage_layout.js";
import { useSteadySpeaker } from "./steady.js";
import { SoundButton } from "./sound_button.js";
import { TileView } from "./tiles.js";
import { layout, pinned } from "./view.js";

/** @typedef {import("./stage_layout.js").Tile} Tile */

/** CSS pixels of the narrowest tile of a grid: below it, only one more column on a phone keeps faces readable. */
const LEAST = 150;

export function Stage() {
  const room = useRoom();
  const grid = layout.value === "grid";
  const tiles = tilesOf(room.state.stage.value, room.state.people.value, grid);
  return html`<section class=${`stage stage-as-${layout.value}`} aria-label=${t("Stage")} id="stage" tabindex="-1">
    <${Answering} />
    ${tiles.length === 0 ? html`<${NothingYet} />` : grid ? html`<${Grid} tiles=${tiles} />` : html`<${OneAndStrip} tiles=${tiles} />`}
  </section>`;
}

/** What floats over the pictures, in the corner where no name stands. */
function Floats() {
  return html`<div class="stage-floats"><${ReactionCounts} /><${SoundButton} /></div>`;
}

function NothingYet() {
  const room = useRoom();
  if (room.replay)
    return html`<div class="stage-empty">
      <${Floats} />
      <${Empty} icon="presentation" title=${t("The stage was empty here")}>${t("At this moment nobody showed a picture or a screen.")}<//>
    </div>`;
  return html`<div class="stage-empty">
    <${Floats} />
    <${Empty} icon="presentation" title=${t("The stage is empty")}>
      ${t("As soon as the teacher comes or somebody shows a picture or a screen, you see it here. Chat and questions work already.")}
    <//>
  </div>`;
}

/** @param {{ tiles: Tile[] }} props */
function OneAndStrip({ tiles }) {
  const room = useRoom();
  const speaker = useSteadySpeaker();
  // Of a recording one wants to see oneself like anybody else: that is what is reviewed.
  const main = mainTile(tiles, { pinned: pinned.value, speaker, me: room.replay ? "" : room.me.value.id });
  const others = tiles.filter((tile) => tile !== main);
  return html`<div class="stage-main">
      <${Floats} />
      ${main && html`<${TileView} key=${main.key} tile=${main} place="main" />`}
    </div>
    ${others.length > 0 &&
    html`<div class="strip" role="group" aria-label=${t("Others on the stage")} tabindex="0">
      ${others.map((tile) => html`<${TileView} key=${tile.key} tile=${tile} place="strip" />`)}
    </div>`}`;
}

/** @param {{ tiles: Tile[] }} props */
function Grid({ tiles }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [space, setSpace] = useState({ width: 0, height: 0 });
  const [page, setPage] = useState(0);
  useLayoutEffect(() => {
    const node = box.current;
    if (node === null) return;
    const measure = () => setSpace({ width: node.clientWidth, height: node.clientHeight });
    const sizes = new ResizeObserver(measure);
    sizes.observe(node);
    measure();
    return () => sizes.disconnect();
  }, []);
  const { columns, size, fits } = cut(tiles.length, space.width, space.height, { least: LEAST });
  const pages = Math.max(1, Math.ceil(tiles.length / Math.max(1, fits)));
  const at = Math.min(page, pages - 1);
  const shown = tiles.slice(at * fits, (at + 1) * fits);
  return html`<div class="grid-room">
    <${Floats} />
    <div class="grid" ref=${box} style=${{ "--columns": Math.min(columns, shown.length || 1), "--tile-width": `${size}px` }}>
      <div class="grid-tiles">${size > 0 && shown.map((tile) => html`<${TileView} key=${tile.key} tile=${tile} place="grid" />`)}</div>
    </div>
    ${pages > 1 && html`<${Pages} at=${at} pages=${pages} onChange=${setPage} />`}
  </div>`;
}

/** @param {{ at: number, pages: number, onChange: (page: number) => void }} props */
function Pages({ at, pages, onChange }) {
  return html`<nav class="grid-pages" aria-label=${t("Pages of the grid")}>
    <${IconButton} icon="chevron-left" label=${t("Previous page")} disabled=${at === 0} onClick=${() => onChange(at - 1)} />
    <span class="mark-text" aria-live="polite">${t("{page} of {pages}", { page: at + 1, pages })}</span>
    <${IconButton} icon="chevron-right" label=${t("Next page")} disabled=${at === pages - 1} onClick=${() => onChange(at + 1)} />
  </nav>`;
}
