"""
Objects in a bucket of S3, or of what speaks like it (MinIO, Ceph, Garage).

The one door to obstore. Keys, region and endpoint come from the usual AWS_* variables; nothing of them is
said in an error. Requests that fail are tried again for a few seconds; then it is Unavailable, and whoever
asked comes back.
"""

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from classroom.store.errors import AlreadyThere, BadRange, NotThere, Unavailable, Unusable
from classroom.store.object_keys import CHUNK, checked, folder, small, spanned

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

T = TypeVar("T")

PART = 8 << 20  # Octets of a part of a long object; of the 10,000 that S3 takes, 78 GB.
PARTS_AT_ONCE = 4  # Of one object, all in memory.
AT_ONCE = 2 << 20  # Asked for in one request of `stream`: a slow reader must not hold a request open.
LISTED_AT_ONCE = 1000  # What one answer of S3 holds.

# The library tells the status in words alone, behind an address whose port may hold any number.
_NO_SUCH_PART = re.compile(r"status code: 416\b|<Code>InvalidRange<")
_CLIENT: "ClientConfig" = {
    "allow_http": True,  # Where the operator's endpoint says so; without one it is https.
    "connect_timeout": timedelta(seconds=5),
    "timeout": timedelta(seconds=90),  # For one request: a part over a line of 1 Mbit/s takes 70.
}
_RETRY: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}


class S3Objects:
    """A bucket, or what is below a prefix of it."""

    def __init__(self, url: str) -> None:
        try:
            self._store = S3Store.from_url(url, client_options=_CLIENT, retry_config=_RETRY)
        except (BaseError, ValueError) as error:
            raise Unusable(f"cannot use {url} for recordings: {_line(error)}") from None

    async def put(self, key: str, data: bytes) -> None:
        """See Objects."""
        asked = obstore.put_async(self._store, checked(key), data, mode="create", use_multipart=False)
        await _answer(key, asked)

    async def put_file(self, key: str, path: Path) -> None:
        """
        See Objects. A long file goes in parts, which S3 joins at the end.

        That it is not there yet is looked up before: of two who put the same long file at the same moment,
        both may succeed.
        """
        checked(key)
        with await asyncio.to_thread(_file, path) as file:
            if os.fstat(file.fileno()).st_size <= PART:
                await self.put(key, await asyncio.to_thread(file.read))
                return
            if await self._there(key):
                raise AlreadyThere(key)
            asked = obstore.put_async(
                self._store, key, file, use_multipart=True, chunk_size=PART, max_concurrency=PARTS_AT_ONCE
            )
            await _answer(key, asked)

    async def get(self, key: str) -> bytes:
        """See Objects."""
        found = await _answer(key, obstore.get_async(self._store, checked(key)))
        small(found.meta["size"])
        return bytes(await _answer(key, found.bytes_async()))

    async def read(self, key: str, start: int, length: int) -> bytes:
        """See Objects."""
        checked(key)
        small(length)
        if start < 0 or length <= 0:
            spanned(await self.size(key), start, length)
            return b""
        end = start + length
        found = await _answer(key, obstore.get_async(self._store, key, options={"range": (start, end)}))
        if found.range != (start, end):
            raise BadRange(f"{length} octets from {start} of {found.meta['size']}")
        return bytes(await _answer(key, found.bytes_async()))

    async def stream(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """See Objects."""
        rest = spanned(await self.size(key), start, length)
        while rest:
            part = await self.read(key, start, min(rest, AT_ONCE))
            start, rest = start + len(part), rest - len(part)
            for begin in range(0, len(part), CHUNK):
                yield part[begin : begin + CHUNK]

    async def fetch(self, key: str, path: Path) -> None:
        """See Objects."""
        await self.size(key)
        try:
            with await asyncio.to_thread(path.open, "xb") as file:
                async for part in self.stream(key):
                    await asyncio.to_thread(file.write, part)
        except OSError as error:
            raise Unavailable(f"cannot write {path}: {error.strerror}") from None

    async def size(self, key: str) -> int:
        """See Objects."""
        return (await _answer(key, obstore.head_async(self._store, checked(key))))["size"]

    async def list(self, prefix: str) -> dict[str, int]:
        """See Objects."""
        pages = obstore.list(self._store, folder(prefix), chunk_size=LISTED_AT_ONCE)
        found = await _answer(prefix, pages.collect_async())
        return dict(sorted((each["path"], each["size"]) for each in found))

    async def delete(self, key: str) -> None:
        """See Objects."""
        try:
            await _answer(key, obstore.delete_async(self._store, checked(key)))
        except NotThere:
            return

    def local_path(self, key: str) -> Path | None:
        """Return None: nothing is here."""
        checked(key)
        return None

    async def check(self) -> None:
        """See Objects."""
        page = obstore.list(self._store, chunk_size=1)
        await _answer("", anext(page, None))

    async def _there(self, key: str) -> bool:
        try:
            await self.size(key)
        except NotThere:
            return False
        return True


async def _answer(key: str, asked: Awaitable[T]) -> T:
    """Return what S3 answers, or raise what it means."""
    try:
        return await asked
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise Unavailable("objects: there is no such bucket") from None
        raise NotThere(key) from None
    except (AlreadyExistsError, PreconditionError):
        raise AlreadyThere(key) from None
    except (BaseError, OSError, ValueError) as error:
        line = _line(error)
        if _NO_SUCH_PART.search(line):
            raise BadRange(f"{key}: there is no such part") from None
        raise Unavailable(f"objects: {line}") from None


def _file(path: Path) -> BinaryIO:
    """Return an open file. Raises NotThere, also for a link and for what is no file."""
    try:
        source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        raise NotThere(str(path)) from None
    if not stat.S_ISREG(os.fstat(source).st_mode):
        os.close(source)
        raise NotThere(str(path))
    return os.fdopen(source, "rb")


def _line(error: Exception) -> str:
    """Return what went wrong in one line; behind the first one are a library's insides."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
