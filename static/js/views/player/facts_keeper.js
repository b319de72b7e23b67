/** A recording that is not finished changes while one watches it: its facts and chapters are asked for again. Draws nothing. */
import { useEffect } from "preact/hooks";
import { useShow } from "../../state/show.js";

/** Chapters that are marked in class, and that it is over, may be some seconds late. */
const EVERY_MS = 10_000;

export function FactsKeeper() {
  const show = useShow();
  const { state } = show.info.value;
  const live = show.player.live.value;
  const settled = !live && (state === "ready" || state === "failed");
  useEffect(() => {
    if (settled) return;
    const timer = setInterval(() => void show.refresh(), EVERY_MS);
    // That the class has just ended is no news of ten seconds ago.
    if (!live) void show.refresh();
    return () => clearInterval(timer);
  }, [settled, live]);
  useEffect(() => {
    if (settled && show.answer.manifest.derived?.includes("thumbnails.json")) void show.thumbnails.load();
  }, [settled]);
  return null;
}
