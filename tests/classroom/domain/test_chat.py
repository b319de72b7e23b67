"""Messages to everybody or to one person."""

from unittest import mock

import pytest

from classroom.domain import chat, room
from classroom.domain.entry import Actor, Context
from classroom.domain.errors import Conflict, NotAllowed, NotFound, TooMany
from classroom.domain.hands import RaiseHand
from classroom.domain.roles import Role
from tests.support.classes import Classroom, seen, types, viewer


@pytest.fixture
def lesson() -> Classroom:
    return Classroom().open("t", "a", "s1", "s2", "s3")


def found(lesson: Classroom, message: str) -> chat.Message:
    one = lesson.room.chat.find(message)
    assert one is not None
    return one


def readers(lesson: Classroom) -> set[str]:
    """Who saw the last entry."""
    return {who for who in ("t", "a", "s1", "s2", "s3") if seen(lesson.entries[-1:], viewer(who))}


def test_a_public_message(lesson: Classroom) -> None:
    message = lesson.post("s1", "hello")
    assert found(lesson, message) == chat.Message(
        lesson.room.seq, message, "s1", "hello", None, None, lesson.now
    )
    assert readers(lesson) == {"t", "a", "s1", "s2", "s3"}


def test_a_private_message_and_all_that_happens_to_it_is_for_two(lesson: Classroom) -> None:
    message = lesson.post("s1", "psst", to="s2")
    assert readers(lesson) == {"s1", "s2"}
    lesson.do("s2", "chat.react", message=message, emoji="👏", on=True)
    assert readers(lesson) == {"s1", "s2"}
    lesson.do("s1", "chat.edit", message=message, text="hush")
    assert readers(lesson) == {"s1", "s2"}
    lesson.do("s2", "chat.react", message=message, emoji="👏", on=False)
    assert readers(lesson) == {"s1", "s2"}
    lesson.do("s1", "chat.withdraw", message=message)
    assert readers(lesson) == {"s1", "s2"}
    assert len(room.view(lesson.room, viewer("t")).chat.private) == 0
    assert len(room.view(lesson.room, viewer("s2")).chat.private) == 1


def test_what_others_do_with_a_private_message(lesson: Classroom) -> None:
    message = lesson.post("s1", "psst", to="a")
    for kind, data in (
        ("chat.react", {"emoji": "👏", "on": True}),
        ("chat.edit", {"text": "x"}),
        ("chat.withdraw", {}),
        ("chat.remove", {}),
        ("chat.pin", {}),
    ):
        with pytest.raises(NotFound):
            lesson.do("t", kind, message=message, **data)
    for kind in ("chat.remove", "chat.pin"):
        with pytest.raises(NotAllowed):
            lesson.do("a", kind, message=message)


def test_to_whom_nobody_writes(lesson: Classroom) -> None:
    with pytest.raises(NotFound):
        lesson.post("s1", to="nobody")
    with pytest.raises(NotAllowed):
        lesson.post("s1", to="s1")
    lesson.system("people.leave", person="s2", reason="lost")
    lesson.post("s1", to="s2")


def test_replies_do_not_take_a_message_further(lesson: Classroom) -> None:
    public, private = lesson.post("t"), lesson.post("s1", "psst", to="s2")
    lesson.post("s1", reply_to=public)
    lesson.post("s1", to="s3", reply_to=public)
    lesson.post("s2", to="s1", reply_to=private)
    lesson.post("s1", to="s2", reply_to=private)
    for to in (None, "s3", "t"):
        with pytest.raises(NotAllowed):
            lesson.post("s1", to=to, reply_to=private)
    with pytest.raises(NotFound):
        lesson.post("s3", reply_to=private)
    with pytest.raises(NotFound):
        lesson.post("s3", reply_to="no-such-message")


def test_an_id_is_used_once(lesson: Classroom) -> None:
    message = lesson.post("s1", "psst", to="s2")
    with pytest.raises(Conflict):
        lesson.do("s3", "chat.post", id=message, text="mine")


def test_editing(lesson: Classroom) -> None:
    message = lesson.post("s1", "helo")
    with pytest.raises(NotAllowed):
        lesson.do("t", "chat.edit", message=message, text="x")
    with pytest.raises(Conflict):
        lesson.do("s1", "chat.edit", message=message, text="helo")
    lesson.do("s1", "chat.edit", message=message, text="hello")
    assert (found(lesson, message).text, found(lesson, message).edited_at) == ("hello", lesson.now)
    lesson.now = found(lesson, message).at + chat.EDITABLE
    with pytest.raises(NotAllowed):
        lesson.do("s1", "chat.edit", message=message, text="too late")


