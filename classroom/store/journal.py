"""
The journal: the numbered events of every class, on disk before anybody is told.

The primary key `(class_id, seq)` is the fence between two processes that both believe to own a
class: one of them loses with SeqTaken and nothing is lost. Numbers have no holes, so whoever has
everything up to N has missed nothing before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import BindParameter, Connection, CursorResult, bindparam, func, insert, select, update

from classroom.store.database import Database
from classroom.store.errors import Duplicate, SeqGap, SeqTaken
from classroom.store.tables import journal

MAX_BATCH = 500  # Records of one append. The largest command (admitting a full lobby) stays below.
MAX_READ = 1000  # Records of one read: at about 300 bytes each a third of a megabyte at once.
MAX_PAYLOAD = 64 * 1024  # Bytes. The longest chat message in its encoding is 20 kB.


@dataclass(frozen=True, slots=True)
class Record:
    """
    One event as it is stored.

    `kind` is the event's type (`chat.posted`); what stands before the dot is its feature, by which
    `back` selects. `payload` is the encoded rest of the entry (data, audience, command id, version);
    the journal does not look into it.
    """

    seq: int
    at: int  # ms since 1970
    by: str
    kind: str
    payload: bytes

    @property
    def feature(self) -> str:
        """Return what stands before the dot of `kind`."""
        return self.kind.partition(".")[0]


class Journal(Protocol):
    """The events of all classes. Safe to use from many tasks of one loop."""

    async def append(self, class_id: str, records: Sequence[Record]) -> None:
        """
        Store `records`, whose numbers are consecutive: all of them or none.

        When it returns they survive a power cut. Raises SeqTaken, SeqGap, Overloaded (nothing was
        written) or Unavailable (unknown: read on before writing more). A cancelled append may
        or may not have happened: shield it.
        """
        ...

    async def read(self, class_id: str, after: int, limit: int = MAX_READ) -> list[Record]:
        """Return up to `limit` records with seq > `after`, in order. At most MAX_READ."""
        ...

    async def back(self, class_id: str, before: int, limit: int, feature: str) -> list[Record]:
        """Return the up to `limit` newest records of `feature` with seq < `before`, in order."""
        ...

    async def last_seq(self, class_id: str) -> int:
        """Return the number of the newest event, 0 when there is none."""
        ...


class SqlJournal:
    """The journal in a Database of either kind."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, class_id: str, records: Sequence[Record]) -> None:
        """Store `records`; see Journal.append. Raises ValueError for what a caller may never hand over."""
        if not records:
            return
        _check(records)
        first = records[0].seq
        rows = [_row(class_id, record) for record in records]

        def store(connection: Connection) -> None:
            if (
                first > 1
                and connection.execute(_EXISTS, {"id": class_id, "number": first - 1}).first() is None
            ):
                raise SeqGap(class_id, first)
            connection.execute(_INSERT, rows)

        try:
            await self._database.write(store)
        except Duplicate as error:
            raise SeqTaken(class_id, first) from error

    async def read(self, class_id: str, after: int, limit: int = MAX_READ) -> list[Record]:
        """Return what follows `after`; see Journal.read."""
        values = {"id": class_id, "number": after, "most": min(limit, MAX_READ)}
        return await self._database.read(lambda connection: _records(connection.execute(_AFTER, values)))

    async def back(self, class_id: str, before: int, limit: int, feature: str) -> list[Record]:
        """Return what of `feature` precedes `before`; see Journal.back."""
        values = {"id": class_id, "number": before, "most": min(limit, MAX_READ), "part": feature}
        newest = await self._database.read(lambda connection: _records(connection.execute(_BEFORE, values)))
        newest.reverse()
        return newest

    async def reword(self, class_id: str, payloads: Mapping[int, bytes]) -> None:
        """
        Store other payloads for events that are there: what a person wrote, after it had to be erased.

        The one thing that ever changes a journal. Who holds the class in memory does not hear of it.
        """
        rows = [{"id": class_id, "number": seq, "words": payload} for seq, payload in payloads.items()]
        if rows:
            await self._database.write(lambda connection: connection.execute(_REWORD, rows))

    async def last_seq(self, class_id: str) -> int:
        """Return the number of the newest event, 0 when there is none."""
        seq = await self._database.read(
            lambda connection: connection.execute(_LAST, {"id": class_id}).scalar()
        )
        return seq or 0


def _check(records: Sequence[Record]) -> None:
    first = records[0].seq
    if first < 1 or len(records) > MAX_BATCH:
        raise ValueError(f"an append has 1 to {MAX_BATCH} records, numbered from 1")
    if any(record.seq != first + place for place, record in enumerate(records)):
        raise ValueError("the numbers of an append are consecutive")
    if any(len(record.payload) > MAX_PAYLOAD for record in records):
        raise ValueError(f"a payload has at most {MAX_PAYLOAD} bytes")


def _row(class_id: str, record: Record) -> dict[str, object]:
    return {
        "class_id": class_id,
        "seq": record.seq,
        "at": record.at,
        "by": record.by,
        "kind": record.kind,
        "feature": record.feature,
        "payload": record.payload,
    }


def _records(rows: CursorResult[int, int, str, str, bytes]) -> list[Record]:
    return [Record(*row) for row in rows]


# Built once: building and keying a statement costs more than SQLite needs to run it.
_ID: BindParameter[str] = bindparam("id")
_SEQ: BindParameter[int] = bindparam("number")
_FIELDS = select(journal.c.seq, journal.c.at, journal.c.by, journal.c.kind, journal.c.payload).where(
    journal.c.class_id == _ID
)
_INSERT = insert(journal)
_REWORD = (
    update(journal)
    .where(journal.c.class_id == _ID, journal.c.seq == _SEQ)
    .values(payload=bindparam("words", type_=journal.c.payload.type))
)
_EXISTS = select(journal.c.seq).where(journal.c.class_id == _ID, journal.c.seq == _SEQ)
_LAST = select(func.max(journal.c.seq)).where(journal.c.class_id == _ID)
_AFTER = _FIELDS.where(journal.c.seq > _SEQ).order_by(journal.c.seq).limit(bindparam("most"))
_BEFORE = (
    _FIELDS.where(journal.c.feature == bindparam("part"), journal.c.seq < _SEQ)
    .order_by(journal.c.seq.desc())
    .limit(bindparam("most"))
)
