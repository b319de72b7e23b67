"""
Files that are only appended to, written by one thread so that media never waits for a disk.

The loop hands batches over and looks what became of them; it never touches a file. Every path lies below
one directory, the spool, and what is opened is always a new file there: no link is followed on the way.
"""

from __future__ import annotations

import errno
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from signaling.core.capture import Part, Reason, check
from signaling.faults import Faults

JOIN_WITHIN: Final = 2.0  # Seconds at the end of a worker, which has three until it is killed.
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_OURS: Final = frozenset((errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES))
"""Why a file cannot be made though the path is one that may be asked for."""

State = Literal["opening", "open", "refused", "ended", "closed"]


class File:
    """
    A file of the spool. Fields of the loop and of the thread, each written by one of them alone.

    `waiting` holds when each batch was handed over that is not written yet, oldest first.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.state: State = "opening"  # the thread's
        self.trouble: Reason | None = None  # the thread's: why it ended, if that was not asked for
        self.refusal = ""  # the thread's: why it was not opened
        self.written = 0  # the thread's: octets
        self.done = 0  # the thread's: octets handed over that need no memory any more
        self.handed = 0  # the loop's
        self.waiting: deque[float] = deque()  # both: appended by the loop, shortened by the thread
        self._descriptor = -1

    def behind(self, now: float) -> float:
        """Return for how many seconds the oldest batch has waited."""
        try:
            return now - self.waiting[0]
        except IndexError:
            return 0.0


class Spool:
    """
    The directory and its thread, which is started for the first file.

    `open_file(directory, path)` and `write` are there for tests that have slow and full disks.
    """

    def __init__(
        self,
        directory: Path,
        faults: Faults,
        *,
        open_file: Callable[[Path, str], int] | None = None,
        write: Callable[[int, bytes], int] = os.write,
    ) -> None:
        self._directory = directory
        self._faults = faults
        self._open_file = open_file or open_below
        self._write = write
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def allows(self, path: str) -> bool:
        """Tell whether `path` names something below the directory, in its plainest form."""
        pure = PurePosixPath(path)
        below = pure.is_relative_to(self._directory) and str(pure) == path and ".." not in pure.parts
        return below and "\0" not in path and pure != PurePosixPath(self._directory)

    def open(self, path: str, head: bytes) -> File:
        """Have a new file made that begins with `head`; its state tells what became of it."""
        file = File(path)
        self._start()
        self._jobs.put(lambda: self._open(file, head))
        return file

    def append(self, file: File, parts: Sequence[Part], octets: int, now: float) -> None:
        """Have records written; `octets` is what they take in memory until then."""
        file.handed += octets
        file.waiting.append(now)
        self._jobs.put(lambda: self._append(file, parts, octets))

    def close(self, file: File) -> None:
        """Have a file closed after all that was handed over."""
        self._jobs.put(lambda: self._close(file))

    def stop(self) -> bool:
        """Wait for everything to be written, JOIN_WITHIN at most; tell whether it was."""
        if self._thread is None:
            return True
        self._jobs.put(None)
        self._thread.join(JOIN_WITHIN)
        return not self._thread.is_alive()

    # --- the thread ------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._thread is None:
            # A daemon: a disk that hangs must not keep a worker from ending.
            self._thread = threading.Thread(target=self._work, name="spool", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _open(self, file: File, head: bytes) -> None:
        try:
            file._descriptor = self._open_file(self._directory, file.path)
            self._put(file, head)
            file.state = "open"
        except OSError as error:
            if error.errno in _FULL or error.errno in _OURS:
                self._fail(file, error)
            else:
                file.refusal = error.strerror or str(error)
                file.state = "refused"
        except Exception:  # The edge of a job: see faults.py.
            self._faults.report("a capture's beginning")
            file.trouble, file.state = "failed", "ended"

    def _append(self, file: File, parts: Sequence[Part], octets: int) -> None:
        try:
            if file.state == "open":
                self._put(file, joined(parts))
        except OSError as error:
            self._fail(file, error)
        except Exception:  # As above.
            self._faults.report("a capture")
            file.trouble, file.state = "failed", "ended"
        finally:
            file.done += octets
            file.waiting.popleft()

    def _put(self, file: File, data: bytes) -> None:
        view = memoryview(data)
        while view:
            count = self._write(file._descriptor, bytes(view) if len(view) < len(data) else data)
            file.written += count
            view = view[count:]

    def _fail(self, file: File, error: OSError) -> None:
        """What was written stays, torn where the disk was full: nothing is ever taken back from a reader."""
        file.trouble = "disk_full" if error.errno in _FULL else "failed"
        file.state = "ended"

    def _close(self, file: File) -> None:
        descriptor, file._descriptor = file._descriptor, -1
        if descriptor >= 0:
            try:
                os.close(descriptor)
            except OSError as error:
                self._fail(file, error)
        if file.state != "refused":
            file.state = "closed"


def joined(parts: Sequence[Part]) -> bytes:
    """Return the octets of records, their checks worked out."""
    data: list[bytes] = []
    for head, payload in parts:
        if payload is None:
            data.append(head)
        else:
            data += (head, payload, check(head, payload))
    return b"".join(data)


def open_below(directory: Path, path: str) -> int:
    """
    Return the descriptor of a new file at `path`, which lies below `directory`.

    Raises OSError: also for links on the way, and for a file that is there.
    """
    *folders, name = PurePosixPath(path).relative_to(directory).parts
    at = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
            os.close(at)
            at = inner
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o600, dir_fd=at)
    finally:
        os.close(at)
