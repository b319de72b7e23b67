/**
 * A modal dialog on the browser's own <dialog>: focus stays inside, Escape and a press on the backdrop close it, and the
 * focus returns to where it was. It is open while it is mounted. The heading gets the focus first (a field or button with
 * `autofocus` of its own would come second in the document): it says where one is and presses nothing by mistake.
 *
 * A dialog is for a thing with a beginning and an end (settings, a form). A question "are you sure?" is only for what
 * cannot be undone; for the rest there is toast() with "Undo".
 */
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { Button, IconButton } from "./button.js";

/**
 * @param {object} props
 * @param {string} props.title
 * @param {() => void} props.onClose
 * @param {any} props.children
 * @param {any} [props.footer] buttons, the one that goes on last
 * @param {"small" | "medium" | "large"} [props.size]
 */
export function Dialog({ title, onClose, children, footer, size = "medium" }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const heading = useId();
  // A layout effect: taken back while the dialog still stands in the page, so that it closes and the focus can go.
  useLayoutEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  // A browser may close it without asking (a second Escape, a gesture of the phone).
  const closed = () => {
    if (box.current !== null) onClose();
  };
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault(); // The owner unmounts it; closing it here as well would lose the way back of the focus.
    onClose();
  };
  const outside = (/** @type {PointerEvent} */ event) => {
    if (event.target === box.current) onClose();
  };
  return html`<dialog class=${`dialog dialog-${size}`} ref=${box} aria-labelledby=${heading} onCancel=${cancel} onClose=${closed} onPointerDown=${outside}>
    <div class="dialog-box">
      <header class="dialog-head">
        <h2 id=${heading} tabindex="-1" autofocus>${title}</h2>
        <${IconButton} icon="x" label=${t("Close")} onClick=${onClose} />
      </header>
      <div class="dialog-body">${children}</div>
      ${footer && html`<footer class="dialog-foot">${footer}</footer>`}
    </div>
  </dialog>`;
}

/**
 * The last question before something that has no undo.
 *
 * @param {object} props
 * @param {string} props.title what will happen, as a question
 * @param {string} props.text what it means
 * @param {string} props.action the verb on the button
 * @param {string} [props.keep] what the other button says, where "Cancel" could be read as the action
 * @param {() => void} props.onConfirm
 * @param {() => void} props.onClose
 */
export function Confirm({ title, text, action, keep = t("Cancel"), onConfirm, onClose }) {
  const go = () => {
    onClose();
    onConfirm();
  };
  const footer = html`<${Button} onClick=${onClose} autofocus>${keep}<//><${Button} kind="stop" onClick=${go}>${action}<//>`;
  return html`<${Dialog} title=${title} size="small" onClose=${onClose} footer=${footer}><p>${text}</p><//>`;
}
