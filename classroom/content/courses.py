"""
Courses: a discipline taught to a group in a semester, with a form of control and a teacher.

Made and given to teachers by administrators and coordinators.
"""

from dataclasses import dataclass

from classroom.store.rows import Control, Course, Person


@dataclass(frozen=True, slots=True)
class CourseDraft:
    """What a course is made from, or changed to."""

    academic_year: int
    semester: int
    discipline: str
    group: str
    control: Control
    teacher: str


class Courses:
    """All courses."""

    async def create(self, actor: Person, draft: CourseDraft, now: int) -> Course:
        """Refuses: not_allowed, bad_message, not_found (teacher), taken (the same course exists)."""
        raise NotImplementedError

    async def edit(self, actor: Person, course: str, draft: CourseDraft, now: int) -> Course:
        """Refuses as `create`, and not_found (course)."""
        raise NotImplementedError

    async def archive(self, actor: Person, course: str, archived: bool, now: int) -> Course:
        """Hide a finished course from lists, or bring it back."""
        raise NotImplementedError

    async def get(self, actor: Person, course: str) -> Course:
        """Return a course to those who manage it, teach it or are enrolled. Refuses: not_found."""
        raise NotImplementedError

    async def mine(self, actor: Person, *, archived: bool = False) -> list[Course]:
        """Return the courses that one teaches or is enrolled in, the newest year first."""
        raise NotImplementedError

    async def find(
        self, actor: Person, query: str = "", *, archived: bool = False, after: str = "", limit: int = 50
    ) -> list[Course]:
        """Return all courses for those who manage them, by discipline and group."""
        raise NotImplementedError
