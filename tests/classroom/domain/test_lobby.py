"""Where students and guests wait."""

from unittest import mock

import pytest

from classroom.domain import lobby, people, room
from classroom.domain.entry import Actor, Context
from classroom.domain.errors import Blocked, Closed, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.hands import RaiseHand
from classroom.domain.roles import Role
from tests.support.classes import Classroom, role, seen, types, viewer


def knock(lesson: Classroom, person: str) -> None:
    lesson.system("lobby.knock", person=person, name=person.upper(), role=role(person).value)


@pytest.fixture
def lesson() -> Classroom:
    lesson = Classroom().open("t", "s1")
    lesson.do("t", "lobby.switch", on=True)
    return lesson


def test_staff_and_those_who_were_in_do_not_wait(lesson: Classroom) -> None:
    assert room.waits(lesson.room, "s2", Role.STUDENT)
    assert room.waits(lesson.room, "g", Role.GUEST)
    assert not room.waits(lesson.room, "a", Role.ASSISTANT)
    lesson.system("people.leave", person="s1", reason="lost")
    assert not room.waits(lesson.room, "s1", Role.STUDENT)
    lesson.join("s1")
    with pytest.raises(NotAllowed):
        lesson.join("s2")


def test_who_was_removed_waits_again(lesson: Classroom) -> None:
    lesson.do("t", "people.remove", person="s1", block=False)
    assert room.waits(lesson.room, "s1", Role.STUDENT)
    knock(lesson, "s1")
    lesson.do("t", "lobby.admit", person="s1")
    lesson.system("people.leave", person="s1", reason="lost")
    assert not room.waits(lesson.room, "s1", Role.STUDENT)


def test_who_is_blocked_does_not_even_wait(lesson: Classroom) -> None:
    lesson.do("t", "people.remove", person="s1", block=False)
    knock(lesson, "s1")
    blocked = lesson.do("t", "people.remove", person="s1", block=True)
    assert types(blocked) == ["lobby.refused", "people.removed"]
    assert lesson.room.lobby.waiting == {}
    with pytest.raises(Blocked):
        room.waits(lesson.room, "s1", Role.STUDENT)


def test_nobody_waits_for_a_class_that_is_not_open() -> None:
    with pytest.raises(NotAllowed):
        room.waits(room.Room(), "s1", Role.STUDENT)
    lesson = Classroom().open("t")
    assert not room.waits(lesson.room, "s1", Role.STUDENT)
    lesson.do("t", "lifecycle.close")
    with pytest.raises(Closed):
        room.waits(lesson.room, "s1", Role.STUDENT)


def test_admitting_is_joining(lesson: Classroom) -> None:
    knock(lesson, "s2")
    assert lesson.room.lobby.waiting["s2"] == lobby.Waiting("s2", "S2", Role.STUDENT, lesson.now)
    admitted = lesson.do("t", "lobby.admit", person="s2")
    assert [entry.event for entry in admitted] == [
        lobby.PersonAdmitted("s2"),
        people.PersonJoined("s2", "S2", Role.STUDENT),
    ]
    assert lesson.room.lobby.waiting == {}
    assert people.present(lesson.room.people, "s2")


def test_everybody_at_once(lesson: Classroom) -> None:
    for person in ("s2", "s3", "g"):
        knock(lesson, person)
    lesson.do("t", "lobby.refuse", person="g")
    assert types(lesson.do("t", "lobby.admit", person=None)) == ["lobby.admitted", "people.joined"] * 2
    knock(lesson, "s4")
    assert types(lesson.do("t", "lobby.refuse", person=None)) == ["lobby.refused"]
    assert not people.present(lesson.room.people, "s4")


def test_switching_it_off_lets_everybody_in(lesson: Classroom) -> None:
    knock(lesson, "s2")
    switched = lesson.do("t", "lobby.switch", on=False)
    assert types(switched) == ["lobby.switched", "lobby.admitted", "people.joined"]
    with pytest.raises(Conflict):
        lesson.do("t", "lobby.switch", on=False)
    with pytest.raises(Conflict):
        knock(lesson, "s3")


def test_giving_up(lesson: Classroom) -> None:
    knock(lesson, "s2")
    lesson.system("lobby.give_up", person="s2")
    assert lesson.room.lobby.waiting == {}
    with pytest.raises(NotFound):
        lesson.system("lobby.give_up", person="s2")


def test_nobody_knocks_in_vain(lesson: Classroom) -> None:
    knock(lesson, "s2")
    for person in ("s2", "s1", "a"):
        with pytest.raises(Conflict):
            knock(lesson, person)


def test_bounds(lesson: Classroom) -> None:
    with mock.patch.object(lobby, "MOST_WAITING", 1):
        knock(lesson, "s2")
        with pytest.raises(TooMany):
            knock(lesson, "s3")
    with mock.patch.object(people, "MOST_PEOPLE", 2), pytest.raises(TooMany):
        knock(lesson, "s3")


def test_only_who_waits_is_admitted(lesson: Classroom) -> None:
    for kind in ("lobby.admit", "lobby.refuse"):
        with pytest.raises(NotFound):
            lesson.do("t", kind, person="s1")
        with pytest.raises(Conflict):
            lesson.do("t", kind, person=None)
        with pytest.raises(NotAllowed):
            lesson.do("s1", kind, person=None)


def test_only_staff_see_who_waits(lesson: Classroom) -> None:
    knock(lesson, "s2")
    assert seen(lesson.entries[-1:], viewer("s1")) == []
    assert len(seen(lesson.entries[-1:], viewer("t"))) == 1
    assert room.view(lesson.room, viewer("s1")).lobby == lobby.Lobby(on=True)
    assert "s2" in room.view(lesson.room, viewer("t")).lobby.waiting


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        lobby.decide(lobby.Lobby(), RaiseHand(), Context(Actor("t", Role.TEACHER), "", 0))
