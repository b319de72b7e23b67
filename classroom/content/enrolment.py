"""
Enrolment: which students and assistants a course has. Classes of the course are open to them.
"""

from collections.abc import Sequence

from classroom.domain.roles import Role
from classroom.store.rows import Enrolment, Person


class Enrolments:
    """Students and assistants of courses."""

    async def add(
        self, actor: Person, course: str, people: Sequence[str], role: Role, now: int
    ) -> list[Enrolment]:
        """
        Enrol people by id or login as student or assistant; who is enrolled already gets the new role.

        All or none. Refuses: not_allowed (needs to manage courses or teach this one), not_found
        (course, or a person), bad_message, too_many.
        """
        raise NotImplementedError

    async def remove(self, actor: Person, course: str, person: str) -> None:
        """Refuses: not_allowed, not_found."""
        raise NotImplementedError

    async def of(self, actor: Person, course: str) -> list[Enrolment]:
        """Return who is in the course, by name, to those who may see the course's list."""
        raise NotImplementedError
