"""Who is in the class, who was, and who may not come back."""

from unittest import mock

import pytest

from classroom.domain import people, room
from classroom.domain.entry import Actor, Context
from classroom.domain.errors import BadMessage, Blocked, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.hands import RaiseHand
from classroom.domain.people import Person
from classroom.domain.roles import Role
from tests.support.classes import Classroom, seen, types, viewer


@pytest.fixture
def lesson() -> Classroom:
    return Classroom().open("t", "a", "s1", "g")


def now(lesson: Classroom, person: str) -> Role:
    return lesson.room.people.items[person].role


def test_coming_and_going(lesson: Classroom) -> None:
    came = lesson.room.people.items["s1"].joined_at
    assert lesson.room.people.items["s1"] == Person("s1", "S1", Role.STUDENT, True, came)
    assert lesson.entries[-2].by == "s1"
    lesson.system("people.leave", person="s1", reason="lost")
    assert lesson.room.people.items["s1"] == Person("s1", "S1", Role.STUDENT, False, came, lesson.now)
    lesson.join("s1")
    assert lesson.room.people.items["s1"] == Person("s1", "S1", Role.STUDENT, True, lesson.now)


def test_nobody_comes_or_goes_twice(lesson: Classroom) -> None:
    with pytest.raises(Conflict):
        lesson.join("s1")
    lesson.system("people.leave", person="s1", reason="left")
    for person in ("s1", "stranger"):
        with pytest.raises(Conflict):
            lesson.system("people.leave", person=person, reason="left")


def test_a_class_has_room_for_so_many(lesson: Classroom) -> None:
    with mock.patch.object(people, "MOST_PEOPLE", 4):
        with pytest.raises(TooMany):
            lesson.join("s2")
        lesson.system("people.leave", person="s1", reason="left")
        lesson.join("s1")


def test_who_leaves_takes_hand_and_tracks_along(lesson: Classroom) -> None:
    lesson.do("t", "stage.allow", person="s1", kinds=["camera"])
    lesson.start("s1", "camera")
    lesson.do("s1", "hands.raise")
    left = lesson.system("people.leave", person="s1", reason="lost")
    assert types(left) == ["hands.lowered", "stage.stopped", "people.left"]
    assert "s1" in lesson.room.stage.allowed


def test_removal(lesson: Classroom) -> None:
    lesson.do("t", "stage.allow", person="s1", kinds=["camera"])
    lesson.start("s1", "camera")
    lesson.do("s1", "hands.raise")
    removed = lesson.do("a", "people.remove", person="s1", block=False)
    assert types(removed) == [
        "hands.lowered",
        "stage.stopped",
        "stage.disallowed",
        "people.left",
        "people.removed",
    ]
    assert removed[-2].event == people.PersonLeft("s1", "removed")
    assert not people.present(lesson.room.people, "s1")
    lesson.join("s1")
    assert lesson.room.people.removed == frozenset()


def test_a_removed_person_may_be_blocked_later_and_no_more(lesson: Classroom) -> None:
    lesson.do("t", "people.remove", person="s1", block=False)
    with pytest.raises(Conflict):
        lesson.do("t", "people.remove", person="s1", block=False)
    assert types(lesson.do("t", "people.remove", person="s1", block=True)) == ["people.removed"]
    with pytest.raises(Conflict):
        lesson.do("t", "people.remove", person="s1", block=True)


def test_a_blocked_person_stays_out_until_unblocked(lesson: Classroom) -> None:
    lesson.do("t", "people.remove", person="s1", block=True)
    assert set(lesson.room.people.blocked) == {"s1"}
    with pytest.raises(Blocked):
        lesson.join("s1")
    with pytest.raises(Conflict):
        lesson.do("t", "people.unblock", person="g")
    lesson.do("t", "people.unblock", person="s1")
    assert set(lesson.room.people.blocked) == set()
    lesson.join("s1")


def test_only_staff_know_who_is_blocked(lesson: Classroom) -> None:
    entries = lesson.do("t", "people.remove", person="s1", block=True)
    assert seen(entries, viewer("a"))[-1].event == people.PersonRemoved("s1", True)
    assert seen(entries, viewer("g"))[-1].event == people.PersonRemoved("s1", False)
    assert seen(entries, viewer("g"))[-1].by == "t"
    assert room.view(lesson.room, viewer("g")).people.blocked == ()
    assert seen(lesson.do("t", "people.unblock", person="s1"), viewer("g")) == []


@pytest.mark.parametrize(("person", "whom"), [("a", "a"), ("a", "t"), ("s1", "g")])
def test_who_may_not_remove_whom(lesson: Classroom, person: str, whom: str) -> None:
    with pytest.raises(NotAllowed):
        lesson.do(person, "people.remove", person=whom, block=False)


def test_nobody_knows_strangers(lesson: Classroom) -> None:
    with pytest.raises(NotFound):
        lesson.do("t", "people.remove", person="nobody", block=True)
    with pytest.raises(NotFound):
        lesson.do("t", "people.set_role", person="nobody", role="student")


def test_a_role_given_in_the_class_outlasts_a_reconnect(lesson: Classroom) -> None:
    lesson.do("t", "people.set_role", person="s1", role="assistant")
    lesson.system("people.leave", person="s1", reason="lost")
    lesson.join("s1")
    assert now(lesson, "s1") is Role.ASSISTANT
    lesson.do("s1", "lobby.switch", on=True)
    lesson.do("t", "people.remove", person="s1", block=False)
    lesson.do("t", "lobby.switch", on=False)
    lesson.join("s1")
    assert now(lesson, "s1") is Role.STUDENT


def test_removal_does_not_undo_a_demotion(lesson: Classroom) -> None:
    lesson.do("t", "people.set_role", person="a", role="student")
    lesson.do("t", "people.remove", person="a", block=False)
    lesson.join("a")
    assert now(lesson, "a") is Role.STUDENT
    lesson.do("t", "people.set_role", person="a", role="assistant")
    assert now(lesson, "a") is Role.ASSISTANT


def test_a_seat_of_a_teacher_wins(lesson: Classroom) -> None:
    lesson.do("t", "people.set_role", person="s1", role="assistant")
    lesson.system("people.leave", person="s1", reason="left")
    lesson.system("people.join", person="s1", name="S1", role="teacher")
    assert lesson.room.people.items["s1"].role is Role.TEACHER


def test_who_becomes_staff_need_not_ask_any_more(lesson: Classroom) -> None:
    lesson.do("t", "stage.allow", person="s1", kinds=["camera"])
    track = lesson.start("s1", "camera")
    lesson.do("s1", "hands.raise")
    changed = lesson.do("t", "people.set_role", person="s1", role="assistant")
    assert types(changed) == ["hands.lowered", "stage.disallowed", "people.role_changed"]
    assert track in lesson.room.stage.tracks
    changed = lesson.do("t", "people.set_role", person="s1", role="student")
    assert types(changed) == ["stage.stopped", "people.role_changed"]


@pytest.mark.parametrize(
    ("person", "whom", "role", "refusal"),
    [
        ("a", "s1", "assistant", NotAllowed),
        ("t", "t", "student", NotAllowed),
        ("t", "a", "assistant", Conflict),
        ("t", "s1", "teacher", BadMessage),
        ("t", "s1", "guest", BadMessage),
    ],
)
def test_who_may_give_no_role(
    lesson: Classroom, person: str, whom: str, role: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        lesson.do(person, "people.set_role", person=whom, role=role)


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        people.decide(people.People(), RaiseHand(), Context(Actor("t", Role.TEACHER), "", 0))
