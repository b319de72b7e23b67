"""
Files that are written once and kept: the packages of recordings, what was made of them.

A key is a few names joined by `/`. An object appears with all its content or not at all, is never changed,
and is found again after a power cut once `put` has returned. Two places offer the same: a directory
(objects_directory.py) and a bucket of S3 (objects_s3.py), with one contract test.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit


class Objects(Protocol):
    """A place for objects. Every method raises BadKey, and Unavailable when the place does not answer."""

    async def put(self, key: str, data: bytes) -> None:
        """Store `data`. Raises AlreadyThere."""
        ...

    async def put_file(self, key: str, path: Path) -> None:
        """
        Store what a file holds, which must not change any more: the place may keep it by another name.

        Raises AlreadyThere, NotThere (no such file).
        """
        ...

    async def get(self, key: str) -> bytes:
        """Return all of a small object. Raises NotThere, BadRange (more than object_keys.MOST_AT_ONCE)."""
        ...

    async def read(self, key: str, start: int, length: int) -> bytes:
        """Return `length` octets from `start` (from 0). Raises NotThere, BadRange unless it has them all."""
        ...

    def stream(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """
        Give octets, at most object_keys.CHUNK at a time; None: up to the end.

        The first one raises as `read` does.
        """
        ...

    async def fetch(self, key: str, path: Path) -> None:
        """
        Write an object to a new file, which may be the object itself: it is only read. Raises NotThere.

        After another error there may be a part of the file.
        """
        ...

    async def size(self, key: str) -> int:
        """Return how many octets an object has. Raises NotThere."""
        ...

    async def list(self, prefix: str) -> dict[str, int]:
        """Return the keys below `prefix` (a key's first names, with `/` behind or not), sorted, and sizes."""
        ...

    async def delete(self, key: str) -> None:
        """Remove an object. That there is none is no error."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Return a file that holds the object, to be only read, if this place has such and it is there."""
        ...

    async def check(self) -> None:
        """Raise Unavailable unless objects can be stored and read now."""
        ...


def open_objects(url: str, data: Path) -> Objects:
    """
    Return the place that `url` names (config.Settings.objects_url); empty: a directory in `data`.

    Raises Unusable. A bucket is not asked for anything: classes begin without it.
    """
    # Imported here: a server has one of them, and that of S3 takes 5 MB and threads of its own.
    if url.startswith("s3://"):
        from classroom.store.objects_s3 import S3Objects

        return S3Objects(url)
    from classroom.store.objects_directory import DirectoryObjects

    return DirectoryObjects(Path(unquote(urlsplit(url).path)) if url else data / "objects")
