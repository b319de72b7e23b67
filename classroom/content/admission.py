"""
Who enters a class, and as what. One answer for every way in: cookie, invitation, join token.
"""

from dataclasses import dataclass

from classroom.content import entry, rules
from classroom.content.invitations import Invitations
from classroom.content.schedule import Schedule
from classroom.domain import ids, text
from classroom.domain.errors import BadMessage, NotFound, Unauthorized
from classroom.domain.roles import CLASS_ROLES, Role
from classroom.store.database import Database
from classroom.store.people import People
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

    def __init__(self, database: Database, invitations: Invitations) -> None:
        self._schedule = Schedule(database)
        self._people = People(database)
        self._invitations = invitations

    async def by_person(self, actor: Person, class_id: str, now: int) -> Admitted:
        """
        Admit a signed-in person: the class's teacher, an assistant, an enrolled student; those who
        manage courses enter as teachers.

        Refuses: not_found (no such class, or none of theirs), closed (over or called off), too_early
        (retry_after says when), must_change.
        """
        rules.own(actor)
        planned = await self._schedule.find(class_id)
        role = await self._schedule.role(actor, planned) if planned else None
        if planned is None or role is None:
            raise NotFound
        entry.check(planned, role, now)
        return Admitted(planned, actor.id, actor.name, role)

    async def by_invitation(
        self, code: str, class_id: str, now: int, *, name: str = "", actor: Person | None = None
    ) -> Admitted:
        """
        Admit whoever has the link: a signed-in person as themselves, anybody else as a new guest
        (or student, if the link says so) called `name`.

        Refuses: unauthorized (forged, expired, revoked, used up, another class), bad_message (name),
        closed, too_early.
        """
        invitation = await self._invitations.peek(code, now)
        planned = await self._schedule.find(class_id)
        if planned is None or invitation.class_id != class_id:
            raise Unauthorized("the invitation is for another class")
        if actor is not None:
            rules.own(actor)
            # Who has a part in the class anyway has it with a link, too, and uses nothing up.
            if role := await self._schedule.role(actor, planned):
                entry.check(planned, role, now)
                return Admitted(planned, actor.id, actor.name, role)
        person = actor.id if actor else rules.new_id("g")
        called = actor.name if actor else text.name(name)
        entry.check(planned, invitation.role, now)
        await self._invitations.use(invitation, now)
        return Admitted(planned, person, called, invitation.role)

    async def by_token(self, class_id: str, person: str, name: str, role: Role, now: int) -> Admitted:
        """
        Admit what a verified join token says, before the beginning too: whoever signed it knew why.

        Refuses: not_found, closed, bad_message, unauthorized (an account that was disabled since).
        """
        planned = await self._schedule.find(class_id)
        if planned is None:
            raise NotFound
        account = await self._people.get(person)
        if account is not None and account.disabled_at is not None:
            raise Unauthorized("the account is disabled")
        if role not in CLASS_ROLES:
            raise BadMessage("not a role of a class")
        entry.check(planned, Role.TEACHER, now)
        return Admitted(planned, ids.check(person), text.name(name), role)
