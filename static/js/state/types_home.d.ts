/** The shapes of the HTTP API that the pages outside a class show (see /openapi.json). Types only. */

import type { RecordingInfo } from "./types_playback.js";

export type Control = "exam" | "credit" | "graded_credit" | "course_work" | "none";

export interface Course {
  readonly id: string;
  readonly academic_year: number;
  readonly semester: number;
  readonly discipline: string;
  readonly group: string;
  readonly control: Control;
  readonly teacher: string;
  readonly teacher_name: string;
  readonly created_at: number;
  readonly archived_at: number | null;
}

export interface Enrolment {
  readonly course: string;
  readonly person: string;
  readonly name: string;
  readonly login: string;
  readonly role: "student" | "assistant";
  readonly enrolled_at: number;
}

export interface PlannedClass {
  readonly id: string;
  readonly title: string;
  readonly course: string | null;
  readonly discipline: string;
  readonly group: string;
  readonly teacher: string;
  readonly teacher_name: string;
  readonly starts_at: number;
  readonly duration: number;
  readonly language: string;
  readonly settings: { readonly lobby: boolean; readonly moderated: boolean; readonly locks: readonly string[]; readonly recording: "on" | "off" | "ask"; readonly publish: boolean };
  readonly state: "planned" | "open" | "closed" | "cancelled";
  readonly permanent: boolean;
  readonly opened_at: number | null;
  readonly closed_at: number | null;
  readonly created_at: number;
}

export interface Listed {
  readonly planned: PlannedClass;
  readonly role: "teacher" | "assistant" | "student";
  readonly may_enter: boolean;
  readonly enters_at: number;
}

export interface Mine {
  readonly now: readonly Listed[];
  readonly next: readonly Listed[];
  readonly past: readonly Listed[];
}

export interface Invitation {
  readonly id: string;
  readonly class_id: string;
  readonly role: "guest" | "student";
  readonly created_at: number;
  readonly expires_at: number;
  readonly max_uses: number;
  readonly uses: number;
  readonly revoked_at: number | null;
}

/** A recording in a list. */
export interface Recorded extends RecordingInfo {
  readonly discipline: string;
  readonly group: string;
  readonly teacher: string;
  readonly teacher_name: string;
  readonly purge_at: number | null;
  /** Whether this person may change it. */
  readonly edit: boolean;
  /** Where this person stopped (ms); null: never begun. */
  readonly position: number | null;
}
