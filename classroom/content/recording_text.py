"""
What can be found in a recording: the words of its chat and questions, its captions. Pure.

Only what the whole class could read is in the index: no private message, no question that was held back.
Who wrote something is kept with it, so that it can be left out or taken away with its author.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from classroom.content.captions import Cue
from classroom.content.recording_replay import Moment
from classroom.domain.chat_words import MessageEdited, MessagePosted
from classroom.domain.questions_words import (
    QuestionAnswered,
    QuestionAsked,
    QuestionEdited,
    QuestionHeld,
    QuestionPublished,
)
from classroom.store.fold import for_search
from classroom.store.recording_rows import TextRow
from classroom.store.recording_words import sought

FROM_CLASS = ("chat", "question", "answer")
"""The kinds of rows that are made of the journal."""


class _Words:
    """What was written so far: what everybody could read, and questions that are held back."""

    def __init__(self, recording: str) -> None:
        self.found: dict[str, TextRow] = {}
        self._held: dict[str, TextRow] = {}
        self._recording = recording

    def take(self, moment: Moment) -> None:
        """Take in the next event of the class."""
        match moment.entry.event:
            case MessagePosted(message, author, text, None):
                self.found[message] = self._row(message, moment, "chat", author, text)
            case QuestionAsked(question, author, _, text, held):
                rows = self._held if held else self.found
                rows[question] = self._row(question, moment, "question", author, text)
            case MessageEdited(key, text) | QuestionEdited(key, text):
                for rows in (self.found, self._held):
                    if key in rows:
                        rows[key] = replace(rows[key], text=text)
            case QuestionPublished(question) if question in self._held:
                self.found[question] = self._held.pop(question)
            case QuestionHeld(question) if question in self.found:
                self._held[question] = self.found.pop(question)
                self.found.pop(_answer(question), None)
            case QuestionAnswered(question, _, text) if text and question in self.found:
                key, by = _answer(question), moment.entry.by
                self.found[key] = self._row(key, moment, "answer", by, text)

    def _row(self, key: str, moment: Moment, kind: str, author: str, text: str) -> TextRow:
        return TextRow(self._recording, key, moment.t, kind, "", author, text)


def of_class(recording: str, moments: Iterable[Moment]) -> list[TextRow]:
    """Return the rows of what was written; a text that was changed is found by its last form."""
    words = _Words(recording)
    for moment in moments:
        words.take(moment)
    return [row for row in words.found.values() if row.text]


def of_captions(recording: str, language: str, cues: Sequence[Cue]) -> list[TextRow]:
    """Return the rows of captions in one language."""
    return [
        TextRow(recording, f"cue_{language}_{number}", cue.start, "caption", language, "", cue.text)
        for number, cue in enumerate(cues, 1)
    ]


def search(rows: Iterable[TextRow], query: str, limit: int) -> list[TextRow]:
    """Return what of `rows` has every word of `query`, by time: as the table's own search does."""
    words = sought(query)
    if not words:
        return []
    hits = [row for row in rows if _has(for_search(row.text), words)]
    return sorted(hits, key=lambda row: (row.t, row.id))[:limit]


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


def _answer(question: str) -> str:
    # An id has at most 64 characters; the command that asked had as many at the most.
    return f"a_{question}"[:64]
