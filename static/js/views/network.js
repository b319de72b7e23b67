/**
 * The line in plain words: how it is, why, and what helps; how fast it is, what it is used for, and the switch for less. For
 * staff the lines of the others too. In the header as bars with a word, opened as a panel.
 */
import { useRef } from "preact/hooks";
import { html } from "../html.js";
import { formatBitrate, formatPercent, t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { LineBars } from "./line_bars.js";
import { notes, ownWords } from "./line_words.js";
import { Button } from "./parts/button.js";
import { Choice } from "./parts/choice.js";
import { Popup } from "./parts/popup.js";
import { headline, useLine } from "./own_line.js";
import { closeNetwork, networkOpen, openNetwork } from "./view.js";
import { WeakLines } from "./weak_lines.js";

/** @typedef {import("../state/context.js").Mode} Mode */
/** @typedef {import("../state/types.js").LineStats} LineStats */
/** @typedef {import("./line_bars.js").Line} Line */

/** @returns {{ value: Mode, label: string, hint: string, icon: string }[]} */
export function modes() {
  return [
    { value: "everything", label: t("Everything"), hint: t("Sound, screens and cameras"), icon: "video" },
    { value: "slides", label: t("Slides and sound"), hint: t("Screens, but no cameras"), icon: "presentation" },
    { value: "sound", label: t("Sound only"), hint: t("No pictures: about 40 kbit/s a voice"), icon: "headphones" },
    { value: "text", label: t("Text only"), hint: t("Chat and questions, for the weakest connection"), icon: "message-square" },
  ];
}

function lineWord(/** @type {Line} */ line) {
  return { good: t("good"), weak: t("weak"), bad: t("bad"), lost: t("lost") }[line];
}

export function NetworkButton() {
  const anchor = useRef(/** @type {HTMLElement | null} */ (null));
  const line = useLine();
  const word = lineWord(line);
  const close = () => closeNetwork();
  return html`<span ref=${anchor} class="menu-anchor">
      <${Button}
        kind="quiet"
        class=${`line line-${line}`}
        tip=${t("Connection")}
        keys="N"
        test="network"
        aria-label=${t("Connection: {word}", { word })}
        aria-haspopup="dialog"
        aria-expanded=${String(networkOpen.value)}
        onClick=${() => (networkOpen.value ? closeNetwork() : openNetwork())}
      >
        <${LineBars} line=${line} /><span class="line-word">${word}</span>
      <//>
    </span>
    ${networkOpen.value &&
    html`<${Popup} anchor=${anchor} align="end" class="network" label=${t("Connection")} onClose=${close}><${NetworkPanel} line=${line} /><//>`}`;
}

/** @param {{ line: Line }} props */
function NetworkPanel({ line }) {
  const room = useRoom();
  const { media, stats } = room;
  const found = media.stats.value ?? stats.value;
  // What is lost on the way up only the server knows: to the browser it reports what the worst viewer loses, for the sound's sake.
  return html`<div class="network-words">
      <p class=${`network-state line-${line}`}><${LineBars} line=${line} /> <strong>${headline(room)}</strong></p>
      <${Causes} />
      <${WeakLines} />
      ${(stats.value?.problems.length ?? 0) === 0 && html`<p>${sending(found?.up ?? null)} ${receiving(media.mode.value)}</p>`}
      ${found &&
      html`<dl class="network-figures">
        <${Figure} name=${t("You receive")} value=${formatBitrate(found.down.bitrate)} />
        <${Figure} name=${t("You send")} value=${formatBitrate(found.up.bitrate)} />
        <${Figure} name=${t("Lost on the way")} value=${formatPercent(Math.max(stats.value?.up.loss ?? 0, found.down.loss ?? 0), 1)} />
        <${Figure} name=${t("Delay")} value=${delayOf(found.up, found.down)} />
      </dl>`}
    </div>
    <${Choice} kind="list" label=${t("What you receive")} value=${media.mode.value} options=${modes()} onChange=${media.setMode} />`;
}

/** What is wrong with the own line and what may help, and what is worth knowing besides. */
function Causes() {
  const room = useRoom();
  const { media, stats } = room;
  const own = stats.value;
  const camera = media.camera.value.on;
  const problems = own?.problems ?? [];
  const sending = problems.some(({ problem }) => problem.startsWith("up."));
  const more = notes({ measured: media.stats.value, inherits: own?.inherits ?? false, camera, sending });
  if (problems.length === 0 && more.length === 0) return null;
  const said = headline(room);
  return html`<ul class="network-causes" data-test="own-line">
    ${problems.map((problem) => {
      const { text, advice } = ownWords(problem, camera);
      return html`<li key=${problem.problem}>${text !== said && `${text} `}<span class="network-advice">${advice}</span></li>`;
    })}
    ${more.map((text) => html`<li key=${text}>${text}</li>`)}
  </ul>`;
}

/** @param {{ name: string, value: string }} props */
function Figure({ name, value }) {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function sending(/** @type {LineStats | null} */ up) {
  if (up === null) return t("Nothing has been measured yet.");
  if (up.bitrate < 1000) return t("You are sending nothing.");
  return t("You are sending {rate}.", { rate: formatBitrate(up.bitrate) });
}

function receiving(/** @type {Mode} */ mode) {
  if (mode === "everything") return t("We show you everything, as sharp as your connection allows.");
  if (mode === "slides") return t("We bring you sound and screens, but no cameras.");
  if (mode === "sound") return t("We bring you the sound, but no pictures.");
  return t("We bring you the chat and the questions, but neither sound nor pictures.");
}

function delayOf(/** @type {LineStats} */ up, /** @type {LineStats} */ down) {
  const delay = up.rtt ?? down.rtt;
  return delay === null ? t("not known yet") : t("{n} ms", { n: Math.round(delay) });
}
