/** The top of the class: what it is, how long it has been going on, whether it is recorded, and how the line is. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatDuration, formatTime, t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { NetworkButton } from "./network.js";
import { RecordingSign } from "./recording.js";

export function Header() {
  const room = useRoom();
  const title = room.state.lifecycle.value.title || room.info.value.title;
  return html`<header class="header">
    <h1 class="header-title one-line" title=${title}>${title}</h1>
    <${Timer} />
    <${RecordingSign} />
    <span class="header-space"></span>
    <${NetworkButton} />
  </header>`;
}

/** How long the class has been going on; silent for screen readers, who find it when they look for it. */
function Timer() {
  const room = useRoom();
  const { opened_at: since } = room.state.lifecycle.value;
  const [now, setNow] = useState(() => room.clock());
  useEffect(() => {
    const timer = setInterval(() => setNow(room.clock()), 1000);
    return () => clearInterval(timer);
  }, [room]);
  if (!since) return null;
  const label = t("Began at {time}", { time: formatTime(since) });
  return html`<span class="timer" role="timer" aria-label=${label} data-tip=${label}>${formatDuration(Math.max(0, now - since))}</span>`;
}

/** A thin bar while the connection is looked for; the page goes on working from what it has. */
export function ConnectionBar() {
  const room = useRoom();
  const lost = room.status.value === "reconnecting";
  const waiting = room.pending.value.length;
  return html`<div role="status" class="connection-place">
    ${lost &&
    html`<p class="connection-bar">
      <span>${t("Connection lost. Reconnecting …")}</span>
      ${waiting > 0 && html`<span>${t("What you wrote will be sent.")}</span>`}
    </p>`}
  </div>`;
}
