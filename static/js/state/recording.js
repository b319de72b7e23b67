/** Whether the class is being recorded, and who is in it. */

import { put } from "./records.js";

/** @typedef {import("./types.js").RecordingState} State */
/** @typedef {import("./types.js").Event} Event */

/** @type {State} */
export const initial = { mode: "off", state: "off", number: 0, since: 0, consents: {}, left_out: [], marks: [], reason: "", declined: false };

/** @param {State} state @param {Event} event @returns {State} */
export function evolve(state, { type, at, data }) {
  const { person } = data;
  switch (type) {
    case "recording.planned": {
      // A yes is for one class, a no for all that follow in this journal.
      const noes = Object.fromEntries(Object.entries(state.consents).filter(([, yes]) => !yes));
      return { ...state, mode: data["mode"], consents: noes, marks: [], reason: "", declined: false };
    }
    case "recording.started":
      return { ...state, state: "on", number: data["number"], since: at, marks: [], reason: "" };
    case "recording.paused":
      return { ...state, state: "paused" };
    case "recording.resumed":
      return { ...state, state: "on" };
    case "recording.stopped":
      return { ...state, state: "off", reason: data["reason"] };
    case "recording.declined":
      return { ...state, declined: true };
    case "recording.consented":
      return { ...state, consents: put(state.consents, person, data["yes"]) };
    case "recording.left_out": {
      const rest = state.left_out.filter((known) => known !== person);
      return { ...state, left_out: data["out"] ? [...rest, person] : rest };
    }
    case "recording.marked":
      return { ...state, marks: [...state.marks, { id: data["mark"], label: data["label"], at }] };
    default:
      return state;
  }
}

/**
 * Whether staff still have to say if this class shall be recorded.
 *
 * @param {State} state as staff see it
 */
export const asks = (state) => state.mode === "ask" && state.state === "off" && !state.declined && state.reason === "";

/**
 * Whether what a person sends is recorded while the class is. Of others than oneself only staff know.
 *
 * @param {State} state
 * @param {{ id: string, role: import("./types.js").Role }} person
 */
export function takes(state, { id, role }) {
  const own = Object.hasOwn(state.consents, id) ? state.consents[id] : role === "teacher" || role === "assistant";
  return own === true && !state.left_out.includes(id);
}
