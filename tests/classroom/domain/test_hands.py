"""Those who ask for the word."""

import pytest

from classroom.domain import hands
from classroom.domain.entry import Actor, Context
from classroom.domain.errors import Conflict, NotAllowed
from classroom.domain.hands import Hand
from classroom.domain.lifecycle import CloseClass
from classroom.domain.roles import Role
from tests.support.classes import Classroom


@pytest.fixture
def lesson() -> Classroom:
    return Classroom().open("t", "a", "s1", "s2", "g")


def test_first_come_first_served(lesson: Classroom) -> None:
    for person in ("s2", "g", "s1"):
        lesson.do(person, "hands.raise")
    assert [hand.person for hand in lesson.room.hands.queue] == ["s2", "g", "s1"]
    assert lesson.room.hands.queue[-1] == Hand("s1", lesson.now)


def test_lowering(lesson: Classroom) -> None:
    for person in ("s1", "s2", "g"):
        lesson.do(person, "hands.raise")
    lesson.do("s1", "hands.lower")
    lesson.do("s2", "hands.lower", person="s2")
    lesson.do("a", "hands.lower", person="g")
    assert lesson.room.hands.queue == ()


def test_twice_is_a_conflict(lesson: Classroom) -> None:
    with pytest.raises(Conflict):
        lesson.do("s1", "hands.lower")
    lesson.do("s1", "hands.raise")
    with pytest.raises(Conflict):
        lesson.do("s1", "hands.raise")


def test_who_may_not(lesson: Classroom) -> None:
    lesson.do("s1", "hands.raise")
    for person, kind, data in (
        ("t", "hands.raise", {}),
        ("a", "hands.raise", {}),
        ("s2", "hands.lower", {"person": "s1"}),
    ):
        with pytest.raises(NotAllowed):
            lesson.do(person, kind, **data)


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        hands.decide(hands.Hands(), CloseClass(), Context(Actor("t", Role.TEACHER), "", 0))
