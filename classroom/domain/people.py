"""
People: who is in the class, who was, and who may not come back.

Whoever left stays known, so that names can be shown beside what they wrote. A role that was given within the
class outlasts a reconnect, whatever the person's seat says; removal ends an assistant's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal

from classroom.domain.entry import EVERYONE, STAFF, Audience, Command, Context, Draft, Entry, Event
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.ids import Id
from classroom.domain.roles import ClassRole, Permission, Role, class_role
from classroom.domain.text import NameText

MOST_PEOPLE = 2000  # Ever seen in one class: four times the largest lecture that we measure.

Reason = Literal["left", "lost", "removed", "closed"]


def given_role(value: object) -> Role:
    """Return a role that a teacher may give, or refuse it as `BadMessage`."""
    role = class_role(value)
    if role not in (Role.ASSISTANT, Role.STUDENT):
        raise BadMessage("a teacher makes assistants and students only")
    return role


@dataclass(frozen=True, slots=True)
class JoinClass(Command):
    """The program lets somebody in who holds a seat."""

    TYPE: ClassVar[str] = "people.join"
    SYSTEM: ClassVar[bool] = True
    person: Id
    name: NameText
    role: ClassRole


@dataclass(frozen=True, slots=True)
class LeaveClass(Command):
    """The last connection of a person is gone."""

    TYPE: ClassVar[str] = "people.leave"
    SYSTEM: ClassVar[bool] = True
    person: Id
    reason: Literal["left", "lost"]


@dataclass(frozen=True, slots=True)
class RemovePerson(Command):
    """Send somebody out, for good if `block`. Works on those who left, too, if only to block them."""

    TYPE: ClassVar[str] = "people.remove"
    person: Id
    block: bool


@dataclass(frozen=True, slots=True)
class UnblockPerson(Command):
    TYPE: ClassVar[str] = "people.unblock"
    person: Id


@dataclass(frozen=True, slots=True)
class SetRole(Command):
    TYPE: ClassVar[str] = "people.set_role"
    person: Id
    role: Annotated[Role, given_role]


@dataclass(frozen=True, slots=True)
class PersonJoined(Event):
    TYPE: ClassVar[str] = "people.joined"
    person: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class PersonLeft(Event):
    TYPE: ClassVar[str] = "people.left"
    person: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class RoleChanged(Event):
    TYPE: ClassVar[str] = "people.role_changed"
    person: str
    role: Role


@dataclass(frozen=True, slots=True)
class PersonRemoved(Event):
    TYPE: ClassVar[str] = "people.removed"
    person: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class PersonUnblocked(Event):
    TYPE: ClassVar[str] = "people.unblocked"
    person: str


COMMANDS = (JoinClass, LeaveClass, RemovePerson, UnblockPerson, SetRole)
EVENTS = (PersonJoined, PersonLeft, RoleChanged, PersonRemoved, PersonUnblocked)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is or was in the class; `joined_at` is the latest time they came."""

    id: str
    name: str
    role: Role
    present: bool
    joined_at: int
    left_at: int = 0


@dataclass(frozen=True, slots=True)
class People:
    """`removed` and `assigned` serve the rules (who passes the lobby, in which role) and are on no wire."""

    items: Mapping[str, Person] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()
    assigned: Mapping[str, Role] = field(default_factory=dict)


def decide(people: People, command: Command, context: Context) -> tuple[Draft, ...]:
    """Return what `command` causes, or raise `Refused`."""
    match command:
        case JoinClass(person, name, role):
            return (_join(people, person, name, role),)
        case LeaveClass(person, reason):
            if not present(people, person):
                raise Conflict("not here")
            return (Draft(PersonLeft(person, reason), person),)
    context.actor.require(Permission.CLASS_MODERATE)
    by = context.actor.person
    match command:
        case RemovePerson(person, block):
            return (_remove(people, person, block, by),)
        case UnblockPerson(person):
            if person not in people.blocked:
                raise Conflict("not blocked")
            return (Draft(PersonUnblocked(person), by, STAFF),)
        case SetRole(person, role):
            context.actor.require(Permission.CLASS_APPOINT)
            return (_set_role(people, person, role, by),)
    raise AssertionError(command)


