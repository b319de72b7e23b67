"""Recording as a feature of a class: who may what, whose word counts, and what belongs to it."""

from typing import Any
from unittest import mock

import pytest

from classroom.domain import codec, recording, room, snapshot
from classroom.domain.entry import Actor, Context
from classroom.domain.errors import BadMessage, Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.hands import RaiseHand
from classroom.domain.recording import ChapterMark, Recording
from classroom.domain.roles import Role
from classroom.domain.rules import recorded
from tests.support.classes import Classroom, seen, types, viewer


@pytest.fixture
def lesson() -> Classroom:
    return Classroom().open("t", "a", "s1", "s2", record="off")


def now(lesson: Classroom) -> Recording:
    return lesson.room.recording


def stopped(lesson: Classroom, number: int, reason: str) -> list[str]:
    return types(lesson.system("recording.end", number=number, reason=reason))


def test_how_a_class_begins() -> None:
    assert types(Classroom().open(record="on").entries)[1:] == ["recording.planned", "recording.started"]
    assert now(Classroom().open(record="on")).state == "on"
    for mode in ("ask", "off"):
        found = now(Classroom().open(record=mode))  # type: ignore[arg-type]
        assert (found.mode, found.state, found.asks) == (mode, "off", mode == "ask")


def test_it_starts_pauses_and_stops(lesson: Classroom) -> None:
    lesson.do("a", "recording.start")
    began = lesson.now
    assert now(lesson) == Recording(state="on", number=1, since=began)
    lesson.do("t", "recording.pause")
    assert (now(lesson).state, now(lesson).since) == ("paused", began)
    lesson.do("t", "recording.resume")
    lesson.do("t", "recording.pause")
    lesson.do("t", "recording.stop")
    assert (now(lesson).state, now(lesson).reason) == ("off", "stopped")
    lesson.do("t", "recording.start")
    assert (now(lesson).state, now(lesson).number, now(lesson).reason) == ("on", 2, "")


def test_what_is_so_already_is_a_conflict(lesson: Classroom) -> None:
    for kind in ("pause", "resume", "stop", "decline"):
        with pytest.raises(Conflict):
            lesson.do("t", f"recording.{kind}")
    lesson.do("t", "recording.start")
    for kind in ("start", "resume"):
        with pytest.raises(Conflict):
            lesson.do("t", f"recording.{kind}")
    lesson.do("t", "recording.pause")
    for kind in ("start", "pause"):
        with pytest.raises(Conflict):
            lesson.do("t", f"recording.{kind}")


@pytest.mark.parametrize("kind", ["start", "pause", "resume", "stop", "decline", "mark"])
def test_it_is_for_staff(lesson: Classroom, kind: str) -> None:
    with pytest.raises(NotAllowed):
        lesson.do("s1", f"recording.{kind}", **({"label": ""} if kind == "mark" else {}))


def test_the_programs_own_commands_are_nobody_elses() -> None:
    for kind, data in (
        ("recording.end", {"number": 1, "reason": "failed"}),
        ("recording.renew", {"anew": True}),
    ):
        with pytest.raises(BadMessage):
            codec.decode_command(kind, data)


def test_staff_are_asked_once() -> None:
    lesson = Classroom().open("t", "a", record="ask")
    lesson.do("a", "recording.decline")
    assert not now(lesson).asks
    with pytest.raises(Conflict):
        lesson.do("t", "recording.decline")
    lesson.do("t", "recording.start")  # Whoever said no may think again.
    lesson.do("t", "recording.stop")
    assert not now(lesson).asks


def test_a_start_answers_the_question_too() -> None:
    lesson = Classroom().open("t", record="ask")
    lesson.do("t", "recording.start")
    assert not now(lesson).asks
    lesson.do("t", "recording.stop")
    assert not now(lesson).asks
    lesson.do("t", "lifecycle.close")
    lesson.open("t", record="ask", again=True)
    assert now(lesson).asks


def test_closing_stops_it_before_anything_else_ends(lesson: Classroom) -> None:
    lesson.do("t", "recording.start")
    lesson.start("t", "camera")
    assert types(lesson.do("t", "lifecycle.close"))[:2] == ["recording.stopped", "stage.stopped"]
    assert now(lesson).reason == "ended"
    paused = Classroom().open("t", record="on")
    paused.do("t", "recording.pause")
    assert types(paused.system("lifecycle.expire", reason="expired"))[0] == "recording.stopped"
    silent = Classroom().open("t", record="off")
    assert "recording.stopped" not in types(silent.do("t", "lifecycle.close"))


def test_what_goes_wrong_ends_it_once(lesson: Classroom) -> None:
    lesson.do("t", "recording.start")
    assert stopped(lesson, 1, "disk_full") == ["recording.stopped"]
    assert (now(lesson).state, now(lesson).reason) == ("off", "disk_full")
    with pytest.raises(Conflict):
        stopped(lesson, 1, "disk_slow")
    lesson.do("t", "recording.start")
    with pytest.raises(Conflict):
        stopped(lesson, 1, "disk_full")  # It was about the one before.
    assert now(lesson).state == "on"


