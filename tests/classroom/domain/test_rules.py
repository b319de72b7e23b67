"""What takes two features, as far as their own tests do not say it."""

import pytest

from classroom.domain.entry import Actor
from classroom.domain.errors import NotAllowed, NotFound
from classroom.domain.roles import Role
from classroom.domain.rules import acting, may_send, waits
from tests.support.classes import Classroom, types


def test_who_acts_has_the_name_and_role_of_the_class() -> None:
    lesson = Classroom().open("t", "s1")
    assert acting(lesson.room, Actor("s1", Role.TEACHER)) == Actor("s1", Role.STUDENT, "S1")
    with pytest.raises(NotAllowed):
        acting(lesson.room, Actor("s2", Role.TEACHER))


def test_unmuting_is_for_the_owner_while_allowed() -> None:
    lesson = Classroom().open("t", "s1", "s2")
    lesson.do("t", "stage.allow", person="s1", kinds=["microphone"])
    track = lesson.start("s1", "microphone", muted=True)
    with pytest.raises(NotAllowed):
        lesson.do("s2", "stage.unmute", track=track)
    with pytest.raises(NotFound):
        lesson.do("s1", "stage.unmute", track="no-such-track")
    lesson.do("s1", "stage.unmute", track=track)


def test_editing_an_unknown_message_is_not_found_even_if_locked() -> None:
    lesson = Classroom().open("t", "s1", "s2")
    private = lesson.post("t", to="s2")
    lesson.locks(chat=True, private_chat=True)
    for message in (private, "no-such-message"):
        with pytest.raises(NotFound):
            lesson.do("s1", "chat.edit", message=message, text="x")


def test_a_change_of_role_that_changes_nothing_on_the_stage() -> None:
    lesson = Classroom().open("t", "g", "a")
    lesson.do("t", "stage.allow", person="g", kinds=["camera"])
    lesson.start("g", "camera")
    assert types(lesson.do("t", "people.set_role", person="g", role="student")) == ["people.role_changed"]
    assert types(lesson.do("t", "people.set_role", person="a", role="student")) == ["people.role_changed"]
    assert may_send(lesson.room, "g", "camera")
    assert not may_send(lesson.room, "a", "camera")


def test_a_role_given_in_the_class_counts_at_the_door() -> None:
    lesson = Classroom().open("t", "a", "s1")
    lesson.do("t", "lobby.switch", on=True)
    lesson.do("t", "people.set_role", person="s1", role="assistant")
    assert not waits(lesson.room, "s1", Role.STUDENT)
