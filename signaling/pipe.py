"""
The pipes between the workers of a machine: datagrams over Unix sockets that never wait.

Each worker binds one socket in the pool's directory, which nobody else may enter, and sends to those of
the others. The kernel lets only ten datagrams wait at a socket (net.unix.max_dgram_qlen): what does not
fit stays in an `Outbox`, where it is packed into fewer, larger ones, and goes with the next flush.
"""

from __future__ import annotations

import contextlib
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from signaling.core.pipe import DATAGRAM, MalformedPipeError, Outbox, Record, parse
from signaling.faults import Faults

TURN: Final = 32  # Datagrams a turn: a megabyte at most, then the loop looks after viewers again.
SEND_BUFFER: Final = (
    1 << 20
)  # As much as an outbox holds; the system's limit (net.core.wmem_max) may be less.


def path_of(directory: Path, worker: int) -> Path:
    """Return where worker number `worker` listens."""
    return directory / f"{worker}.pipe"


class Pipe:
    """A worker's end of all pipes. `counters` are of datagrams."""

    def __init__(self, directory: Path, worker: int, faults: Faults) -> None:
        """Bind. Raises OSError."""
        self.worker = worker
        self.counters: Counter[str] = Counter()
        self._directory = directory
        self._faults = faults
        self._far: dict[int, _Far] = {}
        self._buffer = memoryview(bytearray(DATAGRAM + 1))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        path = path_of(directory, worker)
        path.unlink(missing_ok=True)
        self.socket.bind(str(path))

    def outbox(self, worker: int) -> Outbox:
        """Return the box of records for a worker, made on first use. `flush` sends them."""
        far = self._far.get(worker)
        if far is None:
            far = self._far[worker] = _Far(str(path_of(self._directory, worker)), self.counters)
        return far.outbox

    def keep(self, workers: set[int]) -> None:
        """Let go of the way to any other worker than these."""
        for worker in self._far.keys() - workers:
            self._far.pop(worker).close()

    def receive(self, take: Callable[[Record], None]) -> None:
        """Take what has arrived, a turn's worth of it. `take` is called for each record."""
        for _ in range(TURN):
            try:
                size = self.socket.recv_into(self._buffer)
            except BlockingIOError:
                return
            self.counters["received"] += 1
            if size > DATAGRAM:
                self.counters["malformed"] += 1
                continue
            try:
                for record in parse(self._buffer[:size]):
                    take(record)
            except MalformedPipeError:
                self.counters["malformed"] += 1
            except Exception:  # The edge of a datagram: see faults.py.
                self._faults.report("a piped datagram")

    def flush(self) -> None:
        """Send what can be sent."""
        for far in self._far.values():
            if far.outbox:
                far.flush()

    def stats(self) -> dict[str, int]:
        """Return the counters, and how many records were dropped because a worker did not read."""
        return {**self.counters, "dropped": sum(far.outbox.dropped for far in self._far.values())}

    def close(self) -> None:
        """Close all sockets. Again is no error."""
        self.keep(set())
        self.socket.close()


class _Far:
    """The way to one other worker."""

    def __init__(self, path: str, counters: Counter[str]) -> None:
        self.outbox = Outbox()
        self._path = path
        self._counters = counters
        self._socket: socket.socket | None = None

    def flush(self) -> None:
        outbox = self.outbox
        while (datagram := outbox.first()) is not None:
            try:
                if self._socket is None:
                    self._socket = self._connect()
                self._socket.sendmsg(datagram)
            except BlockingIOError:
                self._counters["full"] += 1
                return
            except OSError:  # Nobody is there: it has ended, or has not begun. What it missed it asks for.
                self._counters["refused"] += 1
                self.close()
            else:
                self._counters["sent"] += 1
            outbox.sent()

    def _connect(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        with contextlib.suppress(OSError):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        try:
            made.connect(self._path)
        except OSError:
            made.close()
            raise
        return made

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
