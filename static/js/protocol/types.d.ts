/** What a connection needs and tells. Types only: nothing is sent to browsers. */

import type { Batch } from "../state/store.js";
import type { Me, RoomState } from "../state/types.js";
import type { Item } from "./queue.js";

export type Status = "connecting" | "waiting" | "live" | "reconnecting" | "over";

/** What is used of a Socket.IO socket. */
export interface Line {
  on(event: string, listener: (...args: any[]) => void): unknown;
  emit(event: string, ...args: any[]): unknown;
  connect(): unknown;
  disconnect(): unknown;
}

/** Makes the socket, not connected yet; it asks for the auth at each attempt. */
export type OpenLine = (auth: (give: (auth: object) => void) => void) => Line;

export interface Welcome {
  readonly person: Me;
  readonly connection: string;
  readonly now: number;
  readonly upto: number;
  readonly state: RoomState | null;
}

export interface Handlers {
  /** The number up to which everything is known, null before the first snapshot. */
  last(): number | null;
  welcome(welcome: Welcome, again: boolean): void;
  /** False when something is missing before the batch. */
  events(batch: Batch): boolean;
  signal(signal: Record<string, any>): void;
  media(message: Record<string, any>): void;
  status(status: Status): void;
  /** With a code of `bye` or of a refusal. */
  over(code: string): void;
  queued(items: readonly Item[]): void;
  /** A new seat when the old one is no longer accepted, or null. */
  readmit(): Promise<string | null>;
}
