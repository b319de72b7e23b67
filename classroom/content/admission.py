"""
Who enters a class, and as what. One answer for every way in: cookie, invitation, join token.
"""

from dataclasses import dataclass

from classroom.domain.roles import Role
from classroom.store.rows import Person, PlannedClass


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who may enter: what a seat is made from."""

    planned: PlannedClass
    person: str
    name: str
    role: Role  # teacher, assistant, student or guest


class Admission:
    """The door of every class."""

    async def by_person(self, actor: Person, class_id: str, now: int) -> Admitted:
        """
        Admit a signed-in person: the class's teacher, an assistant, an enrolled student; those who
        manage courses enter as teachers.

        Refuses: not_found (no such class, or none of theirs), closed (over or called off), too_early
        (retry_after says when).
        """
        raise NotImplementedError

    async def by_invitation(
        self, code: str, class_id: str, now: int, *, name: str = "", actor: Person | None = None
    ) -> Admitted:
        """
        Admit whoever has the link: a signed-in person as themselves, anybody else as a new guest
        (or student, if the link says so) called `name`.

        Refuses: unauthorized (forged, expired, revoked, used up, another class), bad_message (name),
        closed, too_early.
        """
        raise NotImplementedError

    async def by_token(self, class_id: str, person: str, name: str, role: Role, now: int) -> Admitted:
        """Admit what a verified join token says. Refuses: not_found, closed, bad_message."""
        raise NotImplementedError
