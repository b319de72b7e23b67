"""
Lifecycle: a class is new, then open, then closed.

A class that goes on next week is another one with another journal, so attendance and recordings stay simple.
Only a permanent class (a consulting room, the demo) opens again, in the same journal, with what was written.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from classroom.domain.entry import Command, Context, Draft, Entry, Event
from classroom.domain.errors import Closed, Conflict
from classroom.domain.roles import Permission
from classroom.domain.text import LanguageTag, TitleText

Reason = Literal["ended", "expired"]


@dataclass(frozen=True, slots=True)
class OpenClass(Command):
    """The program opens the class when the first person comes; `again`: also after it was closed."""

    TYPE: ClassVar[str] = "lifecycle.open"
    SYSTEM: ClassVar[bool] = True
    title: TitleText
    language: LanguageTag
    again: bool = False


@dataclass(frozen=True, slots=True)
class ExpireClass(Command):
    """The program ends the class: its time is over, or somebody ended it without being in it."""

    TYPE: ClassVar[str] = "lifecycle.expire"
    SYSTEM: ClassVar[bool] = True
    reason: Reason = "expired"


@dataclass(frozen=True, slots=True)
class CloseClass(Command):
    """The teacher ends the class for everybody."""

    TYPE: ClassVar[str] = "lifecycle.close"


@dataclass(frozen=True, slots=True)
class ClassOpened(Event):
    TYPE: ClassVar[str] = "lifecycle.opened"
    title: str
    language: str


@dataclass(frozen=True, slots=True)
class ClassClosed(Event):
    TYPE: ClassVar[str] = "lifecycle.closed"
    reason: Reason


COMMANDS = (OpenClass, ExpireClass, CloseClass)
EVENTS = (ClassOpened, ClassClosed)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where the class stands; times are 0 until they are known."""

    title: str = ""
    language: str = ""
    state: Literal["new", "open", "closed"] = "new"
    opened_at: int = 0
    closed_at: int = 0
    reason: Literal["", "ended", "expired"] = ""


def decide(lifecycle: Lifecycle, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`."""
    by = context.actor.person
    match command:
        case OpenClass(title, language, again):
            if lifecycle.state == "open":
                raise Conflict("open already")
            if lifecycle.state == "closed" and not again:
                raise Closed("the class is over")
            return (Draft(ClassOpened(title, language), by),)
        case CloseClass():
            context.actor.require(Permission.CLASS_CLOSE)
            return (Draft(ClassClosed("ended"), by),)
        case ExpireClass(reason):
            return (Draft(ClassClosed(reason), by),)
    raise AssertionError(command)


def evolve(lifecycle: Lifecycle, entry: Entry) -> Lifecycle:
    """Return `lifecycle` after `entry`. Never fails."""
    match entry.event:
        case ClassOpened(title, language):
            return Lifecycle(title, language, "open", opened_at=entry.at)
        case ClassClosed(reason):
            return replace(lifecycle, state="closed", closed_at=entry.at, reason=reason)
    return lifecycle
