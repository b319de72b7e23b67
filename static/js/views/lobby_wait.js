/** In front of the door: the teacher sees who waits and lets them in; until then this page says so and needs no click. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Avatar } from "./parts/avatar.js";
import { Button } from "./parts/button.js";
import { Spinner } from "./parts/spinner.js";

export function LobbyWait() {
  const room = useRoom();
  const me = room.me.value;
  return html`<main class="plain-page" id="stage" tabindex="-1" data-test="waiting">
    <div class="plain-card" role="status">
      <${Avatar} id=${me.id} name=${me.name} size="large" />
      <p class="soft">${room.info.value.title}</p>
      <h1>${t("The teacher will let you in")}</h1>
      <p>${t("Your name is at the door: {name}. Keep this page open, you come in by yourself.", { name: me.name })}</p>
      <p class="plain-wait"><${Spinner} /> ${t("Waiting …")}</p>
      <${Button} onClick=${() => room.leave()}>${t("Leave")}<//>
    </div>
  </main>`;
}
