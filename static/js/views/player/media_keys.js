/** The keys of keyboards, headphones and lock screens (Media Session, W3C): what plays, where it is, play, pause, seek. */
import { effect } from "@preact/signals-core";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n.js";
import { useShow } from "../../state/show.js";
import { chapterStep } from "../../state/timeline.js";
import { STEP_MS, playOrPause, skip } from "./controls.js";

/** Listens and tells; draws nothing. */
export function MediaKeys() {
  const show = useShow();
  useEffect(() => {
    const session = navigator.mediaSession;
    if (!session) return;
    const { player } = show;
    const chapter = (/** @type {1 | -1} */ way) => () => {
      const to = chapterStep(show.chapters.peek(), player.time.peek(), way);
      if (to !== null) player.seek(to);
    };
    /** @type {[MediaSessionAction, MediaSessionActionHandler][]} */
    const actions = [
      ["play", () => player.playing.peek() || playOrPause(player)],
      ["pause", () => player.pause()],
      ["seekbackward", (details) => skip(player, -(details.seekOffset ?? STEP_MS / 1000) * 1000)],
      ["seekforward", (details) => skip(player, (details.seekOffset ?? STEP_MS / 1000) * 1000)],
      ["seekto", (details) => details.seekTime !== undefined && player.seek(details.seekTime * 1000)],
      ["previoustrack", chapter(-1)],
      ["nexttrack", chapter(1)],
    ];
    const offer = (/** @type {boolean} */ on) => {
      for (const [action, handler] of actions) {
        try {
          session.setActionHandler(action, on ? handler : null);
        } catch {
          // This browser does not know the action; the others work.
        }
      }
    };
    offer(true);
    let told = -1;
    const stop = [
      effect(() => {
        const { title } = show.info.value;
        session.metadata = new MediaMetadata({ title, artist: t("Recording of a class"), artwork: [{ src: "/static/icon.svg", type: "image/svg+xml" }] });
      }),
      effect(() => void (session.playbackState = player.playing.value ? "playing" : "paused")),
      effect(() => {
        const [time, duration, rate] = [player.time.value / 1000, player.duration.value / 1000, player.rate.value];
        // Once a second is enough for a lock screen, which goes on by itself.
        if (Math.floor(time) === told || duration <= 0) return;
        told = Math.floor(time);
        session.setPositionState?.({ duration, position: Math.min(time, duration), playbackRate: rate });
      }),
    ];
    return () => {
      for (const end of stop) end();
      offer(false);
      session.metadata = null;
    };
  }, [show]);
  return null;
}
