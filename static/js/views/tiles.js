/**
 * A tile: one camera, one screen, or a person without a picture. It says whose it is, whether that person is heard, has a
 * hand up or a weak line, and offers to pin it, to show it full screen and, to staff, to mute and to stop.
 */
import { useRef } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { ownEntry, staffEntry, whyNotRecorded } from "./consent.js";
import { LineBars } from "./line_bars.js";
import { nameOf } from "./names.js";
import { Avatar } from "./parts/avatar.js";
import { Button } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { Menu } from "./parts/menu.js";
import { Picture } from "./picture.js";
import { isStaff } from "./rights.js";
import { pinned, toggleFullScreen, togglePin } from "./view.js";

/** @typedef {import("./stage_layout.js").Tile} Tile */
/** @typedef {import("../state/context.js").Room} Room */

/** Above this level somebody is speaking (the server's levels are 0..1, breath and fans stay below). */
const HEARD = 0.08;

/**
 * @param {object} props
 * @param {Tile} props.tile
 * @param {"main" | "strip" | "grid"} props.place
 */
export function TileView({ tile, place }) {
  const room = useRoom();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const mine = !room.replay && tile.person === room.me.value.id;
  const name = nameOf(room, tile.person);
  const label = labelOf(tile, mine, name);
  return html`<article
    ref=${box}
    class=${`tile tile-${place} tile-of-${tile.kind}`}
    aria-label=${label}
    data-test="tile"
    data-person=${tile.person}
    data-kind=${tile.kind}
    onDblClick=${() => togglePin(tile.key)}
  >
    <${Content} tile=${tile} mine=${mine} name=${name} label=${label} />
    <${Ring} tile=${tile} mine=${mine} />
    <div class="tile-name">
      <${Voice} tile=${tile} mine=${mine} />
      <span class="one-line">${label}</span>
    </div>
    <${Marks} tile=${tile} />
    <${TileMenu} tile=${tile} mine=${mine} name=${label} box=${box} />
  </article>`;
}

/** Return what is written on the tile. */
function labelOf(/** @type {Tile} */ tile, /** @type {boolean} */ mine, /** @type {string} */ name) {
  if (tile.kind === "screen") return mine ? t("Your screen") : t("Screen of {name}", { name });
  return mine ? t("{name} (you)", { name }) : name;
}

/** @param {{ tile: Tile, mine: boolean, name: string, label: string }} props */
function Content({ tile, mine, name, label }) {
  const room = useRoom();
  const { picture, kind } = tile;
  if (mine && kind === "screen") return html`<${OwnScreen} />`;
  const mode = room.media.mode.value;
  const received = mine || mode === "everything" || (mode === "slides" && kind === "screen");
  if (picture === null || picture.muted || !received) {
    return html`<${Avatar} id=${tile.person} name=${name} size="fit" />
      ${picture !== null && !received && html`<p class="tile-saved mark-text">${t("Picture off, as you chose")}</p>`}`;
  }
  const stream = mine ? room.media.local.value.camera : (room.media.streams.value.get(picture.id) ?? null);
  return html`<${Picture} key=${picture.id} stream=${stream} label=${label} mirrored=${mine} track=${mine ? null : picture.id} />`;
}

/** Own screen is not shown to oneself: it would be a hall of mirrors. */
function OwnScreen() {
  const room = useRoom();
  return html`<div class="own-screen">
    <${Icon} name="screen-share" size=${32} />
    <p>${t("Everybody sees your screen.")}</p>
    <${Button} kind="stop" icon="screen-share-off" onClick=${() => room.media.setScreen(false)}>${t("Stop sharing")}<//>
  </div>`;
}

/** How loud this person is now, 0..1. Read in small components of their own, because it changes four times a second. */
function loudness(/** @type {Room} */ room, /** @type {Tile} */ tile, /** @type {boolean} */ mine) {
  if (tile.kind === "screen" || tile.sound === null || tile.sound.muted) return 0;
  return mine ? room.media.level.value : (room.speakers.value.levels[tile.person] ?? 0);
}

