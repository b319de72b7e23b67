"""
Locks: what students and guests may not do at the moment. Staff are never locked out.
"""

from dataclasses import dataclass
from typing import ClassVar

from classroom.domain.entry import Command, Context, Draft, Entry, Event
from classroom.domain.errors import Conflict
from classroom.domain.roles import Permission


@dataclass(frozen=True, slots=True)
class SetLocks(Command):
    TYPE: ClassVar[str] = "locks.set"
    microphone: bool
    camera: bool
    screen: bool
    chat: bool
    private_chat: bool
    questions: bool


@dataclass(frozen=True, slots=True)
class LocksChanged(Event):
    TYPE: ClassVar[str] = "locks.changed"
    microphone: bool
    camera: bool
    screen: bool
    chat: bool
    private_chat: bool
    questions: bool


COMMANDS = (SetLocks,)
EVENTS = (LocksChanged,)


@dataclass(frozen=True, slots=True)
class Locks:
    """True is locked. The lock of the screen holds for its sound, too."""

    microphone: bool = False
    camera: bool = False
    screen: bool = False
    chat: bool = False
    private_chat: bool = False
    questions: bool = False

    def holds(self, kind: str) -> bool:
        """Tell whether media of this kind are locked."""
        return {"microphone": self.microphone, "camera": self.camera}.get(kind, self.screen)


def decide(locks: Locks, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`."""
    context.actor.require(Permission.CLASS_MODERATE)
    match command:
        case SetLocks(microphone, camera, screen, chat, private_chat, questions):
            event = LocksChanged(microphone, camera, screen, chat, private_chat, questions)
            if after(event) == locks:
                raise Conflict("it is so already")
            return (Draft(event, context.actor.person),)
    raise AssertionError(command)


def after(event: LocksChanged) -> Locks:
    """Return the locks that `event` sets."""
    return Locks(
        event.microphone, event.camera, event.screen, event.chat, event.private_chat, event.questions
    )


def evolve(locks: Locks, entry: Entry) -> Locks:
    """Return `locks` after `entry`. Never fails."""
    return after(entry.event) if isinstance(entry.event, LocksChanged) else locks
