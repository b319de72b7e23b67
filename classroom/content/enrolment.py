"""
Enrolment: which students and assistants a course has. Classes of the course are open to them.
"""

from collections.abc import Sequence

from classroom.content import rules
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.roles import Permission, Role
from classroom.store import courses as tables
from classroom.store.database import Database
from classroom.store.people import People
from classroom.store.rows import Course, Enrolment, Person

MOST_AT_ONCE = 500  # A whole year's list, pasted.
MOST_ENROLLED = 2_000  # What one class is built for, and then some.
ROLES = frozenset({Role.STUDENT, Role.ASSISTANT})


class Enrolments:
    """Students and assistants of courses."""

    def __init__(self, database: Database) -> None:
        self._courses = tables.Courses(database)
        self._enrolments = tables.Enrolments(database)
        self._people = People(database)

    async def add(
        self, actor: Person, course: str, people: Sequence[str], role: Role, now: int
    ) -> list[Enrolment]:
        """
        Enrol people by id or login as student or assistant; who is enrolled already gets the new role.

        All or none; returns the whole list. Refuses: not_allowed (needs to manage courses or teach this
        one), not_found (course, or a person), bad_message, conflict (the teacher), too_many.
        """
        found = await self._managed(actor, course)
        if role not in ROLES or not people or len(people) > MOST_AT_ONCE:
            raise BadMessage(f"1 to {MOST_AT_ONCE} people become students or assistants")
        persons = [person.id for person in await self._resolve(people)]
        if found.teacher in persons:
            raise Conflict("the teacher of a course is not enrolled in it")
        if not await self._enrolments.add(course, persons, role, now, MOST_ENROLLED):
            raise TooMany
        return await self._enrolments.of(course)

    async def remove(self, actor: Person, course: str, person: str) -> None:
        """Refuses: not_allowed, not_found."""
        await self._managed(actor, course)
        if not await self._enrolments.remove(course, rules.known(person)):
            raise NotFound

    async def of(self, actor: Person, course: str) -> list[Enrolment]:
        """
        Return who is in the course, by name, to those who see all courses, its teacher and its assistants.

        Refuses: not_found (no such course, or none of theirs), not_allowed (a student of it).
        """
        rules.allow(actor, Permission.COURSES_SEE)
        found = await self._courses.get(rules.known(course))
        if found is None:
            raise NotFound
        if found.teacher != actor.id and not rules.may(actor, Permission.COURSES_SEE_ALL):
            role = await self._enrolments.role(course, actor.id)
            if role is None:
                raise NotFound
            if role is not Role.ASSISTANT:
                raise NotAllowed
        return await self._enrolments.of(course)

    async def _managed(self, actor: Person, course: str) -> Course:
        rules.allow(actor, Permission.COURSES_SEE)
        found = await self._courses.get(rules.known(course))
        manages = rules.may(actor, Permission.COURSES_MANAGE)
        if found is not None and (manages or found.teacher == actor.id):
            return found
        if found is None or await self._enrolments.role(course, actor.id) is None:
            raise NotFound  # who has no part in a course does not learn that it exists
        raise NotAllowed

    async def _resolve(self, people: Sequence[str]) -> list[Person]:
        """Return the accounts meant by ids and logins, in their order; refuse a list with a stranger."""
        # An id has capitals nowhere, a login is stored folded: one look-up serves both.
        wanted = [rules.login(one) if len(one) <= rules.MOST_LOGIN else "" for one in people]
        found = await self._people.many(wanted)
        by_key = {person.login: person for person in found} | {person.id: person for person in found}
        missing = [given for given, key in zip(people, wanted, strict=True) if key not in by_key]
        if missing:
            raise NotFound(f"no such people: {', '.join(one[:64] for one in missing[:10])}")
        return [by_key[key] for key in wanted]
