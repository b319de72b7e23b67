"""
Recordings in the database: which there are, whose, how far each has come, and when it goes.

A recording in the trash (`deleted_at`) is in no list but `trash`. Everything that belongs to a recording
goes with its row.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from classroom.store import upsert
from classroom.store.database import Database
from classroom.store.recording_queries import (
    OWN,
    listener,
    newest,
    published,
    recording_fields,
    recording_of,
    staff,
)
from classroom.store.recording_rows import Place, RecordingRow, RecordingState
from classroom.store.recording_tables import recording_attended, recordings
from classroom.store.tables import AnyRow, AnySelect

_ENDING = (RecordingState.RECORDING.value, RecordingState.FINISHING.value)


def _values(row: RecordingRow) -> dict[str, object]:
    values: dict[str, object] = {column.name: getattr(row, column.name) for column in OWN}
    return {**values, "state": row.state.value, "place": row.place.value}


class Recordings:
    """The table of recordings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: RecordingRow) -> bool:
        """
        Store a recording that begins; False (and nothing done) when there is one with its id or number.

        Raises Missing (class, course).
        """
        return await self._database.write(
            lambda connection: upsert.keep(connection, recordings, _values(row))
        )

    async def get(self, recording: str) -> RecordingRow | None:
        """Return one, in the trash or not."""
        query = recording_fields().where(recordings.c.id == recording)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return recording_of(row) if row else None

    async def manifest(self, recording: str) -> bytes | None:
        """Return the manifest's JSON, once there is one."""
        query = select(recordings.c.manifest).where(recordings.c.id == recording)
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def visible(self, person: str, after: str, limit: int) -> list[tuple[RecordingRow, bool]]:
        """
        Return what `person` may see, the newest first, beginning behind the id `after`; True: as staff.

        Others than staff see what is published and did not fail.
        """
        is_staff = staff(person)
        shown = listener(person) & recordings.c.published
        shown = shown & (recordings.c.state != RecordingState.FAILED.value)
        query = newest(
            recording_fields().add_columns(is_staff.label("staff")).where(is_staff | shown), after, limit
        )
        return await self._database.read(
            lambda connection: [(recording_of(row), bool(row.staff)) for row in connection.execute(query)]
        )

    async def all(self, after: str, limit: int) -> list[RecordingRow]:
        """Return all, the newest first, beginning behind the id `after`."""
        return await self._all(newest(recording_fields(), after, limit))

    async def of_course(
        self, course: str, after: str, limit: int, *, only_published: bool
    ) -> list[RecordingRow]:
        """Return those of a course, the newest first, beginning behind the id `after`."""
        query = published(recording_fields().where(recordings.c.course == course), only_published)
        return await self._all(newest(query, after, limit))

    async def of_class(
        self, class_id: str, after: str, limit: int, *, only_published: bool
    ) -> list[RecordingRow]:
        """Return those of a class, the newest first, beginning behind the id `after`."""
        query = published(recording_fields().where(recordings.c.class_id == class_id), only_published)
        return await self._all(newest(query, after, limit))

    async def trash(self, person: str | None, after: str, limit: int) -> list[RecordingRow]:
        """Return what is in the trash of `person` as staff (None: of everybody), as the other lists."""
        query = recording_fields() if person is None else recording_fields().where(staff(person))
        return await self._all(newest(query, after, limit, deleted=True))

    async def unfinished(self) -> list[RecordingRow]:
        """Return those that are recorded or finished now, or were when the program ended."""
        query = recording_fields().where(recordings.c.state.in_(_ENDING)).order_by(recordings.c.id)
        return await self._all(query)

    async def placed(self, place: Place, limit: int) -> list[RecordingRow]:
        """Return the oldest that are ready and have their files at `place`."""
        query = recording_fields().where(
            recordings.c.place == place.value, recordings.c.state == RecordingState.READY.value
        )
        return await self._all(query.order_by(recordings.c.started_at, recordings.c.id).limit(limit))

    async def numbers(self, class_id: str) -> list[int]:
        """Return which numbers a class has, in order."""
        query = select(recordings.c.number).where(recordings.c.class_id == class_id)
        return sorted(await self._database.read(lambda connection: list(connection.execute(query).scalars())))

    async def edit(
        self, recording: str, *, title: str, description: str, published: bool, protected: bool
    ) -> bool:
        """Store what may be edited; False when it is in the trash or there is none."""
        return await self._change(
            recordings.c.id == recording,
            recordings.c.deleted_at.is_(None),
            title=title,
            description=description,
            published=published,
            protected=protected,
        )

    async def move(
        self,
        recording: str,
        only: frozenset[RecordingState],
        state: RecordingState,
        *,
        reason: str | None = None,
        ended_at: int | None = None,
        duration: int | None = None,
    ) -> bool:
        """Set the state, and what else is given, if the state is one of `only` now."""
        given = {"reason": reason, "ended_at": ended_at, "duration": duration}
        return await self._change(
            recordings.c.id == recording,
            recordings.c.state.in_([old.value for old in only]),
            state=state.value,
            **{name: value for name, value in given.items() if value is not None},
        )

    async def pack(
        self,
        recording: str,
        old: int,
        *,
        version: int,
        manifest: bytes,
        duration: int,
        octets: int,
        place: Place | None = None,
    ) -> bool:
        """
        Store a manifest as version `version`, if that of `old` (0: none) is the newest now.

        `octets`: of all its files. The state is `move`'s.
        """
        moved = {} if place is None else {"place": place.value}
        return await self._change(
            recordings.c.id == recording,
            recordings.c.version == old,
            version=version,
            manifest=manifest,
            duration=duration,
            bytes=octets,
            **moved,
        )

    async def put_at(self, recording: str, place: Place) -> bool:
        """Note where its files are now; False when that was noted before, or there is none."""
        return await self._change(
            recordings.c.id == recording, recordings.c.place != place.value, place=place.value
        )

    async def throw_away(self, recording: str, now: int, purge_at: int) -> bool:
        """Put it into the trash until `purge_at`; False when it is protected, still written or not there."""
        return await self._change(
            recordings.c.id == recording,
            recordings.c.deleted_at.is_(None),
            recordings.c.protected.is_(False),
            recordings.c.state.not_in(_ENDING),
            deleted_at=now,
            purge_at=purge_at,
        )

    async def restore(self, recording: str) -> bool:
        """Take it out of the trash; False when it is not in there."""
        return await self._change(
            recordings.c.id == recording, recordings.c.deleted_at.is_not(None), deleted_at=None, purge_at=None
        )

    async def to_purge(self, now: int, limit: int) -> list[RecordingRow]:
        """Return what has been in the trash for long enough."""
        query = recording_fields().where(recordings.c.purge_at <= now, recordings.c.protected.is_(False))
        return await self._all(query.order_by(recordings.c.purge_at, recordings.c.id).limit(limit))

    async def to_retire(self, before: int, limit: int) -> list[RecordingRow]:
        """Return what ended before `before` (ms), is not protected and not in the trash."""
        query = recording_fields().where(
            recordings.c.ended_at < before,
            recordings.c.protected.is_(False),
            recordings.c.deleted_at.is_(None),
            recordings.c.state.not_in(_ENDING),
        )
        return await self._all(query.order_by(recordings.c.started_at, recordings.c.id).limit(limit))

    async def remove(self, recording: str) -> bool:
        """Forget a recording and all that belongs to it. Its files are the caller's, and go before."""
        gone = delete(recordings).where(recordings.c.id == recording)
        return await self._database.write(lambda connection: connection.execute(gone).rowcount > 0)

    async def attended(self, recording: str, people_ids: Iterable[str]) -> None:
        """Note who was there; those of before stay. Raises Missing."""
        rows = [{"recording": recording, "person": person} for person in dict.fromkeys(people_ids)]

        def store(connection: Connection) -> None:
            mine = recording_attended.c.recording == recording
            known = set(connection.execute(select(recording_attended.c.person).where(mine)).scalars())
            new = [row for row in rows if row["person"] not in known]
            if new:
                connection.execute(insert(recording_attended), new)

        await self._database.write(store)

    async def has_attended(self, recording: str, person: str) -> bool:
        """Tell whether `attended` was told of `person`."""
        query = select(recording_attended.c.person).where(
            recording_attended.c.recording == recording, recording_attended.c.person == person
        )
        return await self._database.read(lambda connection: connection.execute(query).first() is not None)

    async def totals(self) -> dict[RecordingState, tuple[int, int]]:
        """Return how many there are in each state and how many octets they take; the trash counts too."""
        query = select(recordings.c.state, func.count(), func.sum(recordings.c.bytes))
        query = query.group_by(recordings.c.state)
        rows: Sequence[AnyRow] = await self._database.read(lambda connection: connection.execute(query).all())
        return {RecordingState(row[0]): (row[1], int(row[2])) for row in rows}

    async def _change(self, *only: ColumnElement[bool], **values: object) -> bool:
        change = update(recordings).where(*only).values(**values)
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)

    async def _all(self, query: AnySelect) -> list[RecordingRow]:
        return await self._database.read(
            lambda connection: [recording_of(row) for row in connection.execute(query)]
        )
