"""
The sending half of the Redis bus: a bounded queue, pipelined; what cannot be sent becomes a Lost later.
"""

import asyncio
import contextlib
from collections import deque

from redis.asyncio import Redis

from classroom.store.redis_link import go_on

MAX_UNSENT = 4096  # Messages that wait for Redis: a second of a very busy node; then a Lost is cheaper.
MAX_UNSENT_BYTES = 16 * 1024 * 1024
BATCH = 128  # Messages in one round trip.
QUIET_SECONDS = 5.0  # After so long without a message the connection is tried, so that `works` is true.
FAREWELL_SECONDS = 1.0  # For what still waits when the program stops.


class Sender:
    """Publishes frames on channels. `lost` is the frame that says that others could not be sent."""

    def __init__(self, client: Redis, lost: bytes) -> None:
        self._client = client
        self._lost = lost
        self._unsent: deque[tuple[bytes, bytes]] = deque()
        self._bytes = 0
        self._stale: set[bytes] = set()  # channels that a frame did not reach; one a class at most
        self._filled = asyncio.Event()
        self._idle = asyncio.Event()  # nothing waits and nothing is on its way
        self._idle.set()
        self.works = False

    def put(self, channel: bytes, frame: bytes | None) -> None:
        """Queue `frame`; None stands for one that cannot be sent at all."""
        self._filled.set()
        self._idle.clear()
        if channel in self._stale:
            return  # a Lost will go out after this moment, and says this too
        full = len(self._unsent) >= MAX_UNSENT or self._bytes + len(frame or b"") > MAX_UNSENT_BYTES
        if frame is None or full:
            self._stale.add(channel)
        else:
            self._unsent.append((channel, frame))
            self._bytes += len(frame)

    async def run(self) -> None:
        """Send until Redis fails, and raise that."""
        try:
            while True:
                await self._client.ping()
                go_on()
                self.works = True
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(QUIET_SECONDS):
                        await self._filled.wait()
                while self._filled.is_set():
                    await self._send_some()
                    go_on()
        finally:
            self.works = False

    async def _send_some(self) -> None:
        stale = [self._stale.pop() for _ in range(min(BATCH, len(self._stale)))]
        frames = [self._unsent.popleft() for _ in range(min(BATCH, len(self._unsent)))]
        self._bytes -= sum(len(frame) for _, frame in frames)
        if not self._unsent and not self._stale:
            self._filled.clear()
        try:
            pipeline = self._client.pipeline(transaction=False)
            # What is queued is older than the moment at which its channel became stale: it goes first.
            for channel, frame in (*frames, *((channel, self._lost) for channel in stale)):
                pipeline.publish(channel, frame)
            await pipeline.execute()
        except BaseException:
            # Nobody knows which of them arrived. Those that wait behind them would leave a hole.
            self._stale.update(stale, (channel for channel, _ in (*frames, *self._unsent)))
            self._unsent.clear()
            self._bytes = 0
            self._filled.set()
            raise

        if not self._filled.is_set():
            self._idle.set()

    async def drain(self) -> None:
        """Wait a moment for what still has to be sent, if Redis takes it at all."""
        if self.works:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._idle.wait()
