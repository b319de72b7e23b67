"""
What belongs to a recording besides its media: captions, chapters, the edit list, who saw what, links to it.

Each class is a table. What refers to a recording that does not exist raises Missing.
"""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from classroom.store import seen, upsert
from classroom.store.database import Database
from classroom.store.recording_rows import CaptionsRow, ChapterRow, EditsRow, ShareRow, WatchRow
from classroom.store.recording_tables import (
    recording_captions,
    recording_chapters,
    recording_edits,
    recording_shares,
    recording_watch,
)

_SHARE = tuple(recording_shares.c[name] for name in ShareRow.__dataclass_fields__)
_CAPTIONS = tuple(recording_captions.c[name] for name in CaptionsRow.__dataclass_fields__)
_CHAPTER = tuple(recording_chapters.c[name] for name in ChapterRow.__dataclass_fields__)
_EDITS = tuple(recording_edits.c[name] for name in EditsRow.__dataclass_fields__)
_WATCH = tuple(recording_watch.c[name] for name in WatchRow.__dataclass_fields__)


def _values(row: CaptionsRow | ChapterRow | EditsRow | WatchRow | ShareRow) -> dict[str, Any]:
    return dict(zip(type(row).__dataclass_fields__, astuple(row), strict=True))


class Captions:
    """The table of captions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, row: CaptionsRow) -> None:
        """Store captions, instead of those of the same language."""
        await self._database.write(
            lambda connection: upsert.replace(connection, recording_captions, _values(row))
        )

    async def get(self, recording: str, language: str) -> CaptionsRow | None:
        """Return those of one language."""
        query = select(*_CAPTIONS).where(
            recording_captions.c.recording == recording, recording_captions.c.language == language
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return CaptionsRow(*row) if row else None

    async def languages(self, recording: str) -> list[str]:
        """Return in which languages there are some."""
        query = select(recording_captions.c.language).where(recording_captions.c.recording == recording)
        found = await self._database.read(lambda connection: list(connection.execute(query).scalars()))
        return sorted(found)

    async def remove(self, recording: str, language: str) -> bool:
        """Forget those of one language; False when there were none."""
        gone = delete(recording_captions).where(
            recording_captions.c.recording == recording, recording_captions.c.language == language
        )
        return await self._database.write(lambda connection: connection.execute(gone).rowcount > 0)


class Chapters:
    """The table of chapters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, recording: str) -> list[ChapterRow]:
        """Return the chapters of a recording, by time."""
        query = (
            select(*_CHAPTER)
            .where(recording_chapters.c.recording == recording)
            .order_by(recording_chapters.c.t, recording_chapters.c.id)
        )
        return await self._database.read(
            lambda connection: [ChapterRow(*row) for row in connection.execute(query)]
        )

    async def replace(self, recording: str, rows: Sequence[ChapterRow], source: str | None = None) -> None:
        """
        Store `rows` instead of all chapters of the recording, or of those from one `source`.

        Raises Duplicate when two have one id.
        """
        gone = delete(recording_chapters).where(recording_chapters.c.recording == recording)
        if source is not None:
            gone = gone.where(recording_chapters.c.source == source)

        def store(connection: Connection) -> None:
            connection.execute(gone)
            if rows:
                connection.execute(
                    insert(recording_chapters), [{**_values(row), "recording": recording} for row in rows]
                )

        await self._database.write(store)


