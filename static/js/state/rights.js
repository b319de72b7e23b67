/**
 * What a person may do at the moment, so that a page offers nothing that the server would refuse.
 *
 * The table of roles is that of classroom/domain/roles.py in the words of this page; locks and the stage are added. The
 * server decides all the same.
 */

/** @typedef {import("./types.js").Permission} Permission */
/** @typedef {import("./types.js").Role} Role */
/** @typedef {Pick<import("./types.js").RoomState, "lifecycle" | "locks" | "stage">} Facts */

/** @type {ReadonlySet<Permission>} */
const STAFF = new Set([
  "staff",
  "remove_people",
  "lobby",
  "locks",
  "allow_stage",
  "microphone",
  "camera",
  "screen",
  "chat",
  "private_chat",
  "moderate_chat",
  "ask",
  "vote",
  "moderate_questions",
  "record",
]);
/** @type {ReadonlySet<Permission>} */
const TEACHER = new Set([...STAFF, "teacher", "close", "set_role"]);

/**
 * @param {Permission} permission
 * @param {{ id: string, role: Role }} me
 * @param {Facts} facts
 * @returns {boolean}
 */
export function may(permission, me, { lifecycle, locks, stage }) {
  if (lifecycle.state === "closed" && permission !== "staff" && permission !== "teacher") return false;
  if (me.role === "teacher") return TEACHER.has(permission);
  if (me.role === "assistant") return STAFF.has(permission);
  switch (permission) {
    case "raise_hand":
    case "vote":
      return true;
    case "ask":
      return !locks.questions;
    case "chat":
    case "private_chat":
      return !locks[permission];
    case "microphone":
    case "camera":
    case "screen":
      return !locks[permission] && (stage.allowed[me.id] ?? []).includes(permission);
    default:
      return false;
  }
}
