/** What students may do in this class, and whether they wait at the door first: the teacher's switches in one dialog. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { nameOf } from "./names.js";
import { Button } from "./parts/button.js";
import { Dialog } from "./parts/dialog.js";
import { Switch } from "./parts/switch.js";

/** @typedef {keyof import("../state/types.js").LocksState} Lock */

/** @param {{ onClose: () => void }} props */
export function LocksDialog({ onClose }) {
  const room = useRoom();
  const locks = room.state.locks.value;
  const blocked = room.state.people.value.blocked;
  /** @type {{ lock: Lock, label: string, hint: string }[]} */
  const rows = [
    { lock: "microphone", label: t("Microphones"), hint: t("Those who were allowed to speak may use it.") },
    { lock: "camera", label: t("Cameras"), hint: t("Those who were allowed to speak may use it.") },
    { lock: "screen", label: t("Sharing the screen"), hint: t("Those who were allowed to speak may use it.") },
    { lock: "chat", label: t("Chat with everybody"), hint: "" },
    { lock: "private_chat", label: t("Private talks"), hint: t("Students can always write to teachers and assistants.") },
    { lock: "questions", label: t("Asking questions"), hint: "" },
  ];
  const set = (/** @type {Lock} */ lock) => (/** @type {boolean} */ open) => void act(room, "locks.set", { ...room.state.locks.value, [lock]: !open });
  return html`<${Dialog} title=${t("Rules of this class")} onClose=${onClose}>
    <section class="stack">
      <h3>${t("At the door")}</h3>
      <${Switch}
        label=${t("Students wait until they are let in")}
        hint=${t("Those who are inside already stay.")}
        checked=${room.state.lobby.value.on}
        test="lobby-switch"
        onChange=${(/** @type {boolean} */ on) => void act(room, "lobby.switch", { on })}
      />
    </section>
    <section class="stack">
      <h3>${t("Students may use")}</h3>
      ${rows.map(({ lock, label, hint }) => html`<${Switch} key=${lock} label=${label} hint=${hint} checked=${!locks[lock]} test=${`lock-${lock}`} onChange=${set(lock)} />`)}
    </section>
    ${blocked.length > 0 &&
    html`<section class="stack">
      <h3>${t("Blocked from this class")}</h3>
      <ul class="people-list">
        ${blocked.map(
          (id) => html`<li key=${id} class="person">
            <span class="person-name">${nameOf(room, id)}</span>
            <${Button} onClick=${() => act(room, "people.unblock", { person: id })}>${t("Unblock")}<//>
          </li>`,
        )}
      </ul>
    </section>`}
  <//>`;
}
