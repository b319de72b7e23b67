"""Who sees an entry in which form."""

import pytest

from classroom.domain.entry import EVERYONE, STAFF, Actor, Audience, Sight, Viewer
from classroom.domain.errors import NotAllowed
from classroom.domain.roles import Permission, Role

TEACHER, STUDENT, OTHER = Viewer("t", Role.TEACHER), Viewer("s", Role.STUDENT), Viewer("o", Role.GUEST)


@pytest.mark.parametrize(
    ("audience", "teacher", "student", "other"),
    [
        (EVERYONE, Sight.INSIDE, Sight.INSIDE, Sight.INSIDE),
        (STAFF, Sight.INSIDE, Sight.NOTHING, Sight.NOTHING),
        (Audience(people=("s", "x")), Sight.NOTHING, Sight.INSIDE, Sight.NOTHING),
        (Audience(staff=True, people=("s",), outsiders=True), Sight.INSIDE, Sight.INSIDE, Sight.OUTSIDE),
        (Audience(people=("s",), outsiders=True), Sight.OUTSIDE, Sight.INSIDE, Sight.OUTSIDE),
    ],
)
def test_sight(audience: Audience, teacher: Sight, student: Sight, other: Sight) -> None:
    assert [audience.sight(who) for who in (TEACHER, STUDENT, OTHER)] == [teacher, student, other]


def test_an_actor_has_what_the_role_has() -> None:
    assistant = Actor("a", Role.ASSISTANT)
    assert assistant.staff
    assistant.require(Permission.CLASS_MODERATE)
    with pytest.raises(NotAllowed):
        assistant.require(Permission.CLASS_CLOSE)
