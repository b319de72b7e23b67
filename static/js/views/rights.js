/**
 * May this person send a kind of media, and if not, why: so that a view can say it in words instead of showing a dead button.
 * The server decides all the same.
 */

/** @typedef {import("../state/context.js").RoomState} RoomState */
/** @typedef {import("../state/context.js").Kind} Kind */
/** @typedef {import("../state/context.js").Role} Role */
/** @typedef {"yes" | "locked" | "ask"} Right yes; locked for all students; or to be asked for by a raised hand */

export function isStaff(/** @type {Role} */ role) {
  return role === "teacher" || role === "assistant";
}

/**
 * @param {{ id: string, role: Role }} me
 * @param {RoomState["stage"]} stage
 * @param {RoomState["locks"]} locks
 * @param {"microphone" | "camera" | "screen"} kind
 * @returns {Right}
 */
export function rightTo(me, stage, locks, kind) {
  if (isStaff(me.role)) return "yes";
  if (!(stage.allowed[me.id] ?? []).includes(kind)) return "ask";
  return locks[kind] ? "locked" : "yes";
}

/** Is this person on the stage: may he send anything at all, locks aside? */
export function onStage(/** @type {{ id: string, role: Role }} */ me, /** @type {RoomState["stage"]} */ stage) {
  return isStaff(me.role) || (stage.allowed[me.id]?.length ?? 0) > 0;
}

/** Return the place in the queue of raised hands, 1 for the first, 0 for none. */
export function placeInQueue(/** @type {RoomState["hands"]} */ hands, /** @type {string} */ person) {
  return hands.queue.findIndex((hand) => hand.person === person) + 1;
}
