/**
 * Leaving. A student just leaves (the page after it has the way back); a teacher is asked whether the class goes on without
 * him, because ending it for all is the one thing here that cannot be undone.
 */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { act } from "./act.js";
import { IconButton } from "./parts/button.js";
import { Confirm } from "./parts/dialog.js";
import { Menu } from "./parts/menu.js";
import { dialog } from "./view.js";

export function LeaveButton() {
  const room = useRoom();
  const leave = () => void room.leave();
  const words = html`<span class="bar-word">${t("Leave")}</span>`;
  const look = { class: "bar-button bar-leave", icon: "log-out", label: t("Leave"), test: "leave", kind: "stop" };
  if (!room.can("close")) return html`<${IconButton} ...${look} onClick=${leave}>${words}<//>`;
  const items = [
    { icon: "log-out", label: t("Leave"), hint: t("The class goes on without you"), test: "leave-only", onSelect: leave },
    { icon: "square", label: t("End the class for everybody"), kind: "stop", test: "end-class", onSelect: () => (dialog.value = "end") },
  ];
  return html`<${Menu} ...${look} items=${items} side="top">${words}<//>`;
}

/** The question before the end; stands beside the other dialogs of the class. */
export function EndDialog() {
  const room = useRoom();
  return html`<${Confirm}
    title=${t("End the class for everybody?")}
    text=${t("Everybody leaves, and nobody can come back into this class. What was written and asked is kept.")}
    action=${t("End the class")}
    keep=${t("Go on")}
    onConfirm=${() => act(room, "lifecycle.close")}
    onClose=${() => (dialog.value = "")}
  />`;
}
