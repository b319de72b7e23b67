/** The corner where toasts stand (see toast.js); mounted once a page, by Overlays. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { Button, IconButton } from "./button.js";
import { Icon } from "./icon.js";
import { lift } from "./place.js";
import { dismiss, toasts } from "./toast.js";

const ICONS = { plain: "info", good: "circle-check", bad: "circle-alert", sun: "hand" };

/** @param {import("./toast.js").Toast} props */
function One({ id, text, kind, icon = ICONS[kind], actions, seconds }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || seconds === 0) return;
    const timer = setTimeout(() => dismiss(id), seconds * 1000);
    return () => clearTimeout(timer);
  }, [held, id, text, seconds]);
  const hold = () => setHeld(true);
  const release = () => setHeld(false);
  const press = (/** @type {() => void} */ act) => () => {
    dismiss(id);
    act();
  };
  return html`<li class=${`toast toast-${kind}`} onPointerEnter=${hold} onPointerLeave=${release} onFocusIn=${hold} onFocusOut=${release}>
    <${Icon} name=${icon} />
    <span class="toast-text">${text}</span>
    ${actions.map((action) => html`<${Button} class="toast-action" onClick=${press(action.onClick)}>${action.label}<//>`)}
    <${IconButton} icon="x" label=${t("Close")} onClick=${() => dismiss(id)} />
  </li>`;
}

export function Toasts() {
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  const shown = toasts.value;
  useLayoutEffect(() => {
    // Anew each time, so that they come above a dialog that was opened since.
    if (list.current?.matches(":popover-open")) list.current.hidePopover();
    if (list.current !== null) lift(list.current);
  }, [shown]);
  if (shown.length === 0) return null;
  return html`<ul class="toasts" popover="manual" ref=${list}>
    ${shown.map((each) => html`<${One} ...${each} key=${each.id} />`)}
  </ul>`;
}
