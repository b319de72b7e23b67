/** What the server says of a recording (PROTOCOL.md, recordings), and what the player gives. Types only: nothing is sent to browsers. */

import type { ReadonlySignal, Signal } from "@preact/signals-core";
import type { Kind, RoomState } from "../../state/types.js";
import type { ClusterEntry, PlaybackAnswer, PlaybackMode, Player as Steered, ReplayEvent, SegmentInfo } from "../../state/types_playback.js";

/** Class time everywhere: ms since the start of the recording. */
export type Size = "best" | "small";
export type Segment = Pick<SegmentInfo, "id" | "mime" | "size" | "start" | "duration" | "width" | "height">;
export interface RecordedTrack {
  readonly id: string;
  readonly person: string;
  readonly kind: Kind;
  readonly segments: readonly Segment[];
}
/** key: 1 where decoding can begin, 2 for the head of the file, whose t and duration are 0. */
export type Row = ClusterEntry;
export type Rows = Readonly<Record<string, readonly Row[]>>;
export type RecordedEvent = ReplayEvent;

export interface EventPage {
  readonly events: readonly RecordedEvent[];
  /** Everything up to this number is known. */
  readonly upto: number;
  readonly more: boolean;
}
export type Snapshot = PlaybackAnswer["state"];
export type Playback = Omit<PlaybackAnswer, "manifest"> & {
  readonly manifest: { readonly duration: number; readonly tracks: readonly RecordedTrack[] } & Record<string, any>;
  /** Another number when the tracks have changed. */
  readonly tracks_version: number;
  /** Of its page of events. */
  readonly upto: number;
  readonly more: boolean;
};
export interface IndexAnswer {
  readonly live: boolean;
  readonly now: number;
  readonly duration: number;
  readonly tracks_version: number;
  /** null: as they were. */
  readonly tracks: readonly RecordedTrack[] | null;
  readonly gaps: Playback["gaps"];
  readonly clusters: Rows;
  /** The heads of most files that are listed, in base64. */
  readonly heads?: Readonly<Record<string, string>>;
  readonly events_upto: number;
}

export interface Cluster {
  readonly segment: string;
  readonly size: Size;
  readonly t: number;
  readonly end: number;
  readonly offset: number;
  readonly octets: number;
  readonly key: boolean;
  /** All of its track and size, by t, with itself. */
  readonly lane: readonly Cluster[];
}

export type PlayerMode = PlaybackMode;
export interface Want {
  /** Real pixels. */
  readonly height: number;
  readonly visible: boolean;
}
/** The clock went over a stretch by itself. */
export interface Jump {
  readonly from: number;
  readonly to: number;
  readonly why: "paused" | "lost" | "cut" | "silence";
}

/** A monotonic clock, timers, chance. */
export interface PlayerEnvironment {
  now(): number;
  readonly timers: import("../environment.js").Timers;
  random(): number;
}
/** As `fetch`, with a path below /api/recordings/{recording}/. */
export type Load = (path: string, init: { headers?: Record<string, string>; signal: AbortSignal }) => Promise<Response>;

export interface Player extends Steered {
  readonly recording: string;
  /** The first answer of the server, null before it came. */
  readonly opened: ReadonlySignal<Playback | null>;
  /** `time` is told ten times a second; this is exact. */
  now(): number;
  readonly ended: ReadonlySignal<boolean>;
  /** May be written; 0.5 to 3. */
  readonly rate: Signal<number>;
  /** Catching up with the class at 1.5 times its speed. */
  readonly catchingUp: ReadonlySignal<boolean>;
  readonly muted: Signal<boolean>;
  /** The line is lost; it tries again by itself, and plays what it has. */
  readonly offline: ReadonlySignal<boolean>;
  /** The browser refuses sound before a click: show a button that calls `play()`. */
  readonly needsGesture: ReadonlySignal<boolean>;
  readonly jumped: ReadonlySignal<Jump | null>;
  /** Stretches where nobody speaks, as far as known. */
  readonly silences: ReadonlySignal<readonly (readonly [number, number])[]>;
  readonly tracks: ReadonlySignal<readonly RecordedTrack[]>;
  /** Ids of the tracks that have something to show or to hear at this time. */
  readonly active: ReadonlySignal<ReadonlySet<string>>;
  /** What the class looked like at `time`. */
  readonly room: ReadonlySignal<RoomState | null>;
  readonly replay: import("../../state/replay.js").Replay;
  /** The size that is fetched of each picture. */
  readonly sizes: ReadonlySignal<Readonly<Record<string, Size>>>;
  /** bit/s and ms as measured, null while unknown. */
  readonly line: ReadonlySignal<{ readonly bitrate: number | null; readonly delay: number | null }>;
  readonly speakers: ReadonlySignal<{ readonly levels: Readonly<Record<string, number>>; readonly dominant: string | null }>;
  catchUp(): void;
  wish(track: string, want: Want): void;
  /** After an error: tries again. */
  retry(): void;
}

/** What the player is made of; a page gives the recording, the rest is the browser. */
export interface EngineParts {
  readonly recording: string;
  /** Where to begin; null: where the server says that this person stopped. */
  readonly start: number | null;
  readonly load: Load;
  readonly environment: PlayerEnvironment;
  readonly media: import("./track.js").MediaWorld;
  makeAudio(): HTMLAudioElement;
  /** Remembers the line for the next page. */
  readonly storage: Pick<Storage, "getItem" | "setItem"> | null;
}
