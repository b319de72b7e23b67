/** Keeps on the server where one stopped and what one has seen, so that another device goes on there. Draws nothing. */
import { effect } from "@preact/signals-core";
import { useEffect } from "preact/hooks";
import { useShow } from "../../state/show.js";
import { joined } from "../../state/timeline.js";
import { Watching } from "../../state/watching.js";

/** Often enough to lose little when a phone dies, rarely enough to cost nothing. */
const EVERY_MS = 15_000;

export function WatchKeeper() {
  const show = useShow();
  useEffect(() => {
    if (!show.can.ask) return; // A guest of a shared link leaves no trace.
    const { player } = show;
    const watching = new Watching();
    const watch = effect(() => {
      const t = player.time.value;
      if (player.playing.value && !player.waiting.value) watching.played(t);
      else watching.stopped();
    });
    let sending = false;
    const report = async () => {
      if (sending || watching.empty) return;
      sending = true;
      const seen = watching.take();
      const outcome = await show.api("PUT", "/watch", { position: Math.round(player.time.peek()), seen: seen.map(([from, upto]) => [Math.round(from), Math.round(upto)]) });
      sending = false;
      if (outcome.ok) show.watched.data.value = joined([...show.watched.data.peek(), ...seen]);
      else if (outcome.code === "offline") watching.back(seen);
    };
    const timer = setInterval(report, EVERY_MS);
    const leave = () => {
      if (watching.empty) return;
      const seen = watching.take();
      const body = JSON.stringify({ position: Math.round(player.time.peek()), seen: seen.map(([from, upto]) => [Math.round(from), Math.round(upto)]) });
      // The page goes: `keepalive` lets this one request outlive it.
      fetch(`${show.base}/watch`, { method: "PUT", body, keepalive: true, credentials: "same-origin", headers: { "Content-Type": "application/json" } }).catch(() => watching.back(seen));
    };
    const hidden = () => document.visibilityState === "hidden" && leave();
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      watch();
      clearInterval(timer);
      removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", hidden);
      leave();
    };
  }, [show]);
  return null;
}
