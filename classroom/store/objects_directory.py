"""
Objects as files below one directory.

Nothing outside of it is read or written, whatever links somebody put inside: each name of a key is opened
below the one before, and a symbolic link is as good as nothing there. A file is written without a name and
gets its name when all of it is on disk, by a call that replaces nothing; so a put that was interrupted, by
whatever, leaves nothing (on file systems that know no nameless files: one in a hidden directory, removed
later).
"""

import asyncio
import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeVar

from classroom.store.errors import AlreadyThere, BadRange, NotThere, Unavailable, Unusable
from classroom.store.object_keys import CHUNK, checked, folder, small, spanned

T = TypeVar("T")

ASIDE = ".new"  # Where files are written that need a name; no key begins with a dot.
AT_ONCE = 8 * CHUNK  # Read for `stream` in one go: a journey to a thread costs as much as 64 kB.
TRIES = 20  # Of a put whose directory others remove; each try is one of theirs, too.
STALE_S = 24 * 3600  # A put that takes a day has died with its process.
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # A pipe would wait for a writer.
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES})
_NO_NAMELESS = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL})  # What file systems say to that.


class DirectoryObjects:
    """A directory of objects. Several processes may use the same one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_stale(root / ASIDE)
        except OSError as error:
            raise Unusable(f"cannot use {root} for recordings: {error.strerror}") from error

    async def put(self, key: str, data: bytes) -> None:
        """See Objects."""
        await _thread(lambda: self._put(checked(key), lambda to: _write(to, data)))

    async def put_file(self, key: str, path: Path) -> None:
        """See Objects. On the same file system it is a second name of the same file."""
        await _thread(lambda: self._put_file(checked(key), path))

    async def get(self, key: str) -> bytes:
        """See Objects."""
        return await _thread(lambda: self._read(checked(key), 0, None))

    async def read(self, key: str, start: int, length: int) -> bytes:
        """See Objects."""
        return await _thread(lambda: self._read(checked(key), start, length))

    async def stream(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """See Objects."""
        source = await _thread(lambda: self._opened(checked(key)))
        try:
            rest = spanned(os.fstat(source).st_size, start, length)
            while rest:
                part = await _piece(source, start, min(rest, AT_ONCE))
                if not part:
                    raise BadRange(f"{key} became shorter while it was read")
                start, rest = start + len(part), rest - len(part)
                for begin in range(0, len(part), CHUNK):
                    yield part[begin : begin + CHUNK]
        finally:
            os.close(source)

    async def fetch(self, key: str, path: Path) -> None:
        """See Objects."""
        await _thread(lambda: self._fetch(checked(key), path))

    async def size(self, key: str) -> int:
        """See Objects."""
        return await _thread(lambda: self._size(checked(key)))

    async def list(self, prefix: str) -> dict[str, int]:
        """See Objects."""
        return await _thread(lambda: dict(sorted(self._below(folder(prefix)))))

    async def delete(self, key: str) -> None:
        """See Objects. Directories that become empty go too."""
        await _thread(lambda: self._delete(checked(key)))

    def local_path(self, key: str) -> Path | None:
        """See Objects."""
        try:
            os.close(self._opened(checked(key)))
        except NotThere:
            return None
        return self._root / key

    async def check(self) -> None:
        """See Objects."""

        def look() -> None:
            if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
                raise Unavailable(f"cannot write to {self._root}")

        await _thread(look)

    @contextlib.contextmanager
    def _parent(self, key: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """Give the open directory in which a key's last name is, and that name. Raises NotThere."""
        *names, last = key.split("/")
        # The directory itself may be a link, to a bigger disk.
        place = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in names:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(name, 0o700, dir_fd=place)
                        os.fsync(place)
                below = os.open(name, _FOLDER, dir_fd=place)
                os.close(place)
                place = below
            yield place, last
        finally:
            os.close(place)

    def _opened(self, key: str) -> int:
        """Return an open file. Raises NotThere, also for what is no file."""
        try:
            with self._parent(key) as (place, name):
                source = os.open(name, _READ, dir_fd=place)
        except OSError as error:
            raise _absent(error, key) from None
        if not stat.S_ISREG(os.fstat(source).st_mode):
            os.close(source)
            raise NotThere(key)
        return source

    def _put(self, key: str, fill: Callable[[int], None]) -> None:
        def store(place: int, name: str) -> None:
            with contextlib.suppress(FileNotFoundError):  # Nothing is written in vain.
                os.stat(name, dir_fd=place, follow_symlinks=False)
                raise AlreadyThere(key)
            with _aside(place, self._root / ASIDE) as (target, known, aside):
                fill(target)
                os.fsync(target)
                os.link(known, name, src_dir_fd=aside, dst_dir_fd=place, follow_symlinks=True)

        self._store(key, store)

    def _put_file(self, key: str, path: Path) -> None:
        try:
            source = os.open(path, _READ)
        except OSError as error:
            raise _absent(error, str(path)) from None
        try:
            if not stat.S_ISREG(os.fstat(source).st_mode):
                raise NotThere(str(path))
            os.fsync(source)
            self._store(key, lambda to, name: os.link(path, name, dst_dir_fd=to, follow_symlinks=False))
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            self._put(key, lambda target: _copy(source, target))
        finally:
            os.close(source)

    def _store(self, key: str, work: Callable[[int, str], None]) -> None:
        """Let `work` make a file in an open directory. Raises AlreadyThere."""
        for tries_left in reversed(range(TRIES)):
            try:
                with self._parent(key, make=True) as (place, name), _there(place):
                    work(place, name)
                    os.fsync(place)
                return
            except FileExistsError:
                raise AlreadyThere(key) from None
            except FileNotFoundError:
                # Somebody deleted the last object of the directory between our making and our using it.
                if not tries_left:
                    raise

    def _read(self, key: str, start: int, length: int | None) -> bytes:
        source = self._opened(key)
        try:
            wanted = small(spanned(os.fstat(source).st_size, start, length))
            data = bytearray()
            while len(data) < wanted:
                if not (part := os.pread(source, wanted - len(data), start + len(data))):
                    raise BadRange(f"{key} became shorter while it was read")
                data += part
            return bytes(data)
        finally:
            os.close(source)

    def _fetch(self, key: str, path: Path) -> None:
        source = self._opened(key)
        try:
            with contextlib.suppress(OSError):
                os.link(self._root / key, path, follow_symlinks=False)
                return
            target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                _copy(source, target)
            finally:
                os.close(target)
        finally:
            os.close(source)

    def _size(self, key: str) -> int:
        source = self._opened(key)
        try:
            return os.fstat(source).st_size
        finally:
            os.close(source)

    def _below(self, prefix: str) -> Iterator[tuple[str, int]]:
        try:
            with self._parent(prefix + "/x") as (place, _):
                for folder_, _, names, at in os.fwalk(".", dir_fd=place, follow_symlinks=False):
                    for name in names:
                        key = os.path.normpath(os.path.join(prefix, folder_, name))
                        found = os.stat(name, dir_fd=at, follow_symlinks=False)
                        if stat.S_ISREG(found.st_mode):
                            yield key, found.st_size
        except OSError as error:
            if error.errno not in _GONE:
                raise

    def _delete(self, key: str) -> None:
        try:
            with self._parent(key) as (place, name):
                os.unlink(name, dir_fd=place)
                os.fsync(place)
            while "/" in key:
                key = key.rpartition("/")[0]
                with self._parent(key) as (place, name):
                    os.rmdir(name, dir_fd=place)
        except OSError as error:
            # A put may have made a directory that is removed here before its file: then it makes it again.
            if error.errno not in _GONE | {errno.ENOTEMPTY, errno.EEXIST, errno.EISDIR}:
                raise


