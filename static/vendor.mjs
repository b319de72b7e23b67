/**
 * Fills static/vendor from node_modules: the few third-party files that the pages load, as the packages ship them,
 * and one sprite of the icons that static/icons.json names. Nothing of it is committed; `npm ci` decides the versions.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "..", "node_modules");
const vendor = join(here, "vendor");

/** @type {Record<string, string>} name under static/vendor -> file of a package */
const FILES = {
  "preact.module.js": "preact/dist/preact.mjs",
  "preact-hooks.module.js": "preact/hooks/dist/hooks.mjs",
  "signals.module.js": "@preact/signals/dist/signals.module.js",
  "signals-core.module.js": "@preact/signals-core/dist/signals-core.module.js",
  "htm.module.js": "htm/dist/htm.module.js",
  "socket.io.msgpack.min.js": "socket.io-client/dist/socket.io.msgpack.min.js",
  // Not for pages: the server writes names into films with it (classroom/recording/derive/labels.py).
  "DejaVuSans.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
};

/** Return the sprite: one <symbol> an icon, drawn as Lucide draws it, in the text's colour. */
function sprite(/** @type {string[]} */ names) {
  const symbols = names.map((name) => {
    const svg = readFileSync(join(modules, "lucide-static", "icons", `${name}.svg`), "utf8");
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

mkdirSync(vendor, { recursive: true });
for (const [name, source] of Object.entries(FILES)) {
  const text = readFileSync(join(modules, source));
  // The maps are not shipped: a reference to one would be a 404 in every developer's console.
  if (name.endsWith(".js")) writeFileSync(join(vendor, name), text.toString("utf8").replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "\n"));
  else copyFileSync(join(modules, source), join(vendor, name));
}
const icons = /** @type {string[]} */ (JSON.parse(readFileSync(join(here, "icons.json"), "utf8")));
writeFileSync(join(vendor, "icons.svg"), sprite(icons));
