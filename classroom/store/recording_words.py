"""
Words that belong to recordings: questions that were asked while watching, and the text that is searched.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from classroom.store import fold
from classroom.store.database import Database
from classroom.store.recording_queries import FROM, staff
from classroom.store.recording_rows import QuestionRow, TextRow
from classroom.store.recording_tables import recording_questions, recording_text, recordings
from classroom.store.tables import AnyRow, AnySelect, behind, people

MOST_WORDS = 12  # Of a query that are looked for: each is a walk over the recording's text.

_author = people.alias("author")
_answerer = people.alias("answerer")
_OWN = tuple(recording_questions.c[name] for name in list(QuestionRow.__dataclass_fields__)[:10])
_TEXT = tuple(recording_text.c[name] for name in TextRow.__dataclass_fields__)


def _query() -> AnySelect:
    joined = recording_questions.outerjoin(_author, recording_questions.c.author == _author.c.id).outerjoin(
        _answerer, recording_questions.c.answered_by == _answerer.c.id
    )
    return select(*_OWN, _author.c.name, _answerer.c.name.label("answered_name")).select_from(joined)


def _question(row: AnyRow) -> QuestionRow:
    values = (*row[:10], row[10] or "", row[11] or "")
    return QuestionRow(*values)


class Questions:
    """The table of questions that were asked while watching."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: QuestionRow, most: int) -> bool:
        """Store a question; False when its author has `most` in this recording. Raises Missing."""
        values = {column.name: getattr(row, column.name) for column in _OWN}
        asked = (
            select(func.count())
            .select_from(recording_questions)
            .where(
                recording_questions.c.recording == row.recording,
                recording_questions.c.author == row.author,
            )
        )

        def store(connection: Connection) -> bool:
            if connection.execute(asked).scalar_one() >= most:
                return False
            connection.execute(insert(recording_questions), values)
            return True

        return await self._database.write(store)

    async def get(self, question: str) -> QuestionRow | None:
        """Return one, hidden or not."""
        query = _query().where(recording_questions.c.id == question)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _question(row) if row else None

    async def of(self, recording: str, limit: int, *, hidden: bool) -> list[QuestionRow]:
        """Return those of a recording by time, with the `hidden` ones or without."""
        query = _query().where(recording_questions.c.recording == recording)
        if not hidden:
            query = query.where(recording_questions.c.hidden.is_(False))
        query = query.order_by(recording_questions.c.t, recording_questions.c.id).limit(limit)
        return await self._all(query)

    async def unanswered(self, person: str | None, after: str, limit: int) -> list[QuestionRow]:
        """
        Return what waits for an answer of `person` as staff (None: of anybody), the oldest first, beginning
        behind the id `after`. What is hidden or in the trash does not wait.
        """
        mine = select(recordings.c.id).select_from(FROM).where(recordings.c.deleted_at.is_(None))
        if person is not None:
            mine = mine.where(staff(person))
        query = _query().where(
            recording_questions.c.answer.is_(None),
            recording_questions.c.hidden.is_(False),
            recording_questions.c.recording.in_(mine),
        )
        if after:
            query = query.where(behind(recording_questions.c.asked_at, recording_questions.c.id, after))
        query = query.order_by(recording_questions.c.asked_at, recording_questions.c.id).limit(limit)
        return await self._all(query)

    async def answer(self, question: str, text: str, by: str, now: int) -> bool:
        """Store an answer, or another one; False when there is no such question."""
        return await self._change(question, answer=text, answered_by=by, answered_at=now)

    async def hide(self, question: str, *, hidden: bool) -> bool:
        """Store whether only staff and its author see it; False when there is no such question."""
        return await self._change(question, hidden=hidden)

    async def remove(self, question: str) -> bool:
        """Forget a question and its answer; False when there is none."""
        gone = delete(recording_questions).where(recording_questions.c.id == question)
        return await self._database.write(lambda connection: connection.execute(gone).rowcount > 0)

    async def _change(self, question: str, **values: object) -> bool:
        change = update(recording_questions).where(recording_questions.c.id == question).values(**values)
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)

    async def _all(self, query: AnySelect) -> list[QuestionRow]:
        return await self._database.read(
            lambda connection: [_question(row) for row in connection.execute(query)]
        )


class Texts:
    """The table of what can be found in a recording: rows are made from the journal, captions, questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, recording: str, kinds: Sequence[str], rows: Sequence[TextRow]) -> None:
        """Store `rows` instead of all of the recording's that have one of `kinds`. Raises Duplicate (id)."""
        gone = delete(recording_text).where(
            recording_text.c.recording == recording, recording_text.c.kind.in_(kinds)
        )

        def store(connection: Connection) -> None:
            connection.execute(gone)
            if rows:
                connection.execute(insert(recording_text), [_found(row, recording) for row in rows])

        await self._database.write(store)

    async def put(self, row: TextRow) -> None:
        """Store one row, instead of the one with its id."""
        gone = delete(recording_text).where(
            recording_text.c.recording == row.recording, recording_text.c.id == row.id
        )

        def store(connection: Connection) -> None:
            connection.execute(gone)
            connection.execute(insert(recording_text), _found(row, row.recording))

        await self._database.write(store)

    async def drop(self, recording: str, ids: Sequence[str]) -> None:
        """Forget rows by their ids."""
        gone = delete(recording_text).where(
            recording_text.c.recording == recording, recording_text.c.id.in_(ids)
        )
        await self._database.write(lambda connection: connection.execute(gone))

    async def search(self, recording: str, query: str, limit: int) -> list[TextRow]:
        """
        Return what has every word of `query` in it, or its beginning or middle, by time.

        Folded as names are (fold.py): without case, ё as е, ө ү ң as о у н. Both databases say the same.
        """
        words = sought(query)
        if not words:
            return []
        wanted = select(*_TEXT).where(
            recording_text.c.recording == recording,
            *(recording_text.c.find.like(fold.like(word), escape="\\") for word in words),
        )
        wanted = wanted.order_by(recording_text.c.t, recording_text.c.id).limit(limit)
        return await self._database.read(
            lambda connection: [TextRow(*row) for row in connection.execute(wanted)]
        )


def sought(query: str) -> list[str]:
    """Return the words of a query, folded, each once: those that are looked for."""
    return list(dict.fromkeys(fold.for_search(query).split()))[:MOST_WORDS]


def _found(row: TextRow, recording: str) -> dict[str, object]:
    values: dict[str, object] = {column.name: getattr(row, column.name) for column in _TEXT}
    return {**values, "recording": recording, "find": fold.for_search(row.text)}
