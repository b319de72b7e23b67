"""Taking a text back reaches its own events and no others, and changes no state."""

import pytest

from classroom.domain import chat_words as chat
from classroom.domain import gone, room
from classroom.domain import questions_words as board
from classroom.domain.entry import EVERYONE, Entry, Event

POSTED = chat.MessagePosted("same-id", "u_1", "secret", None, None)
ASKED = board.QuestionAsked("same-id", "u_1", False, "secret", False)


def entries(*events: Event) -> list[Entry]:
    return [Entry(seq, seq, "u_1", EVERYONE, event, "") for seq, event in enumerate(events, 1)]


@pytest.mark.parametrize(
    ("end", "subject"),
    [
        (chat.MessageRemoved("same-id"), ("chat", "same-id")),
        (chat.MessageWithdrawn("same-id"), ("chat", "same-id")),
        (board.QuestionWithdrawn("same-id"), ("questions", "same-id")),
    ],
)
def test_what_ends_a_text(end: Event, subject: gone.Subject) -> None:
    assert gone.ended(end) == subject
    assert gone.told(end) is None


@pytest.mark.parametrize(
    ("event", "feature"),
    [
        (POSTED, "chat"),
        (chat.MessageEdited("same-id", "secret"), "chat"),
        (ASKED, "questions"),
        (board.QuestionEdited("same-id", "secret"), "questions"),
        (board.QuestionPublished("same-id", "u_1", False, "secret", 1, 0), "questions"),
    ],
)
def test_what_holds_a_text(event: Event, feature: str) -> None:
    assert gone.told(event) == (feature, "same-id")
    assert gone.ended(event) is None
    (entry,) = entries(event)
    emptied = gone.emptied(entry)
    assert "secret" not in str(emptied)
    assert (emptied.seq, emptied.by, type(emptied.event)) == (entry.seq, entry.by, type(event))


def test_the_state_is_the_same_without_the_text() -> None:
    story = entries(
        POSTED, ASKED, chat.MessageEdited("same-id", "secret"), chat.MessageRemoved("same-id"),
        board.QuestionWithdrawn("same-id"),
    )  # fmt: skip
    known = [gone.emptied(entry) for entry in story]
    assert known[-2:] == story[-2:]
    assert known != story
    assert room.fold(room.Room(), known) == room.fold(room.Room(), story)
