/** Who stands on the stage and how large; see static/js/views/stage_layout.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERYBODY, NOBODY, RATIO, TO_KEEP, TO_TAKE, cut, due, follow, mainTile, tilesOf } from "../../../static/js/views/stage_layout.js";

/** @typedef {import("../../../static/js/state/context.js").Person} Person */

/** @returns {Person} */
const person = (/** @type {string} */ id, /** @type {Person["role"]} */ role = "student", /** @type {Partial<Person>} */ more = {}) => ({
  id, name: id, role, present: true, joined_at: 0, left_at: 0, ...more,
});
const people = (/** @type {Person[]} */ ...all) => ({ items: Object.fromEntries(all.map((each) => [each.id, each])), blocked: [] });
const stage = (/** @type {[string, import("../../../static/js/state/context.js").Kind, number, boolean?][]} */ ...all) => ({
  allowed: {},
  tracks: Object.fromEntries(all.map(([who, kind, since, muted = false]) => [`${who}-${kind}`, { id: `${who}-${kind}`, person: who, kind, muted, since }])),
});
const keys = (/** @type {import("../../../static/js/views/stage_layout.js").Tile[]} */ tiles) => tiles.map((tile) => tile.key);

test("a teacher has a tile before anything is sent, a silent student has none", () => {
  assert.deepEqual(keys(tilesOf(stage(), people(person("s"), person("t", "teacher")))), ["t/camera"]);
});

test("screens come first, the newest ahead; then teachers, assistants, and students by their coming", () => {
  const tiles = tilesOf(
    stage(["b", "microphone", 5], ["a", "camera", 7], ["a", "microphone", 9], ["as", "camera", 8], ["t", "screen", 3], ["t", "screen_audio", 3], ["as", "screen", 6]),
    people(person("a"), person("b"), person("t", "teacher"), person("as", "assistant")),
  );
  assert.deepEqual(keys(tiles), ["as/screen", "t/screen", "t/camera", "as/camera", "b/camera", "a/camera"]);
  assert.equal(tiles[1]?.sound?.id, "t-screen_audio");
  assert.equal(tiles[5]?.sound?.id, "a-microphone");
  assert.equal(tiles[4]?.picture, null);
});

test("equals keep an order of their own: by joining, then by id", () => {
  const tiles = tilesOf(stage(["c", "camera", 1], ["b", "camera", 1], ["a", "camera", 1]), people(person("c"), person("b"), person("a", "student", { joined_at: 4 })));
  assert.deepEqual(keys(tiles), ["b/camera", "c/camera", "a/camera"]);
});

test("who left has no tile", () => {
  assert.deepEqual(tilesOf(stage(), people(person("t", "teacher", { present: false }))), []);
});

test("a small class shows everybody when asked to, a large one does not", () => {
  const few = people(...Array.from({ length: EVERYBODY }, (_, n) => person(`p${n}`)));
  const many = people(...Array.from({ length: EVERYBODY + 1 }, (_, n) => person(`p${n}`)));
  assert.equal(tilesOf(stage(), few, true).length, EVERYBODY);
  assert.equal(tilesOf(stage(), many, true).length, 0);
});

test("the main tile: pinned, screen, speaker, picture, first, oneself", () => {
  const everyone = people(person("t", "teacher"), person("a"), person("me"));
  const tiles = tilesOf(stage(["a", "camera", 1], ["me", "camera", 2], ["t", "screen", 3]), everyone);
  const wish = { pinned: null, speaker: null, me: "me" };
  assert.equal(mainTile(tiles, { ...wish, pinned: "me/camera", speaker: "a" })?.key, "me/camera");
  assert.equal(mainTile(tiles, { ...wish, speaker: "a" })?.key, "t/screen");
  const faces = tiles.filter((tile) => tile.kind === "camera");
  assert.equal(mainTile(faces, { ...wish, pinned: "gone/camera", speaker: "t" })?.key, "t/camera");
  assert.equal(mainTile(faces, { ...wish, speaker: "me" })?.key, "a/camera");
  assert.equal(mainTile(tilesOf(stage(["a", "camera", 1, true]), everyone), wish)?.key, "t/camera");
  assert.equal(mainTile(faces.filter((tile) => tile.person === "me"), wish)?.key, "me/camera");
  assert.equal(mainTile([], wish), null);
  const mine = tilesOf(stage(["me", "screen", 1]), everyone);
  assert.deepEqual(keys(mine), ["me/screen", "t/camera", "me/camera"]);
  assert.equal(mainTile(mine, wish)?.key, "t/camera", "an own screen is seen on the screen");
  assert.equal(mainTile(mine.filter((tile) => tile.person === "me"), wish)?.key, "me/screen");
});

test("the first who speaks gets the stage at once", () => {
  assert.equal(follow(NOBODY, "a", 0).shown, "a");
});

test("a short word does not turn the stage", () => {
  const a = follow(NOBODY, "a", 0);
  const heard = follow(a, "b", 10_000);
  assert.equal(heard.shown, "a");
  assert.equal(due(heard), 10_000 + TO_TAKE);
  assert.equal(follow(heard, "b", 10_000 + TO_TAKE - 1).shown, "a");
  const back = follow(heard, "a", 10_500);
  assert.equal(due(back), Infinity);
  assert.equal(follow(follow(back, "b", 11_000), "b", 12_500).shown, "a");
});

test("who goes on speaking gets the stage, but not before the other had it a while", () => {
  const a = follow(NOBODY, "a", 0);
  const b = follow(a, "b", 100);
  assert.equal(due(b), TO_KEEP);
  assert.equal(follow(b, "b", TO_KEEP - 1).shown, "a");
  assert.deepEqual(follow(b, "b", TO_KEEP), { shown: "b", shownAt: TO_KEEP, next: null, nextAt: 0 });
});

test("a third voice starts its own count, and silence ends it", () => {
  const b = follow(follow(NOBODY, "a", 0), "b", 5000);
  const c = follow(b, "c", 6000);
  assert.equal(due(c), 6000 + TO_TAKE);
  assert.equal(follow(c, null, 6500).next, null);
  const a = follow(NOBODY, "a", 0);
  assert.equal(follow(a, null, 1), a);
});

test("a grid fills the space: one is one, four are two by two, in a tall window they stand in a column", () => {
  assert.deepEqual(cut(1, 1600, 900), { columns: 1, size: 1600, fits: 1 });
  assert.equal(cut(4, 1600, 900).columns, 2);
  assert.equal(cut(3, 360, 900).columns, 1);
  for (let count = 1; count < 40; count += 1) {
    const { columns, size, fits } = cut(count, 1200, 700);
    assert.ok(columns * size + 8 * (columns - 1) <= 1200);
    assert.ok(Math.ceil(Math.min(count, fits) / columns) * (size / RATIO + 8) - 8 <= 701);
  }
});

test("a grid that would be too small to see is cut into pages", () => {
  const { size, fits } = cut(60, 640, 400);
  assert.ok(size >= 160);
  assert.ok(fits < 60 && fits >= 1);
  assert.deepEqual(cut(5, 100, 100), { columns: 1, size: 100, fits: 1 });
});
