/**
 * The line in plain words: how fast it is, what it is used for, and the switch for less. In the header as bars with a word,
 * opened as a panel.
 */
import { useRef } from "preact/hooks";
import { html } from "../html.js";
import { formatBitrate, formatPercent, t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { LineBars } from "./line_bars.js";
import { Button } from "./parts/button.js";
import { Choice } from "./parts/choice.js";
import { Popup } from "./parts/popup.js";
import { networkOpen } from "./view.js";

/** @typedef {import("../state/context.js").Mode} Mode */
/** @typedef {import("../state/types.js").LineStats} LineStats */
/** @typedef {import("./line_bars.js").Line} Line */

/** From these losses on a voice has gaps, and from these it can no longer be followed. */
const LOSS = { weak: 0.04, bad: 0.12 };
/** ms; from these on people begin to talk into each other. */
const DELAY = { weak: 350, bad: 900 };

/** @returns {{ value: Mode, label: string, hint: string, icon: string }[]} */
export function modes() {
  return [
    { value: "everything", label: t("Everything"), hint: t("Sound, screens and cameras"), icon: "video" },
    { value: "slides", label: t("Slides and sound"), hint: t("Screens, but no cameras"), icon: "presentation" },
    { value: "sound", label: t("Sound only"), hint: t("No pictures: about 40 kbit/s a voice"), icon: "headphones" },
    { value: "text", label: t("Text only"), hint: t("Chat and questions, for the weakest connection"), icon: "message-square" },
  ];
}

/** How the own line is, from what the server says and what was measured here. @returns {Line} */
export function useLine() {
  const room = useRoom();
  if (room.status.value !== "live" || room.media.state.value === "lost") return "lost";
  const told = room.network.value[room.me.value.id] ?? "good";
  const stats = room.stats.value ?? room.media.stats.value;
  const loss = stats ? Math.max(stats.up.loss, stats.down.loss) : 0;
  const delay = stats ? Math.max(stats.up.rtt ?? 0, stats.down.rtt ?? 0) : 0;
  if (told === "bad" || loss >= LOSS.bad || delay >= DELAY.bad) return "bad";
  return told === "weak" || loss >= LOSS.weak || delay >= DELAY.weak ? "weak" : "good";
}

function lineWords() {
  return {
    good: { word: t("good"), text: t("Your connection is good.") },
    weak: { word: t("weak"), text: t("Your connection is weak: pictures get smaller, sound comes first.") },
    bad: { word: t("bad"), text: t("Your connection is bad: too much is lost on the way. Receiving less helps.") },
    lost: { word: t("lost"), text: t("The connection is lost. It is being restored by itself; what you write meanwhile will be sent.") },
  };
}

export function NetworkButton() {
  const anchor = useRef(/** @type {HTMLElement | null} */ (null));
  const line = useLine();
  const { word } = lineWords()[line];
  const close = () => (networkOpen.value = false);
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
        onClick=${() => (networkOpen.value = !networkOpen.value)}
      >
        <${LineBars} line=${line} /><span class="line-word">${word}</span>
      <//>
    </span>
    ${networkOpen.value &&
    html`<${Popup} anchor=${anchor} align="end" class="network" label=${t("Connection")} onClose=${close}><${NetworkPanel} line=${line} /><//>`}`;
}

/** @param {{ line: Line }} props */
function NetworkPanel({ line }) {
  const { media, stats } = useRoom();
  const found = media.stats.value ?? stats.value;
  const { text } = lineWords()[line];
  return html`<div class="network-words">
      <p class=${`network-state line-${line}`}><${LineBars} line=${line} /> <strong>${text}</strong></p>
      <p>${sending(found?.up ?? null)} ${receiving(media.mode.value)}</p>
      ${found &&
      html`<dl class="network-figures">
        <${Figure} name=${t("You receive")} value=${formatBitrate(found.down.bitrate)} />
        <${Figure} name=${t("You send")} value=${formatBitrate(found.up.bitrate)} />
        <${Figure} name=${t("Lost on the way")} value=${formatPercent(Math.max(found.up.loss, found.down.loss), 1)} />
        <${Figure} name=${t("Delay")} value=${delayOf(found.up, found.down)} />
      </dl>`}
    </div>
    <${Choice} kind="list" label=${t("What you receive")} value=${media.mode.value} options=${modes()} onChange=${media.setMode} />`;
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