def test_after_an_interruption_another_one_begins(lesson: Classroom) -> None:
    with pytest.raises(Conflict):
        lesson.system("recording.renew", anew=False)
    lesson.do("t", "recording.start")
    with pytest.raises(Conflict):
        lesson.system("recording.renew", anew=False)
    stopped(lesson, 1, "interrupted")
    lesson.system("recording.renew", anew=False)
    assert (now(lesson).state, now(lesson).number) == ("on", 2)
    stopped(lesson, 2, "failed")
    with pytest.raises(Conflict):
        lesson.system("recording.renew", anew=False)


@pytest.mark.parametrize(("mode", "state"), [("on", "on"), ("ask", "off"), ("off", "off")])
def test_long_after_an_interruption_it_begins_as_it_was_planned(mode: Any, state: str) -> None:
    lesson = Classroom().open("t", "s1", record=mode)
    lesson.do("s1", "recording.consent", yes=True)
    if mode != "on":
        lesson.do("t", "recording.start")
    stopped(lesson, 1, "interrupted")
    lesson.system("recording.renew", anew=True)
    found = now(lesson)
    assert (found.mode, found.state, found.reason, found.consents) == (mode, state, "", {})
    assert found.asks == (mode == "ask")


def test_students_are_recorded_when_they_say_so(lesson: Classroom) -> None:
    lesson.do("t", "recording.start")
    lesson.do("t", "stage.allow", person="s1", kinds=["camera"])
    camera, mine = lesson.start("s1", "camera"), lesson.start("t", "microphone", muted=True)
    assert room.recorded_tracks(lesson.room) == (mine,)
    lesson.do("s1", "recording.consent", yes=True)
    assert room.recorded_tracks(lesson.room) == (camera, mine)
    lesson.do("t", "recording.pause")
    assert room.recorded_tracks(lesson.room) == ()
    lesson.do("t", "recording.resume")
    lesson.do("s1", "recording.consent", yes=False)
    assert room.recorded_tracks(lesson.room) == (mine,)
    lesson.do("t", "recording.stop")
    assert room.recorded_tracks(lesson.room) == ()


def test_a_word_that_was_given_is_given(lesson: Classroom) -> None:
    lesson.do("s1", "recording.consent", yes=True)
    with pytest.raises(Conflict):
        lesson.do("s1", "recording.consent", yes=True)
    lesson.do("s2", "recording.consent", yes=False)
    with pytest.raises(Conflict):
        lesson.do("s2", "recording.consent", yes=False)


def test_who_comes_back_has_said_it(lesson: Classroom) -> None:
    lesson.do("s1", "recording.consent", yes=True)
    lesson.system("people.leave", person="s1", reason="lost")
    lesson.join("s1")
    assert recorded(lesson.room, "s1")
    assert not recorded(lesson.room, "nobody")


def test_staff_leave_anybody_out(lesson: Classroom) -> None:
    lesson.do("s1", "recording.consent", yes=True)
    lesson.do("a", "recording.leave_out", person="s1", out=True)
    lesson.do("a", "recording.leave_out", person="t", out=True)
    assert now(lesson).left_out == ("s1", "t")
    assert not recorded(lesson.room, "s1")
    assert not recorded(lesson.room, "t")
    with pytest.raises(Conflict):
        lesson.do("t", "recording.leave_out", person="s1", out=True)
    lesson.do("t", "recording.leave_out", person="t", out=False)
    assert recorded(lesson.room, "t")
    with pytest.raises(Conflict):
        lesson.do("t", "recording.leave_out", person="t", out=False)
    with pytest.raises(NotFound):
        lesson.do("t", "recording.leave_out", person="nobody", out=True)


def test_others_leave_nobody_out_but_themselves(lesson: Classroom) -> None:
    with pytest.raises(NotAllowed):
        lesson.do("s1", "recording.leave_out", person="s2", out=True)
    with pytest.raises(NotAllowed):
        lesson.do("s1", "recording.leave_out", person="nobody", out=True)
    lesson.do("s1", "recording.consent", yes=True)
    (entry,) = lesson.do("s1", "recording.leave_out", person="s1", out=True)
    assert types([entry]) == ["recording.consented"]
    assert not recorded(lesson.room, "s1")
    lesson.do("s1", "recording.leave_out", person="s1", out=False)
    assert recorded(lesson.room, "s1")


def test_no_word_of_staff_is_a_yes_of_somebody_else(lesson: Classroom) -> None:
    lesson.do("s1", "recording.consent", yes=False)
    lesson.do("t", "recording.leave_out", person="s1", out=True)
    lesson.do("t", "recording.leave_out", person="s1", out=False)
    assert not recorded(lesson.room, "s1")
    lesson.do("t", "people.set_role", person="s1", role="assistant")
    assert not recorded(lesson.room, "s1"), "their no is older than their role"


def test_roles_that_change(lesson: Classroom) -> None:
    lesson.do("t", "people.set_role", person="s2", role="assistant")
    assert recorded(lesson.room, "s2")
    lesson.do("t", "people.set_role", person="s2", role="student")
    assert not recorded(lesson.room, "s2")


