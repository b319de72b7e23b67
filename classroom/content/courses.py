"""
Courses: a discipline taught to a group in a semester, with a form of control and a teacher.

Made and given to teachers by administrators and coordinators.
"""

from dataclasses import dataclass, replace

from classroom.content import rules
from classroom.content.refusals import Taken
from classroom.domain import text
from classroom.domain.errors import BadMessage, NotFound
from classroom.domain.roles import Permission, Role
from classroom.store import courses as tables
from classroom.store.database import Database
from classroom.store.errors import Duplicate
from classroom.store.people import People
from classroom.store.rows import Control, Course, Person

FIRST_YEAR, LAST_YEAR = 1990, 2100  # Anything else is a slip of the finger.
MOST_SEMESTERS = 12  # Six years, where semesters are counted through.
LONGEST_GROUP = 40  # Characters; a group is called "PI-2-24", and stands in a column of a list.
TEACHING = frozenset({Role.TEACHER, Role.COORDINATOR, Role.ADMINISTRATOR})  # A coordinator may teach, too.


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

    def __init__(self, database: Database) -> None:
        self._courses = tables.Courses(database)
        self._enrolments = tables.Enrolments(database)
        self._people = People(database)

    async def create(self, actor: Person, draft: CourseDraft, now: int) -> Course:
        """Refuses: not_allowed, bad_message, not_found (teacher), taken (the same course exists)."""
        rules.allow(actor, Permission.COURSES_MANAGE)
        draft = _clean(draft)
        course = Course(
            id=rules.new_id("k"),
            academic_year=draft.academic_year,
            semester=draft.semester,
            discipline=draft.discipline,
            group=draft.group,
            control=draft.control,
            teacher=draft.teacher,
            teacher_name=await self._teacher(draft.teacher),
            created_at=now,
            archived_at=None,
        )
        try:
            await self._courses.add(course)
        except Duplicate as error:
            raise Taken("this course exists") from error
        return course

    async def edit(self, actor: Person, course: str, draft: CourseDraft, now: int) -> Course:
        """Refuses as `create`, and not_found (course)."""
        rules.allow(actor, Permission.COURSES_MANAGE)
        old = await self._found(course)
        draft = _clean(draft)
        kept = draft.teacher == old.teacher
        new = replace(
            old,
            academic_year=draft.academic_year,
            semester=draft.semester,
            discipline=draft.discipline,
            group=draft.group,
            control=draft.control,
            teacher=draft.teacher,
            teacher_name=old.teacher_name if kept else await self._teacher(draft.teacher),
        )
        return await self._store(new)

    async def archive(self, actor: Person, course: str, archived: bool, now: int) -> Course:
        """Hide a finished course from lists, or bring it back. Refuses: not_allowed, not_found."""
        rules.allow(actor, Permission.COURSES_MANAGE)
        old = await self._found(course)
        return await self._store(replace(old, archived_at=(old.archived_at or now) if archived else None))

    async def get(self, actor: Person, course: str) -> Course:
        """Return a course to those who see all, teach it or are enrolled. Refuses: not_found."""
        rules.allow(actor, Permission.COURSES_SEE)
        found = await self._found(course)
        if found.teacher == actor.id or rules.may(actor, Permission.COURSES_SEE_ALL):
            return found
        if await self._enrolments.role(course, actor.id) is None:
            raise NotFound
        return found

    async def mine(self, actor: Person, *, archived: bool = False) -> list[Course]:
        """Return the courses that one teaches or is enrolled in, the newest year first."""
        rules.allow(actor, Permission.COURSES_SEE)
        return await self._courses.of(actor.id, archived)

    async def find(
        self, actor: Person, query: str = "", *, archived: bool = False, after: str = "", limit: int = 50
    ) -> list[Course]:
        """Return all courses for those who may see them, the newest year first, then by discipline."""
        rules.allow(actor, Permission.COURSES_SEE_ALL)
        most = rules.number(limit, 1, rules.MOST_LISTED, "limit")
        after = rules.known(after) if after else after
        return await self._courses.find(query[: text.LONGEST_TITLE], archived, after, most)

    async def _found(self, course: str) -> Course:
        found = await self._courses.get(rules.known(course))
        if found is None:
            raise NotFound
        return found

    async def _store(self, course: Course) -> Course:
        try:
            await self._courses.edit(course)
        except Duplicate as error:
            raise Taken("this course exists") from error
        return course

    async def _teacher(self, person: str) -> str:
        """Return the name of somebody who may teach."""
        found = await self._people.get(rules.known(person))
        if found is None or found.disabled_at is not None:
            raise NotFound("there is no such teacher")
        if found.role not in TEACHING:
            raise BadMessage("a student does not teach a course")
        return found.name


def _clean(draft: CourseDraft) -> CourseDraft:
    """Return `draft` with its texts trimmed. Refuses: bad_message."""
    return replace(
        draft,
        academic_year=rules.number(draft.academic_year, FIRST_YEAR, LAST_YEAR, "the academic year"),
        semester=rules.number(draft.semester, 1, MOST_SEMESTERS, "the semester"),
        discipline=text.title(draft.discipline),
        group=text.clean_line(draft.group, 1, LONGEST_GROUP),
    )
