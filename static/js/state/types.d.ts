/** The shapes of PROTOCOL.md 1.1 to 1.3 and of the object that the views of a class get. Types only: nothing is sent to browsers. */

import type { ReadonlySignal } from "@preact/signals-core";

export type Role = "teacher" | "assistant" | "student" | "guest";
export type Kind = "microphone" | "camera" | "screen" | "screen_audio";
export type Mode = "everything" | "slides" | "sound" | "text";
export type Quality = "good" | "weak" | "bad";
export type Emoji = "👍" | "❤️" | "😂" | "🎉" | "🤔" | "👏";

/** One line of the journal as this reader sees it. `by` is "" for the system and for hidden authors. */
export interface Event {
  seq: number;
  at: number;
  by: string;
  type: string;
  data: Record<string, any>;
}

export interface LifecycleState {
  readonly title: string;
  readonly language: string;
  readonly state: "new" | "open" | "closed";
  readonly opened_at: number;
  readonly closed_at: number;
  readonly reason: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly present: boolean;
  readonly joined_at: number;
  readonly left_at: number;
}
export interface PeopleState {
  readonly items: Readonly<Record<string, Person>>;
  readonly blocked: readonly string[];
}

export interface Waiting {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly since: number;
}
export interface LobbyState {
  readonly on: boolean;
  readonly waiting: Readonly<Record<string, Waiting>>;
}

export interface LocksState {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  readonly chat: boolean;
  readonly private_chat: boolean;
  readonly questions: boolean;
}

export interface HandsState {
  readonly queue: readonly { readonly person: string; readonly at: number }[];
}

export interface Track {
  readonly id: string;
  readonly person: string;
  readonly kind: Kind;
  readonly muted: boolean;
  readonly since: number;
}
export interface StageState {
  readonly allowed: Readonly<Record<string, readonly Kind[]>>;
  readonly tracks: Readonly<Record<string, Track>>;
}

export interface Message {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  /** The other person of a private message, null for a public one. */
  readonly to: string | null;
  readonly reply_to: string | null;
  readonly at: number;
  readonly edited_at: number;
  readonly gone: "" | "withdrawn" | "removed";
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}
export interface ChatState {
  readonly messages: Readonly<Record<string, Message>>;
  readonly pinned: readonly string[];
}

export interface Answer {
  readonly how: "aloud" | "written";
  readonly text: string;
  readonly by: string;
  readonly at: number;
}
export interface Question {
  readonly id: string;
  /** "" where the author is hidden from this reader. */
  readonly author: string;
  readonly anonymous: boolean;
  readonly text: string;
  readonly asked_at: number;
  readonly edited_at: number;
  readonly state: "held" | "open" | "answering" | "answered" | "dismissed" | "withdrawn";
  readonly votes: number;
  /** Holds this reader's id, or nothing. */
  readonly voters: readonly string[];
  readonly answer: Answer | null;
  readonly reason: string;
}
export interface QuestionsState {
  readonly moderated: boolean;
  readonly items: Readonly<Record<string, Question>>;
}

/** A chapter that staff began while the class was recorded. */
export interface ChapterMark {
  readonly id: string;
  /** "" until somebody gives it a name. */
  readonly label: string;
  readonly at: number;
}
export interface RecordingState {
  /** How the class was planned to begin: recorded, not recorded, or staff are asked. */
  readonly mode: "on" | "off" | "ask";
  readonly state: "off" | "on" | "paused";
  /** Of the newest recording, 0 before the first; `since` (ms) and `marks` are of it, too. */
  readonly number: number;
  readonly since: number;
  /** What people said; for who is not staff their own word alone, and so `left_out`. */
  readonly consents: Readonly<Record<string, boolean>>;
  readonly left_out: readonly string[];
  readonly marks: readonly ChapterMark[];
  /** Why it stopped; "" while it runs, and at the opening. */
  readonly reason: "" | "stopped" | "ended" | "disk_full" | "disk_slow" | "failed" | "interrupted";
  /** Staff said no when they were asked; false for the others. */
  readonly declined: boolean;
}

