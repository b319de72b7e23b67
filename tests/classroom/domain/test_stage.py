"""Who may send which media, and which tracks run."""

from unittest import mock

import pytest

from classroom.domain import room, stage
from classroom.domain.entry import Actor, Context
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.hands import RaiseHand
from classroom.domain.roles import Role
from classroom.domain.stage import Track
from tests.support.classes import Classroom, types


@pytest.fixture
def lesson() -> Classroom:
    return Classroom().open("t", "a", "s1", "s2")


def test_staff_send_freely_and_others_when_allowed(lesson: Classroom) -> None:
    lesson.start("a", "screen_audio")
    with pytest.raises(NotAllowed):
        lesson.start("s1", "camera")
    lesson.do("t", "stage.allow", person="s1", kinds=["camera"])
    track = lesson.start("s1", "camera", muted=True)
    assert lesson.room.stage.tracks[track] == Track(track, "s1", "camera", True, lesson.now)
    with pytest.raises(NotAllowed):
        lesson.start("s1", "microphone")


def test_may_send_is_for_those_who_are_here(lesson: Classroom) -> None:
    assert room.may_send(lesson.room, "t", "camera")
    assert not room.may_send(lesson.room, "s1", "camera")
    assert not room.may_send(lesson.room, "nobody", "camera")
    lesson.system("people.leave", person="t", reason="lost")
    assert not room.may_send(lesson.room, "t", "camera")


def test_allowing_lowers_the_hand(lesson: Classroom) -> None:
    lesson.do("s1", "hands.raise")
    allowed = lesson.do("a", "stage.allow", person="s1", kinds=["microphone", "camera"])
    assert types(allowed) == ["stage.allowed", "hands.lowered"]
    with pytest.raises(Conflict):
        lesson.do("a", "stage.allow", person="s1", kinds=["camera", "microphone"])
    lesson.do("s1", "hands.raise")
    again = lesson.do("a", "stage.allow", person="s1", kinds=["camera", "microphone"])
    assert types(again) == ["stage.allowed", "hands.lowered"]


def test_allowing_less_stops_the_rest(lesson: Classroom) -> None:
    lesson.do("t", "stage.allow", person="s1", kinds=["microphone", "camera"])
    lesson.start("s1", "camera")
    voice = lesson.start("s1", "microphone")
    less = lesson.do("t", "stage.allow", person="s1", kinds=["microphone"])
    assert types(less) == ["stage.stopped", "stage.allowed"]
    assert list(lesson.room.stage.tracks) == [voice]


def test_disallowing_stops_the_tracks(lesson: Classroom) -> None:
    lesson.do("t", "stage.allow", person="s1", kinds=["microphone", "camera"])
    lesson.start("s1", "camera")
    lesson.start("t", "camera")
    assert types(lesson.do("t", "stage.disallow", person="s1")) == ["stage.stopped", "stage.disallowed"]
    assert len(lesson.room.stage.tracks) == 1
    with pytest.raises(Conflict):
        lesson.do("t", "stage.disallow", person="s1")


def test_whom_nobody_allows(lesson: Classroom) -> None:
    for person, whom, refusal in (
        ("t", "nobody", NotFound),
        ("t", "a", Conflict),
        ("s1", "s1", NotAllowed),
    ):
        with pytest.raises(refusal):
            lesson.do(person, "stage.allow", person=whom, kinds=["camera"])
    with pytest.raises(NotAllowed):
        lesson.do("s1", "stage.disallow", person="s2")


def test_one_track_of_a_kind(lesson: Classroom) -> None:
    track = lesson.start("t", "camera")
    with pytest.raises(Conflict):
        lesson.start("t", "camera")
    with pytest.raises(Conflict):
        lesson.do("a", "stage.start", id=track, kind="camera", muted=False)
    with mock.patch.object(stage, "MOST_TRACKS", 1), pytest.raises(TooMany):
        lesson.start("t", "microphone")


def test_muting(lesson: Classroom) -> None:
    lesson.do("t", "stage.allow", person="s1", kinds=["microphone"])
    track = lesson.start("s1", "microphone")
    lesson.do("t", "stage.mute", track=track)
    assert lesson.room.stage.tracks[track].muted
    with pytest.raises(Conflict):
        lesson.do("s1", "stage.mute", track=track)
    with pytest.raises(NotAllowed):
        lesson.do("t", "stage.unmute", track=track)
    lesson.do("s1", "stage.unmute", track=track)
    assert not lesson.room.stage.tracks[track].muted
    with pytest.raises(NotAllowed):
        lesson.do("s2", "stage.mute", track=track)


def test_stopping(lesson: Classroom) -> None:
    mine, other = lesson.start("t", "camera"), lesson.start("a", "camera")
    with pytest.raises(NotAllowed):
        lesson.do("s1", "stage.stop", track=mine)
    lesson.do("t", "stage.stop", track=mine)
    lesson.do("t", "stage.stop", track=other)
    for kind in ("stage.stop", "stage.mute", "stage.unmute"):
        with pytest.raises(NotFound):
            lesson.do("t", kind, track=mine)


@pytest.mark.parametrize(
    "value", [[], ["camera", "camera"], ["radio"], ["camera"] * 5, "camera", None, [["x"]]]
)
def test_no_kinds(value: object) -> None:
    with pytest.raises(BadMessage):
        stage.kinds(value)


def test_kinds_have_one_order() -> None:
    assert stage.kinds(["screen", "camera"]) == ("camera", "screen")


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        stage.decide(stage.Stage(), RaiseHand(), Context(Actor("t", Role.TEACHER), "", 0))
