/**
 * How a view reaches its class: `const room = useRoom()`.
 *
 * The types of everything in it are in types.d.ts and can be named from here, for instance
 * `@typedef {import("../state/context.js").Question} Question`.
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** @typedef {import("./types.js").Room} Room */
/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").Event} ClassEvent */
/** @typedef {import("./types.js").Person} Person */
/** @typedef {import("./types.js").Track} Track */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./types.js").Pending} Pending */
/** @typedef {import("./types.js").Refusal} Refusal */
/** @typedef {import("./types.js").Reply} Reply */
/** @typedef {import("./types.js").Device} Device */
/** @typedef {import("./types.js").DeviceKind} DeviceKind */
/** @typedef {import("./types.js").MediaClient} MediaClient */
/** @typedef {import("./types.js").Mode} Mode */
/** @typedef {import("./types.js").Kind} Kind */
/** @typedef {import("./types.js").Role} Role */
/** @typedef {import("./types.js").Quality} Quality */
/** @typedef {import("./types.js").OwnLine} OwnLine */
/** @typedef {import("./types.js").WeakLine} WeakLine */
/** @typedef {import("./types.js").LineProblem} LineProblem */
/** @typedef {import("./types.js").LineCause} LineCause */
/** @typedef {import("./types.js").Measured} Measured */
/** @typedef {import("./types.js").Permission} Permission */

/** @type {import("preact").Context<Room | null>} */
export const RoomContext = createContext(/** @type {Room | null} */ (null));

/**
 * Return the class that the component stands in.
 *
 * @returns {Room}
 */
export function useRoom() {
  const room = useContext(RoomContext);
  if (room === null) throw new Error("useRoom() outside <RoomContext.Provider>");
  return room;
}
