"""
One connection, as those who write to it see it.

Nothing here waits: a frame goes into the transport's own buffer, whose length is the measure of a slow
reader. So there is one buffer a connection, no queue and no task. Whoever has much to say looks at
`waiting` first and holds back (a class keeps its events anyway); whoever does not is cut off with `bye
slow`.
"""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from signaling.gateway_packets import disconnect_frame, event_frame

MAX_WAITING = 256 * 1024  # Bytes for one reader, as PROTOCOL.md promises.
CLOSE_WAIT = 2.0  # Seconds for the other side to answer a close before its connection is torn down.
# After these a client comes back by itself; after all others it is told to stay away.
PASSING = frozenset({"slow", "shutdown"})


@dataclass(slots=True)
class Counters:
    """What has happened since the start; only ever grows, but for `open`."""

    open: int = 0
    opened: int = 0
    messages: int = 0  # packets that came in
    frames: int = 0  # packets that went out
    sent_bytes: int = 0
    dropped: int = 0  # signals not sent to readers that lag
    slow: int = 0
    refused: dict[str, int] = field(default_factory=dict)  # by code
    violations: dict[str, int] = field(default_factory=dict)  # packets that are none, by reason
    failures: int = 0  # exceptions of ours that ended a call


class Link:
    """
    A connection. `person` and `reader` belong to the handler: a key for rate limits, and whatever it keeps
    here.

    Made by the gateway. A link that is `closed` accepts everything and sends nothing, so that nobody has to
    ask.
    """

    __slots__ = (
        "_backlog", "_closer", "_limit", "_request", "_socket", "accepted", "address", "apart", "apart_task",
        "closed", "counters", "deadline", "goodbye", "id", "person", "reader", "sid",
    )  # fmt: skip

    def __init__(self, link_id: str, address: str, request: web.BaseRequest, counters: Counters) -> None:
        self.id = link_id
        self.address = address
        self.person = ""
        self.reader: Any = None
        self.accepted = False
        self.closed = False
        self.sid = ""  # the id that the library gave it
        self.goodbye = False  # the client said that it leaves
        self.counters = counters
        self.deadline: asyncio.TimerHandle | None = None
        self.apart: deque[tuple[str, Any, int | None]] | None = None  # calls that wait for their turn apart
        self.apart_task: asyncio.Task[None] | None = None
        self._request = request
        self._socket: web.WebSocketResponse | None = None
        self._backlog: list[bytes] | None = []
        self._limit = MAX_WAITING
        self._closer: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Return how many bytes wait for this reader in our memory."""
        transport = self._request.transport
        return 0 if transport is None else transport.get_write_buffer_size()

    @property
    def limit(self) -> int:
        """Return how many bytes may wait: MAX_WAITING, more while a large frame is on its way."""
        if self._limit > MAX_WAITING and self.waiting <= MAX_WAITING:
            self._limit = MAX_WAITING
        return self._limit

    def send(self, frame: bytes, *, large: bool = False) -> bool:
        """
        Send `frame`; never waits. Return False when the connection has ended or ends by this.

        A `large` frame (a snapshot) may exceed the bound once; what comes after it counts from there.
        """
        if self.closed:
            return False
        if self._backlog is not None:
            self._backlog.append(frame)
            return True
        waiting, limit = self.waiting, self.limit
        if large:
            self._limit = max(limit, waiting + len(frame) + MAX_WAITING)
        elif waiting + len(frame) > limit:
            self.bye("slow")
            return False
        return self._write(frame)

    def offer(self, frame: bytes, room: int) -> bool:
        """Send `frame` unless more than `room` bytes wait already; then drop it and count that."""
        if self._backlog is None and self.waiting > room:
            self.counters.dropped += 1
            return False
        return self.send(frame)

    def bye(self, code: str) -> None:
        """Tell why, then disconnect. The handler hears of it through `disconnected` as of any other end."""
        if self.closed:
            return
        self._backlog = None
        self.counters.slow += code == "slow"
        self._write(event_frame("bye", {"code": code}))
        if code not in PASSING:
            self._write(disconnect_frame())
        self.close()

    def close(self) -> None:
        """End the connection without a word."""
        if self.closed:
            return
        self.closed = True
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None
        if self._socket is not None:
            self._closer = asyncio.get_running_loop().create_task(self._finish(self._socket))

    async def ended(self) -> None:
        """Wait until a close that was begun is through (at most about CLOSE_WAIT)."""
        if self._closer is not None:
            await asyncio.wait([self._closer])

    # What follows is for the gateway alone.

    def attach(self, socket: web.WebSocketResponse) -> None:
        """Give the WebSocket, once its handshake is done."""
        self._socket = socket

    def start(self) -> None:
        """Let frames flow: the answer to connecting is on its way, and they go behind it."""
        backlog, self._backlog = self._backlog or [], None
        for frame in backlog:
            self.send(frame, large=True)

    def write(self, data: bytes | str) -> None:
        """Write what the library sends: pings and the answer to connecting."""
        if isinstance(data, str):
            self._put(data.encode(), WSMsgType.TEXT)
        else:
            self._put(data, WSMsgType.BINARY)

    def _write(self, frame: bytes) -> bool:
        self.counters.frames += 1
        self.counters.sent_bytes += len(frame)
        return self._put(frame, WSMsgType.BINARY)

    def _put(self, data: bytes, kind: WSMsgType) -> bool:
        if self._socket is None or self._socket.closed:
            return False
        sending = self._socket.send_frame(data, kind)
        try:
            # With a writer's limit that is never reached (see gateway.py) and without compression this
            # coroutine has nothing to wait for: it writes to the transport's buffer and returns at the
            # first step.
            sending.send(None)
        except StopIteration:
            return True
        except ConnectionError:
            self.closed = True
            return False
        sending.close()
        raise AssertionError("a WebSocket write waited")

    async def _finish(self, socket: web.WebSocketResponse) -> None:
        transport = self._request.transport
        with contextlib.suppress(ConnectionError, RuntimeError):
            await socket.close(drain=False)  # waits CLOSE_WAIT for the answer, by the socket's own timeout
        if transport is not None and transport.get_write_buffer_size():
            transport.abort()  # it does not read: what waits would keep the connection for ever
