"""
How long recordings are kept: what is old goes into the trash, what has been there for long enough goes for
good. What is protected stays.
"""

import asyncio

import structlog

from classroom.content.recordings import TRASH_MS, Recordings
from classroom.recording.spool import Spool
from classroom.store import jobs, recordings
from classroom.store.database import Database
from classroom.store.objects import Objects

AT_ONCE = 50  # Recordings of one sweep: some thousand files.
DAY_MS = 24 * 3600_000

log = structlog.get_logger("sabak.archive")


class RecordingKeeper:
    """Sweeps. Every step may be repeated after a crash; the row goes last, so nothing is ever forgotten."""

    def __init__(
        self, database: Database, service: Recordings, spool: Spool, objects: Objects, retention_days: int
    ) -> None:
        """`retention_days` 0: recordings are kept for ever."""
        self._rows = recordings.Recordings(database)
        self._jobs = jobs.Jobs(database)
        self._service = service
        self._spool = spool
        self._objects = objects
        self._retention = retention_days * DAY_MS

    async def sweep(self, now: int) -> None:
        """Throw away what is too old, and purge what was thrown away long ago. Raises StoreError."""
        if self._retention:
            for row in await self._rows.to_retire(now - self._retention, AT_ONCE):
                if await self._rows.throw_away(row.id, now, now + TRASH_MS):
                    log.info("recording is too old", recording=row.id)
        for row in await self._rows.to_purge(now, AT_ONCE):
            await self.purge(row.id, now)

    async def purge(self, recording: str, now: int) -> None:
        """Remove a recording and everything of it for good."""
        await self._jobs.cancel_all(recording, now)
        for key in await self._objects.list(f"recordings/{recording}"):
            await self._objects.delete(key)
        await asyncio.to_thread(self._spool.remove, recording)
        await self._rows.remove(recording)
        self._service.forget(recording)
        log.info("recording purged", recording=recording)
