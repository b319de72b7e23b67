"""
The archive: from the moment a class begins to be recorded until its files lie where they stay.

    started     a folder in the spool, a row
    stopped     ended.json; the recorder finishes
    shelve      the recorder is done: the journal is packed, the row is ready, the files move into the object
                store, the folder goes

Each step may be repeated after a crash between any two of them and changes nothing then. Objects come before
the row that speaks of them, and the folder goes last: at every moment either the spool or the object store
has all of a recording.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal

import structlog

from classroom.content import recording_journal as journals
from classroom.content.recording_refusals import Damaged
from classroom.content.recording_shelf import GONE, UNDONE, Shelf
from classroom.content.schedule import Schedule
from classroom.domain import takes
from classroom.recording.manifest import Ended, Gap, Spooled
from classroom.recording.spool import BAD, CAPTURE, BadSpool, Spool, is_recording
from classroom.store import errors
from classroom.store.database import Database
from classroom.store.journal import Journal
from classroom.store.objects import Objects
from classroom.store.recording_rows import Place, RecordingRow, RecordingState
from classroom.store.recordings import Recordings

LOOK_EVERY = 0.5  # Seconds: a recording is ready within two of the recorder's being done.
RETRY_AFTER = 10.0  # Seconds, after a recording could not be put away: a bucket that is away, a full disk.
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_RECORDING = frozenset({RecordingState.RECORDING})

log = structlog.get_logger("sabak.archive")


class RecordingArchive:
    """
    Keeps recordings: live.archive.Archive for the classes, and the task that puts away what is finished.

    The methods of the Protocol raise OSError where the disk does not go along, store.errors.Unavailable where
    the database does not.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        schedule: Schedule,
        spool: Spool,
        objects: Objects,
        changed: Callable[[str], None],
        *,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        grace: float,
        kept: Callable[[str], Awaitable[None]],
    ) -> None:
        """
        `changed` hears of every recording whose files have moved, `kept` of each that is where it stays: at
        least once, before the spool forgets it.
        """
        self._rows = Recordings(database)
        self.shelf = Shelf(database, journal, spool, objects, changed, kept)
        self._journal = journal
        self._schedule = schedule
        self._spool = spool
        self._changed = changed
        self._now = now
        self._monotonic = monotonic
        self._grace = grace
        self._since = monotonic()
        self._taken: set[str] = set()  # recordings that a class of this program knows of
        self._bad: set[str] = set()
        self._captures: dict[str, int] = {}
        self._later: dict[str, float] = {}  # what failed, and when it is tried again
        self._task: asyncio.Task[None] | None = None

    # --- what classes say (live.archive.Archive) ---------------------------------------------------

    async def started(self, recording: str, class_id: str, number: int, title: str, started_at: int) -> None:
        """A recording begins, or goes on."""
        self._taken.add(recording)
        now = self._now()
        spooled = Spooled(
            recording=recording,
            class_id=class_id,
            number=number,
            title=title,
            started_at=started_at,
            # The class may have begun a little before it is told here: class time 0 was then.
            mono=self._monotonic() - max(0, now - started_at) / 1000,
            boot=_boot(),
        )
        await asyncio.to_thread(self._spool.begin, spooled)
        await self._rows.add(await self._row(spooled))

    def capture_path(self, recording: str) -> str:
        """Return a path for the next capture that was never returned before."""
        last = self._captures.get(recording)
        if last is None:
            last = self._spool.last_capture(recording)
        self._captures[recording] = last + 1
        return str(self._spool.capture_path(recording, last + 1).resolve())

    async def stopped(
        self, recording: str, ended_at: int, reason: str, gaps: Sequence[tuple[int, int]]
    ) -> None:
        """A recording has ended."""
        found = await asyncio.to_thread(self._spool.spooled, recording)
        ended = Ended(
            ended_at=ended_at,
            duration=max(0, ended_at - found.started_at),
            reason=reason,
            gaps=tuple(Gap(start=start, end=end, why="paused") for start, end in gaps),
        )
        await asyncio.to_thread(self._spool.end, recording, ended)
        await self._finishing(recording, ended)
        self._captures.pop(recording, None)
        self._taken.discard(recording)

    async def state(self, recording: str) -> Literal["new", "open", "ended"]:
        """Tell what is known of a recording."""
        self._taken.add(recording)
        stage = await asyncio.to_thread(self._spool.stage, recording)
        if stage == "new":
            return "new" if await self._rows.get(recording) is None else "ended"
        return "open" if stage == "open" else "ended"

    # --- the task ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to put away what is finished. `close` ends it."""
        self._since = self._monotonic()
        await asyncio.to_thread(_sweep, self._spool.root)
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End the task; what it was at is done again when the program starts."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                # The edge of a task that has to go on: whatever it was, the next look finds it again.
                log.exception("recordings were not looked after")
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Do what there is to do now, for every recording of the spool."""
        for recording in await asyncio.to_thread(self._spool.recordings):
            if self._later.get(recording, 0.0) > self._monotonic():
                continue
            try:
                await self._care(recording)
                self._later.pop(recording, None)
            except (OSError, BadSpool, Damaged, errors.StoreError) as error:
                log.warning("a recording is put away later", recording=recording, reason=str(error))
                self._later[recording] = self._monotonic() + RETRY_AFTER
            except Exception:
                # The edge of what is done for one recording: a defect that it meets must not hinder others.
                log.exception("a recording is put away later", recording=recording)
                self._later[recording] = self._monotonic() + RETRY_AFTER
        await self._note_bad()

    async def _note_bad(self) -> None:
        """Say of recordings that the recorder had to set aside that nothing of them can be shown."""
        for recording in await asyncio.to_thread(_set_aside, self._spool.root):
            if recording not in self._bad:
                self._bad.add(recording)
                await self._rows.move(recording, UNDONE, RecordingState.FAILED, reason="failed")
                self._changed(recording)

    async def _care(self, recording: str) -> None:
        stage = await asyncio.to_thread(self._spool.stage, recording)
        row = await self._rows.get(recording)
        if row is None and stage != "new":
            # Killed between the folder and the row.
            await self._rows.add(await self._row(await asyncio.to_thread(self._spool.spooled, recording)))
        if stage == "done":
            await self.shelf.shelve(recording)
        elif stage == "ended" and (row is None or row.state is RecordingState.RECORDING):
            await self._note_end(recording)
        elif stage == "open" and recording not in self._taken and self._given_up():
            await self._interrupt(recording)

    def _given_up(self) -> bool:
        return self._monotonic() - self._since >= self._grace

    async def _note_end(self, recording: str) -> None:
        ended = await asyncio.to_thread(self._spool.ended, recording)
        if ended is not None:
            await self._finishing(recording, ended)

    async def _finishing(self, recording: str, ended: Ended) -> None:
        await self._rows.move(
            recording,
            _RECORDING,
            RecordingState.FINISHING,
            reason=ended.reason,
            ended_at=ended.ended_at,
            duration=ended.duration,
        )
        self._changed(recording)

    async def _interrupt(self, recording: str) -> None:
        """End a recording whose class did not come back after a crash, at the last sign of it."""
        found = await asyncio.to_thread(self._spool.spooled, recording)
        entries = [e async for batch in journals.read(self._journal, found.class_id, 0) for e in batch]
        take = next((one for one in takes.fold(entries).items if one.number == found.number), None)
        last = entries[-1].at if entries else found.started_at
        captured = await asyncio.to_thread(_last_change, self._spool.root / recording / CAPTURE)
        ended_at = max(found.started_at, take.ended_at if take and take.ended_at else max(last, captured))
        log.warning("a recording was interrupted", recording=recording)
        reason = (take.reason if take else None) or "interrupted"
        await self.stopped(recording, ended_at, reason, () if take is None else take.gaps(ended_at))

    # --- pieces ------------------------------------------------------------------------------------

    async def _row(self, spooled: Spooled) -> RecordingRow:
        planned = await self._schedule.find(spooled.class_id)
        return RecordingRow(
            id=spooled.recording,
            class_id=spooled.class_id,
            number=spooled.number,
            course=planned.course if planned else None,
            title=spooled.title,
            description="",
            state=RecordingState.RECORDING,
            reason="",
            published=planned.settings.publish if planned else False,
            protected=False,
            started_at=spooled.started_at,
            ended_at=None,
            duration=0,
            bytes=0,
            version=0,
            place=Place.SPOOL,
            deleted_at=None,
            purge_at=None,
            created_at=self._now(),
        )


def _sweep(root: Path) -> None:
    """Remove what a program that was killed had begun to remove."""
    for path in root.glob(f"{GONE}*"):
        shutil.rmtree(path, ignore_errors=True)


def _set_aside(root: Path) -> list[str]:
    """Return the recordings that the recorder could make nothing of; a name may have an ending."""
    try:
        names = [path.name.partition(".")[0] for path in (root / BAD).iterdir()]
    except OSError:
        return []
    return [name for name in names if is_recording(name)]


def _boot() -> str:
    return _BOOT.read_text("ascii").strip()


def _last_change(folder: Path) -> int:
    """Return when (ms since 1970) any file of a folder was last written, 0 for none."""
    try:
        return max((int(path.stat().st_mtime * 1000) for path in folder.iterdir()), default=0)
    except OSError:
        return 0
