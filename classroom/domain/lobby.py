"""
Lobby: where students and guests wait, when it is on, until staff let them in.

Being admitted and joining are one step (`rules` adds the joining), so nobody is ever admitted and nowhere.
Who was in the class already comes back without waiting, unless they were removed; `rules` knows that, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from classroom.domain.entry import STAFF, Command, Context, Draft, Entry, Event
from classroom.domain.errors import Conflict, NotFound, TooMany
from classroom.domain.ids import Id
from classroom.domain.roles import ClassRole, Permission, Role
from classroom.domain.text import NameText

MOST_WAITING = 500  # A full lecture at once; a crowd beyond that is an attack.


@dataclass(frozen=True, slots=True)
class SwitchLobby(Command):
    """Switching it off lets everybody in who waits."""

    TYPE: ClassVar[str] = "lobby.switch"
    on: bool


@dataclass(frozen=True, slots=True)
class Admit(Command):
    """Let one person in, or everybody who waits (None)."""

    TYPE: ClassVar[str] = "lobby.admit"
    person: Id | None


@dataclass(frozen=True, slots=True)
class Refuse(Command):
    """Send one person away, or everybody who waits (None)."""

    TYPE: ClassVar[str] = "lobby.refuse"
    person: Id | None


@dataclass(frozen=True, slots=True)
class Knock(Command):
    TYPE: ClassVar[str] = "lobby.knock"
    SYSTEM: ClassVar[bool] = True
    person: Id
    name: NameText
    role: ClassRole


@dataclass(frozen=True, slots=True)
class GiveUp(Command):
    """The last connection of somebody who waited is gone."""

    TYPE: ClassVar[str] = "lobby.give_up"
    SYSTEM: ClassVar[bool] = True
    person: Id


@dataclass(frozen=True, slots=True)
class LobbySwitched(Event):
    TYPE: ClassVar[str] = "lobby.switched"
    on: bool


@dataclass(frozen=True, slots=True)
class PersonKnocked(Event):
    TYPE: ClassVar[str] = "lobby.knocked"
    person: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class PersonAdmitted(Event):
    TYPE: ClassVar[str] = "lobby.admitted"
    person: str


@dataclass(frozen=True, slots=True)
class PersonRefused(Event):
    TYPE: ClassVar[str] = "lobby.refused"
    person: str


@dataclass(frozen=True, slots=True)
class PersonGaveUp(Event):
    TYPE: ClassVar[str] = "lobby.gave_up"
    person: str


COMMANDS = (SwitchLobby, Admit, Refuse, Knock, GiveUp)
EVENTS = (LobbySwitched, PersonKnocked, PersonAdmitted, PersonRefused, PersonGaveUp)


@dataclass(frozen=True, slots=True)
class Waiting:
    id: str
    name: str
    role: Role
    since: int


@dataclass(frozen=True, slots=True)
class Lobby:
    """Those who wait, in the order in which they knocked."""

    on: bool = False
    waiting: Mapping[str, Waiting] = field(default_factory=dict)


def decide(lobby: Lobby, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`."""
    match command:
        case Knock(person, name, role):
            return (_knock(lobby, person, name, role),)
        case GiveUp(person):
            _require_waiting(lobby, person)
            return (Draft(PersonGaveUp(person), person, STAFF),)
    context.actor.require(Permission.CLASS_MODERATE)
    by = context.actor.person
    match command:
        case SwitchLobby(on):
            if lobby.on == on:
                raise Conflict("it is so already")
            return (Draft(LobbySwitched(on), by),)
        case Admit(meant):
            return tuple(Draft(PersonAdmitted(one), by, STAFF) for one in _meant(lobby, meant))
        case Refuse(meant):
            return tuple(Draft(PersonRefused(one), by, STAFF) for one in _meant(lobby, meant))
    raise AssertionError(command)


def _knock(lobby: Lobby, person: str, name: str, role: Role) -> Draft:
    if not lobby.on or person in lobby.waiting:
        raise Conflict("no lobby, or waiting already")
    if len(lobby.waiting) >= MOST_WAITING:
        raise TooMany("too many are waiting")
    return Draft(PersonKnocked(person, name, role), person, STAFF)


def _require_waiting(lobby: Lobby, person: str) -> None:
    if person not in lobby.waiting:
        raise NotFound("nobody of this name waits")


def _meant(lobby: Lobby, person: str | None) -> tuple[str, ...]:
    if person is not None:
        _require_waiting(lobby, person)
        return (person,)
    if not lobby.waiting:
        raise Conflict("nobody waits")
    return tuple(lobby.waiting)


def evolve(lobby: Lobby, entry: Entry) -> Lobby:
    """Return `lobby` after `entry`. Never fails."""
    match entry.event:
        case LobbySwitched(on):
            return replace(lobby, on=on)
        case PersonKnocked(person, name, role):
            return replace(lobby, waiting={**lobby.waiting, person: Waiting(person, name, role, entry.at)})
        case PersonAdmitted(person) | PersonRefused(person) | PersonGaveUp(person):
            rest = {known: one for known, one in lobby.waiting.items() if known != person}
            return replace(lobby, waiting=rest)
    return lobby


def view(lobby: Lobby, staff: bool) -> Lobby:
    """Return what staff, or the others, may know."""
    return lobby if staff else replace(lobby, waiting={})
