"""
People and services for tests of the asynchronous side, on an empty database.
"""

from dataclasses import dataclass

from classroom.content.accounts import Accounts
from classroom.content.admission import Admission
from classroom.content.courses import CourseDraft, Courses
from classroom.content.enrolment import Enrolments
from classroom.content.invitations import Invitations
from classroom.content.passwords import Passwords
from classroom.content.schedule import Schedule
from classroom.domain.roles import Role
from classroom.store.database import Database
from classroom.store.people import People
from classroom.store.rows import Control, Course, Person
from classroom.store.secrets import Secrets

NOW = 1_790_000_000_000


@dataclass(frozen=True, slots=True)
class Services:
    """All services over one database."""

    database: Database
    passwords: Passwords
    accounts: Accounts
    courses: Courses
    enrolments: Enrolments
    schedule: Schedule
    invitations: Invitations
    admission: Admission

    async def person(self, login: str, role: Role = Role.STUDENT, name: str = "") -> Person:
        """Store somebody who cannot sign in: hashing takes longer than all the rest."""
        person = Person(f"u_{login}", login, name or login.title(), role, "", False, None, NOW)
        await People(self.database).add(person, "none")
        return person

    async def course(self, teacher: Person, discipline: str = "Алгебра", group: str = "ПМ-1") -> Course:
        """Make a course of `teacher`."""
        chief = Person("chief", "", "", Role.ADMINISTRATOR, "", False, None, 0)
        draft = CourseDraft(2026, 1, discipline, group, Control.EXAM, teacher.id)
        return await self.courses.create(chief, draft, NOW)


def services(database: Database) -> Services:
    """Build all services over `database`. Close `passwords` afterwards."""
    passwords = Passwords()
    invitations = Invitations(database, Secrets(b"k" * 32))
    return Services(
        database,
        passwords,
        Accounts(database, passwords),
        Courses(database),
        Enrolments(database),
        Schedule(database),
        invitations,
        Admission(database, invitations),
    )
