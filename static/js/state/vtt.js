/**
 * Captions as files: WebVTT (W3C) and SubRip are read, WebVTT is written. Text and <v> alone: everything else in angle brackets
 * is left out, and so are positions and styles, as the server does it. Pure.
 *
 * What is wrong is told with its line, so that whoever made the file finds it; what is right beside it is kept.
 */

/** @typedef {import("./types_playback.js").Cue} Cue */
/** @typedef {{ line: number, code: "time" | "order" | "empty" | "none" | "long" }} Trouble `line` counts from 1 */

const TIME = /^(?:(\d{1,4}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})$/;
const NAMED = { amp: "&", lt: "<", gt: ">", nbsp: "\u00a0", lrm: "\u200e", rlm: "\u200f", quot: '"' };
/** Octets of a file that is read at all: two hours of lively talk are some 200 kB. */
export const MOST_TEXT = 2_000_000;

/** @param {string} text @returns {number | null} ms */
function readTime(text) {
  const found = TIME.exec(text);
  if (!found) return null;
  const [, h = "0", m = "0", s = "0", fraction = "0"] = found;
  return (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000 + Number(fraction.padEnd(3, "0"));
}

/** @param {string} raw @returns {{ text: string, voice: string }} */
function plain(raw) {
  const voice = /<v(?:\.[^\s>]*)?\s+([^>]*)>/.exec(raw)?.[1]?.trim() ?? "";
  return { text: decoded(raw.replace(/<[^>]*>/g, "")).trim(), voice: decoded(voice) };
}

function decoded(/** @type {string} */ text) {
  return text.replace(/&(amp|lt|gt|nbsp|lrm|rlm|quot);/g, (_, name) => NAMED[/** @type {keyof typeof NAMED} */ (name)]);
}

/**
 * Read a file of captions.
 *
 * @param {string} source
 * @returns {{ cues: Cue[], troubles: Trouble[] }} cues by time; no cue at all is a trouble, too
 */
export function readCaptions(source) {
  if (source.length > MOST_TEXT) return { cues: [], troubles: [{ line: 1, code: "long" }] };
  const lines = source.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  /** @type {Cue[]} */
  const cues = [];
  /** @type {Trouble[]} */
  const troubles = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (/^(NOTE|STYLE|REGION)(\s|$)/.test(line)) {
      while (at < lines.length && lines[at] !== "") at += 1;
      continue;
    }
    const arrow = line.indexOf("-->");
    if (arrow < 0) {
      at += 1;
      continue;
    }
    const number = at + 1;
    const from = readTime(line.slice(0, arrow).trim());
    const upto = readTime(line.slice(arrow + 3).trim().split(/\s+/)[0] ?? "");
    /** @type {string[]} */
    const words = [];
    for (at += 1; at < lines.length && lines[at] !== "" && !lines[at]?.includes("-->"); at += 1) words.push(lines[at] ?? "");
    const { text, voice } = plain(words.join("\n"));
    if (from === null || upto === null) troubles.push({ line: number, code: "time" });
    else if (upto <= from) troubles.push({ line: number, code: "order" });
    else if (text === "") troubles.push({ line: number, code: "empty" });
    else cues.push({ from, upto, text, voice });
  }
  if (cues.length === 0 && troubles.length === 0) troubles.push({ line: 1, code: "none" });
  return { cues: cues.sort((a, b) => a.from - b.from || a.upto - b.upto), troubles };
}

/** "01:02:03.004" @param {number} ms */
function writeTime(ms) {
  const pad = (/** @type {number} */ n, width = 2) => String(n).padStart(width, "0");
  return `${pad(Math.floor(ms / 3_600_000))}:${pad(Math.floor(ms / 60_000) % 60)}:${pad(Math.floor(ms / 1000) % 60)}.${pad(ms % 1000, 3)}`;
}

function encoded(/** @type {string} */ text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Write WebVTT. An empty line inside a cue would end it: it is left out.
 *
 * @param {readonly Cue[]} cues
 */
export function writeCaptions(cues) {
  const blocks = cues.map(({ from, upto, text, voice }) => {
    const words = encoded(text).replace(/\n[^\S\n]*(?=\n|$)/g, "");
    const who = encoded(voice).replace(/\s+/g, " ").trim();
    return `${writeTime(from)} --> ${writeTime(upto)}\n${who ? `<v ${who}>` : ""}${words}`;
  });
  return ["WEBVTT", ...blocks, ""].join("\n\n");
}

/** The cues that stand at `t`. @param {readonly Cue[]} cues @param {number} t */
export function cuesAt(cues, t) {
  return cues.filter((cue) => cue.from <= t && t < cue.upto);
}
