"""
Courses: a discipline, taught to a group in a semester.
"""

from typing import Literal

from classroom.content.courses import CourseDraft
from classroom.content.schedule import Mine
from classroom.store.rows import Control, Course
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Id, Limit, Line, Small


class CourseBody(Body, frozen=True):
    """A course to be made, or what it becomes. `academic_year` is the year it begins: 2026 is 2026/2027."""

    academic_year: Small
    semester: Small
    discipline: Line
    group: Line
    control: Control
    teacher: Id


class CoursesQuery(Body, frozen=True):
    """Which courses: one's own, or all of them for those who manage courses."""

    scope: Literal["mine", "all"] = "mine"
    query: Line = ""
    archived: bool = False
    after: Line = ""
    limit: Limit = 50


class Archived(Body, frozen=True):
    """Whether the course is put away."""

    archived: bool


async def find(call: Call[None, CoursesQuery]) -> list[Course]:
    """List courses: `mine` by year, `all` by discipline and group."""
    query, courses = call.query, call.parts.courses
    if query.scope == "mine":
        return await courses.mine(call.actor, archived=query.archived)
    return await courses.find(
        call.actor, query.query, archived=query.archived, after=query.after, limit=query.limit
    )


async def create(call: Call[CourseBody, None]) -> Course:
    """Make a course."""
    return await call.parts.courses.create(call.actor, _draft(call.body), call.now)


async def show(call: Call[None, None]) -> Course:
    """Show one course."""
    return await call.parts.courses.get(call.actor, call.path("course"))


async def edit(call: Call[CourseBody, None]) -> Course:
    """Change a course."""
    return await call.parts.courses.edit(call.actor, call.path("course"), _draft(call.body), call.now)


async def archive(call: Call[Archived, None]) -> Course:
    """Put a course away, or bring it back."""
    return await call.parts.courses.archive(call.actor, call.path("course"), call.body.archived, call.now)


async def classes(call: Call[None, None]) -> Mine:
    """List the classes of a course."""
    return await call.parts.schedule.of_course(call.actor, call.path("course"), call.now)


def _draft(body: CourseBody) -> CourseDraft:
    return CourseDraft(
        academic_year=body.academic_year,
        semester=body.semester,
        discipline=body.discipline,
        group=body.group,
        control=body.control,
        teacher=body.teacher,
    )
