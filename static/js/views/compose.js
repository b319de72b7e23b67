/**
 * The box in which something is written: grows with the text, Enter sends, Shift+Enter makes a new line, and near the
 * end of what fits it counts what is left. Shared by the chat and the questions.
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { t, tn } from "../i18n.js";
import { IconButton } from "./parts/button.js";

/** From here on the characters that are left are counted aloud. */
const COUNT_FROM = 100;

/**
 * @param {object} props
 * @param {string} props.label the name of the box for screen readers
 * @param {string} props.placeholder
 * @param {string} props.value
 * @param {number} props.max characters
 * @param {(value: string) => void} props.onInput
 * @param {() => void} props.onSend
 * @param {(event: KeyboardEvent) => void} [props.onKeyDown] before the keys of the box itself
 * @param {string | false} [props.disabled] the reason
 * @param {string} props.test prefix of data-test: `${test}-text`, `${test}-send`
 * @param {boolean} [props.optional] an empty text may be sent too
 * @param {boolean} [props.button] false: the caller has a button with words
 * @param {number} [props.focus] a number that changes when the box should get the focus
 */
export function Compose({ label, placeholder, value, max, onInput, onSend, onKeyDown, disabled = false, test, focus = 0, optional = false, button = true }) {
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useLayoutEffect(() => {
    const area = box.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  }, [value]);
  useLayoutEffect(() => {
    if (focus > 0) box.current?.focus();
  }, [focus]);
  const left = max - [...value].length;
  const ready = (optional || value.trim() !== "") && left >= 0 && !disabled;
  const keys = (/** @type {KeyboardEvent} */ event) => {
    onKeyDown?.(event);
    // While an input method composes a character, Enter belongs to it.
    if (event.defaultPrevented || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (ready) onSend();
  };
  return html`<div class="compose">
    <textarea
      ref=${box}
      class="input compose-text"
      rows="1"
      dir="auto"
      aria-label=${label}
      placeholder=${disabled || placeholder}
      value=${value}
      disabled=${Boolean(disabled)}
      data-test=${`${test}-text`}
      onInput=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ event) => onInput(event.currentTarget.value)}
      onKeyDown=${keys}
    ></textarea>
    ${button &&
    html`<${IconButton}
      icon="send-horizontal"
      kind=${ready ? "primary" : "quiet"}
      label=${t("Send")}
      keys="Enter"
      disabled=${disabled || !ready}
      test=${`${test}-send`}
      onClick=${onSend}
    />`}
    ${left <= COUNT_FROM &&
    html`<p class=${`compose-left mark-text ${left < 0 ? "compose-over" : "faint"}`} aria-live="polite">
      ${left < 0 ? tn("{n} character too many", "{n} characters too many", -left) : tn("{n} character left", "{n} characters left", left)}
    </p>`}
  </div>`;
}
