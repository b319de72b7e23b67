"""
Putting away what is finished: the journal is packed, the row is ready, the files move into the object store,
the folder in the spool goes. recording_archive.py says when, and in which order a crash may cut it off.
"""

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from classroom.content import recording_journal as journals
from classroom.content import recording_text
from classroom.content.recording_clock import ClassClock
from classroom.content.recording_packages import derived_key, index_name, journal_key, manifest_key, media_key
from classroom.content.recording_refusals import Damaged
from classroom.content.recording_replay import Replay
from classroom.domain.people import PersonJoined
from classroom.domain.recording_words import RecordingMarked
from classroom.recording import manifest as manifests
from classroom.recording.folder import Folder
from classroom.recording.manifest import Manifest
from classroom.recording.spool import PACKAGE, Spool
from classroom.store import errors, playback, recording_words
from classroom.store.database import Database
from classroom.store.journal import Journal
from classroom.store.objects import Objects
from classroom.store.recording_rows import ChapterRow, Place, RecordingRow, RecordingState
from classroom.store.recordings import Recordings

JOURNAL = "journal.msgpack"
GONE = "_gone."  # Begins the name of a folder that is being removed; no recording begins so.
UNDONE = frozenset({RecordingState.RECORDING, RecordingState.FINISHING})

log = structlog.get_logger("sabak.archive")


class Shelf:
    """Brings recordings from the spool to where they stay. Every step may be repeated."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        spool: Spool,
        objects: Objects,
        changed: Callable[[str], None],
        kept: Callable[[str], Awaitable[None]],
    ) -> None:
        """`changed` and `kept` hear as RecordingArchive says."""
        self._rows = Recordings(database)
        self._chapters = playback.Chapters(database)
        self._texts = recording_words.Texts(database)
        self._journal = journal
        self._spool = spool
        self._objects = objects
        self._changed = changed
        self._kept = kept

    async def shelve(self, recording: str) -> None:
        """Bring a finished recording from the spool to where it stays. Refuses: damaged."""
        row = await self._rows.get(recording)
        if row is None:
            raise Damaged(f"{recording} has no row")
        if row.state in UNDONE:
            await self._ready(row)
            row = await self._rows.get(recording) or row
        if row.place is Place.SPOOL:
            await self._move(row)
            await self._rows.put_at(recording, Place.OBJECTS)
            self._changed(recording)
        await self._kept(recording)
        await asyncio.to_thread(_remove, self._spool.root, recording)
        log.info("recording kept", recording=recording, bytes=row.bytes, duration=row.duration)

    async def _ready(self, row: RecordingRow) -> None:
        """Pack the journal, and make the row what a viewer finds."""
        made = await asyncio.to_thread(self._spool.manifest, row.id)
        if made is None:
            raise Damaged(f"{row.id} has no manifest")
        folder = self._spool.root / row.id / PACKAGE
        data = await asyncio.to_thread(_read, folder / JOURNAL)
        if data is None:
            data = await journals.packed(self._journal, row)
            await asyncio.to_thread(self._note, row.id, JOURNAL, data)
        manifest = _complete(made, manifests.tree_hash((data,)))
        await self._note_class(row, manifest, data)
        encoded = manifests.encode(manifest)
        octets = sum(segment.octets for _, segment in manifest.segments()) + len(data) + len(encoded)
        await self._rows.pack(
            row.id, 0, version=manifest.version, manifest=encoded, duration=manifest.duration, octets=octets
        )
        ended = await asyncio.to_thread(self._spool.ended, row.id)
        await self._rows.move(
            row.id,
            UNDONE,
            RecordingState.READY,
            reason=ended.reason if ended else manifest.reason,
            ended_at=ended.ended_at if ended else None,
            duration=manifest.duration,
        )
        self._changed(row.id)

    async def _note_class(self, row: RecordingRow, manifest: Manifest, data: bytes) -> None:
        """Write down who attended, and the chapters that were marked."""
        replay, came = await asyncio.to_thread(_replayed, row, manifest, data)
        await self._rows.attended(row.id, came)
        marks = [
            ChapterRow(row.id, moment.entry.event.mark, moment.t, moment.entry.event.label, "mark")
            for moment in replay.moments()
            if isinstance(moment.entry.event, RecordingMarked)
        ]
        kept = {chapter.id for chapter in await self._chapters.of(row.id) if chapter.source != "mark"}
        await self._chapters.replace(row.id, [mark for mark in marks if mark.id not in kept], "mark")

    async def _index(self, row: RecordingRow, manifest: Manifest) -> None:
        """Write down the words that can be found; thousands take seconds, and nobody waits for them."""
        path = self._spool.root / row.id / PACKAGE / manifest.journal
        data = await asyncio.to_thread(path.read_bytes)
        replay, _ = await asyncio.to_thread(_replayed, row, manifest, data)
        rows = await asyncio.to_thread(recording_text.of_class, row.id, replay.moments())
        await self._texts.replace(row.id, recording_text.FROM_CLASS, rows)

    async def _move(self, row: RecordingRow) -> None:
        """Index the words, and put every file into the object store, the manifest last."""
        data = await self._rows.manifest(row.id) or b""
        manifest = manifests.decode_manifest(data)
        await self._index(row, manifest)
        package = self._spool.root / row.id / PACKAGE
        for _, segment in manifest.segments():
            for name in (segment.file, index_name(segment)):
                await self._put_file(media_key(row.id, name), self._spool.media(row.id, name))
        for name in manifest.derived:
            await self._put_file(derived_key(row.id, name), package / name)
        await self._put_file(journal_key(row.id, manifest.journal), package / manifest.journal)
        with contextlib.suppress(errors.AlreadyThere):
            await self._objects.put(manifest_key(row.id, manifest.version), data)

    async def _put_file(self, key: str, path: Path) -> None:
        try:
            await self._objects.put_file(key, path)
        except errors.AlreadyThere:
            # Of a run that was killed; an object is whole or not there at all.
            there, here = await self._objects.size(key), (await asyncio.to_thread(path.stat)).st_size
            if there != here:
                raise Damaged(f"{key} is kept already, and differs") from None

    def _note(self, recording: str, name: str, data: bytes) -> None:
        with (
            Folder.open(self._spool.root) as root,
            root.folder(recording) as folder,
            folder.folder(PACKAGE) as package,
        ):
            package.note(name, data)


def _replayed(row: RecordingRow, manifest: Manifest, data: bytes) -> tuple[Replay, list[str]]:
    """Return the recording as staff see it, and who came to the class."""
    entries = journals.unpacked(data, row.id)
    replay = Replay(row.number, ClassClock(row.started_at, manifest.clock))
    replay.take(entries)
    return replay, [entry.event.person for entry in entries if isinstance(entry.event, PersonJoined)]


def _complete(made: Manifest, journal_hash: str) -> Manifest:
    return msgspec.structs.replace(made, version=1, complete=True, journal=JOURNAL, journal_hash=journal_hash)


def _remove(root: Path, recording: str) -> None:
    """Remove a recording's folder. It is no recording any more before the first file of it is gone."""
    gone = root / f"{GONE}{recording}"
    with contextlib.suppress(FileNotFoundError):
        (root / recording).rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
