"""
The replays of recordings that somebody watches: kept, within a bound, and brought up to date when asked for.
"""

import asyncio
from dataclasses import dataclass, field

from classroom.content.bounded import Bounded
from classroom.content.recording_clock import ClassClock
from classroom.content.recording_edits import NOTHING, Edits
from classroom.content.recording_journal import SLICE, kept, read, unpacked
from classroom.content.recording_packages import Packages
from classroom.content.recording_replay import Replay
from classroom.domain.entry import Entry
from classroom.recording.manifest import Manifest
from classroom.store.journal import Journal
from classroom.store.recording_rows import RecordingRow

MOST_ENTRIES = 200_000  # Of all replays that are kept: about a kilobyte each.


@dataclass(slots=True)
class _Kept:
    replay: Replay
    clock: ClassClock
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Replays:
    """Every recording that somebody watches, folded as far as anybody asked."""

    def __init__(self, journal: Journal, packages: Packages) -> None:
        self._journal = journal
        self._packages = packages
        self._kept: Bounded[tuple[str, int, int], _Kept] = Bounded(
            MOST_ENTRIES, lambda kept: 1 + len(kept.replay)
        )

    async def of(self, row: RecordingRow, manifest: Manifest, edits: Edits, revision: int) -> Replay:
        """
        Return the replay of a recording with these edits (`revision` 0: none), up to date.

        Refuses: damaged.
        """
        key = (row.id, row.version, revision if edits is not NOTHING else 0)
        known = self._kept.get(key)
        if known is None:
            clock = ClassClock(row.started_at, manifest.clock)
            known = _Kept(Replay(row.number, clock, edits), clock)
            self._kept.put(key, known)
        async with known.lock:
            try:
                if row.version == 0:
                    known.clock.take(manifest.clock)
                    async for batch in read(self._journal, row.class_id, known.replay.seq):
                        known.replay.take(batch)
                elif known.replay.seq == 0:
                    data = await self._packages.journal(row, manifest)
                    entries = await asyncio.to_thread(unpacked, data, row.id)
                    for start in range(0, len(entries), SLICE):
                        known.replay.take(entries[start : start + SLICE])
                        await asyncio.sleep(0)
            except BaseException:
                self._kept.drop(key)  # Half taken in: the next one begins anew.
                raise
        self._kept.put(key, known)
        return known.replay

    async def entries(self, row: RecordingRow, manifest: Manifest) -> list[Entry]:
        """Return what belongs to a recording, from the class's beginning on. Refuses: damaged."""
        if row.version:
            data = await self._packages.journal(row, manifest)
            return await asyncio.to_thread(unpacked, data, row.id)
        entries = [entry async for batch in read(self._journal, row.class_id, 0) for entry in batch]
        return kept(entries, row.number)

    def forget(self, recording: str) -> None:
        """Forget a recording that has changed."""
        self._kept.drop_where(lambda key: key[0] == recording)
