"""
The files of recordings, wherever they are: in the spool while a class runs and for a moment after, in the
object store from then on. The player's answers are made of a manifest and of indexes alone; what is read of
them is kept, within bounds, for everybody who watches the same.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from classroom.content.bounded import Bounded
from classroom.content.recording_refusals import Damaged
from classroom.domain.errors import NotFound
from classroom.recording import manifest as manifests
from classroom.recording.manifest import (
    ENTRY_OCTETS,
    BadManifest,
    IndexEntry,
    Manifest,
    Segment,
    Track,
    pack_index,
)
from classroom.recording.spool import BadSpool, Spool
from classroom.store.errors import BadRange, NotThere
from classroom.store.objects import Objects
from classroom.store.recording_rows import Place, RecordingRow
from classroom.store.recordings import Recordings

FRESH = 0.25  # Seconds that what was read of a growing recording counts as new: the recorder's own beat.
MOST_MANIFESTS = 16  # Of finished recordings, each up to some hundred kilobytes.
MOST_LIVE = 64  # Recordings that grow and are watched at once; a node runs fewer.
MOST_ENTRIES = 200_000  # Of indexes; two hours of one track have 3,600, and weigh half a megabyte.
MOST_HEADS = 5_000  # Of media files, half a kilobyte each.
LONGEST_HEAD = 4096  # Octets: ours have some hundreds; a longer one is fetched like everything else.
MAX_INDEX = 8 << 20  # Octets: a day in parts of a quarter of a second.


@dataclass(slots=True)
class _Growing:
    """What was read so far of a recording that grows."""

    manifest: Manifest
    read_at: float
    indexes: dict[str, tuple[list[IndexEntry], float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a file is: at a path of this machine, or under a key of the object store."""

    path: Path | None
    key: str
    octets: int
    final: bool
    """Whether it will stay as it is."""
    moving: bool = False
    """Whether it lies where it may be gone a moment later, into the object store."""


