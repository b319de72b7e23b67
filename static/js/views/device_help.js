/** What is wrong with a microphone, a camera or a screen, in plain words, and what to do about it in this browser. */
import { t } from "../i18n.js";

/** @typedef {import("../state/types.js").DeviceError} DeviceError */

/** Return how a refused permission is given back in the browser that this is. */
function whereToAllow() {
  const agent = navigator.userAgent;
  if (/iPhone|iPad/.test(agent)) return t("Open the settings of the phone, find the browser and allow it there. Then reload the page.");
  if (/Android/.test(agent)) return t("Tap the sign to the left of the address, choose “Permissions” and allow it. Then reload the page.");
  if (/Firefox\//.test(agent)) return t("Press the crossed-out sign to the left of the address and remove the block. Then try again.");
  if (/Safari\//.test(agent) && !/Chrome\//.test(agent)) return t("Open Safari’s menu “Settings for this website” and allow it there. Then reload the page.");
  return t("Press the sign to the left of the address and allow it there. Then try again.");
}

/** @returns {Record<"camera" | "microphone" | "both", Record<Exclude<DeviceError, "">, string>>} what happened */
function titles() {
  return {
    camera: {
      denied: t("The browser may not use the camera."),
      missing: t("No camera was found."),
      busy: t("The camera is in use by another program."),
      failed: t("The camera does not start."),
    },
    microphone: {
      denied: t("The browser may not use the microphone."),
      missing: t("No microphone was found."),
      busy: t("The microphone is in use by another program."),
      failed: t("The microphone does not start."),
    },
    both: {
      denied: t("The browser may use neither camera nor microphone."),
      missing: t("Neither a camera nor a microphone was found."),
      busy: t("Camera and microphone are in use by another program."),
      failed: t("Neither the camera nor the microphone starts."),
    },
  };
}

/** What to do about it. */
function advice(/** @type {Exclude<DeviceError, "">} */ error) {
  if (error === "denied") return whereToAllow();
  if (error === "missing") return t("Plug one in, it will be noticed.");
  if (error === "busy") return t("Close the other program or the other tab that uses it, and try again.");
  return t("Unplug it and plug it in again, or choose another one. Sometimes only restarting the browser helps.");
}

/**
 * @param {"microphone" | "camera" | "both" | "screen"} kind
 * @param {Exclude<DeviceError, "">} error
 * @returns {{ title: string, text: string }} what happened; what to do
 */
export function deviceHelp(kind, error) {
  if (kind === "screen") {
    return { title: t("Your screen cannot be shown."), text: t("The browser or the system refused. Check that the system allows this browser to record the screen, and try again.") };
  }
  return { title: titles()[kind][error], text: advice(error) };
}
