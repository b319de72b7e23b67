"""
What the repositories return: frozen rows, with every enumeration as its own type.

They are also what the services of classroom.content hand on, so that a person has one shape on every
floor. Times are milliseconds since 1970; None stands for "not".
"""

from dataclasses import dataclass
from enum import StrEnum

from classroom.domain.recording_words import Mode
from classroom.domain.roles import Role


class Control(StrEnum):
    """Form of control: how a discipline is assessed at the end of the semester."""

    EXAM = "exam"
    CREDIT = "credit"
    GRADED_CREDIT = "graded_credit"
    COURSE_WORK = "course_work"
    NONE = "none"


class ClassState(StrEnum):
    """How far a class has come. Cancelled and closed are final."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Person:
    """An account. The password's hash is not here, so it cannot be shown by mistake."""

    id: str
    login: str
    name: str
    role: Role  # of the account: administrator, coordinator, teacher or student
    language: str  # ky, ru or en; "" while the browser decides
    must_change: bool  # the password was set by somebody else
    disabled_at: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `id` is not the cookie's secret and may be shown to its person."""

    id: str
    person: str
    created_at: int
    seen_at: int
    expires_at: int
    agent: str  # the browser in its own words, cut short; for the list of one's sessions


@dataclass(frozen=True, slots=True)
class Course:
    """A discipline taught to a group in a semester of an academic year."""

    id: str
    academic_year: int  # the year it begins: 2026 is 2026/2027
    semester: int  # 1 or 2 within the year; up to 12 where semesters are counted through
    discipline: str
    group: str
    control: Control
    teacher: str
    teacher_name: str
    created_at: int
    archived_at: int | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person in a course, as a student or an assistant."""

    course: str
    person: str
    name: str
    login: str
    role: Role
    enrolled_at: int


@dataclass(frozen=True, slots=True)
class Settings:
    """With what a class begins; the teacher may change it all while it runs."""

    lobby: bool = False
    moderated: bool = False  # questions wait for staff before others see them
    locks: frozenset[str] = frozenset()  # names of PROTOCOL.md's locks.changed
    recording: Mode = "on"  # from the beginning, not by itself, or staff are asked
    publish: bool = True  # who took part sees the recording as soon as it is ready


@dataclass(frozen=True, slots=True)
class PlannedClass:
    """A class in the timetable. A permanent one has no end and is always open to its people."""

    id: str
    title: str
    course: str | None
    discipline: str  # of the course, "" without one
    group: str
    teacher: str
    teacher_name: str
    starts_at: int
    duration: int  # ms
    language: str
    settings: Settings
    state: ClassState
    permanent: bool
    opened_at: int | None
    closed_at: int | None
    created_at: int

    @property
    def ends_at(self) -> int:
        """Return when it is planned to end."""
        return self.starts_at + self.duration


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link into one class for whoever has it, within its bounds."""

    id: str
    class_id: str
    role: Role  # guest or student
    created_by: str
    created_at: int
    expires_at: int
    max_uses: int
    uses: int
    revoked_at: int | None
