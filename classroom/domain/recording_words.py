"""
What is said of recording: the commands and events of `recording`.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from classroom.domain.entry import Command, Event
from classroom.domain.ids import Id
from classroom.domain.text import LabelText

Mode = Literal["on", "off", "ask"]
Reason = Literal["stopped", "ended", "disk_full", "disk_slow", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class StartRecording(Command):
    TYPE: ClassVar[str] = "recording.start"


@dataclass(frozen=True, slots=True)
class PauseRecording(Command):
    TYPE: ClassVar[str] = "recording.pause"


@dataclass(frozen=True, slots=True)
class ResumeRecording(Command):
    TYPE: ClassVar[str] = "recording.resume"


@dataclass(frozen=True, slots=True)
class StopRecording(Command):
    TYPE: ClassVar[str] = "recording.stop"


@dataclass(frozen=True, slots=True)
class Decline(Command):
    """Answer with no whether this class shall be recorded."""

    TYPE: ClassVar[str] = "recording.decline"


@dataclass(frozen=True, slots=True)
class Consent(Command):
    """Agree to being recorded, or take that back."""

    TYPE: ClassVar[str] = "recording.consent"
    yes: bool


@dataclass(frozen=True, slots=True)
class LeaveOut(Command):
    """Keep somebody out of the recording. Of who is not staff, for oneself: the same as a no."""

    TYPE: ClassVar[str] = "recording.leave_out"
    person: Id
    out: bool


@dataclass(frozen=True, slots=True)
class Mark(Command):
    """Begin a chapter here. The mark's id is the command's."""

    TYPE: ClassVar[str] = "recording.mark"
    label: LabelText


@dataclass(frozen=True, slots=True)
class EndRecording(Command):
    """The program ends this recording: it cannot go on, or nobody is there any more."""

    TYPE: ClassVar[str] = "recording.end"
    SYSTEM: ClassVar[bool] = True
    number: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class RenewRecording(Command):
    """
    The class goes on after its recording was interrupted: so does recording, as another one. `anew`: it was
    so long ago that this is another class to those who come, and begins as it was planned.
    """

    TYPE: ClassVar[str] = "recording.renew"
    SYSTEM: ClassVar[bool] = True
    anew: bool


@dataclass(frozen=True, slots=True)
class RecordingPlanned(Event):
    TYPE: ClassVar[str] = "recording.planned"
    mode: Mode


@dataclass(frozen=True, slots=True)
class RecordingStarted(Event):
    TYPE: ClassVar[str] = "recording.started"
    number: int


@dataclass(frozen=True, slots=True)
class RecordingPaused(Event):
    TYPE: ClassVar[str] = "recording.paused"


@dataclass(frozen=True, slots=True)
class RecordingResumed(Event):
    TYPE: ClassVar[str] = "recording.resumed"


@dataclass(frozen=True, slots=True)
class RecordingStopped(Event):
    TYPE: ClassVar[str] = "recording.stopped"
    reason: Reason


@dataclass(frozen=True, slots=True)
class RecordingDeclined(Event):
    TYPE: ClassVar[str] = "recording.declined"


@dataclass(frozen=True, slots=True)
class RecordingConsented(Event):
    TYPE: ClassVar[str] = "recording.consented"
    person: str
    yes: bool


@dataclass(frozen=True, slots=True)
class RecordingLeftOut(Event):
    TYPE: ClassVar[str] = "recording.left_out"
    person: str
    out: bool


@dataclass(frozen=True, slots=True)
class RecordingMarked(Event):
    TYPE: ClassVar[str] = "recording.marked"
    mark: str
    label: str


COMMANDS = (
    StartRecording,
    PauseRecording,
    ResumeRecording,
    StopRecording,
    Decline,
    Consent,
    LeaveOut,
    Mark,
    EndRecording,
    RenewRecording,
)
EVENTS = (
    RecordingPlanned,
    RecordingStarted,
    RecordingPaused,
    RecordingResumed,
    RecordingStopped,
    RecordingDeclined,
    RecordingConsented,
    RecordingLeftOut,
    RecordingMarked,
)