export interface RoomState {
  readonly lifecycle: LifecycleState;
  readonly people: PeopleState;
  readonly lobby: LobbyState;
  readonly locks: LocksState;
  readonly hands: HandsState;
  readonly stage: StageState;
  readonly chat: ChatState;
  readonly questions: QuestionsState;
  readonly recording: RecordingState;
}
export type RoomSignals = { readonly [F in keyof RoomState]: ReadonlySignal<RoomState[F]> };

export interface Me {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}
export interface ClassInfo {
  readonly id: string;
  readonly title: string;
  readonly language: string;
  /** Whether it was recorded when this page got its seat, or will be from its beginning. */
  readonly recording?: "on" | "paused" | "off" | "ask";
}

export type Refusal = { ok: false; code: string; retry_after?: number };
export type Reply = { ok: true; seq: number } | Refusal;
export interface Pending {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, any>;
  /** When it was asked for, on the server's clock. */
  readonly at: number;
}

/** Questions that the views ask before they offer something; the server decides all the same. */
export type Permission =
  | "staff" // teacher or assistant
  | "teacher"
  | "close"
  | "set_role"
  | "remove_people"
  | "lobby"
  | "locks"
  | "allow_stage"
  | "raise_hand"
  | "microphone"
  | "camera"
  | "screen"
  | "chat"
  | "private_chat"
  | "moderate_chat"
  | "ask"
  | "vote"
  | "moderate_questions"
  | "record";

export type DeviceError = "" | "denied" | "missing" | "busy" | "failed";
export interface Device {
  readonly on: boolean;
  /** Between the click and its effect. */
  readonly busy: boolean;
  readonly error: DeviceError;
}
export interface DeviceChoice {
  readonly id: string;
  /** "" until the person has granted access: show a numbered name then. */
  readonly label: string;
}
export interface Devices {
  readonly microphone: readonly DeviceChoice[];
  readonly camera: readonly DeviceChoice[];
  readonly speaker: readonly DeviceChoice[];
}
export type DeviceKind = keyof Devices;

export interface LineStats {
  /** bit/s */
  readonly bitrate: number;
  /** 0..1, null while too little was sent to tell */
  readonly loss: number | null;
  /** ms, null while unknown */
  readonly rtt: number | null;
}

/** What is wrong with a line (PROTOCOL.md 1.3); numbers that say nothing about it are absent. */
export interface LineProblem {
  readonly problem: "blocked" | "lost" | "up.loss" | "up.slow" | "down.loss" | "down.slow" | "delay";
  readonly level: "weak" | "bad";
  readonly since: number;
  /** 0..1 */
  readonly loss?: number;
  /** bit/s */
  readonly bitrate?: number;
  /** ms */
  readonly rtt?: number;
  /** Pictures that come, of those that should. */
  readonly shown?: number;
  readonly wished?: number;
}
/** One's own line as the server sees it. */
export interface OwnLine {
  readonly up: LineStats;
  readonly down: LineStats;
  readonly quality: Quality;
  readonly problems: readonly LineProblem[];
  /** What is missing was lost on its way to the server, on somebody else's line. */
  readonly inherits: boolean;
}
export interface WeakLine {
  readonly person: string;
  readonly quality: "weak" | "bad";
  readonly problems: readonly LineProblem[];
}
export interface LineCause {
  readonly kind: "publisher" | "common" | "viewers";
  readonly person: string | null;
  readonly affected: number;
  readonly of: number;
}
/** For staff: all lines that are not good, and what explains most of it. */
export interface Lines {
  readonly people: readonly WeakLine[];
  /** So many more than `people` holds. */
  readonly more: number;
  readonly cause: LineCause | null;
}
/** What a browser knows of its own line and no server can. */
export interface Measured {
  readonly up: LineStats;
  readonly down: LineStats;
  readonly path: "" | "udp" | "tcp" | "relay";
  /** What keeps the own pictures small, if anything. */
  readonly limited: "" | "cpu" | "bandwidth";
}

