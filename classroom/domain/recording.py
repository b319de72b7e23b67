"""
Recording: whether the class is being recorded, and who is in it.

Staff start, pause and stop; the class may begin with it (`mode`). Two words count for a person, and both have
to be in favour: their own (`consents`; staff are asked nothing, but their no is one) and that of staff
(`left_out`). Nobody can say yes for somebody else. A yes holds until the class opens anew, a no until it is
taken back. Each recording has a number; what goes wrong ends it with a reason, and the class goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from classroom.domain.entry import STAFF, Actor, Audience, Command, Context, Draft, Entry
from classroom.domain.errors import Conflict, TooMany
from classroom.domain.recording_words import COMMANDS as COMMANDS
from classroom.domain.recording_words import EVENTS as EVENTS
from classroom.domain.recording_words import (
    Consent,
    Decline,
    EndRecording,
    LeaveOut,
    Mark,
    Mode,
    PauseRecording,
    Reason,
    RecordingConsented,
    RecordingDeclined,
    RecordingLeftOut,
    RecordingMarked,
    RecordingPaused,
    RecordingPlanned,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    RenewRecording,
    ResumeRecording,
    StartRecording,
    StopRecording,
)
from classroom.domain.roles import Permission

MOST_RECORDINGS = 10_000  # Of one class: a permanent one that is recorded every day for 27 years.
MOST_MARKS = 500  # In one recording: one every half a minute of four hours.


@dataclass(frozen=True, slots=True)
class ChapterMark:
    id: str
    label: str
    at: int


@dataclass(frozen=True, slots=True)
class Recording:
    """
    `number` and `since` (ms) are of the newest recording, `marks` of it, too; `reason` says why it stopped
    and is empty while it runs and at the opening. `declined` is for staff.
    """

    mode: Mode = "off"
    state: Literal["off", "on", "paused"] = "off"
    number: int = 0
    since: int = 0
    consents: Mapping[str, bool] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    marks: tuple[ChapterMark, ...] = ()
    reason: Literal["", "stopped", "ended", "disk_full", "disk_slow", "failed", "interrupted"] = ""
    declined: bool = False

    @property
    def asks(self) -> bool:
        """Whether staff still have to say if this class shall be recorded."""
        return self.mode == "ask" and self.state == "off" and not (self.declined or self.reason)

    def takes(self, person: str, staff: bool) -> bool:
        """Tell whether this person would be recorded."""
        return self.consents.get(person, staff) and person not in self.left_out


def plan(recording: Recording, mode: Mode) -> tuple[Draft, ...]:
    """Return how a class that is to be recorded like this begins, as events of the program's."""
    planned = Draft(RecordingPlanned(mode), "")
    if mode != "on" or recording.state != "off" or recording.number >= MOST_RECORDINGS:
        return (planned,)
    return planned, Draft(RecordingStarted(recording.number + 1), "")


def decide(recording: Recording, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`. Whether a person is known is checked before."""
    actor = context.actor
    match command:
        case Consent(yes):
            return (_own_word(recording, actor.person, yes),)
        case LeaveOut(person, out) if person == actor.person and not actor.staff:
            return (_own_word(recording, actor.person, not out),)
        case EndRecording(number, reason):
            if number != recording.number:
                raise Conflict("another recording runs, or none")
            return (_stop(recording, reason, actor),)
        case RenewRecording(anew):
            if recording.reason != "interrupted":
                raise Conflict("it was not interrupted")
            return plan(recording, recording.mode) if anew else (_start(recording, actor),)
    actor.require(Permission.CLASS_MODERATE)
    return (_decide_staff(recording, command, context),)


def _decide_staff(recording: Recording, command: Command, context: Context) -> Draft:
    by = context.actor.person
    match command:
        case StartRecording():
            return _start(recording, context.actor)
        case PauseRecording():
            _require(recording.state == "on", "it does not run")
            return Draft(RecordingPaused(), by)
        case ResumeRecording():
            _require(recording.state == "paused", "it is not paused")
            return Draft(RecordingResumed(), by)
        case StopRecording():
            return _stop(recording, "stopped", context.actor)
        case Decline():
            _require(recording.asks, "nobody asks")
            return Draft(RecordingDeclined(), by, STAFF)
        case LeaveOut(person, out):
            _require((person in recording.left_out) != out, "it is so already")
            return Draft(RecordingLeftOut(person, out), by, _about(person))
        case Mark(label):
            return _mark(recording, label, context)
    raise AssertionError(command)


def _own_word(recording: Recording, person: str, yes: bool) -> Draft:
    _require(recording.consents.get(person) is not yes, "said already")
    return Draft(RecordingConsented(person, yes), person, _about(person))


def _start(recording: Recording, actor: Actor) -> Draft:
    _require(recording.state == "off", "it runs already")
    if recording.number >= MOST_RECORDINGS:
        raise TooMany("too many recordings of this class")
    return Draft(RecordingStarted(recording.number + 1), actor.person)


def _stop(recording: Recording, reason: Reason, actor: Actor) -> Draft:
    _require(recording.state != "off", "it does not run")
    return Draft(RecordingStopped(reason), actor.person)


def _mark(recording: Recording, label: str, context: Context) -> Draft:
    # Of a pause nothing is part of the recording, so no chapter can begin in it.
    _require(recording.state == "on", "it does not run")
    _require(all(mark.id != context.command for mark in recording.marks), "this id is taken")
    if len(recording.marks) >= MOST_MARKS:
        raise TooMany("too many marks")
    return Draft(RecordingMarked(context.command, label), context.actor.person)


def _require(right: bool, reason: str) -> None:
    if not right:
        raise Conflict(reason)


def _about(person: str) -> Audience:
    """Return who sees whether a person is recorded: staff, and the person."""
    return Audience(staff=True, people=(person,))


def evolve(recording: Recording, entry: Entry) -> Recording:
    """Return `recording` after `entry`. Never fails."""
    match entry.event:
        case RecordingPlanned(mode):
            noes = {person: yes for person, yes in recording.consents.items() if not yes}
            return replace(recording, mode=mode, consents=noes, marks=(), reason="", declined=False)
        case RecordingStarted(number):
            return replace(recording, state="on", number=number, since=entry.at, marks=(), reason="")
        case RecordingPaused():
            return replace(recording, state="paused")
        case RecordingResumed():
            return replace(recording, state="on")
        case RecordingStopped(reason):
            return replace(recording, state="off", reason=reason)
        case RecordingDeclined():
            return replace(recording, declined=True)
        case RecordingConsented(person, yes):
            return replace(recording, consents={**recording.consents, person: yes})
        case RecordingLeftOut(person, out):
            rest = tuple(known for known in recording.left_out if known != person)
            return replace(recording, left_out=(*rest, person) if out else rest)
        case RecordingMarked(mark, label):
            return replace(recording, marks=(*recording.marks, ChapterMark(mark, label, entry.at)))
    return recording


def view(recording: Recording, person: str, staff: bool) -> Recording:
    """Return what a person may know: of others whether they are recorded is for staff."""
    if staff:
        return recording
    own = recording.consents.get(person)
    return replace(
        recording,
        consents={} if own is None else {person: own},
        left_out=(person,) if person in recording.left_out else (),
        declined=False,
    )
