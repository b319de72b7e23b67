/**
 * Who and what stands on the stage, decided without the DOM: the tiles of a class, the one that gets the space, how a grid is
 * cut, and how long somebody must speak before the picture changes to them.
 *
 * The order of tiles never depends on who speaks: a face keeps its place, and only the ring around it moves.
 */

/** @typedef {import("../state/context.js").RoomState} RoomState */
/** @typedef {import("../state/context.js").Person} Person */
/** @typedef {import("../state/context.js").Track} Track */

/**
 * @typedef {object} Tile
 * @property {string} key "PERSON/camera" or "PERSON/screen"
 * @property {string} person
 * @property {"camera" | "screen"} kind
 * @property {Track | null} picture the camera or screen track, null where there is none (then the avatar is shown)
 * @property {Track | null} sound the microphone, or the sound of the screen
 */

/** People up to this number are all shown in the grid, with or without a picture: more discs would only be wallpaper. */
export const EVERYBODY = 9;

const RANK = { teacher: 0, assistant: 1, student: 2, guest: 3 };

/**
 * Return the tiles: screens first (the newest first of all), then teachers, then the others by when they came on the stage.
 *
 * Shown are those who send something, and teachers always: a class that begins has a face.
 *
 * @param {RoomState["stage"]} stage
 * @param {RoomState["people"]} people
 * @param {boolean} [everybody] those too who send nothing (for a small class in the grid)
 * @returns {Tile[]}
 */
export function tilesOf(stage, people, everybody = false) {
  const tracks = Object.values(stage.tracks);
  const present = Object.values(people.items).filter((person) => person.present);
  const all = everybody && present.length <= EVERYBODY;
  const shown = present.filter((person) => all || person.role === "teacher" || tracks.some((track) => track.person === person.id));
  const since = (/** @type {Person} */ person) => Math.min(...tracks.filter((track) => track.person === person.id).map((track) => track.since), Infinity);
  const order = new Map(shown.map((person) => [person.id, since(person)]));
  shown.sort((a, b) => RANK[a.role] - RANK[b.role] || compareNumbers(order.get(a.id), order.get(b.id)) || a.joined_at - b.joined_at || (a.id < b.id ? -1 : 1));
  const screens = tracks.filter((track) => track.kind === "screen").sort((a, b) => b.since - a.since);
  return [
    ...screens.map((track) => tile(track.person, "screen", track, find(tracks, track.person, "screen_audio"))),
    ...shown.map((person) => tile(person.id, "camera", find(tracks, person.id, "camera"), find(tracks, person.id, "microphone"))),
  ];
}

function compareNumbers(one = Infinity, other = Infinity) {
  return one === other ? 0 : one - other;
}

/** @returns {Tile} */
function tile(/** @type {string} */ person, /** @type {"camera" | "screen"} */ kind, /** @type {Track | null} */ picture, /** @type {Track | null} */ sound) {
  return { key: `${person}/${kind}`, person, kind, picture, sound };
}

function find(/** @type {Track[]} */ tracks, /** @type {string} */ person, /** @type {string} */ kind) {
  return tracks.find((track) => track.person === person && track.kind === kind) ?? null;
}

/**
 * Return the tile that gets the stage: the pinned one, else a screen, else who speaks, else the first with a picture, else the
 * first.
 *
 * Own picture and screen come last: nobody needs to see himself large, unless he is alone.
 *
 * @param {readonly Tile[]} tiles
 * @param {{ pinned: string | null, speaker: string | null, me: string }} wish
 * @returns {Tile | null}
 */
export function mainTile(tiles, { pinned, speaker, me }) {
  const others = tiles.filter((each) => each.person !== me);
  const withPicture = (/** @type {Tile} */ each) => each.picture !== null && !each.picture.muted;
  return (
    tiles.find((each) => each.key === pinned) ??
    others.find((each) => each.kind === "screen") ??
    others.find((each) => each.person === speaker) ??
    others.find(withPicture) ??
    others[0] ??
    tiles[0] ??
    null
  );
}

/** Milliseconds that somebody must have been the loudest before the stage turns to them: a cough or a "yes" is shorter. */
export const TO_TAKE = 2000;
/** Milliseconds that the stage then stays with them: two people in a lively talk do not make it flicker. */
export const TO_KEEP = 4000;

/**
 * @typedef {object} Steady
 * @property {string | null} shown who has the stage
 * @property {number} shownAt since when
 * @property {string | null} next who is loudest now, if somebody else
 * @property {number} nextAt since when
 */

/** @type {Steady} */
export const NOBODY = { shown: null, shownAt: -Infinity, next: null, nextAt: 0 };

/**
 * Return the steady speaker after `dominant` was heard to be the loudest at `now` (ms). Silence changes nothing.
 *
 * @param {Steady} steady
 * @param {string | null} dominant
 * @param {number} now
 * @returns {Steady}
 */
export function follow(steady, dominant, now) {
  if (dominant === null || dominant === steady.shown) return steady.next === null ? steady : { ...steady, next: null };
  if (steady.shown === null) return { shown: dominant, shownAt: now, next: null, nextAt: 0 };
  if (dominant !== steady.next) return { ...steady, next: dominant, nextAt: now };
  return now >= due(steady) ? { shown: dominant, shownAt: now, next: null, nextAt: 0 } : steady;
}

/** Return when the one who speaks now may take the stage (ms), if he goes on. */
export function due(/** @type {Steady} */ steady) {
  return steady.next === null ? Infinity : Math.max(steady.nextAt + TO_TAKE, steady.shownAt + TO_KEEP);
}

/** A tile is as wide as a camera sees: 16 to 9. */
export const RATIO = 16 / 9;

/**
 * Cut `width` x `height` CSS pixels into tiles as large as possible.
 *
 * @param {number} count how many tiles there are
 * @param {number} width
 * @param {number} height
 * @param {{ gap?: number, least?: number }} [options] `least`: the narrowest tile in which a face can be made out
 * @returns {{ columns: number, size: number, fits: number }} columns, the width of a tile, and how many fit on one page
 */
export function cut(count, width, height, { gap = 8, least = 160 } = {}) {
  let best = { columns: 1, size: 0, fits: count };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.floor(Math.min((width - gap * (columns - 1)) / columns, ((height - gap * (rows - 1)) / rows) * RATIO));
    if (size > best.size) best = { columns, size, fits: count };
  }
  return best.size >= least || count <= 1 ? best : page(width, height, gap, Math.min(least, width));
}

/** Return the page of smallest tiles. */
function page(/** @type {number} */ width, /** @type {number} */ height, /** @type {number} */ gap, /** @type {number} */ least) {
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const size = Math.floor((width - gap * (columns - 1)) / columns);
  const rows = Math.max(1, Math.floor((height + gap) / (size / RATIO + gap)));
  return { columns, size, fits: columns * rows };
}
