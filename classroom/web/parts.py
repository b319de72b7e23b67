"""
What the handlers work with: the services and the settings, handed over by the composition root.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from classroom.config import Settings
from classroom.content.accounts import Accounts
from classroom.content.admission import Admission
from classroom.content.courses import Courses
from classroom.content.enrolment import Enrolments
from classroom.content.invitations import Invitations
from classroom.content.library import Library
from classroom.content.schedule import Schedule
from classroom.live.admission import Seats
from classroom.live.doors import Doors
from classroom.live.lines import ClassLines
from classroom.live.recording import Recorded


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
    expel: Callable[[str], None]
    """Cuts off the connections of a person whose account was locked."""
    doors: Doors
    lines: Callable[[str], ClassLines | None]
    """Tells how media of a class get through, None when it does not run here."""
    library: Library
    recorded: Callable[[str], Recorded | None]
    """Tells whether a class is being recorded, None when it does not run here."""


PARTS = web.AppKey("parts", Parts)
