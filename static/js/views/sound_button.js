/** Browsers play no sound on a page before the first click on it (a reload, for one): then this button stands on the stage. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Button } from "./parts/button.js";

export function SoundButton() {
  const { media } = useRoom();
  if (!media.silent.value) return null;
  return html`<${Button} kind="primary" icon="volume-x" class="sound-button" onClick=${() => media.playSound()}>${t("Turn on the sound")}<//>`;
}
