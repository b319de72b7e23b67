"""What students and guests may not do at the moment."""

import pytest

from classroom.domain import locks
from classroom.domain.entry import Actor, Context
from classroom.domain.errors import Conflict, Locked, NotAllowed
from classroom.domain.hands import RaiseHand
from classroom.domain.locks import Locks
from classroom.domain.roles import Role
from tests.support.classes import Classroom, types


@pytest.fixture
def lesson() -> Classroom:
    return Classroom().open("t", "a", "s1", "s2")


def test_they_are_set_all_at_once(lesson: Classroom) -> None:
    lesson.locks("a", camera=True, chat=True)
    assert lesson.room.locks == Locks(camera=True, chat=True)
    with pytest.raises(Conflict):
        lesson.locks("t", camera=True, chat=True)
    with pytest.raises(NotAllowed):
        lesson.locks("s1")


def test_the_screen_is_locked_with_its_sound() -> None:
    held = Locks(screen=True)
    assert [held.holds(kind) for kind in ("microphone", "camera", "screen", "screen_audio")] == [
        False,
        False,
        True,
        True,
    ]
    assert Locks(microphone=True).holds("microphone")
    assert Locks(camera=True).holds("camera")


def test_locking_stops_what_runs(lesson: Classroom) -> None:
    lesson.do("t", "stage.allow", person="s1", kinds=["camera", "microphone"])
    lesson.start("s1", "camera")
    voice = lesson.start("s1", "microphone")
    lesson.start("t", "camera")
    assert types(lesson.locks(camera=True)) == ["stage.stopped", "locks.changed"]
    assert len(lesson.room.stage.tracks) == 2
    with pytest.raises(Locked):
        lesson.start("s1", "camera")
    lesson.do("s1", "stage.mute", track=voice)


def test_chat(lesson: Classroom) -> None:
    public, private = lesson.post("s1"), lesson.post("s1", to="s2")
    lesson.locks(chat=True)
    lesson.post("s1", to="s2")
    lesson.do("s1", "chat.edit", message=private, text="new")
    for kind, data in (
        ("chat.post", {"text": "x", "to": None, "reply_to": None}),
        ("chat.edit", {"message": public, "text": "x"}),
        ("chat.react", {"message": public, "emoji": "👏", "on": True}),
    ):
        with pytest.raises(Locked):
            lesson.do("s1", kind, **data)
    lesson.post("t")
    lesson.do("s1", "chat.withdraw", message=public)


def test_private_chat(lesson: Classroom) -> None:
    private = lesson.post("s1", to="s2")
    lesson.locks(private_chat=True)
    lesson.post("s1")
    with pytest.raises(Locked):
        lesson.post("s1", to="t")
    with pytest.raises(Locked):
        lesson.do("s2", "chat.react", message=private, emoji="👏", on=True)
    lesson.post("a", to="s1")


def test_questions(lesson: Classroom) -> None:
    question = lesson.ask("s1")
    lesson.locks(questions=True)
    with pytest.raises(Locked):
        lesson.ask("s1")
    with pytest.raises(Locked):
        lesson.do("s1", "questions.edit", question=question, text="x")
    lesson.do("s2", "questions.vote", question=question, on=True)
    lesson.do("s1", "questions.withdraw", question=question)
    lesson.ask("t")


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        locks.decide(Locks(), RaiseHand(), Context(Actor("t", Role.TEACHER), "", 0))
