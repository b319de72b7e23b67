"""
Everything about one person in the tables of recordings, to hand it over or to remove it.

What a person did as staff (captions they uploaded, links they made) stays, without their id. Their media and
their words in the class are in packages, which are not the database's.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from classroom.store.database import Database
from classroom.store.recording_rows import JobRow, JobState, QuestionRow, ShareRow, TextRow, WatchRow
from classroom.store.recording_tables import (
    jobs,
    recording_attended,
    recording_captions,
    recording_edits,
    recording_questions,
    recording_shares,
    recording_text,
    recording_watch,
)

_WATCH = tuple(recording_watch.c[name] for name in WatchRow.__dataclass_fields__)
_SHARE = tuple(recording_shares.c[name] for name in ShareRow.__dataclass_fields__)
_TEXT = tuple(recording_text.c[name] for name in TextRow.__dataclass_fields__)
_JOB = tuple(jobs.c[name] for name in JobRow.__dataclass_fields__)
_QUESTION = tuple(recording_questions.c[name] for name in list(QuestionRow.__dataclass_fields__)[:10])


@dataclass(frozen=True, slots=True)
class AboutPerson:
    """What the tables of recordings hold with a person's id."""

    attended: tuple[str, ...]  # recordings of classes without a course
    watched: tuple[WatchRow, ...]
    asked: tuple[QuestionRow, ...]
    answered: tuple[QuestionRow, ...]  # questions of others
    text: tuple[TextRow, ...]  # what can be searched: chat, questions, answers
    shares: tuple[ShareRow, ...]
    jobs: tuple[JobRow, ...]
    captions: tuple[tuple[str, str], ...]  # recording and language, uploaded by them
    edits: tuple[str, ...]  # recordings whose edit list is theirs


class RecordingPeople:
    """One person in all tables of recordings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def about(self, person: str) -> AboutPerson:
        """Return everything, from one view of the data."""
        return await self._database.read(lambda connection: _about(connection, person))

    async def erase(self, person: str) -> int:
        """Remove everything, in one step; return how many rows went or changed. Repeating changes nothing."""
        gone = (
            delete(recording_watch).where(recording_watch.c.person == person),
            delete(recording_attended).where(recording_attended.c.person == person),
            delete(recording_questions).where(recording_questions.c.author == person),
            delete(recording_text).where(recording_text.c.author == person),
            # The question is somebody else's and waits again.
            update(recording_questions)
            .where(recording_questions.c.answered_by == person)
            .values(answer=None, answered_by="", answered_at=None),
            update(recording_shares).where(recording_shares.c.created_by == person).values(created_by=""),
            update(recording_captions).where(recording_captions.c.updated_by == person).values(updated_by=""),
            update(recording_edits).where(recording_edits.c.updated_by == person).values(updated_by=""),
            update(jobs).where(jobs.c.asked_by == person).values(asked_by=""),
        )

        def store(connection: Connection) -> int:
            return sum(connection.execute(each).rowcount for each in gone)

        return await self._database.write(store)


def _about(connection: Connection, person: str) -> AboutPerson:
    attended = select(recording_attended.c.recording).where(recording_attended.c.person == person)
    watched = select(*_WATCH).where(recording_watch.c.person == person)
    asked = select(*_QUESTION).where(recording_questions.c.author == person)
    answered = select(*_QUESTION).where(
        recording_questions.c.answered_by == person, recording_questions.c.author != person
    )
    words = select(*_TEXT).where(recording_text.c.author == person)
    shares = select(*_SHARE).where(recording_shares.c.created_by == person)
    asked_for = select(*_JOB).where(jobs.c.asked_by == person)
    uploaded = select(recording_captions.c.recording, recording_captions.c.language).where(
        recording_captions.c.updated_by == person
    )
    edited = select(recording_edits.c.recording).where(recording_edits.c.updated_by == person)
    execute = connection.execute
    return AboutPerson(
        attended=tuple(sorted(execute(attended).scalars())),
        watched=tuple(WatchRow(*row) for row in execute(watched.order_by(*_WATCH[:2]))),
        asked=tuple(QuestionRow(*row) for row in execute(asked.order_by(*_QUESTION[:1]))),
        answered=tuple(QuestionRow(*row) for row in execute(answered.order_by(*_QUESTION[:1]))),
        text=tuple(TextRow(*row) for row in execute(words.order_by(*_TEXT[:2]))),
        shares=tuple(ShareRow(*row) for row in execute(shares.order_by(*_SHARE[:1]))),
        jobs=tuple(
            JobRow(**{**row._mapping, "state": JobState(row.state)})
            for row in execute(asked_for.order_by(*_JOB[:1]))
        ),
        captions=tuple((row[0], row[1]) for row in execute(uploaded)),
        edits=tuple(sorted(execute(edited).scalars())),
    )
