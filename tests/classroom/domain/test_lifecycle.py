"""A class is new, then open, then closed."""

import pytest

from classroom.domain.entry import SYSTEM, Context
from classroom.domain.errors import Closed, Conflict, NotAllowed
from classroom.domain.hands import RaiseHand
from classroom.domain.lifecycle import Lifecycle, decide
from classroom.domain.snapshot import encode_state
from tests.support.classes import START, Classroom, types


def test_it_opens_once() -> None:
    lesson = Classroom()
    assert lesson.room.lifecycle == Lifecycle()
    lesson.open(title="Algebra")
    assert lesson.room.lifecycle == Lifecycle("Algebra", "ky", "open", opened_at=START + 1000)
    with pytest.raises(Conflict):
        lesson.open()


def test_the_teacher_closes_it_and_everything_with_it() -> None:
    lesson = Classroom().open("t", "s1")
    lesson.do("t", "lobby.switch", on=True)
    lesson.system("lobby.knock", person="s2", name="S2", role="student")
    lesson.do("s1", "hands.raise")
    lesson.start("t", "camera")
    assert types(lesson.do("t", "lifecycle.close")) == [
        "hands.lowered",
        "stage.stopped",
        "lobby.gave_up",
        "people.left",
        "people.left",
        "lifecycle.closed",
    ]
    assert (lesson.room.lifecycle.state, lesson.room.lifecycle.reason) == ("closed", "ended")
    assert lesson.room.lifecycle.closed_at == lesson.now
    with pytest.raises(Closed):
        lesson.join("s1")
    with pytest.raises(Closed):
        lesson.open()


def test_a_permanent_class_opens_again_with_what_was_written() -> None:
    lesson = Classroom().open("t")
    lesson.do("t", "chat.post", text="until next time")
    lesson.do("t", "lifecycle.close")
    lesson.system("lifecycle.open", title="Algebra", language="ky", again=True)
    assert lesson.room.lifecycle == Lifecycle("Algebra", "ky", "open", opened_at=lesson.now)
    lesson.join("t")
    [message] = encode_state(lesson.room)["chat"]["messages"].values()
    assert message["text"] == "until next time"
    with pytest.raises(Conflict):
        lesson.system("lifecycle.open", title="Algebra", language="ky", again=True)


@pytest.mark.parametrize("person", ["a", "s1", "g"])
def test_nobody_else_closes_it(person: str) -> None:
    lesson = Classroom().open("t", person)
    with pytest.raises(NotAllowed):
        lesson.do(person, "lifecycle.close")


def test_it_expires() -> None:
    lesson = Classroom().open("t")
    lesson.system("lifecycle.expire", reason="expired")
    assert lesson.room.lifecycle.reason == "expired"


def test_nothing_happens_before_it_opens() -> None:
    with pytest.raises(NotAllowed):
        Classroom().join("t")


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        decide(Lifecycle(), RaiseHand(), Context(SYSTEM, "", 0))
