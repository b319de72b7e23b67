"""
Who is in a course: students and assistants.
"""

from typing import Annotated, Literal

from msgspec import Meta

from classroom.domain.roles import Role
from classroom.store.rows import Enrolment
from classroom.web.endpoint import Call
from classroom.web.fields import Body, Line

MAX_AT_ONCE = 500  # The largest stream of a faculty; more is a file to import, not a form.


class NewEnrolments(Body, frozen=True):
    """People to be enrolled, by id or by login; all of them or none."""

    people: Annotated[list[Line], Meta(min_length=1, max_length=MAX_AT_ONCE)]
    role: Literal["student", "assistant"] = "student"


async def find(call: Call[None, None]) -> list[Enrolment]:
    """List who is in a course, by name."""
    return await call.parts.enrolments.of(call.actor, call.path("course"))


async def add(call: Call[NewEnrolments, None]) -> list[Enrolment]:
    """Enrol people; who is in already gets the new role."""
    body = call.body
    return await call.parts.enrolments.add(
        call.actor, call.path("course"), body.people, Role(body.role), call.now
    )


async def remove(call: Call[None, None]) -> None:
    """Take somebody out of a course."""
    await call.parts.enrolments.remove(call.actor, call.path("course"), call.path("person"))
