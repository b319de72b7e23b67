"""
The timetable in the database, and in which classes a person has a part.
"""

import msgspec
from sqlalchemy import func, insert, literal, select, update

from classroom.domain.recording_words import Mode
from classroom.domain.roles import Role
from classroom.store.database import Database
from classroom.store.rows import ClassState, PlannedClass, Settings
from classroom.store.tables import AnyRow, AnySelect, classes, courses, enrolments, people

_FIELDS = (
    classes.c.id,
    classes.c.title,
    classes.c.course,
    courses.c.discipline,
    courses.c.group,
    classes.c.teacher,
    people.c.name,
    classes.c.starts_at,
    classes.c.duration,
    classes.c.language,
    classes.c.settings,
    classes.c.state,
    classes.c.permanent,
    classes.c.opened_at,
    classes.c.closed_at,
    classes.c.created_at,
)
_FROM = classes.join(people, classes.c.teacher == people.c.id).outerjoin(
    courses, classes.c.course == courses.c.id
)


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """rows.Settings as JSON; a list, so that equal settings are equal texts."""

    lobby: bool
    moderated: bool
    locks: list[str]
    # Of a class that was planned before there was recording nobody has decided it: staff are asked.
    recording: Mode = "ask"
    publish: bool = True


def _encode(settings: Settings) -> str:
    stored = _Stored(
        settings.lobby, settings.moderated, sorted(settings.locks), settings.recording, settings.publish
    )
    return msgspec.json.encode(stored).decode()


def _decode(text: str) -> Settings:
    stored = msgspec.json.decode(text, type=_Stored)
    locks = frozenset(stored.locks)
    return Settings(stored.lobby, stored.moderated, locks, stored.recording, stored.publish)


def _planned(row: AnyRow) -> PlannedClass:
    return PlannedClass(
        id=row[0],
        title=row[1],
        course=row[2],
        discipline=row[3] or "",
        group=row[4] or "",
        teacher=row[5],
        teacher_name=row[6],
        starts_at=row[7],
        duration=row[8],
        language=row[9],
        settings=_decode(row[10]),
        state=ClassState(row[11]),
        permanent=row[12],
        opened_at=row[13],
        closed_at=row[14],
        created_at=row[15],
    )


def _values(planned: PlannedClass) -> dict[str, object]:
    return {
        "title": planned.title,
        "course": planned.course,
        "teacher": planned.teacher,
        "starts_at": planned.starts_at,
        "duration": planned.duration,
        "language": planned.language,
        "settings": _encode(planned.settings),
        "permanent": planned.permanent,
    }


class Classes:
    """The table of classes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, planned: PlannedClass) -> None:
        """Store a class. Raises Duplicate (id) or Missing (course, teacher)."""
        values = {
            "id": planned.id,
            "state": planned.state.value,
            "opened_at": planned.opened_at,
            "closed_at": planned.closed_at,
            "created_at": planned.created_at,
            **_values(planned),
        }
        await self._database.write(lambda connection: connection.execute(insert(classes), values))

    async def edit(self, planned: PlannedClass, only: frozenset[ClassState]) -> bool:
        """Store what may be edited, and the state, if the state is one of `only` now."""
        change = (
            update(classes)
            .where(classes.c.id == planned.id, classes.c.state.in_([state.value for state in only]))
            .values(**_values(planned), state=planned.state.value)
        )
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)

    async def move(
        self,
        class_id: str,
        only: frozenset[ClassState],
        state: ClassState,
        *,
        opened_at: int | None = None,
        closed_at: int | None = None,
    ) -> bool:
        """Set the state, and the times that are given, if the state is one of `only` now."""
        times = {"opened_at": opened_at, "closed_at": closed_at}
        change = (
            update(classes)
            .where(classes.c.id == class_id, classes.c.state.in_([old.value for old in only]))
            .values(state=state.value, **{name: at for name, at in times.items() if at is not None})
        )
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)

    async def get(self, class_id: str) -> PlannedClass | None:
        """Return one class."""
        query = select(*_FIELDS).select_from(_FROM).where(classes.c.id == class_id)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _planned(row) if row else None

    async def count_from(self, teacher: str, since: int) -> int:
        """Return how many classes of `teacher` begin after `since`."""
        query = (
            select(func.count())
            .select_from(classes)
            .where(classes.c.teacher == teacher, classes.c.starts_at > since)
        )
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def of_person(self, person: str, split: int, limit: int) -> list[tuple[PlannedClass, Role]]:
        """
        Return the classes in which `person` has a part, with their role: up to `limit` that begin
        before `split`, up to `limit` after it, and all that are open or permanent.
        """
        role = select(
            *_FIELDS, enrolments.c.role, (classes.c.teacher == literal(person)).label("teaches")
        ).select_from(
            _FROM.outerjoin(
                enrolments, (enrolments.c.course == classes.c.course) & (enrolments.c.person == person)
            )
        )
        mine = role.where((classes.c.teacher == person) | enrolments.c.person.is_not(None))
        rows = await self._around(mine, split, limit)
        return [(_planned(row), Role.TEACHER if row.teaches else Role(row[16])) for row in rows]

    async def of_course(self, course: str, split: int, limit: int) -> list[PlannedClass]:
        """Return the classes of a course around `split`, bounded as in `of_person`."""
        query = select(*_FIELDS).select_from(_FROM).where(classes.c.course == course)
        return [_planned(row) for row in await self._around(query, split, limit)]

    async def _around(self, query: AnySelect, split: int, limit: int) -> list[AnyRow]:
        at = classes.c.starts_at
        always = (classes.c.state == ClassState.OPEN.value) | classes.c.permanent
        parts = (
            query.where(always).order_by(at.desc(), classes.c.id).limit(limit),
            query.where(~always, at <= split).order_by(at.desc(), classes.c.id).limit(limit),
            query.where(~always, at > split).order_by(at, classes.c.id).limit(limit),
        )
        return await self._database.read(
            lambda connection: [row for part in parts for row in connection.execute(part)]
        )