def _join(people: People, person: str, name: str, role: Role) -> Draft:
    if present(people, person):
        raise Conflict("already here")
    if full(people, person):
        raise TooMany("the class is full")
    return Draft(PersonJoined(person, name, role_of(people, person, role)), person)


def _remove(people: People, person: str, block: bool, by: str) -> Draft:
    found = _known(people, person)
    if person == by or found.role is Role.TEACHER:
        raise NotAllowed("nobody removes themselves or a teacher")
    if person in people.blocked or not (found.present or block):
        raise Conflict("already gone")
    # That somebody is blocked is for staff to know; the others see them go.
    audience = Audience(staff=True, outsiders=True) if block else EVERYONE
    return Draft(PersonRemoved(person, block), by, audience)


def _set_role(people: People, person: str, role: Role, by: str) -> Draft:
    found = _known(people, person)
    if found.role is Role.TEACHER:
        raise NotAllowed("a teacher stays a teacher")
    if found.role is role:
        raise Conflict("has this role")
    return Draft(RoleChanged(person, role), by)


def _known(people: People, person: str) -> Person:
    found = people.items.get(person)
    if found is None:
        raise NotFound("no such person")
    return found


def role_of(people: People, person: str, seat: Role) -> Role:
    """Return the role of who has a seat for `seat`: one given in the class wins, but over no teacher's."""
    return seat if seat is Role.TEACHER else people.assigned.get(person, seat)


def full(people: People, person: str) -> bool:
    """Tell whether the class is too full for this person to come in."""
    return person not in people.items and len(people.items) >= MOST_PEOPLE


def present(people: People, person: str) -> bool:
    """Tell whether the person is in the class now."""
    found = people.items.get(person)
    return found is not None and found.present


def evolve(people: People, entry: Entry) -> People:
    """Return `people` after `entry`. Never fails."""
    match entry.event:
        case PersonJoined(person, name, role):
            joined = Person(person, name, role, present=True, joined_at=entry.at)
            return replace(people, items={**people.items, person: joined}, removed=people.removed - {person})
        case PersonLeft(person):
            return _gone(people, person, entry.at)
        case RoleChanged(person, role):
            return _role_changed(people, person, role)
        case PersonRemoved(person, blocked):
            gone = _gone(people, person, entry.at)
            return replace(
                gone,
                blocked=(*gone.blocked, person) if blocked and person not in gone.blocked else gone.blocked,
                removed=gone.removed | {person},
                # A demotion stays: who is sent out must not come back with the rights of the seat.
                assigned={
                    known: role
                    for known, role in gone.assigned.items()
                    if known != person or role is Role.STUDENT
                },
            )
        case PersonUnblocked(person):
            return replace(people, blocked=tuple(known for known in people.blocked if known != person))
    return people


def _gone(people: People, person: str, at: int) -> People:
    found = people.items.get(person)
    if found is None or not found.present:
        return people
    return replace(people, items={**people.items, person: replace(found, present=False, left_at=at)})


def _role_changed(people: People, person: str, role: Role) -> People:
    assigned = {**people.assigned, person: role}
    found = people.items.get(person)
    if found is None:
        return replace(people, assigned=assigned)
    return replace(people, items={**people.items, person: replace(found, role=role)}, assigned=assigned)


def view(people: People, staff: bool) -> People:
    """Return what staff, or the others, may know."""
    return people if staff else replace(people, blocked=())


def outside(event: Event) -> Event:
    """Return `event` as those see it who are not staff."""
    return PersonRemoved(event.person, blocked=False) if isinstance(event, PersonRemoved) else event