async def _thread(work: Callable[[], T]) -> T:
    """Run `work` where it may wait for the disk. What the system refuses is Unavailable."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise Unavailable(f"objects: {error.strerror}") from error


async def _piece(source: int, start: int, length: int) -> bytes:
    return await _thread(lambda: os.pread(source, length, start))


def _absent(error: OSError, key: str) -> Exception:
    return NotThere(key) if error.errno in _GONE else error


@contextlib.contextmanager
def _there(place: int) -> Iterator[None]:
    """Say of all that goes wrong in a directory which was removed that it is not there any more."""
    try:
        yield
    except OSError as error:
        if os.fstat(place).st_nlink == 0:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
        raise


@contextlib.contextmanager
def _aside(place: int, hidden: Path) -> Iterator[tuple[int, str, int | None]]:
    """Give a new file on the disk of the open directory `place`, its name for now, and where that is."""
    try:
        target = os.open(".", os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=place)
    except OSError as error:
        if error.errno not in _NO_NAMELESS:
            raise
    else:
        try:
            yield target, f"/proc/self/fd/{target}", None
        finally:
            os.close(target)
        return
    hidden.mkdir(mode=0o700, exist_ok=True)
    aside = os.open(hidden, _FOLDER)
    name = secrets.token_hex(8)
    try:
        target = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=aside)
        try:
            yield target, name, aside
        finally:
            os.close(target)
            os.unlink(name, dir_fd=aside)
    finally:
        os.close(aside)


def _write(target: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(target, rest) :]


def _copy(source: int, target: int) -> None:
    at = 0
    while part := os.pread(source, 1 << 20, at):
        _write(target, part)
        at += len(part)


def _remove_stale(hidden: Path) -> None:
    """Remove what puts left that died."""
    old = time.time() - STALE_S
    for path in hidden.iterdir() if hidden.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # Another process was faster.
            if path.lstat().st_mtime < old:
                path.unlink()
