/** The main picture in a small window of the browser's own, above other programs, where the browser has that. */
import { t } from "../../i18n.js";
import { toast } from "../parts/toast.js";

export function canFloat() {
  return document.pictureInPictureEnabled === true;
}

/** Float the picture of the main tile, or take it back. */
export async function float() {
  try {
    if (document.pictureInPictureElement) return void (await document.exitPictureInPicture());
    const video = document.querySelector(".tile-main video, .tile-grid video");
    if (video instanceof HTMLVideoElement && video.readyState > 0) await video.requestPictureInPicture();
    else toast(t("There is no picture to put on top at this moment."), { id: "float" });
  } catch {
    toast(t("The browser did not allow the small window."), { kind: "bad", id: "float" });
  }
}
