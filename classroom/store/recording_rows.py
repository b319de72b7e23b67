"""
The rows of recordings, for the repositories and the services alike. rows.py says what holds for all rows.
"""

from dataclasses import dataclass
from enum import StrEnum


class RecordingState(StrEnum):
    """How far a recording has come. Failed: nothing of it can be shown."""

    RECORDING = "recording"
    FINISHING = "finishing"
    READY = "ready"
    FAILED = "failed"


class Place(StrEnum):
    """Where its files are: where they were written, or in the object store."""

    SPOOL = "spool"
    OBJECTS = "objects"


class JobState(StrEnum):
    """How far a job has come. Done, failed and cancelled are final."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording. Its manifest is asked for by itself: it may be long."""

    id: str
    class_id: str
    number: int
    course: str | None  # of the class when it was recorded
    title: str
    description: str
    state: RecordingState
    reason: str  # why it ended, a code of the protocol; "" while it has not
    published: bool
    protected: bool  # neither deleted nor swept
    started_at: int
    ended_at: int | None
    duration: int  # ms
    bytes: int
    version: int  # of the manifest; 0 while there is none
    place: Place
    deleted_at: int | None
    purge_at: int | None
    created_at: int
    discipline: str = ""  # from here on read only: of the course, "" without one
    group: str = ""
    teacher: str = ""  # of the class
    teacher_name: str = ""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A link to one recording. The secret is not here, so it cannot be shown by mistake."""

    id: str
    recording: str
    created_by: str
    created_at: int
    expires_at: int
    revoked_at: int | None
    uses: int


@dataclass(frozen=True, slots=True)
class CaptionsRow:
    """The captions of a recording in one language, as WebVTT."""

    recording: str
    language: str
    text: str
    updated_by: str
    updated_at: int


@dataclass(frozen=True, slots=True)
class ChapterRow:
    """A chapter begins at class time `t` (ms)."""

    recording: str
    id: str
    t: int
    title: str
    source: str  # who made it: "mark" (in the class), "staff" (afterwards), "program"


@dataclass(frozen=True, slots=True)
class EditsRow:
    """The edit list. Whoever stores another one names the `revision` that they changed."""

    recording: str
    list: str  # JSON
    updated_by: str
    updated_at: int
    revision: int  # 1, 2, ...; 0 stands for no list


@dataclass(frozen=True, slots=True)
class WatchRow:
    """How far a person is in a recording, and which parts they saw (see seen.py)."""

    recording: str
    person: str
    position: int  # ms
    seen: bytes
    updated_at: int


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question that was asked at class time `t` (ms), while watching."""

    id: str
    recording: str
    t: int
    author: str
    text: str
    asked_at: int
    answer: str | None = None
    answered_by: str = ""
    answered_at: int | None = None
    hidden: bool = False
    author_name: str = ""  # read only, as the next: of the account, "" without one
    answered_name: str = ""


@dataclass(frozen=True, slots=True)
class TextRow:
    """Words that can be found in a recording."""

    recording: str
    id: str
    t: int  # ms of class time
    kind: str  # chat, question, answer or caption
    language: str  # of a caption, else ""
    author: str  # a person, "" for captions
    text: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """Something that is made of a recording, outside of any request."""

    id: str
    kind: str
    recording: str
    asked_by: str  # a person; "": the program
    dedupe: str | None  # of several with the same key one is done
    options: str  # JSON
    state: JobState
    progress: int  # 0 to 1000
    attempts: int  # begun ones
    not_before: int
    lease_until: int | None
    lease_by: str
    error: str  # a code, of the last attempt that failed
    result: str  # JSON, "" while there is none
    created_at: int
    updated_at: int
    finished_at: int | None
