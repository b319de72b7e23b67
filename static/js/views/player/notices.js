/**
 * What a page of playback tells over the stage: the line is lost, it waits for data, a pause was jumped over, the class is still
 * on, it goes on where one stopped, what is being finished or is damaged.
 */
import { effect } from "@preact/signals-core";
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { formatDuration, t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { inWords } from "../../state/times.js";
import { Button, IconButton } from "../parts/button.js";
import { Notice } from "../parts/marks.js";
import { Spinner } from "../parts/spinner.js";
import { toast } from "../parts/toast.js";
import { explain } from "../refusals.js";
import { asViewer, dialog } from "./view.js";

/** A thin bar while the line is looked for; what was fetched goes on playing. */
export function LineBar() {
  const { player } = useShow();
  return html`<div role="status" class="connection-place">
    ${player.offline.value && html`<p class="connection-bar"><span>${t("Connection lost. It goes on as soon as the network is back.")}</span></p>`}
  </div>`;
}

/** ms after which waiting is shown: a seek is often faster. */
const PATIENCE = 400;

export function Waiting() {
  const { player } = useShow();
  const waiting = player.waiting.value && player.playing.value && !player.needsGesture.value && (!player.error.value || player.offline.value);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!waiting) return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [waiting]);
  return shown ? html`<div class="player-waiting" data-test="waiting"><${Spinner} size=${32} label=${t("Loading")} /></div>` : null;
}

export function Notices() {
  const show = useShow();
  useResume(show);
  useJumps(show);
  // A lost line has its own bar, and goes away by itself.
  const error = show.player.error.value === "offline" ? "" : show.player.error.value;
  const { state } = show.info.value;
  return html`
    ${error && html`<div class="player-notice"><${Trouble} code=${error} /></div>`}
    ${show.player.live.value && html`<${StillOn} />`}
    ${asViewer.value && html`<${Preview} />`}
    ${state === "finishing" && html`<${Once}><${Notice} icon="info">${t("This recording is being finished. What is here can be watched already; the end comes in a moment.")}<//><//>`}
    ${state === "failed" && html`<${Once}><${Notice} kind="weak" icon="triangle-alert">${t("A part of this recording could not be saved. What is there can be watched.")}<//><//>`}
  `;
}

/** Stands until it is put away. @param {{ children: any }} props */
function Once({ children }) {
  const [gone, setGone] = useState(false);
  if (gone) return null;
  return html`<div class="player-notice">${children}<${IconButton} icon="x" label=${t("Close")} onClick=${() => setGone(true)} /></div>`;
}

/** @param {{ code: string }} props */
function Trouble({ code }) {
  const show = useShow();
  const again = html`<${Button} icon="refresh-cw" onClick=${() => show.player.retry()}>${t("Try again")}<//>`;
  if (code === "unsupported") return html`<${Unsupported} />`;
  return html`<${Notice} kind="stop" icon="triangle-alert" alert title=${t("It cannot be played at the moment")} actions=${again}>${explain({ code })}<//>`;
}

/** A browser that cannot put streams together: it is said plainly, with the way around it. */
export function Unsupported() {
  const show = useShow();
  return html`<${Notice} kind="weak" icon="triangle-alert" title=${t("This browser cannot play recordings here")}>
    ${t("A current Chrome, Firefox, Edge or Safari can (on an iPhone from iOS 17.1 on).")}
    ${show.can.download && html` ${t("You can download the recording as one file and watch that.")}`}
  <//>`;
}

/** Who comes late: from the beginning, or straight to the class. */
function StillOn() {
  const show = useShow();
  const { player } = show;
  const go = () => location.assign(`/class/${show.info.value.class_id}`);
  return html`<${Once}><${Notice}
      kind="live"
      icon="radio"
      title=${t("This class is still going on")}
      actions=${html`<${Button} icon="skip-back" test="from-start" onClick=${() => (player.seek(0), player.play())}>${t("From the start")}<//>
        <${Button} kind="primary" icon="log-in" test="to-class" onClick=${go}>${t("Go to the class")}<//>`}
      >${t("Here you can catch up from its beginning; in the class you can ask and answer.")}<//
    ><//>`;
}

/** "As viewers see it": what is cut out is gone over, though it is there for who edits. */
function Preview() {
  const show = useShow();
  const { player } = show;
  useEffect(
    () =>
      effect(() => {
        const t = player.time.value;
        const cut = show.cuts.value.find(([from, upto]) => from <= t && t < upto);
        if (cut && cut[1] < player.duration.peek()) player.seek(cut[1]);
        else if (cut && player.playing.peek()) player.pause();
      }),
    [],
  );
  const back = html`<${Button} icon="scissors" test="back-to-cut" onClick=${() => ((asViewer.value = false), (dialog.value = "cut"))}>${t("Back to cutting")}<//>`;
  return html`<div class="player-notice"><${Notice} kind="sun" icon="eye" actions=${back}>${t("So viewers will see it. Nothing is saved yet unless you have saved it.")}<//></div>`;
}

/** "Going on at 34:12", with the way to the beginning. @param {import("../../state/show.js").Show} show */
function useResume(show) {
  useEffect(() => {
    const { player, resumed } = show;
    if (resumed === null) return;
    toast(t("Going on at {time}, where you stopped.", { time: formatDuration(resumed) }), {
      id: "resume",
      icon: "rotate-ccw",
      actions: [{ label: t("From the start"), onClick: () => player.seek(0) }],
    });
  }, []);
}

/** @param {import("../../state/show.js").Show} show */
function useJumps(show) {
  const jumped = show.player.jumped.value;
  const before = useRef(jumped);
  useEffect(() => {
    if (jumped === null || jumped === before.current) return;
    before.current = jumped;
    const time = inWords(jumped.to - jumped.from);
    if (jumped.why === "paused") toast(t("The recording was paused for {time} here.", { time }), { id: "jump", seconds: 4 });
    if (jumped.why === "lost") toast(t("Nothing was kept of {time} here.", { time }), { id: "jump", seconds: 4 });
  }, [jumped]);
}
