"""
Attendance: who was in a class, when, and for how long; a fold over its journal.

A person may come and go many times: each stay is a span. Whoever is still in when the class ends is out
with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from classroom.domain.entry import Entry
from classroom.domain.lifecycle import ClassClosed, ClassOpened
from classroom.domain.people import PersonJoined, PersonLeft, PersonRemoved, RoleChanged
from classroom.domain.roles import Role


@dataclass(frozen=True, slots=True)
class Span:
    """One stay, in milliseconds since 1970; `left_at` is None while it lasts."""

    joined_at: int
    left_at: int | None = None

    def lasted(self, now: int) -> int:
        """Return how long it lasted, or has at `now`, in milliseconds; 0 by a clock that was set back."""
        return max(0, (now if self.left_at is None else self.left_at) - self.joined_at)


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person with the name and role they had last."""

    person: str
    name: str
    role: Role
    spans: tuple[Span, ...]

    def lasted(self, now: int) -> int:
        """Return for how long the person was there in all, in milliseconds."""
        return sum(span.lasted(now) for span in self.spans)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who attended, in the order of their first coming; times are 0 until they are known."""

    people: Mapping[str, Attendee] = field(default_factory=dict)
    opened_at: int = 0
    closed_at: int = 0


def evolve(attendance: Attendance, entry: Entry) -> Attendance:
    """Return `attendance` after `entry`. Never fails."""
    match entry.event:
        case PersonJoined(person, name, role):
            return _came(attendance, person, name, role, entry.at)
        case PersonLeft(person) | PersonRemoved(person):
            return _went(attendance, person, entry.at)
        case RoleChanged(person, role) if person in attendance.people:
            changed = replace(attendance.people[person], role=role)
            return replace(attendance, people={**attendance.people, person: changed})
        case ClassOpened():
            return replace(attendance, opened_at=entry.at)
        case ClassClosed():
            for person in attendance.people:
                attendance = _went(attendance, person, entry.at)
            return replace(attendance, closed_at=entry.at)
    return attendance


def fold(entries: Iterable[Entry]) -> Attendance:
    """Return the attendance of a class with this journal."""
    attendance = Attendance()
    for entry in entries:
        attendance = evolve(attendance, entry)
    return attendance


def _came(attendance: Attendance, person: str, name: str, role: Role, at: int) -> Attendance:
    known = attendance.people.get(person)
    spans = () if known is None else known.spans
    if not spans or spans[-1].left_at is not None:
        spans = (*spans, Span(at))
    return replace(attendance, people={**attendance.people, person: Attendee(person, name, role, spans)})


def _went(attendance: Attendance, person: str, at: int) -> Attendance:
    known = attendance.people.get(person)
    if known is None or known.spans[-1].left_at is not None:
        return attendance
    spans = (*known.spans[:-1], replace(known.spans[-1], left_at=at))
    return replace(attendance, people={**attendance.people, person: replace(known, spans=spans)})