export interface MediaClient {
  readonly microphone: ReadonlySignal<Device>;
  readonly camera: ReadonlySignal<Device>;
  readonly screen: ReadonlySignal<Device>;
  readonly devices: ReadonlySignal<Devices>;
  /** The chosen device ids; "" is the browser's default. */
  readonly chosen: ReadonlySignal<Readonly<Record<DeviceKind, string>>>;
  /** 0..1, own microphone, also while muted by the server; 0 when off. */
  readonly level: ReadonlySignal<number>;
  /** What can be shown: track id of the stage -> stream. Own tracks are in `local`. */
  readonly streams: ReadonlySignal<ReadonlyMap<string, MediaStream>>;
  /** Own camera and screen for the self view (muted, so no echo). */
  readonly local: ReadonlySignal<Readonly<{ camera: MediaStream | null; screen: MediaStream | null }>>;
  readonly mode: ReadonlySignal<Mode>;
  readonly state: ReadonlySignal<"idle" | "connecting" | "connected" | "lost">;
  /** The browser refused to play sound before a click: show "turn sound on", which calls `playSound()`. */
  readonly silent: ReadonlySignal<boolean>;
  /** What this browser measured in the last 2 s, or null. */
  readonly stats: ReadonlySignal<Measured | null>;
  /** False where the browser has no getDisplayMedia (phones). */
  readonly canShareScreen: boolean;
  /** False where sound cannot be sent to a chosen speaker (Safari, older Firefox). */
  readonly canChooseSpeaker: boolean;

  /** Before `start()` these open the device for the preview only. They never throw: see the signal's `error`. */
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  setScreen(on: boolean): Promise<void>;
  choose(kind: DeviceKind, id: string): Promise<void>;
  setMode(mode: Mode): void;
  /** What a tile has use for: its height in CSS pixels times the device's pixel ratio, and whether it is on the screen. */
  wish(track: string, want: { height: number; visible: boolean }): void;
  refreshDevices(): Promise<void>;
  playSound(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface Speakers {
  readonly levels: Readonly<Record<string, number>>;
  readonly dominant: string | null;
}
export type ReactionKind = "clap" | "yes" | "no" | "slower" | "faster";

/** What another program needs to send as the same person. */
export interface ProgramKey {
  readonly token: string;
  /** Until when it may begin (ms); what runs goes on. */
  readonly expires_at: number;
}

export interface Room {
  readonly state: RoomSignals;
  readonly me: ReadonlySignal<Me>;
  readonly info: ReadonlySignal<ClassInfo>;
  can(permission: Permission): boolean;
  readonly status: ReadonlySignal<"connecting" | "waiting" | "live" | "reconnecting" | "over">;
  /** Why it is over: a code of `bye` or of a refused connection. */
  readonly bye: ReadonlySignal<string | null>;
  /** Waits while offline, repeats with the same id, never throws. `id` may be given where it will be an object's id. */
  send(type: string, data?: Record<string, any>, id?: string): Promise<Reply>;
  readonly pending: ReadonlySignal<readonly Pending[]>;
  /** Not acknowledged, dropped while offline. */
  signal(type: string, fields?: Record<string, any>): void;
  history(before: number, limit: number): Promise<{ ok: true; events: Event[]; more: boolean } | Refusal>;
  /** A key for another program of this person. Never throws. */
  programKey(): Promise<import("../protocol/api.js").Outcome<ProgramKey>>;
  readonly speakers: ReadonlySignal<Speakers>;
  readonly reactions: ReadonlySignal<Readonly<Record<ReactionKind, number>>>;
  /** Person -> the time (room.clock()) until which the mark is shown; only public typing and what is written to me. */
  readonly typing: ReadonlySignal<Readonly<Record<string, { readonly until: number; readonly to: string | null }>>>;
  /** For staff; empty for everybody else. */
  readonly lines: ReadonlySignal<Lines>;
  /** Who of them has which quality. */
  readonly network: ReadonlySignal<Readonly<Record<string, Quality>>>;
  /** What the server measured of this reader's line, and makes of it. */
  readonly stats: ReadonlySignal<OwnLine | null>;
  /** Now, in ms, on the server's clock. */
  clock(): number;
  readonly media: MediaClient;
  /** Goes to the class (after the page before joining); the state comes, `status` tells how far it is. */
  join(): Promise<void>;
  /** Leaves for good: ends media and the connection. */
  leave(): Promise<void>;
  /** What plays a recorded class; null in one that is on. Views hide what writes where it is set. */
  readonly replay: import("./types_playback.js").Player | null;
  /** When the recording began: class time 0 of `replay`. */
  readonly began?: number;
}
