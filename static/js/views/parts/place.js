/**
 * Where a floating thing stands beside what it belongs to: the wished side if there is room, else the opposite one, and
 * never outside the window. Used by menus, popups and tooltips.
 */

/** CSS pixels between the window's edge and anything that floats. */
const MARGIN = 8;

/** @typedef {"top" | "bottom"} Side */
/** @typedef {"start" | "center" | "end"} Align */

/**
 * Move `floating` (position: fixed) to `anchor`.
 *
 * @param {HTMLElement} floating
 * @param {Element} anchor
 * @param {{ side?: Side, align?: Align, gap?: number }} [wish]
 */
export function place(floating, anchor, { side = "bottom", align = "start", gap = 6 } = {}) {
  const { innerWidth, innerHeight } = anchor.ownerDocument.defaultView ?? window;
  const by = anchor.getBoundingClientRect();
  const own = { width: floating.offsetWidth, height: floating.offsetHeight };
  const above = by.top - gap - own.height;
  const below = by.bottom + gap;
  const fitsAbove = above >= MARGIN;
  const fitsBelow = below + own.height <= innerHeight - MARGIN;
  const onTop = side === "top" ? fitsAbove || !fitsBelow : !fitsBelow && fitsAbove;
  const across = { start: by.left, center: by.left + (by.width - own.width) / 2, end: by.right - own.width }[align];
  floating.style.left = `${Math.round(within(across, innerWidth - own.width))}px`;
  floating.style.top = `${Math.round(within(onTop ? above : below, innerHeight - own.height))}px`;
}

function within(/** @type {number} */ at, /** @type {number} */ most) {
  return Math.max(MARGIN, Math.min(at, most - MARGIN));
}

/**
 * Bring `element` above everything, open dialogs too (the browser's top layer), where the browser knows popovers; elsewhere
 * its z-index has to do.
 *
 * @param {HTMLElement} element has popover="manual"
 */
export function lift(element) {
  if (typeof element.showPopover === "function" && element.isConnected && !element.matches(":popover-open")) element.showPopover();
}
