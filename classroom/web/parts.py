"""
What the handlers work with: the services and the few facts about this server, handed over by the composition
root.
"""

from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from classroom.config import Settings
from classroom.content.accounts import Accounts
from classroom.content.admission import Admission, Admitted
from classroom.content.courses import Courses
from classroom.content.enrolment import Enrolments
from classroom.content.invitations import Invitations
from classroom.content.schedule import Schedule
from classroom.domain.roles import Role


@dataclass(frozen=True, slots=True)
class JoinToken:
    """What a verified join token says about who holds it."""

    person: str
    name: str
    role: Role


class Seats(Protocol):
    """Join tokens in, seats out; both are signed and belong to one class."""

    def read_token(self, token: str, class_id: str, now: int) -> JoinToken:
        """Return what `token` says. Refuses: unauthorized (forged, expired, another class)."""
        ...

    def issue(self, admitted: Admitted, now: int) -> str:
        """Return the seat of somebody who may enter."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a handler may ask."""

    settings: Settings
    accounts: Accounts
    courses: Courses
    enrolments: Enrolments
    schedule: Schedule
    invitations: Invitations
    admission: Admission
    seats: Seats


PARTS = web.AppKey("parts", Parts)
