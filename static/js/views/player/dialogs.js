/** The dialogs of playback: loaded when they are opened, since most people never do. */
import { signal } from "@preact/signals-core";
import { useEffect } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { toast } from "../parts/toast.js";
import { dialog } from "./view.js";

/** @typedef {Exclude<import("./view.js").DialogName, "">} Name */

/** @type {Record<Name, () => Promise<any>>} */
const LOADERS = {
  shortcuts: async () => (await import("./keys.js")).ShortcutsDialog,
  settings: async () => (await import("./settings.js")).SettingsDialog,
  download: async () => (await import("./download.js")).DownloadDialog,
  share: async () => (await import("./share.js")).ShareDialog,
  cut: async () => (await import("./cut.js")).CutDialog,
  captions: async () => (await import("./captions_edit.js")).CaptionsDialog,
};

const loaded = signal(/** @type {Readonly<Partial<Record<Name, any>>>} */ ({}));

export function PlayerDialogs() {
  const name = dialog.value;
  const Shown = name === "" ? undefined : loaded.value[name];
  useEffect(() => {
    if (name === "" || loaded.peek()[name]) return;
    LOADERS[name]().then(
      (found) => (loaded.value = { ...loaded.peek(), [name]: found }),
      () => {
        dialog.value = "";
        toast(t("This part of the page did not load. Check your connection and try again."), { kind: "bad" });
      },
    );
  }, [name]);
  return Shown ? html`<${Shown} />` : null;
}