def test_taking_back(lesson: Classroom) -> None:
    message = lesson.post("s1")
    with pytest.raises(NotAllowed):
        lesson.do("s2", "chat.withdraw", message=message)
    lesson.do("s1", "chat.withdraw", message=message)
    assert (found(lesson, message).text, found(lesson, message).gone) == ("", "withdrawn")
    for person, kind, data in (
        ("s1", "chat.withdraw", {}),
        ("t", "chat.remove", {}),
        ("t", "chat.pin", {}),
        ("s1", "chat.edit", {"text": "back"}),
        ("s2", "chat.react", {"emoji": "👏", "on": True}),
    ):
        with pytest.raises(Conflict):
            lesson.do(person, kind, message=message, **data)


def test_removing(lesson: Classroom) -> None:
    message = lesson.post("s1")
    with pytest.raises(NotAllowed):
        lesson.do("s2", "chat.remove", message=message)
    lesson.do("t", "chat.pin", message=message)
    assert types(lesson.do("a", "chat.remove", message=message)) == ["chat.unpinned", "chat.removed"]
    assert found(lesson, message).gone == "removed"
    assert lesson.room.chat.pinned == ()


def test_pins(lesson: Classroom) -> None:
    first, second = lesson.post("s1"), lesson.post("s2")
    with pytest.raises(NotAllowed):
        lesson.do("s1", "chat.pin", message=first)
    lesson.do("t", "chat.pin", message=second)
    with mock.patch.object(chat, "MOST_PINNED", 1), pytest.raises(TooMany):
        lesson.do("t", "chat.pin", message=first)
    lesson.do("t", "chat.pin", message=first)
    assert lesson.room.chat.pinned == (second, first)
    with pytest.raises(Conflict):
        lesson.do("t", "chat.pin", message=first)
    with pytest.raises(NotAllowed):
        lesson.do("s1", "chat.unpin", message=first)
    lesson.do("t", "chat.unpin", message=second)
    with pytest.raises(Conflict):
        lesson.do("t", "chat.unpin", message=second)


def test_reactions(lesson: Classroom) -> None:
    message = lesson.post("s1")
    for person, emoji in (("s2", "👍"), ("s3", "👍"), ("s2", "🎉")):
        lesson.do(person, "chat.react", message=message, emoji=emoji, on=True)
    assert found(lesson, message).reactions == {"👍": ("s2", "s3"), "🎉": ("s2",)}
    for person, emoji, on in (("s2", "👍", True), ("s3", "🎉", False)):
        with pytest.raises(Conflict):
            lesson.do(person, "chat.react", message=message, emoji=emoji, on=on)
    lesson.do("s2", "chat.react", message=message, emoji="🎉", on=False)
    lesson.do("s2", "chat.react", message=message, emoji="👍", on=False)
    assert found(lesson, message).reactions == {"👍": ("s3",)}


def test_the_newest_public_messages_are_kept_and_all_private_ones(lesson: Classroom) -> None:
    with mock.patch.object(chat, "KEPT", 3):
        private = lesson.post("s1", to="s2")
        public = [lesson.post("s3") for _ in range(5)]
        assert list(lesson.room.chat.public) == public[2:]
        assert list(lesson.room.chat.private) == [private]
        mine = room.view(lesson.room, viewer("s1")).chat
        assert [message.id for message in mine.messages()] == public[2:]
        newer = lesson.post("s1", to="s2")
        mine = room.view(lesson.room, viewer("s1")).chat
        assert [message.id for message in mine.messages()] == [*public[3:], newer]
        assert len(room.view(lesson.room, viewer("t")).chat.public) == 3


def test_a_pin_goes_with_its_message(lesson: Classroom) -> None:
    with mock.patch.object(chat, "KEPT", 2):
        oldest = lesson.post("s1")
        lesson.do("t", "chat.pin", message=oldest)
        lesson.post("s1")
        lesson.post("s1", to="s2")
        assert lesson.room.chat.pinned == (oldest,)
        pushed = lesson.do("s1", "chat.post", text="third")
        assert types(pushed) == ["chat.unpinned", "chat.posted"]
        assert [entry.by for entry in pushed] == ["", "s1"]
        assert types(lesson.do("s1", "chat.post", text="fourth")) == ["chat.posted"]


def test_private_messages_are_bounded(lesson: Classroom) -> None:
    with mock.patch.object(chat, "MOST_PRIVATE_OF_ONE", 2):
        for _ in range(2):
            lesson.post("s1", to="s2")
            lesson.post("t", to="s2")
        lesson.post("t", to="s2")
        lesson.post("s2", to="s1")
        with pytest.raises(TooMany):
            lesson.post("s1", to="s3")
        lesson.post("s1")
    with mock.patch.object(chat, "MOST_PRIVATE", 6), pytest.raises(TooMany):
        lesson.post("t", to="s1")


def test_a_stray_command_is_an_error_of_the_program() -> None:
    with pytest.raises(AssertionError):
        chat.decide(chat.Chat(), RaiseHand(), Context(Actor("t", Role.TEACHER), "", 0))
