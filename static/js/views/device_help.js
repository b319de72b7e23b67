/** What is wrong with a microphone, a camera or a screen, in plain words, and what to do about it in this browser. */
import { t } from "../i18n.js";

/** @typedef {import("../state/types.js").DeviceError} DeviceError */

/** Return how a refused permission is given back in the browser that this is. */
function whereToAllow() {
  const agent = navigator.userAgent;
  if (/iPhone|iPad/.test(agent)) return t("Open the settings of the phone, find the browser, and allow it there. Then load the page again.");
  if (/Android/.test(agent)) return t("Touch the sign left of the address, choose “Permissions” and allow it. Then load the page again.");
  if (/Firefox\//.test(agent)) return t("Press the crossed-out sign left of the address and take the block away. Then try again.");
  if (/Safari\//.test(agent) && !/Chrome\//.test(agent)) return t("Choose Safari, “Settings for this website” and allow it. Then load the page again.");
  return t("Press the sign left of the address and allow it there. Then try again.");
}

/**
 * @param {"microphone" | "camera" | "screen"} kind
 * @param {Exclude<DeviceError, "">} error
 * @returns {{ title: string, text: string }} what happened; what to do
 */
export function deviceHelp(kind, error) {
  if (kind === "screen") return { title: t("Your screen cannot be shown."), text: t("The browser or the system refused. Check that the system allows this browser to record the screen, and try again.") };
  const camera = kind === "camera";
  switch (error) {
    case "denied":
      return { title: camera ? t("The browser may not use the camera.") : t("The browser may not use the microphone."), text: whereToAllow() };
    case "missing":
      return {
        title: camera ? t("No camera was found.") : t("No microphone was found."),
        text: t("Plug one in, it will be noticed. You can join without it: you see, hear, write and ask all the same."),
      };
    case "busy":
      return {
        title: camera ? t("The camera is in use by another program.") : t("The microphone is in use by another program."),
        text: t("Close the other program or the other tab that uses it, and try again."),
      };
    default:
      return {
        title: camera ? t("The camera does not start.") : t("The microphone does not start."),
        text: t("Unplug it and plug it in again, or choose another one. Sometimes only starting the browser anew helps."),
      };
  }
}
