"""
A folder of the spool, and what is done with its files: nothing else is ever opened, and no link is followed.

Everything is named relative to an open folder, by one plain name. So whoever can write into the spool (a
media worker does) makes us neither read nor write anything outside it, not even by swapping a folder for a
link.

    NotPlain   a name that is no plain one, or stands for something that is no ordinary file
"""

import contextlib
import errno
import os
import re
import stat
from pathlib import Path
from typing import Final, Self

_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_SAFE: Final = os.O_NOFOLLOW | os.O_CLOEXEC
_NO_FILE: Final = frozenset(
    {errno.ELOOP, errno.ENXIO, errno.EISDIR}
)  # Of a link, a pipe or device, a folder.
_TEMPORARY: Final = "_new."  # Begins the name of what is not whole yet; no file of a recording begins so.


class NotPlain(OSError):  # noqa: N818  Named for what is wrong.
    """Not a plain name, or no ordinary file: not of our making, and left alone."""


class Folder:
    """An open folder. Every method raises OSError (NotPlain among them); those that look return None instead
    where there is nothing of that name."""

    def __init__(self, descriptor: int) -> None:
        self._fd = descriptor

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a folder by its path, of which only the last part must be no link."""
        return cls(os.open(path, os.O_RDONLY | os.O_DIRECTORY | _SAFE))

    def folder(self, name: str, *, make: bool = False) -> "Folder":
        """Open a folder in this one, made if it is not there and `make` says so."""
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(_plain(name), 0o700, dir_fd=self._fd)
        return Folder(os.open(_plain(name), os.O_RDONLY | os.O_DIRECTORY | _SAFE, dir_fd=self._fd))

    def close(self) -> None:
        """Close it. Again is no error."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """Return the descriptor, to lock it."""
        return self._fd

    def names(self) -> list[str]:
        """Return what is in the folder, without what is not whole yet or has a name that we never give."""
        return [
            name
            for name in os.listdir(self._fd)
            if _PLAIN.fullmatch(name) and not name.startswith(_TEMPORARY)
        ]

    def size(self, name: str) -> int | None:
        """Return the octets of an ordinary file; None when there is none of that name."""
        try:
            found = os.stat(_plain(name), dir_fd=self._fd, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(found.st_mode):
            raise NotPlain(f"{name} is no ordinary file")
        return found.st_size

    def read(self, name: str, limit: int, offset: int = 0) -> bytes | None:
        """Return up to `limit` octets from `offset`; None when there is no such file."""
        try:
            descriptor = self._open(name, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            return _read(descriptor, limit, offset)
        finally:
            os.close(descriptor)

    def write(self, name: str, data: bytes, offset: int) -> None:
        """Write `data` at `offset`, also into a file that is not there yet. After an error: again."""
        descriptor = self._open(name, os.O_WRONLY | os.O_CREAT)
        try:
            view = memoryview(data)
            while view:
                done = os.pwrite(descriptor, view, offset)
                view, offset = view[done:], offset + done
        finally:
            os.close(descriptor)

    def truncate(self, name: str, size: int) -> None:
        """Cut a file off, if it is there and longer than `size`."""
        with contextlib.suppress(FileNotFoundError):
            descriptor = self._open(name, os.O_WRONLY)
            try:
                if os.fstat(descriptor).st_size > size:
                    os.ftruncate(descriptor, size)
            finally:
                os.close(descriptor)

    def sync(self, name: str) -> None:
        """Wait till a file's content is on the disk."""
        descriptor = self._open(name, os.O_RDONLY)
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def note(self, name: str, data: bytes, *, durable: bool = True) -> None:
        """
        Put `data` in the place of the file `name`: whoever looks sees the old content or the new.

        `durable`: it also survives a power cut once this returns.
        """
        temporary = _TEMPORARY + _plain(name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=self._fd)  # Of a process that was killed in the middle.
        descriptor = self._open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(temporary, name, src_dir_fd=self._fd, dst_dir_fd=self._fd)
        if durable:
            os.fsync(self._fd)

    def remove(self, name: str) -> None:
        """Remove a file. One that is not there is no error."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_plain(name), dir_fd=self._fd)

    def move(self, name: str, other: "Folder", new_name: str) -> None:
        """Give a file or folder another place on the same disk. What is there already stays: OSError."""
        os.rename(_plain(name), _plain(new_name), src_dir_fd=self._fd, dst_dir_fd=other._fd)

    def _open(self, name: str, flags: int) -> int:
        # Not blocking: else opening a pipe that somebody put here would wait for its other end, for ever.
        flags |= _SAFE | os.O_NONBLOCK
        try:
            descriptor = os.open(_plain(name), flags, 0o600, dir_fd=self._fd)
        except OSError as error:
            if error.errno in _NO_FILE:
                raise NotPlain(f"{name} is no ordinary file") from error
            raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NotPlain(f"{name} is no ordinary file")
        return descriptor


def _plain(name: str) -> str:
    if not _PLAIN.fullmatch(name):
        raise NotPlain(f"{name!r} is no plain name")
    return name


def _read(descriptor: int, limit: int, offset: int) -> bytes:
    """Read until `limit` or the end of the file: one call may return less."""
    first = os.pread(descriptor, limit, offset)
    if len(first) == limit or not first:
        return first
    parts = [first]
    got = len(first)
    while got < limit and (part := os.pread(descriptor, limit - got, offset + got)):
        parts.append(part)
        got += len(part)
    return b"".join(parts)
