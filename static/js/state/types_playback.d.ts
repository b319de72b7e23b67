/** The shapes of the recordings' API as the page of playback uses them, and of the player that it steers. Types only. */

import type { ReadonlySignal, Signal } from "@preact/signals-core";
import type { Event, Kind, Me, RoomState } from "./types.js";

/** Whole milliseconds since the recording began; it runs on through pauses. */
export type ClassTime = number;
export type Stretch = readonly [ClassTime, ClassTime];

export interface RecordingInfo {
  readonly id: string;
  readonly class_id: string;
  readonly number: number;
  readonly course: string | null;
  readonly title: string;
  readonly description: string;
  readonly state: "recording" | "finishing" | "ready" | "failed";
  /** Why it stopped. */
  readonly reason: string;
  readonly published: boolean;
  readonly protected: boolean;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly duration: number;
  readonly bytes: number;
  readonly deleted_at?: number | null;
}

export interface SegmentInfo {
  readonly id: string;
  readonly mime: string;
  readonly codec: "opus" | "vp8" | "h264";
  readonly size: "best" | "small";
  readonly start: ClassTime;
  readonly duration: number;
  readonly octets: number;
  readonly width: number;
  readonly height: number;
}
export interface TrackInfo {
  readonly id: string;
  readonly person: string;
  readonly kind: Kind;
  readonly segments: readonly SegmentInfo[];
}
export interface Gap {
  readonly start: ClassTime;
  readonly end: ClassTime;
  readonly why: "paused" | "lost";
}
export interface Chapter {
  readonly id: string;
  readonly t: ClassTime;
  readonly title: string;
  /** Who made it: the program out of the journal, or a teacher. */
  readonly source: string;
}
/** [t, duration, offset, size, key]: a part of a segment that can be fetched by itself. */
export type ClusterEntry = readonly [ClassTime, number, number, number, number];

/** A line of the journal with its class time. */
export interface ReplayEvent extends Event {
  readonly t: ClassTime;
}

export interface Rights {
  readonly edit: boolean;
  readonly download: boolean;
  readonly ask: boolean;
}

/** GET /api/recordings/ID/playback */
export interface PlaybackAnswer {
  readonly recording: RecordingInfo;
  readonly me: Me;
  readonly manifest: { readonly duration: number; readonly tracks: readonly TrackInfo[]; readonly derived?: readonly string[] } & Record<string, any>;
  readonly gaps: readonly Gap[];
  /** What was cut out; viewers never hear of anything in it. */
  readonly cuts: readonly Stretch[];
  readonly chapters: readonly Chapter[];
  readonly captions: readonly string[];
  readonly state: { readonly t: ClassTime; readonly seq: number; readonly room: RoomState };
  readonly events: readonly ReplayEvent[];
  readonly clusters: Readonly<Record<string, readonly ClusterEntry[]>>;
  readonly heads?: Readonly<Record<string, string>>;
  /** Where this person stopped; null: never saw it. */
  readonly position: ClassTime | null;
  readonly can: Rights;
  readonly live: boolean;
  /** Class time of the live edge. */
  readonly now: ClassTime;
}

export interface Thumbnail {
  readonly t: ClassTime;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly sheet: string;
}

/** A question that somebody asked later, about one moment. */
export interface Moment {
  readonly id: string;
  readonly t: ClassTime;
  readonly author: string;
  readonly author_name: string;
  readonly text: string;
  readonly asked_at: number;
  readonly answer: string;
  readonly answered_by: string;
  readonly answered_name: string;
  readonly answered_at: number | null;
  /** Taken away by staff, who still see it. */
  readonly hidden: boolean;
}

export type SearchKind = "chat" | "question" | "answer" | "caption";
export interface Hit {
  readonly t: ClassTime;
  readonly kind: SearchKind;
  readonly text: string;
  readonly author: string;
  readonly author_name: string;
}

export interface Cue {
  readonly from: ClassTime;
  readonly upto: ClassTime;
  readonly text: string;
  /** Who speaks (<v>), "" where it is not said. */
  readonly voice: string;
}

export type Edit =
  | { readonly op: "trim" | "cut"; readonly from: ClassTime; readonly upto: ClassTime }
  | { readonly op: "redact"; readonly person: string; readonly from?: ClassTime; readonly upto?: ClassTime; readonly what: readonly ("media" | "words")[] };

export type JobKind = "mp4" | "sound" | "remux" | "hls";
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: "waiting" | "running" | "done" | "failed" | "cancelled";
  /** 0..1000 */
  readonly progress: number;
  readonly error: string;
  readonly options: { readonly chat?: boolean; readonly height?: number };
  readonly result: { readonly bytes?: number } | null;
  /** Nothing was edited since it was asked for: it is what viewers see. */
  readonly current: boolean;
  readonly created_at: number;
}

export interface Share {
  readonly id: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly uses: number;
}

/** How much is fetched: everything, small pictures, sound alone. */
export type PlaybackMode = "everything" | "small" | "sound";

/** The clock went over a stretch by itself. */
export interface Jump {
  readonly from: ClassTime;
  readonly to: ClassTime;
  readonly why: "paused" | "lost" | "cut" | "silence";
}

/** What the views use of that which plays a recording (protocol/playback). Times are class time. */
export interface Player {
  /** Told ten times a second. */
  readonly time: ReadonlySignal<ClassTime>;
  readonly duration: ReadonlySignal<number>;
  /** That it should play; it may be `waiting` all the same. */
  readonly playing: ReadonlySignal<boolean>;
  readonly waiting: ReadonlySignal<boolean>;
  readonly ended: ReadonlySignal<boolean>;
  /** 0.5 to 3 */
  readonly rate: ReadonlySignal<number>;
  /** The class is still running. */
  readonly live: ReadonlySignal<boolean>;
  readonly atLive: ReadonlySignal<boolean>;
  readonly mode: Signal<PlaybackMode>;
  readonly skipSilence: Signal<boolean>;
  /** 0..1 */
  readonly volume: Signal<number>;
  readonly muted: Signal<boolean>;
  /** A code that ends it, or "". */
  readonly error: ReadonlySignal<string>;
  /** The line is lost; it tries again by itself. */
  readonly offline: ReadonlySignal<boolean>;
  readonly buffered: ReadonlySignal<readonly Stretch[]>;
  /** The browser refuses sound before a click. */
  readonly needsGesture: ReadonlySignal<boolean>;
  readonly jumped: ReadonlySignal<Jump | null>;
  /** What the class looked like at `time`. */
  readonly room: ReadonlySignal<RoomState | null>;
  /** Who is heard, as `stage.speakers` of a live class tells it. */
  readonly speakers: ReadonlySignal<{ readonly levels: Readonly<Record<string, number>>; readonly dominant: string | null }>;
  play(): void;
  pause(): void;
  seek(t: ClassTime): void;
  setRate(rate: number): void;
  goLive(): void;
  /** Shows the picture of a track in an element until the returned function is called. */
  attach(track: string, element: HTMLVideoElement): () => void;
  wish(track: string, want: { height: number; visible: boolean }): void;
  retry(): void;
  close(): void;
}
