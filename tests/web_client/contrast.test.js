/**
 * The colours of static/css/tokens.css, computed: every pair that the pages put together passes WCAG 2.2 (4.5:1 for text,
 * 3:1 for the edges of controls and for focus) in light and in dark, and the two copies of the dark block are the same.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");

/** Return the custom properties of the first block that `opening` starts. */
function block(/** @type {string} */ opening) {
  const start = css.indexOf(opening);
  assert.notEqual(start, -1, `no ${opening} in tokens.css`);
  const body = css.slice(css.indexOf("{", start + opening.length - 1) + 1, css.indexOf("}", start));
  return Object.fromEntries([...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]));
}

const light = block(":root {");
const followed = block(':root:not([data-theme="light"]) {');
const chosen = block(':root[data-theme="dark"] {');

/** Return the relative luminance of `#rrggbb` (WCAG 2.2, "relative luminance"). */
function luminance(/** @type {string} */ colour) {
  assert.match(colour, /^#[0-9a-f]{6}$/);
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(/** @type {string} */ one, /** @type {string} */ other) {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** Return `over` (with alpha, #rrggbbaa) laid on `under`. */
function blend(/** @type {string} */ over, /** @type {string} */ under) {
  const alpha = parseInt(over.slice(7, 9), 16) / 255;
  const parts = [1, 3, 5].map((at) => {
    const mixed = parseInt(over.slice(at, at + 2), 16) * alpha + parseInt(under.slice(at, at + 2), 16) * (1 - alpha);
    return Math.round(mixed).toString(16).padStart(2, "0");
  });
  return `#${parts.join("")}`;
}

const SURFACES = ["paper", "surface", "sunken", "hover", "active", "stage", "tile"];
/** @type {[string, string[], number][]} what is drawn, on what, how far apart at least */
const PAIRS = [
  ["ink", SURFACES, 4.5],
  ["ink-soft", SURFACES, 4.5],
  ["ink-faint", ["paper", "surface", "sunken", "hover", "stage"], 4.5],
  ["line-strong", ["paper", "surface", "sunken"], 3],
  ["focus", ["paper", "surface", "sunken", "stage"], 3],
  ["on-accent", ["accent", "accent-hover"], 4.5],
  ["on-stop", ["stop", "stop-hover"], 4.5],
  ["on-sun", ["sun"], 4.5],
  ["on-live", ["live"], 4.5],
  ...["accent", "sun", "live", "weak", "stop"].map(
    (name) => /** @type {[string, string[], number]} */ ([`${name}-ink`, [`${name}-soft`, "paper", "surface", "sunken", "hover"], 4.5]),
  ),
  ...["accent", "sun", "live", "weak", "stop"].map((name) => /** @type {[string, string[], number]} */ (["ink", [`${name}-soft`], 4.5])),
  ["on-person", [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `person-${n}`), 4.5],
];

for (const [theme, tokens] of Object.entries({ light, dark: { ...light, ...chosen } })) {
  for (const [over, unders, least] of PAIRS) {
    test(`${theme}: ${over} can be read on ${unders.join(", ")}`, () => {
      for (const under of unders) {
        const found = contrast(tokens[`--${over}`], tokens[`--${under}`]);
        assert.ok(found >= least, `${over} on ${under}: ${found.toFixed(2)}, wanted ${least}`);
      }
    });
  }
}

test("names over a picture can be read on white and on black", () => {
  for (const picture of ["#ffffff", "#000000"]) {
    assert.ok(contrast(light["--on-shade"], blend(light["--shade"], picture)) >= 4.5);
  }
});

test("the followed and the chosen dark are one", () => assert.deepEqual(followed, chosen));

test("dark changes only what light names", () => {
  for (const name of Object.keys(chosen)) assert.ok(name in light, `${name} is not in the light block`);
});
