/**
 * Who is signed in, for the pages outside a class. Undefined until the server has said so, null for nobody.
 */
import { computed, signal } from "@preact/signals-core";
import { forgetSeats } from "../protocol/admission.js";
import { ask } from "../protocol/api.js";

/** @typedef {{ id: string, login: string, name: string, role: "administrator" | "coordinator" | "teacher" | "student", language: string, must_change: boolean, disabled_at: number | null, created_at: number }} Account */
/** @typedef {{ person: Account | null, permissions: string[] }} Visitor */

const visitor = signal(/** @type {Visitor | undefined} */ (undefined));
/** Set when even that could not be learnt. */
export const trouble = signal(/** @type {import("../protocol/api.js").Problem | null} */ (null));

export const account = computed(() => visitor.value?.person);

/** Whether the account's role allows `permission`; the server decides all the same. */
export function may(/** @type {string} */ permission) {
  return visitor.value?.permissions.includes(permission) ?? false;
}

/** @param {import("../protocol/api.js").Outcome<Visitor>} outcome */
function take(outcome) {
  if (outcome.ok) visitor.value = outcome.data;
  return outcome;
}

export async function recognise() {
  const outcome = take(await ask("GET", "/api/session"));
  trouble.value = outcome.ok ? null : outcome;
}

/** @param {string} login @param {string} password */
export async function signIn(login, password) {
  /** @type {import("../protocol/api.js").Outcome<Visitor>} */
  const outcome = await ask("POST", "/api/session", { login, password });
  if (outcome.ok) another();
  return take(outcome);
}

/** Whoever sits here now enters a class as themselves, not by the seat of the one before. */
function another() {
  try {
    forgetSeats(globalThis.sessionStorage);
  } catch {
    // Storage is forbidden: then no seat was kept either.
  }
}

export async function signOut() {
  const outcome = await ask("DELETE", "/api/session");
  if (outcome.ok) {
    another();
    visitor.value = { person: null, permissions: [] };
  }
  return outcome;
}

export async function signOutEverywhere() {
  const outcome = await ask("DELETE", "/api/sessions");
  if (outcome.ok) {
    another();
    visitor.value = { person: null, permissions: [] };
  }
  return outcome;
}

/** @param {string} current @param {string} next */
export async function changePassword(current, next) {
  return take(await ask("PUT", "/api/session/password", { current, new: next }));
}

/** The session ended while a page was open: the sign-in page comes back, the address stays. */
export function forget() {
  visitor.value = { person: null, permissions: [] };
}
