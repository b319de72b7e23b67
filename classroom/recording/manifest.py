"""
What a recording is: its tracks, the segments that hold them, its gaps, and where each part can be fetched.

A manifest is written once and never changed; what is added later makes another version. Times are whole
milliseconds of *class time*, counted from the recording's start; it runs on through pauses. Pure: structures
and their strict reading, by msgspec, which does no I/O.

    BadManifest   what was read is no manifest, index or note of ours
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

FORMAT = 1

T = TypeVar("T")
PIECE = (
    4 << 20
)  # Octets of a piece of a tree hash: a file whose head is patched is not read again as a whole.

Kind = Literal["microphone", "camera", "screen", "screen_audio"]
Size = Literal["best", "small"]
Ms = Annotated[int, Meta(ge=0, le=1 << 52)]
Count = Annotated[int, Meta(ge=0, le=1 << 52)]
Name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")]
FileName = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[a-z0-9]{2,8}\Z")]
MaybeFile = Annotated[str, Meta(pattern=r"\A([A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[a-z0-9]{2,8})?\Z")]
Hash = Annotated[str, Meta(pattern=r"\A([0-9a-f]{64})?\Z")]
RecordingId = Annotated[str, Meta(pattern=r"\A[A-Za-z][A-Za-z0-9_-]{0,63}-[1-9][0-9]{0,5}\Z")]


class BadManifest(Exception):  # noqa: N818  Named for what is wrong.
    """What was read is not what this module writes: damaged, made by hand, or of a later version."""


class Spooled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """recording.json: what the program says of a recording when it begins. `mono` and `boot` read with it."""

    recording: RecordingId
    class_id: str
    number: int
    title: str
    started_at: Ms
    """Milliseconds since 1970; class time 0."""
    mono: float
    """The machine's monotonic clock at that moment, in seconds."""
    boot: str
    """Which start of the machine that clock counts from."""


class Gap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stretch that was not recorded."""

    start: Ms
    end: Ms
    why: Literal["paused", "lost"]


class Ended(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """ended.json: nothing is captured after it. `gaps` are the pauses."""

    ended_at: Ms
    duration: Ms
    reason: str
    gaps: tuple[Gap, ...] = ()


class Segment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One media file. `start` is the class time of its first frame; times inside begin at 0."""

    id: Name
    file: FileName
    mime: str
    """With codecs, as MediaSource wants it: `video/webm; codecs="vp8"`."""
    codec: Literal["opus", "vp8", "h264"]
    size: Size
    start: Ms
    duration: Ms = 0
    """0 while it grows."""
    octets: Count = 0
    hash: Hash = ""
    """See `TreeHash`; empty while it grows."""
    width: int = 0
    height: int = 0


class Track(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one person sent as one kind from a start to a stop; `id` is the stage's track."""

    id: str
    person: str
    kind: Kind
    segments: tuple[Segment, ...] = ()
    """By `start`; those of both sizes."""


class Tick(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A point of the clock: wall clock (ms since 1970) against class time."""

    wall: int
    t: Ms


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A recording. `version` counts from 1 once it is complete; the recorder's live ones have 0.

    `derived` are the names of files that were made of it (thumbnails, waveforms), with their hashes.
    """

    format: Literal[1] = 1
    recording: RecordingId
    class_id: str
    number: int
    title: str
    version: int = 0
    started_at: Ms
    duration: Ms = 0
    complete: bool = False
    reason: str = ""
    gaps: tuple[Gap, ...] = ()
    clock: tuple[Tick, ...] = ()
    tracks: tuple[Track, ...] = ()
    journal: MaybeFile = ""
    journal_hash: Hash = ""
    derived: dict[FileName, Hash] = {}

    def segments(self) -> Iterator[tuple[Track, Segment]]:
        """Yield every segment with its track."""
        for track in self.tracks:
            for segment in track.segments:
                yield track, segment


class IndexEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a segment that can be fetched and appended by itself. `init`: the head of the file."""

    offset: int
    octets: int
    t: int
    """Class time of its first frame."""
    duration: int
    key: bool
    """Decoding can begin here (always so for sound)."""
    init: bool = False


_ENTRY = struct.Struct("<QIIIB")
ENTRY_OCTETS = _ENTRY.size


def pack_index(entry: IndexEntry) -> bytes:
    """Return one record of an index file."""
    key = 2 if entry.init else int(entry.key)
    return _ENTRY.pack(entry.offset, entry.octets, entry.t, entry.duration, key)


def read_index(data: bytes) -> list[IndexEntry]:
    """
    Return the entries of an index file; a record that is not whole yet is left out.

    Raises BadManifest when entries overlap or run backwards: then this is no index.
    """
    found: list[IndexEntry] = []
    end = 0
    for offset, octets, t, duration, key in _ENTRY.iter_unpack(
        data[: len(data) // ENTRY_OCTETS * ENTRY_OCTETS]
    ):
        if offset < end or key > 2 or (key == 2) != (not found):
            raise BadManifest("entries of an index are out of order")
        end = offset + octets
        found.append(
            IndexEntry(offset=offset, octets=octets, t=t, duration=duration, key=key == 1, init=key == 2)
        )
    return found


def encode(value: Manifest | Spooled | Ended) -> bytes:
    """Return the JSON of a note or manifest."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def decode_manifest(data: bytes) -> Manifest:
    """Return a manifest. Raises BadManifest."""
    return _decode(data, Manifest)


def decode_spooled(data: bytes) -> Spooled:
    """Return what recording.json says. Raises BadManifest."""
    return _decode(data, Spooled)


def decode_ended(data: bytes) -> Ended:
    """Return what ended.json says. Raises BadManifest."""
    return _decode(data, Ended)


def _decode(data: bytes, wanted: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadManifest(str(error)) from None


class TreeHash:
    """SHA-256 over the SHA-256 of each piece of `PIECE` octets. Fed in order; a piece may be given again."""

    def __init__(self, pieces: Iterable[bytes] = ()) -> None:
        """Go on behind `pieces`, the hashes of those that are complete."""
        self._pieces = list(pieces)
        self._open = hashlib.sha256()
        self._filled = 0

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """Return the hashes of the pieces that are complete: what is needed to go on later."""
        return tuple(self._pieces)

    def update(self, data: bytes | memoryview) -> None:
        """Take the next octets of the file."""
        view = memoryview(data)
        while view:
            part = view[: PIECE - self._filled]
            self._open.update(part)
            self._filled += len(part)
            view = view[len(part) :]
            if self._filled == PIECE:
                self._pieces.append(self._open.digest())
                self._open, self._filled = hashlib.sha256(), 0

    def replace(self, number: int, piece: bytes) -> None:
        """Give piece `number` (from 0), which was complete, anew: it was patched."""
        self._pieces[number] = hashlib.sha256(piece).digest()

    def hexdigest(self) -> str:
        """Return the hash of all that was given."""
        last = [self._open.digest()] if self._filled or not self._pieces else []
        return hashlib.sha256(b"".join([*self._pieces, *last])).hexdigest()


def tree_hash(parts: Iterable[bytes]) -> str:
    """Return the tree hash of a file that is given in parts."""
    tree = TreeHash()
    for part in parts:
        tree.update(part)
    return tree.hexdigest()
