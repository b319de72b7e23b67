"""
The timetable: classes that are planned, running, over or called off, and which of them are mine.
"""

from dataclasses import dataclass

from classroom.domain.roles import Role
from classroom.store.rows import Person, PlannedClass, Settings

NO_SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class ClassDraft:
    """What a class is made from, or changed to."""

    title: str
    starts_at: int
    duration: int  # ms
    language: str
    course: str | None = None
    settings: Settings = NO_SETTINGS


@dataclass(frozen=True, slots=True)
class Listed:
    """A class in somebody's list: with which role they would enter, and from when they may."""

    planned: PlannedClass
    role: Role  # teacher, assistant or student
    may_enter: bool
    enters_at: int  # ms; the teacher and assistants may always come before


@dataclass(frozen=True, slots=True)
class Mine:
    """One's classes. `past` is the newest first and has at most `schedule.MAX_LISTED` of them."""

    now: tuple[Listed, ...]
    next: tuple[Listed, ...]
    past: tuple[Listed, ...]


class Schedule:
    """All classes."""

    async def plan(self, actor: Person, draft: ClassDraft, now: int) -> PlannedClass:
        """Refuses: not_allowed, not_found (course), bad_message, too_many."""
        raise NotImplementedError

    async def start_now(
        self, actor: Person, *, title: str, language: str, now: int, course: str | None = None
    ) -> PlannedClass:
        """Plan a class that begins at once."""
        raise NotImplementedError

    async def edit(self, actor: Person, class_id: str, draft: ClassDraft, now: int) -> PlannedClass:
        """Refuses as `plan`, and not_found, conflict (over or called off)."""
        raise NotImplementedError

    async def cancel(self, actor: Person, class_id: str, now: int) -> PlannedClass:
        """Call a class off. Refuses: not_allowed, not_found, conflict (open, over, called off)."""
        raise NotImplementedError

    async def get(self, actor: Person, class_id: str, now: int) -> Listed:
        """Return a class to those who may enter it. Refuses: not_found."""
        raise NotImplementedError

    async def mine(self, actor: Person, now: int) -> Mine:
        """Return one's classes: running or about to, later ones, and past ones."""
        raise NotImplementedError

    async def of_course(self, actor: Person, course: str, now: int) -> Mine:
        """Return the classes of one course. Refuses: not_found."""
        raise NotImplementedError

    async def find(self, class_id: str) -> PlannedClass | None:
        """Return a class without asking who wants it: for the shells that run classes."""
        raise NotImplementedError

    async def opened(self, class_id: str, now: int) -> None:
        """Note that the class runs (called by those who run it). Repeating changes nothing."""
        raise NotImplementedError

    async def closed(self, class_id: str, now: int) -> None:
        """Note that the class is over. A permanent class becomes planned again."""
        raise NotImplementedError
