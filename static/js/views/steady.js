/** The steady speaker of stage_layout.js as a hook: it follows the loudest voice, with a timer for when the stage may turn. */
import { effect } from "@preact/signals-core";
import { useEffect, useState } from "preact/hooks";
import { useRoom } from "../state/context.js";
import { NOBODY, due, follow } from "./stage_layout.js";

/** @returns {string | null} the person who has the stage by speaking */
export function useSteadySpeaker() {
  const { speakers } = useRoom();
  const [shown, setShown] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    let steady = NOBODY;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const look = () => {
      clearTimeout(timer);
      const now = performance.now();
      steady = follow(steady, speakers.value.dominant, now);
      setShown(steady.shown);
      const wait = due(steady) - now;
      // The server tells changes only: that somebody goes on speaking has to be looked up when his time has come.
      if (Number.isFinite(wait)) timer = setTimeout(look, Math.max(0, wait) + 1);
    };
    const stop = effect(look);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [speakers]);
  return shown;
}
