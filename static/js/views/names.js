/** How a person is called here: by name, "you", or what is left of those who are unknown to this reader. */
import { t } from "../i18n.js";

/** @typedef {import("../state/context.js").Room} Room */

/**
 * Return the name of `id` as everybody reads it; a removed or never seen person is "Somebody".
 *
 * @param {Room} room
 * @param {string} id
 */
export function nameOf(room, id) {
  return room.state.people.value.items[id]?.name ?? t("Somebody");
}

/**
 * Return the name of `id`, or "You" for the reader.
 *
 * @param {Room} room
 * @param {string} id
 */
export function calledOf(room, id) {
  return id === room.me.value.id ? t("You") : nameOf(room, id);
}

/** Return a role in words. */
export function roleName(/** @type {import("../state/context.js").Role} */ role) {
  const names = { teacher: t("Teacher"), assistant: t("Assistant"), student: t("Student"), guest: t("Guest") };
  return names[role];
}
