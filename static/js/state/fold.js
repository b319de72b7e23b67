/**
 * From events to the state of a class: each event goes to the feature that its type begins with, and to no other.
 *
 * The same fold as the server's in classroom/domain; both fold the same golden journals in tests.
 */
import * as chat from "./chat.js";
import * as hands from "./hands.js";
import * as lifecycle from "./lifecycle.js";
import * as lobby from "./lobby.js";
import * as locks from "./locks.js";
import * as people from "./people.js";
import * as questions from "./questions.js";
import * as recording from "./recording.js";
import { folding } from "./records.js";
import * as stage from "./stage.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").Event} Event */
/** @typedef {keyof RoomState} Feature */

/** @type {{ readonly [F in Feature]: { initial: RoomState[F], evolve(state: RoomState[F], event: Event): RoomState[F] } }} */
export const FEATURES = { lifecycle, people, lobby, locks, hands, stage, chat, questions, recording };

export const FEATURE_NAMES = /** @type {readonly Feature[]} */ (Object.keys(FEATURES));

/** @type {RoomState} */
export const EMPTY = {
  lifecycle: lifecycle.initial,
  people: people.initial,
  lobby: lobby.initial,
  locks: locks.initial,
  hands: hands.initial,
  stage: stage.initial,
  chat: chat.initial,
  questions: questions.initial,
  recording: recording.initial,
};

/**
 * Return the feature that an event belongs to, or null for one that this page does not know (a newer server's).
 *
 * @param {Event} event
 * @returns {Feature | null}
 */
export function featureOf(event) {
  const name = event.type.slice(0, event.type.indexOf("."));
  return Object.hasOwn(FEATURES, name) ? /** @type {Feature} */ (name) : null;
}

/**
 * @param {RoomState} state
 * @param {Event} event
 * @returns {RoomState}
 */
export function evolve(state, event) {
  const feature = featureOf(event);
  if (feature === null) return state;
  const { evolve: step } = /** @type {{ evolve(state: any, event: Event): any }} */ (FEATURES[feature]);
  const next = folding(() => step(state[feature], event));
  return next === state[feature] ? state : { ...state, [feature]: next };
}

/**
 * @param {RoomState} state
 * @param {Iterable<Event>} events
 */
export function fold(state, events) {
  return folding(() => {
    let next = state;
    for (const event of events) next = evolve(next, event);
    return next;
  });
}
