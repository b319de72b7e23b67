"""
One segment on disk: the file, its index, its hash, while it grows and when it is whole.

The index is the truth: an entry is written after the data that it names, so whatever it names can be served.
Every step may be repeated, after an error or by a process that begins again from an earlier point: places are
counted, not asked of the file, and what is there already is compared and left as it is. Where it differs (a
torn write, a power cut, another version of us) the file is cut off, and written on from there.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from classroom.recording.folder import Folder
from classroom.recording.manifest import (
    ENTRY_OCTETS,
    PIECE,
    IndexEntry,
    Segment,
    TreeHash,
    pack_index,
    tree_hash,
)

INDEX: Final = ".idx"


def bears_out(folder: Folder, segment: Segment, octets: int, entries: int) -> bool:
    """Say whether at least `octets` of a segment and `entries` of its index are on disk."""
    return (folder.size(segment.file) or 0) >= octets and (
        folder.size(segment.id + INDEX) or 0
    ) >= entries * ENTRY_OCTETS


class SegmentState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far a segment is: all that is needed to go on with it."""

    segment: Segment
    position: int
    """Octets of the file."""
    entries: int
    """Of the index, its head's included."""
    end: int
    """Class time where its last cluster ends."""
    pieces: tuple[bytes, ...]


class SegmentWriter:
    """Writes one segment. Methods raise OSError with nothing counted as done: call again."""

    def __init__(self, folder: Folder, state: SegmentState) -> None:
        self.segment = state.segment
        self.position = state.position
        self.entries = state.entries
        self.end = state.end
        self._folder = folder
        self._index = state.segment.id + INDEX
        self._tree = TreeHash(state.pieces)
        whole = len(state.pieces) * PIECE
        self._tree.update(folder.read(self.segment.file, self.position - whole, whole) or b"")
        self._behind = True
        """What is written now may be on disk already."""

    @classmethod
    def begin(cls, folder: Folder, segment: Segment) -> "SegmentWriter":
        """Return the writer of a new segment, or of one that an earlier process began: that is the same."""
        return cls(folder, SegmentState(segment=segment, position=0, entries=0, end=segment.start, pieces=()))

    @property
    def state(self) -> SegmentState:
        """Return how far it is."""
        return SegmentState(
            segment=self.segment,
            position=self.position,
            entries=self.entries,
            end=self.end,
            pieces=self._tree.pieces,
        )

    def head(self, data: bytes) -> None:
        """Write the part of the file that every cluster needs."""
        # Also over one that is there: that of a finished file was patched. It is patched again at the end.
        self._folder.write(self.segment.file, data, 0)
        self._append(
            data, IndexEntry(offset=0, octets=len(data), t=0, duration=0, key=False, init=True), self.end
        )

    def cluster(self, data: bytes, t: int, duration: int, key: bool) -> None:
        """Append a cluster; `t` and `duration` in ms of class time."""
        entry = IndexEntry(offset=self.position, octets=len(data), t=t, duration=duration, key=key)
        self._append(data, entry, max(self.end, t + duration))

    def _append(self, data: bytes, entry: IndexEntry, end: int) -> None:
        record = pack_index(entry)
        at = self.entries * ENTRY_OCTETS
        if self._behind and not self._is_there(data, record, at):
            # The index first: nothing in it may name what is not there any more.
            self._folder.truncate(self._index, at)
            self._folder.truncate(self.segment.file, self.position)
            self._behind = False
        if not self._behind:
            self._folder.write(self.segment.file, data, self.position)
            self._folder.write(self._index, record, at)
        self._tree.update(data)
        self.position += len(data)
        self.entries += 1
        self.end = end

    def _is_there(self, data: bytes, record: bytes, at: int) -> bool:
        if self._folder.read(self._index, len(record), at) != record:
            return False
        return self._folder.read(self.segment.file, len(data), self.position) == data

    def sync(self) -> None:
        """Wait till all this is on the disk."""
        for name in (self.segment.file, self._index):
            if self._folder.size(name) is not None:
                self._folder.sync(name)

    def finish(self, tail: bytes, patches: Sequence[tuple[int, bytes]]) -> Segment:
        """Append `tail`, put `patches` in place; return the segment as the manifest names it for good."""
        name = self.segment.file
        octets = self.position + len(tail)
        self._folder.truncate(self._index, self.entries * ENTRY_OCTETS)
        self._folder.write(name, tail, self.position)
        for offset, data in patches:
            self._folder.write(name, data, offset)
        self._folder.truncate(name, octets)
        self.sync()
        return msgspec.structs.replace(
            self.segment,
            octets=octets,
            duration=max(0, self.end - self.segment.start),
            hash=self._hash(octets, patches),
        )

    def _hash(self, octets: int, patches: Sequence[tuple[int, bytes]]) -> str:
        """Return the hash of the finished file: of its pieces only those are read that were written again."""
        tree = TreeHash(self._tree.pieces)
        complete = len(tree.pieces)
        touched = {
            piece
            for offset, data in patches
            for piece in range(offset // PIECE, (offset + len(data) - 1) // PIECE + 1)
        }
        for piece in sorted(touched):
            if piece < complete:
                tree.replace(piece, self._read(PIECE, piece * PIECE))
        tree.update(self._read(octets - complete * PIECE, complete * PIECE))
        return tree.hexdigest()

    def _read(self, octets: int, offset: int) -> bytes:
        return self._folder.read(self.segment.file, octets, offset) or b""

    def abandon(self) -> Segment:
        """
        Return the segment as far as whole clusters were written: its muxer failed, and no tail will come.

        Such a file plays; a player that wants to know its length from its head does not learn it.
        """
        self._folder.truncate(self._index, self.entries * ENTRY_OCTETS)
        self._folder.truncate(self.segment.file, self.position)
        self.sync()
        whole = (self._read(PIECE, at) for at in range(0, self.position, PIECE))
        return msgspec.structs.replace(
            self.segment,
            octets=self.position,
            duration=max(0, self.end - self.segment.start),
            hash=tree_hash(whole),
        )

    def remove(self) -> None:
        """Remove the files: nothing came after the head."""
        self._folder.remove(self._index)
        self._folder.remove(self.segment.file)


def discard(folder: Folder, capture: int, kept: Sequence[Segment]) -> None:
    """Remove what is in `folder` of a capture's segments and is not among `kept`: of an earlier attempt."""
    names = {segment.file for segment in kept} | {segment.id + INDEX for segment in kept}
    for name in folder.names():
        if name.startswith(f"{capture:06d}") and name not in names:
            folder.remove(name)
