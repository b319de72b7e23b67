"""
Texts that were taken back: what a withdrawal or a removal makes of the events before it.

The journal keeps every text. Whoever comes later, or asks for what was, gets the events without those that
are gone: the state that they fold to is the same, for it has no text there either.
"""

from dataclasses import replace

from classroom.domain.chat_words import MessageEdited, MessagePosted, MessageRemoved, MessageWithdrawn
from classroom.domain.entry import Entry, Event
from classroom.domain.questions_words import (
    QuestionAsked,
    QuestionEdited,
    QuestionPublished,
    QuestionWithdrawn,
)

Subject = tuple[str, str]
"""A message or a question: its feature and its id."""

_ENDS = (MessageRemoved, MessageWithdrawn, QuestionWithdrawn)
_TEXTS = (MessagePosted, MessageEdited, QuestionAsked, QuestionEdited, QuestionPublished)


def ended(event: Event) -> Subject | None:
    """Return what `event` takes the text from, or None."""
    return _subject(event) if isinstance(event, _ENDS) else None


def told(event: Event) -> Subject | None:
    """Return whose text `event` holds, or None."""
    return _subject(event) if isinstance(event, _TEXTS) else None


def emptied(entry: Entry) -> Entry:
    """Return `entry` without the text that its event may hold."""
    return replace(entry, event=replace(entry.event, text="")) if isinstance(entry.event, _TEXTS) else entry


def _subject(event: Event) -> Subject:
    feature = event.TYPE.partition(".")[0]
    return feature, getattr(event, "message" if feature == "chat" else "question")