def test_staff_have_a_no_of_their_own(lesson: Classroom) -> None:
    lesson.do("t", "recording.consent", yes=False)
    assert not recorded(lesson.room, "t")
    lesson.do("t", "recording.consent", yes=True)
    assert recorded(lesson.room, "t")


def test_a_yes_is_for_one_class_and_a_no_for_all(lesson: Classroom) -> None:
    lesson.do("s1", "recording.consent", yes=True)
    lesson.do("s2", "recording.consent", yes=False)
    lesson.do("t", "recording.leave_out", person="a", out=True)
    lesson.do("t", "recording.start")
    lesson.do("t", "recording.mark", label="Sets")
    lesson.do("t", "lifecycle.close")
    lesson.open("t", record="on", again=True)
    found = now(lesson)
    assert (found.number, found.state, found.marks, found.reason) == (2, "on", (), "")
    assert (found.consents, found.left_out) == ({"s2": False}, ("a",))


def test_marks_are_chapters_of_what_runs(lesson: Classroom) -> None:
    with pytest.raises(Conflict):
        lesson.do("t", "recording.mark", label="Too early")
    lesson.do("t", "recording.start")
    lesson.do("a", "recording.mark", id="mark-0001", label="  Sets \n and maps ")
    first = lesson.now
    assert now(lesson).marks == (ChapterMark("mark-0001", "Sets and maps", first),)
    with pytest.raises(Conflict):
        lesson.do("t", "recording.mark", id="mark-0001", label="")
    lesson.do("t", "recording.mark", id="mark-0002", label="")
    lesson.do("t", "recording.pause")
    with pytest.raises(Conflict):
        lesson.do("t", "recording.mark", label="In a pause")
    lesson.do("t", "recording.stop")
    assert len(now(lesson).marks) == 2
    lesson.do("t", "recording.start")
    assert now(lesson).marks == ()
    with pytest.raises(BadMessage):
        lesson.do("t", "recording.mark", label="x" * 201)


def test_there_are_bounds(lesson: Classroom) -> None:
    lesson.do("t", "recording.start")
    with mock.patch.object(recording, "MOST_MARKS", 1):
        lesson.do("t", "recording.mark", label="one")
        with pytest.raises(TooMany):
            lesson.do("t", "recording.mark", label="two")
    lesson.do("t", "recording.stop")
    with mock.patch.object(recording, "MOST_RECORDINGS", 1):
        with pytest.raises(TooMany):
            lesson.do("t", "recording.start")
        assert types(_opened_again(lesson)) == ["recording.planned"]


def _opened_again(lesson: Classroom) -> list[Any]:
    lesson.do("t", "lifecycle.close")
    before = len(lesson.entries)
    lesson.open(record="on", again=True)
    return lesson.entries[before + 1 :]


def test_whether_others_are_recorded_is_for_staff(lesson: Classroom) -> None:
    lesson.do("s1", "recording.consent", yes=True)
    lesson.do("s2", "recording.consent", yes=False)
    lesson.do("t", "recording.leave_out", person="s2", out=True)
    assert len(seen(lesson.entries, viewer("a"))) == len(lesson.entries)
    views = {person: room.view(lesson.room, viewer(person)).recording for person in ("a", "s1", "s2")}
    assert (views["a"].consents, views["a"].left_out) == ({"s1": True, "s2": False}, ("s2",))
    assert (views["s1"].consents, views["s1"].left_out) == ({"s1": True}, ())
    assert (views["s2"].consents, views["s2"].left_out) == ({"s2": False}, ("s2",))
    about_s1 = [entry.event.person for entry in seen(lesson.entries, viewer("s1")) if _private(entry)]  # type: ignore[attr-defined]
    assert about_s1 == ["s1"]


def _private(entry: Any) -> bool:
    return entry.event.TYPE in ("recording.consented", "recording.left_out")


def test_that_it_was_declined_is_for_staff() -> None:
    lesson = Classroom().open("t", "a", "s1", record="ask")
    (entry,) = lesson.do("t", "recording.decline")
    assert room.project(entry, viewer("s1")) is None
    assert room.project(entry, viewer("a")) is not None
    assert not room.view(lesson.room, viewer("s1")).recording.declined
    assert room.view(lesson.room, viewer("a")).recording.declined


def test_the_state_of_the_wire(lesson: Classroom) -> None:
    lesson.do("t", "recording.start")
    lesson.do("t", "recording.mark", id="mark-0001", label="Sets")
    lesson.do("t", "recording.leave_out", person="s1", out=True)
    state = snapshot.encode_state(lesson.room)
    assert state["recording"]["left_out"] == ["s1"]
    assert [mark["label"] for mark in state["recording"]["marks"]] == ["Sets"]
    assert snapshot.decode_state(state, 9).recording == lesson.room.recording


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        recording.decide(Recording(), RaiseHand(), Context(Actor("t", Role.TEACHER), "", 0))
