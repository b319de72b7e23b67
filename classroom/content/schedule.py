"""
The timetable: classes that are planned, running, over or called off, and which of them are mine.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import get_args

from classroom.content import entry, rules
from classroom.domain import ids, text
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.recording_words import Mode
from classroom.domain.roles import Permission, Role
from classroom.store import courses as tables
from classroom.store.classes import Classes
from classroom.store.database import Database
from classroom.store.rows import ClassState, Course, Person, PlannedClass, Settings

MAX_LISTED = 100  # Classes of each part of a list: a semester of one's own.
MOST_PLANNED = 2_000  # Future classes of one teacher: a year of all hours, entered by a program.
SHORTEST_MS, LONGEST_MS = 5 * 60_000, 12 * 3600_000  # A trial; a day. A seat is good for no longer.
START_NOW_MS = 90 * 60_000  # A double lesson; nobody is asked for a length who wants to begin at once.
EARLIEST_MS = 24 * 3600_000  # A class may be entered late, but not as history.
LATEST_MS = 2 * 366 * 24 * 3600_000  # Timetables are made for a year; two forgive an early planner.

# Names of PROTOCOL.md's locks.changed.
LOCKS = frozenset({"microphone", "camera", "screen", "chat", "private_chat", "questions"})
MODES = frozenset(get_args(Mode))
NO_SETTINGS = Settings()

_CHANGEABLE = frozenset({ClassState.PLANNED, ClassState.OPEN})
_PLANNED = frozenset({ClassState.PLANNED})


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

    def __init__(self, database: Database) -> None:
        self._classes = Classes(database)
        self._courses = tables.Courses(database)
        self._enrolments = tables.Enrolments(database)

    async def plan(self, actor: Person, draft: ClassDraft, now: int) -> PlannedClass:
        """
        Put a class into the timetable. In a course it is its teacher's, otherwise the actor's.

        Refuses: not_allowed, not_found (course), bad_message, too_many.
        """
        rules.allow(actor, Permission.CLASSES_PLAN)
        return await self._add(actor, draft, now)

    async def start_now(
        self, actor: Person, *, title: str, language: str, now: int, course: str | None = None
    ) -> PlannedClass:
        """Plan a class that begins at once. Refuses as `plan`."""
        rules.allow(actor, Permission.CLASSES_START)
        return await self._add(actor, ClassDraft(title, now, START_NOW_MS, language, course), now)

    async def edit(self, actor: Person, class_id: str, draft: ClassDraft, now: int) -> PlannedClass:
        """
        Change a class. What runs already keeps the settings it began with.

        Refuses as `plan`, and not_found, conflict (over or called off).
        """
        rules.allow(actor, Permission.CLASSES_PLAN)
        old = await self._managed(actor, class_id)
        # A class that began keeps its time: it may be edited without being moved into the past.
        moved = draft.starts_at != old.starts_at
        new = await self._drafted(actor, draft, replace(old), now if moved else old.starts_at)
        if draft.course is None:
            new = replace(new, teacher=old.teacher, teacher_name=old.teacher_name)
        if not await self._classes.edit(new, _CHANGEABLE):
            raise Conflict("the class is over or was called off")
        return new

    async def cancel(self, actor: Person, class_id: str, now: int) -> PlannedClass:
        """Call a class off. Refuses: not_allowed, not_found, conflict (open, over, called off, permanent)."""
        rules.allow(actor, Permission.CLASSES_PLAN)
        old = await self._managed(actor, class_id)
        if old.permanent or not await self._classes.move(class_id, _PLANNED, ClassState.CANCELLED):
            raise Conflict("only a class that has not begun is called off")
        return replace(old, state=ClassState.CANCELLED)

    async def get(self, actor: Person, class_id: str, now: int) -> Listed:
        """Return a class to those who have a part in it. Refuses: not_found."""
        rules.allow(actor, Permission.CLASSES_SEE)
        planned = await self._classes.get(rules.known(class_id))
        role = await self.role(actor, planned) if planned else None
        if planned is None or role is None:
            raise NotFound
        return _listed(planned, role, now)

    async def mine(self, actor: Person, now: int) -> Mine:
        """Return one's classes: running or about to, later ones, and past ones."""
        rules.allow(actor, Permission.CLASSES_SEE)
        found = await self._classes.of_person(actor.id, now, MAX_LISTED)
        return _sorted((_listed(planned, role, now) for planned, role in found), now)

    async def of_course(self, actor: Person, course: str, now: int) -> Mine:
        """Return the classes of one course. Refuses: not_found."""
        rules.allow(actor, Permission.CLASSES_SEE)
        found = await self._courses.get(rules.known(course))
        role = await self.role_in(actor, found) if found else None
        if role is None:
            raise NotFound
        classes = await self._classes.of_course(course, now, MAX_LISTED)
        return _sorted((_listed(planned, role, now) for planned in classes), now)

    async def find(self, class_id: str) -> PlannedClass | None:
        """Return a class without asking who wants it: for the shells that run classes."""
        return await self._classes.get(class_id) if ids.is_id(class_id) else None

    async def role(self, actor: Person, planned: PlannedClass) -> Role | None:
        """
        Return with which role `actor` enters a class: its teacher, what they are enrolled as, teacher for
        those who manage courses, None for everybody else.
        """
        if planned.teacher == actor.id:
            return Role.TEACHER
        enrolled = await self._enrolments.role(planned.course, actor.id) if planned.course else None
        if enrolled is None and rules.may(actor, Permission.COURSES_MANAGE):
            return Role.TEACHER
        return enrolled

    async def role_then(self, actor: Person, planned: PlannedClass, course: str | None) -> Role | None:
        """
        Return the role of `actor` in what remains of a class from when it was one of `course`: it may have
        been moved to another since, and the course may have another teacher.
        """
        role = await self.role(actor, replace(planned, course=course))
        found = await self._courses.get(course) if role is None and course is not None else None
        return Role.TEACHER if found is not None and found.teacher == actor.id else role

    async def opened(self, class_id: str, now: int) -> None:
        """Note that the class runs (called by those who run it). Repeating changes nothing."""
        await self._classes.move(class_id, _PLANNED, ClassState.OPEN, opened_at=now)

    async def closed(self, class_id: str, now: int) -> None:
        """Note that the class is over. A permanent class becomes planned again."""
        planned = await self._classes.get(class_id)
        if planned is not None:
            state = ClassState.PLANNED if planned.permanent else ClassState.CLOSED
            await self._classes.move(class_id, _CHANGEABLE, state, closed_at=now)

    async def _add(self, actor: Person, draft: ClassDraft, now: int) -> PlannedClass:
        blank = PlannedClass(
            id=rules.new_id("c"),
            title="",
            course=None,
            discipline="",
            group="",
            teacher=actor.id,
            teacher_name=actor.name,
            starts_at=0,
            duration=0,
            language="",
            settings=NO_SETTINGS,
            state=ClassState.PLANNED,
            permanent=False,
            opened_at=None,
            closed_at=None,
            created_at=now,
        )
        planned = await self._drafted(actor, draft, blank, now)
        if await self._classes.count_from(planned.teacher, now) >= MOST_PLANNED:
            raise TooMany("too many classes are planned")
        await self._classes.add(planned)
        return planned

    async def _drafted(self, actor: Person, draft: ClassDraft, old: PlannedClass, now: int) -> PlannedClass:
        """Return `old` with all that `draft` says; refuse what it may not say."""
        if not draft.settings.locks <= LOCKS:
            raise BadMessage("no such lock")
        if draft.settings.recording not in MODES:
            raise BadMessage("no such way of recording")
        course = await self._teaches(actor, draft.course) if draft.course is not None else None
        return replace(
            old,
            title=text.title(draft.title),
            course=draft.course,
            discipline=course.discipline if course else "",
            group=course.group if course else "",
            teacher=course.teacher if course else actor.id,
            teacher_name=course.teacher_name if course else actor.name,
            starts_at=rules.number(draft.starts_at, now - EARLIEST_MS, now + LATEST_MS, "the beginning"),
            duration=rules.number(draft.duration, SHORTEST_MS, LONGEST_MS, "the duration"),
            language=rules.language(draft.language),
            settings=draft.settings,
        )

    async def _teaches(self, actor: Person, course: str) -> Course:
        """Return a course in which `actor` may plan classes."""
        found = await self._courses.get(rules.known(course))
        if found is None or found.archived_at is not None:
            raise NotFound("there is no such course")
        if found.teacher != actor.id and not rules.may(actor, Permission.COURSES_MANAGE):
            raise NotFound("there is no such course of yours")
        return found

    async def _managed(self, actor: Person, class_id: str) -> PlannedClass:
        """Return a class that `actor` may change."""
        planned = await self._classes.get(rules.known(class_id))
        if planned is None or (role := await self.role(actor, planned)) is None:
            raise NotFound
        if role is not Role.TEACHER:
            raise NotAllowed
        return planned

    async def role_in(self, actor: Person, course: Course) -> Role | None:
        """Return with which role `actor` enters the classes of a course; see `role`."""
        if course.teacher == actor.id or rules.may(actor, Permission.COURSES_MANAGE):
            return Role.TEACHER
        return await self._enrolments.role(course.id, actor.id)


def _listed(planned: PlannedClass, role: Role, now: int) -> Listed:
    return Listed(planned, role, entry.may_enter(planned, role, now), entry.enters_at(planned))


def _sorted(listed: Iterable[Listed], now: int) -> Mine:
    """Return the three lists: what is on, what comes (called off or not), what was."""
    on: list[Listed] = []
    coming: list[Listed] = []
    past: list[Listed] = []
    for one in listed:
        if entry.is_on(one.planned, now):
            on.append(one)
        elif one.planned.starts_at > now and one.planned.state is not ClassState.CLOSED:
            coming.append(one)
        else:
            past.append(one)

    def key(one: Listed) -> tuple[int, str]:
        return one.planned.starts_at, one.planned.id

    on.sort(key=key)
    coming.sort(key=key)
    past.sort(key=key, reverse=True)
    return Mine(tuple(on), tuple(coming), tuple(past[:MAX_LISTED]))
