/**
 * The chat's messages by keyboard. The list is one stop of the Tab key: three hundred messages with two buttons each would
 * otherwise stand between a person and the box to write in.
 *
 * Up and Down walk through the messages, Home and End go to the ends, Enter opens the actions of a message, Left and Right
 * reach its buttons, Escape leads back to the list.
 */

const LINE = ".chat-line";
const TOOL = ".chat-line-tools button";

/**
 * Move the focus within `list` as `event` asks.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement} list
 */
export function walkMessages(event, list) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = document.activeElement;
  const line = at?.closest(LINE) ?? null;
  const next = at === list || at === line || event.key === "Escape" ? fromLine(event.key, list, line) : null;
  const found = next ?? (line && sideways(event.key, line, at));
  if (!(found instanceof HTMLElement)) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Enter") found.click();
  else found.focus();
}

/** @returns {Element | null | undefined} where `key` leads from the list or from one of its messages */
function fromLine(/** @type {string} */ key, /** @type {HTMLElement} */ list, /** @type {Element | null} */ line) {
  const lines = [...list.querySelectorAll(LINE)];
  const at = line === null ? lines.length : lines.indexOf(line);
  if (key === "ArrowUp") return lines[Math.max(0, at - 1)];
  if (key === "ArrowDown") return lines[Math.min(lines.length - 1, at + 1)];
  if (key === "Home") return lines[0];
  if (key === "End") return lines.at(-1);
  if (key === "Enter") return line?.querySelector(`${TOOL}[aria-haspopup="menu"]`);
  return key === "Escape" && line !== null ? list : null;
}

/** @returns {Element | null | undefined} the button beside the one that has the focus, or the message itself */
function sideways(/** @type {string} */ key, /** @type {Element} */ line, /** @type {Element | null} */ at) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (step === undefined) return null;
  const stops = [line, ...line.querySelectorAll(TOOL)];
  return stops[Math.max(0, Math.min(stops.length - 1, stops.findIndex((stop) => stop === at) + step))];
}
