"""
Courses and who is enrolled in them, in the database.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from classroom.domain.roles import Role
from classroom.store import fold
from classroom.store.database import Database
from classroom.store.rows import Control, Course, Enrolment
from classroom.store.tables import AnyRow, AnySelect, behind, courses, enrolments, people

_FIELDS = (
    courses.c.id,
    courses.c.academic_year,
    courses.c.semester,
    courses.c.discipline,
    courses.c.group,
    courses.c.control,
    courses.c.teacher,
    people.c.name,
    courses.c.created_at,
    courses.c.archived_at,
)


def _query() -> AnySelect:
    return select(*_FIELDS).join_from(courses, people, courses.c.teacher == people.c.id)


def _course(row: AnyRow) -> Course:
    return Course(row[0], row[1], row[2], row[3], row[4], Control(row[5]), row[6], row[7], row[8], row[9])


def _values(course: Course) -> dict[str, object]:
    named = f"{course.discipline}\n{course.group}"
    return {
        "academic_year": course.academic_year,
        "semester": course.semester,
        "discipline": course.discipline,
        "group": course.group,
        "same": f"{course.academic_year}/{course.semester}/{fold.for_sort(course.discipline)}"
        f"/{fold.for_sort(course.group)}",
        # The newest year first; within it by discipline and group.
        "sort": f"{9999 - course.academic_year:04}{99 - course.semester:02}"
        f"{fold.for_sort(course.discipline)}\n{fold.for_sort(course.group)}",
        "find": fold.for_search(named),
        "control": course.control.value,
        "teacher": course.teacher,
        "archived_at": course.archived_at,
    }


class Courses:
    """The table of courses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, course: Course) -> None:
        """Store a course. Raises Duplicate when it exists, Missing when its teacher does not."""
        values = {"id": course.id, "created_at": course.created_at, **_values(course)}
        await self._database.write(lambda connection: connection.execute(insert(courses), values))

    async def edit(self, course: Course) -> None:
        """Store all that may change. Raises as `add`."""
        change = update(courses).where(courses.c.id == course.id).values(_values(course))
        await self._database.write(lambda connection: connection.execute(change))

    async def get(self, course: str) -> Course | None:
        """Return one course."""
        query = _query().where(courses.c.id == course)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _course(row) if row else None

    async def of(self, person: str, archived: bool) -> list[Course]:
        """Return the courses that `person` teaches or is enrolled in."""
        enrolled = select(enrolments.c.course).where(enrolments.c.person == person)
        query = _query().where((courses.c.teacher == person) | courses.c.id.in_(enrolled))
        return await self._all(_archived(query, archived).order_by(courses.c.sort, courses.c.id))

    async def find(self, query: str, archived: bool, after: str, limit: int) -> list[Course]:
        """Return courses, the newest year first, beginning behind the id `after`."""
        wanted = _archived(_query(), archived).order_by(courses.c.sort, courses.c.id).limit(limit)
        if query.strip():
            wanted = wanted.where(courses.c.find.like(fold.like(query), escape="\\"))
        if after:
            wanted = wanted.where(behind(courses.c.sort, courses.c.id, after))
        return await self._all(wanted)

    async def _all(self, query: AnySelect) -> list[Course]:
        return await self._database.read(
            lambda connection: [_course(row) for row in connection.execute(query)]
        )


def _archived(query: AnySelect, archived: bool) -> AnySelect:
    return query.where(courses.c.archived_at.is_not(None) if archived else courses.c.archived_at.is_(None))


class Enrolments:
    """The table of who is in which course."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, course: str, people_ids: Sequence[str], role: Role, now: int, most: int) -> bool:
        """Enrol all, or change their role; False (and nothing done) when there would be more than `most`."""

        def store(connection: Connection) -> bool:
            mine = enrolments.c.course == course
            present = set(connection.execute(select(enrolments.c.person).where(mine)).scalars())
            new = [person for person in dict.fromkeys(people_ids) if person not in present]
            if len(present) + len(new) > most:
                return False
            connection.execute(
                update(enrolments).where(mine, enrolments.c.person.in_(people_ids)).values(role=role.value)
            )
            if new:
                connection.execute(
                    insert(enrolments),
                    [
                        {"course": course, "person": person, "role": role.value, "enrolled_at": now}
                        for person in new
                    ],
                )
            return True

        return await self._database.write(store)

    async def remove(self, course: str, person: str) -> bool:
        """Take a person out; False when they were not in."""
        gone = delete(enrolments).where(enrolments.c.course == course, enrolments.c.person == person)
        return await self._database.write(lambda connection: connection.execute(gone).rowcount > 0)

    async def role(self, course: str, person: str) -> Role | None:
        """Return the role of a person in a course."""
        query = select(enrolments.c.role).where(enrolments.c.course == course, enrolments.c.person == person)
        found = await self._database.read(lambda connection: connection.execute(query).scalar())
        return Role(found) if found is not None else None

    async def of(self, course: str) -> list[Enrolment]:
        """Return who is in a course, by name."""
        query = (
            select(
                enrolments.c.course,
                enrolments.c.person,
                people.c.name,
                people.c.login,
                enrolments.c.role,
                enrolments.c.enrolled_at,
            )
            .join_from(enrolments, people, enrolments.c.person == people.c.id)
            .where(enrolments.c.course == course)
            .order_by(people.c.name_sort, people.c.id)
        )
        return await self._database.read(
            lambda connection: [
                Enrolment(*row[:4], Role(row[4]), row[5]) for row in connection.execute(query)
            ]
        )

    async def count(self, course: str) -> int:
        """Return how many are in a course."""
        query = select(func.count()).select_from(enrolments).where(enrolments.c.course == course)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())