/** @param {{ tile: Tile, mine: boolean }} props */
function Ring({ tile, mine }) {
  return loudness(useRoom(), tile, mine) > HEARD ? html`<div class="tile-ring"></div>` : null;
}

/** @param {{ tile: Tile, mine: boolean }} props */
function Voice({ tile, mine }) {
  const room = useRoom();
  if (tile.kind === "screen") return html`<${Icon} name="screen-share" size=${16} />`;
  if (tile.sound === null || tile.sound.muted) return html`<${Icon} name="mic-off" size=${16} class="tile-muted" label=${t("microphone off")} />`;
  if (loudness(room, tile, mine) > HEARD) return html`<${Icon} name="audio-lines" size=${16} class="tile-voice" label=${t("is speaking")} />`;
  return html`<${Icon} name="mic" size=${16} label=${t("microphone on")} />`;
}

/** Hand, pin, weak line, and that somebody is not recorded. @param {{ tile: Tile }} props */
function Marks({ tile }) {
  const room = useRoom();
  const hand = tile.kind === "camera" && room.state.hands.value.queue.some((each) => each.person === tile.person);
  const line = room.network.value[tile.person];
  const weak = tile.kind === "camera" && (line === "weak" || line === "bad");
  const unrecorded = tile.picture !== null || tile.sound !== null ? whyNotRecorded(room, tile.person) : "";
  return html`<div class="tile-marks">
    ${unrecorded && html`<span class="tile-mark" data-test="not-recorded" data-tip=${unrecorded}><${Icon} name="circle-off" size=${16} label=${unrecorded} /></span>`}
    ${hand && html`<span class="tile-mark tile-mark-hand"><${Icon} name="hand" size=${16} label=${t("hand raised")} /></span>`}
    ${weak && html`<span class="tile-mark"><${LineBars} line=${line} size=${16} label=${t("weak connection")} /></span>`}
    ${pinned.value === tile.key && html`<span class="tile-mark"><${Icon} name="pin" size=${16} label=${t("pinned")} /></span>`}
  </div>`;
}

/** @param {{ tile: Tile, mine: boolean, name: string, box: { current: HTMLElement | null } }} props */
function TileMenu({ tile, mine, name, box }) {
  const room = useRoom();
  const items = () => [
    pinned.value === tile.key
      ? { icon: "pin-off", label: t("Unpin"), onSelect: () => togglePin(tile.key) }
      : { icon: "pin", label: t("Pin to the stage"), hint: t("Only for you"), onSelect: () => togglePin(tile.key) },
    { icon: "maximize", label: t("Full screen"), onSelect: () => void toggleFullScreen(box.current) },
    ...(mine ? apart(ownEntry(room)) : staffItems(room, tile)),
  ];
  return html`<div class="tile-menu">
    <${Menu} icon="ellipsis" label=${t("Actions for {name}", { name })} tip=${t("Actions")} items=${items} />
  </div>`;
}

/** What is not about the own view stands below a line. @param {import("./parts/menu.js").Choice[]} items @returns {import("./parts/menu.js").Entry[]} */
const apart = (items) => (items.length > 0 ? ["-", ...items] : []);

/**
 * @param {Room} room
 * @param {Tile} tile
 * @returns {import("./parts/menu.js").Entry[]}
 */
function staffItems(room, tile) {
  const person = room.state.people.value.items[tile.person];
  if (room.replay || !isStaff(room.me.value.role) || person === undefined) return [];
  const { sound, picture } = tile;
  const stop = tile.kind === "screen" ? t("Stop this screen") : t("Turn off the camera");
  /** @type {import("./parts/menu.js").Choice[]} */
  const items = [];
  if (sound && !sound.muted) items.push({ icon: "mic-off", label: t("Mute"), onSelect: () => void act(room, "stage.mute", { track: sound.id }) });
  if (picture) items.push({ icon: tile.kind === "screen" ? "screen-share-off" : "video-off", label: stop, onSelect: () => void act(room, "stage.stop", { track: picture.id }) });
  if (!isStaff(person.role)) items.push({ icon: "log-out", kind: "stop", label: t("Take the word back"), onSelect: () => void act(room, "stage.disallow", { person: person.id }) });
  items.push(...staffEntry(room, person));
  return apart(items);
}
