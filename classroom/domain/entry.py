"""
Commands, events, and who may see an event: the words in which all features of a class speak.

An event's audience is settled when it is caused and kept with it, so that filtering needs no state: one look
at the entry and the viewer. A viewer is inside (sees the event as it is), outside (sees it with what is none
of their business taken out) or sees nothing. So an entry has at most two forms, however many people read it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from classroom.domain.roles import Permission, Role, is_staff, require


class Command:
    """The base of all commands: a wish, from a client or (`SYSTEM` true) from the program itself."""

    __slots__ = ()
    TYPE: ClassVar[str]
    SYSTEM: ClassVar[bool] = False


class Event:
    """The base of all events: a fact that has happened and cannot be refused."""

    __slots__ = ()
    TYPE: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command. The room goes by its own record of the role, not by the one given here."""

    person: str
    role: Role
    name: str = ""

    @property
    def staff(self) -> bool:
        """Whether this is a teacher or an assistant."""
        return is_staff(self.role)

    def require(self, permission: Permission) -> None:
        """Refuse with `NotAllowed` unless the actor's role has `permission`."""
        require(self.role, permission)


SYSTEM = Actor("", Role.GUEST)
"""The program itself; only it may give the system's commands, and it gives no others."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom something is shown: the person and the role they have now."""

    person: str
    role: Role

    @property
    def staff(self) -> bool:
        """Whether this is a teacher or an assistant."""
        return is_staff(self.role)


class Sight(StrEnum):
    """Which form of an entry a viewer gets. Viewers with the same sight of an entry get equal bytes."""

    NOTHING = "nothing"
    OUTSIDE = "outside"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is inside: everyone, or staff (if so) and `people`. With `outsiders` the rest sees the outside."""

    everyone: bool = False
    staff: bool = False
    people: tuple[str, ...] = ()
    outsiders: bool = False

    def sight(self, viewer: Viewer) -> Sight:
        """Return which form `viewer` gets."""
        if self.everyone or (self.staff and viewer.staff) or viewer.person in self.people:
            return Sight.INSIDE
        return Sight.OUTSIDE if self.outsiders else Sight.NOTHING


EVERYONE = Audience(everyone=True)
STAFF = Audience(staff=True)


@dataclass(frozen=True, slots=True)
class Context:
    """What comes with a command: who gives it, its id (`""`: the system's) and the time in milliseconds."""

    actor: Actor
    command: str
    now: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that a command causes, before it has a number."""

    event: Event
    by: str
    audience: Audience = EVERYONE


@dataclass(frozen=True, slots=True)
class Entry:
    """A numbered event in the journal. `at` is in milliseconds; `command` is the command's id, or `""`."""

    seq: int
    at: int
    by: str
    audience: Audience
    event: Event
    command: str = ""