class Packages:
    """Reads recordings. Whoever asks has been let in."""

    def __init__(
        self, recordings: Recordings, spool: Spool, objects: Objects, monotonic: Callable[[], float]
    ) -> None:
        self._recordings = recordings
        self._spool = spool
        self._objects = objects
        self._monotonic = monotonic
        self._manifests: Bounded[tuple[str, int], Manifest] = Bounded(MOST_MANIFESTS)
        self._indexes: Bounded[tuple[str, str], list[IndexEntry]] = Bounded(MOST_ENTRIES, len)
        self._heads: Bounded[tuple[str, str], bytes] = Bounded(MOST_HEADS)
        self._growing: Bounded[str, _Growing] = Bounded(MOST_LIVE)

    async def manifest(self, row: RecordingRow) -> Manifest:
        """Return what the recording has: of a growing one what there is at the moment. Refuses: damaged."""
        if row.version == 0:
            return (await self._grown(row)).manifest
        found = self._manifests.get((row.id, row.version))
        if found is None:
            data = await self._recordings.manifest(row.id)
            try:
                found = manifests.decode_manifest(data or b"")
            except BadManifest as error:
                raise Damaged(f"the manifest of {row.id}: {error}") from None
            self._manifests.put((row.id, row.version), found)
        return found

    async def index(self, row: RecordingRow, segment: Segment) -> list[IndexEntry]:
        """Return the parts of a segment. Refuses: damaged."""
        if row.version == 0:
            return await self._growing_index(row, segment)
        found = self._indexes.get((row.id, segment.id))
        if found is None:
            data = await self._read(row, index_name(segment))
            found = _entries(data, segment)
            self._indexes.put((row.id, segment.id), found)
        return found

    async def head(self, row: RecordingRow, segment: Segment, octets: int) -> bytes:
        """Return the first `octets` of a segment's file, which decoding begins with; b"" if that is long."""
        if octets > LONGEST_HEAD:
            return b""
        found = self._heads.get((row.id, segment.id))
        if found is None:
            stored = await self.stored(row, segment.file)
            if stored.path is not None:
                found = await asyncio.to_thread(_front, stored.path, octets)
            else:
                found = await self._objects.read(stored.key, 0, octets)
            self._heads.put((row.id, segment.id), found)
        return found

    async def stored(self, row: RecordingRow, name: str, *, final: bool = True) -> Stored:
        """
        Return where the media file `name` is, which a manifest has named. Refuses: damaged when it is away.
        """
        key = media_key(row.id, name)
        path = self._spool.media(row.id, name)
        if row.place is Place.OBJECTS:
            found = await asyncio.to_thread(self._objects.local_path, key)
            if found is None:
                return await self._in_objects(key)
            path = found
        try:
            octets = (await asyncio.to_thread(path.stat)).st_size
        except OSError:
            # It may have moved since the row was read; what is in the object store stays there.
            return await self._in_objects(key)
        return Stored(path, key, octets, final, moving=row.place is Place.SPOOL)

    async def derived(self, row: RecordingRow, name: str) -> Stored:
        """Return where a derived file is. Refuses: not_found."""
        try:
            return await self._in_objects(derived_key(row.id, name))
        except Damaged:
            raise NotFound from None

    async def journal(self, row: RecordingRow, manifest: Manifest) -> bytes:
        """Return journal.msgpack. Refuses: damaged when it is not what the manifest says."""
        if not manifest.journal:
            raise Damaged("there is no journal")
        data = await self._object(journal_key(row.id, manifest.journal))
        if data is None:
            data = await asyncio.to_thread(self._packed, row.id, manifest.journal)
        if data is None or await asyncio.to_thread(manifests.tree_hash, (data,)) != manifest.journal_hash:
            raise Damaged(f"the journal of {row.id} is away, or is not what was written")
        return data

    def forget(self, recording: str) -> None:
        """Read a recording anew when it is asked for: it has changed."""
        self._growing.drop(recording)
        self._manifests.drop_where(lambda key: key[0] == recording)
        self._indexes.drop_where(lambda key: key[0] == recording)
        self._heads.drop_where(lambda key: key[0] == recording)

    def _packed(self, recording: str, name: str) -> bytes | None:
        try:
            return (self._spool.root / recording / "package" / name).read_bytes()
        except OSError:
            return None

    async def _grown(self, row: RecordingRow) -> _Growing:
        known = self._growing.get(row.id)
        now = self._monotonic()
        if known is not None and now - known.read_at < FRESH:
            return known
        try:
            found = await asyncio.to_thread(self._spool.manifest, row.id)
        except (BadSpool, OSError) as error:
            raise Damaged(f"{row.id}: {error}") from None
        if found is None:
            found = Manifest(
                recording=row.id, class_id=row.class_id, number=row.number, title=row.title,
                started_at=row.started_at,
            )  # fmt: skip
        fresh = _Growing(found, now, known.indexes if known is not None else {})
        self._growing.put(row.id, fresh)
        return fresh

    async def _growing_index(self, row: RecordingRow, segment: Segment) -> list[IndexEntry]:
        grown = await self._grown(row)
        now = self._monotonic()
        known, read_at = grown.indexes.get(segment.id, ([], -FRESH))
        if now - read_at < FRESH or (segment.octets > 0 and known and _reaches(known, segment)):
            return known
        path, done = self._spool.media(row.id, index_name(segment)), len(known) * ENTRY_OCTETS
        data = await asyncio.to_thread(_tail, path, done)
        if len(data) >= ENTRY_OCTETS:
            # An index begins with its head: the new records are read behind the one that we have.
            head = pack_index(known[0]) if known else b""
            known = [*known, *_entries(head + data, segment)[1 if known else 0 :]]
        grown.indexes[segment.id] = (known, now)
        return known

    async def _read(self, row: RecordingRow, name: str) -> bytes:
        """Return a small media file whole."""
        if row.place is Place.SPOOL:
            data = await asyncio.to_thread(_tail, self._spool.media(row.id, name), 0)
            if data:
                return data
        data = await self._object(media_key(row.id, name)) or b""
        if not data:
            raise Damaged(f"{name} of {row.id} is away")
        return data

    async def _object(self, key: str) -> bytes | None:
        try:
            return await self._objects.get(key)
        except NotThere:
            return None
        except BadRange as error:
            raise Damaged(str(error)) from None

    async def _in_objects(self, key: str) -> Stored:
        try:
            return Stored(self._objects.local_path(key), key, await self._objects.size(key), True)
        except NotThere:
            raise Damaged(f"{key} is away") from None


def find_segment(manifest: Manifest, name: str) -> tuple[Track, Segment]:
    """Return the segment with this id and its track. Refuses: not_found."""
    for track, segment in manifest.segments():
        if segment.id == name:
            return track, segment
    raise NotFound


def overlapping(manifest: Manifest, start: int, upto: int) -> list[tuple[Track, Segment]]:
    """Return the segments that may have something in [start, upto) of class time; growing ones may."""
    return [
        (track, segment)
        for track, segment in manifest.segments()
        if segment.start < upto and (segment.duration == 0 or segment.start + segment.duration > start)
    ]


def index_name(segment: Segment) -> str:
    """Return the name of a segment's index file."""
    return f"{segment.id}.idx"


def media_key(recording: str, name: str) -> str:
    """Return the object key of a media or index file."""
    return f"recordings/{recording}/media/{name}"


def derived_key(recording: str, name: str) -> str:
    """Return the object key of a file that was made of the recording."""
    return f"recordings/{recording}/derived/{name}"


def journal_key(recording: str, name: str) -> str:
    """Return the object key of the journal."""
    return f"recordings/{recording}/{name}"


def manifest_key(recording: str, version: int) -> str:
    """Return the object key of a manifest."""
    return f"recordings/{recording}/manifest-{version}.json"


def _reaches(entries: list[IndexEntry], segment: Segment) -> bool:
    last = entries[-1]
    return last.t + last.duration >= segment.start + segment.duration


def _tail(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(MAX_INDEX)
    except OSError:
        return b""  # Not begun yet, or moved away: the next look finds it.


def _front(path: Path, octets: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(octets)
    except OSError:
        return b""


def _entries(data: bytes, segment: Segment) -> list[IndexEntry]:
    try:
        return manifests.read_index(data)
    except BadManifest as error:
        raise Damaged(f"the index of {segment.id}: {error}") from None
