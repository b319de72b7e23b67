"""The class as a whole: who is heard, numbers, repeated commands, forms of entries."""

import pytest

from classroom.domain import codec, room
from classroom.domain.entry import EVERYONE, SYSTEM, Actor, Sight
from classroom.domain.errors import NotAllowed
from classroom.domain.hands import RaiseHand
from classroom.domain.lifecycle import ExpireClass
from classroom.domain.roles import Role
from tests.support.classes import Classroom, viewer


def test_only_who_is_in_the_class_is_heard() -> None:
    lesson = Classroom().open("t", "s1")
    with pytest.raises(NotAllowed):
        lesson.do("s2", "hands.raise")
    lesson.system("people.leave", person="s1", reason="lost")
    with pytest.raises(NotAllowed):
        lesson.do("s1", "hands.raise")


def test_the_role_is_the_one_that_the_class_knows() -> None:
    lesson = Classroom().open("t", "s1")
    command = codec.decode_command("lobby.switch", {"on": True})
    with pytest.raises(NotAllowed):
        room.decide(lesson.room, command, Actor("s1", Role.TEACHER, "Liar"), "command-1", 0)


def test_the_commands_of_the_program_are_its_own() -> None:
    lesson = Classroom().open("t")
    with pytest.raises(NotAllowed):
        room.decide(lesson.room, ExpireClass(), Actor("t", Role.TEACHER), "command-1", 0)
    with pytest.raises(NotAllowed):
        room.decide(lesson.room, RaiseHand(), SYSTEM, "command-1", 0)


def test_entries_are_numbered_without_holes() -> None:
    lesson = Classroom().open("t", "s1")
    lesson.do("t", "lifecycle.close")
    assert [entry.seq for entry in lesson.entries] == list(range(1, len(lesson.entries) + 1))
    assert lesson.room.seq == len(lesson.entries)


def test_a_repeated_command_is_answered_with_its_last_number() -> None:
    lesson = Classroom().open("t", "s1")
    lesson.do("s1", "hands.raise")
    entries = lesson.do("t", "stage.allow", id="allow-it", person="s1", kinds=["camera"])
    assert len(entries) == 2
    assert room.answered(lesson.room, "t", "allow-it") == entries[-1].seq
    assert room.answered(lesson.room, "s1", "allow-it") is None
    assert lesson.do("t", "chat.post", id="allow-it", text="another with its id") == []


def test_the_forms_of_an_entry() -> None:
    lesson = Classroom().open("t", "s1", "s2")
    lesson.ask("s1", anonymous=True)
    entry = lesson.entries[-1]
    assert [room.sight(entry, viewer(who)) for who in ("t", "s1", "s2")] == [
        Sight.INSIDE,
        Sight.INSIDE,
        Sight.OUTSIDE,
    ]
    for seen in Sight:
        shown = room.form(entry, seen)
        assert shown is None or (shown.command, shown.audience) == ("", EVERYONE)
    assert room.form(entry, Sight.NOTHING) is None


def test_a_reader_catches_up_over_what_is_not_theirs() -> None:
    assert room.advance(room.Room(seq=3), 9).seq == 9
