"""
Reading what is stored, wherever that is, in pieces that a slow reader may take his time with: a file, a part
of one, or several in one archive that is written while it is sent.
"""

import asyncio
import contextlib
import zipfile
from collections.abc import AsyncIterator, Iterable

from classroom.content.recording_packages import Stored
from classroom.store.objects import Objects

CHUNK = 256 * 1024  # Octets that are held for one reader.

Packed = tuple[str, Stored | bytes]
"""A file of an archive: its name there, and where it is or what it holds."""


async def parts(stored: Stored, objects: Objects, start: int, length: int) -> AsyncIterator[bytes]:
    """Yield `length` octets from `start`. Raises StoreError, OSError."""
    opened = None
    with contextlib.suppress(FileNotFoundError):
        opened = await asyncio.to_thread(stored.path.open, "rb") if stored.path is not None else None
    if opened is None:
        # In a bucket, or moved into the object store since somebody looked.
        async for part in objects.stream(stored.key, start, length):
            yield part
        return
    with opened as file:
        await asyncio.to_thread(file.seek, start)
        while length and (part := await asyncio.to_thread(file.read, min(length, CHUNK))):
            length -= len(part)
            yield part


class _Sink:
    """What zipfile writes to: it cannot seek, so sizes stand behind each file, and memory stays small."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep what is to be sent next."""
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        data, self._held = b"".join(self._held), []
        return data


async def zipped(files: Iterable[Packed], objects: Objects) -> AsyncIterator[bytes]:
    """Yield an archive of files, none of them compressed: media do not get smaller."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # write is enough
        for name, held in files:
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
                if isinstance(held, bytes):
                    file.write(held)
                    continue
                async for part in parts(held, objects, 0, held.octets):
                    await asyncio.to_thread(file.write, part)
                    yield sink.taken()
            yield sink.taken()
    yield sink.taken()