class Edits:
    """The table of edit lists: none or one for a recording."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, recording: str) -> EditsRow | None:
        """Return the edit list."""
        query = select(*_EDITS).where(recording_edits.c.recording == recording)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return EditsRow(*row) if row else None

    async def put(self, row: EditsRow) -> bool:
        """
        Store a list as `row.revision`; False when that is not the one behind the list that is stored.

        Of two who change the same list, the second is told and loses nothing of the first.
        """
        change = (
            update(recording_edits)
            .where(
                recording_edits.c.recording == row.recording,
                recording_edits.c.revision == row.revision - 1,
            )
            .values(_values(row))
        )

        def store(connection: Connection) -> bool:
            if row.revision == 1:
                return upsert.keep(connection, recording_edits, _values(row))
            return connection.execute(change).rowcount > 0

        return await self._database.write(store)


class Watches:
    """The table of who saw which part of which recording."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def saw(self, row: WatchRow) -> WatchRow:
        """Store a position, and what was seen in addition to what is stored; return what is stored now."""
        mine = (recording_watch.c.recording == row.recording) & (recording_watch.c.person == row.person)
        stored = select(recording_watch.c.seen).where(mine).with_for_update()

        def store(connection: Connection) -> WatchRow:
            if upsert.keep(connection, recording_watch, _values(row)):
                return row
            # Locked: what two windows of one person report at the same moment is both kept.
            both = seen.both(connection.execute(stored).scalar_one(), row.seen)
            now = WatchRow(row.recording, row.person, row.position, both, row.updated_at)
            connection.execute(update(recording_watch).where(mine).values(_values(now)))
            return now

        return await self._database.write(store)

    async def get(self, recording: str, person: str) -> WatchRow | None:
        """Return how far a person is."""
        query = select(*_WATCH).where(
            recording_watch.c.recording == recording, recording_watch.c.person == person
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return WatchRow(*row) if row else None

    async def positions(self, person: str, recordings: Sequence[str]) -> dict[str, int]:
        """Return how far (ms) a person is in each of some recordings; those not begun are not there."""
        query = select(recording_watch.c.recording, recording_watch.c.position).where(
            recording_watch.c.person == person, recording_watch.c.recording.in_(recordings)
        )
        return await self._database.read(
            lambda connection: {row[0]: row[1] for row in connection.execute(query)}
        )

    async def heat(self, recording: str) -> tuple[int, list[int]]:
        """Return how many watched at all, and how many saw each span of `seen.SPAN_MS`."""
        query = select(recording_watch.c.seen).where(recording_watch.c.recording == recording)

        def look(connection: Connection) -> tuple[int, list[int]]:
            everybody = list(connection.execute(query).scalars())
            return len(everybody), seen.heat(everybody)

        return await self._database.read(look)


class Shares:
    """The table of links to recordings. Of a link's secret only the hash is here (sessions.secret_hash)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: ShareRow, secret: bytes, most: int) -> bool:
        """Store a link; False when its recording has `most` that are good now."""
        good = (
            select(func.count())
            .select_from(recording_shares)
            .where(recording_shares.c.recording == row.recording, _good(row.created_at))
        )

        def store(connection: Connection) -> bool:
            if connection.execute(good).scalar_one() >= most:
                return False
            connection.execute(insert(recording_shares), {**_values(row), "secret": secret})
            return True

        return await self._database.write(store)

    async def get(self, share: str) -> ShareRow | None:
        """Return one, ended or not."""
        return await self._one(recording_shares.c.id == share)

    async def find(self, secret: bytes) -> ShareRow | None:
        """Return the link with the hash `secret`, ended or not."""
        return await self._one(recording_shares.c.secret == secret)

    async def of(self, recording: str, limit: int) -> list[ShareRow]:
        """Return the newest of a recording."""
        query = (
            select(*_SHARE)
            .where(recording_shares.c.recording == recording)
            .order_by(recording_shares.c.created_at.desc(), recording_shares.c.id)
            .limit(limit)
        )
        return await self._database.read(
            lambda connection: [ShareRow(*row) for row in connection.execute(query)]
        )

    async def use(self, share: str, now: int) -> bool:
        """Count one use, if the link is good now."""
        change = (
            update(recording_shares)
            .where(recording_shares.c.id == share, _good(now))
            .values(uses=recording_shares.c.uses + 1)
        )
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)

    async def revoke(self, recording: str, share: str, now: int) -> bool:
        """End a link of this recording by hand; False when it had been, or is none of its."""
        change = (
            update(recording_shares)
            .where(
                recording_shares.c.id == share,
                recording_shares.c.recording == recording,
                recording_shares.c.revoked_at.is_(None),
            )
            .values(revoked_at=now)
        )
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)

    async def _one(self, only: ColumnElement[bool]) -> ShareRow | None:
        query = select(*_SHARE).where(only)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return ShareRow(*row) if row else None


def _good(now: int) -> ColumnElement[bool]:
    return recording_shares.c.revoked_at.is_(None) & (recording_shares.c.expires_at > now)
