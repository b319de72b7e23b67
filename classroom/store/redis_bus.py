"""
The bus over Redis pub/sub: one connection that listens, one that sends, both replaced when they fail.

Pub/sub forgets whatever nobody hears, so this is about noticing:

* The listening connection was lost: when it is back and Redis has confirmed a topic, all subscribers of the
  topic get a Lost. Not earlier: what happens between a refill and the confirmation would be missed.
* A message could not be sent: its topic is remembered, and everybody on it gets a Lost as soon as Redis
  takes messages again (redis_sender.py).
* Silence: a listener that hears nothing asks (PING), and no answer is a dead connection.

Subscribers in this process get messages directly, so a node's own classes do not notice that Redis is away;
the echo of our own messages is thrown away.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Self

from redis.asyncio.client import PubSub

from classroom.store.bus import MAX_MESSAGE, Inbox, Lost
from classroom.store.redis_link import ANSWER_SECONDS, FAILURES, connect, go_on, keep, together
from classroom.store.redis_sender import Sender

QUIET_SECONDS = 5.0  # After so long without a message the listener asks whether anybody is there.
ENTER_SECONDS = 1.0  # A subscriber waits so long for Redis to confirm, then goes on with a Lost to come.

_DATA, _LOST = b"d", b"l"
_HEADER = 1 + 8  # a kind and who sent it


@dataclass(slots=True, eq=False)
class _Subscriber:
    inbox: Inbox = field(default_factory=Inbox)
    entered: bool = False  # before, nothing can be missed


@dataclass(slots=True, eq=False)
class _Topic:
    subscribers: set[_Subscriber] = field(default_factory=set)
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, data: bytes | None, reason: str) -> None:
        """Give `data` to all, or a Lost for `reason`."""
        for subscriber in self.subscribers:
            if data is None:
                subscriber.inbox.lose(reason)
            else:
                subscriber.inbox.put(data)

    def confirm(self) -> None:
        """From now on everything arrives; whoever was here before may have missed something."""
        self.confirmed.set()
        for subscriber in self.subscribers:
            if subscriber.entered:
                subscriber.inbox.lose("the connection to Redis was lost")


class RedisBus:
    """The bus of many processes. `prefix` keeps several installations on one Redis apart."""

    def __init__(self, url: str, prefix: str = "sabak") -> None:
        self._prefix = f"{prefix}:".encode()
        self._node = secrets.token_bytes(_HEADER - 1)
        self._hearing = connect(url, timeout=None)  # a listener may wait for ever
        self._sending = connect(url)
        self._sender = Sender(self._sending, _LOST + self._node)
        self._topics: dict[bytes, _Topic] = {}
        self._changed = asyncio.Event()  # a topic came or went
        self._hears = False  # Redis has answered on it
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    @classmethod
    async def open(cls, url: str, prefix: str = "sabak") -> Self:
        """Start both connections. A Redis that is away is waited for; Unusable is for a wrong address."""
        bus = cls(url, prefix)
        bus._tasks = [
            asyncio.create_task(keep("listening", bus._listen), name="bus listens"),
            asyncio.create_task(keep("sending", bus._sender.run), name="bus sends"),
        ]
        return bus

    def ready(self) -> bool:
        """Return whether both connections work."""
        return self._hears and self._sender.works

    def publish(self, topic: str, data: bytes) -> None:
        """Put `data` into this process's inboxes and queue it for Redis; see Bus.publish."""
        channel = self._prefix + topic.encode()
        fits = len(data) <= MAX_MESSAGE
        if found := self._topics.get(channel):
            found.put(data if fits else None, "the message is too long for the bus")
        self._sender.put(channel, _DATA + self._node + data if fits else None)

    @contextlib.asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[bytes | Lost]]:
        """Give an inbox as soon as Redis confirms the topic, or has taken too long to."""
        channel = self._prefix + topic.encode()
        subscriber = _Subscriber()
        if self._closed:
            subscriber.inbox.close()
        found = self._topics.setdefault(channel, _Topic())
        found.subscribers.add(subscriber)
        self._changed.set()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0 if self._closed else ENTER_SECONDS):
                    await found.confirmed.wait()
            subscriber.entered = True
            yield subscriber.inbox
        finally:
            found.subscribers.discard(subscriber)
            if not found.subscribers and self._topics.get(channel) is found:
                del self._topics[channel]
                self._changed.set()

    async def _listen(self) -> None:
        """Hear until the connection is lost, and raise that."""
        pubsub = self._hearing.pubsub()
        try:
            # A channel of our own comes first: without any, there is nothing to listen to.
            await pubsub.subscribe(self._prefix + b"node:" + self._node.hex().encode())
            await together(self._tell(pubsub), self._hear_all(pubsub))
        finally:
            self._hears = False
            for topic in self._topics.values():
                topic.confirmed.clear()
            with contextlib.suppress(*FAILURES):
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _tell(self, pubsub: PubSub) -> None:
        """
        Tell Redis which topics are wanted whenever that changes.

        One task does it, by comparing: if an old UNSUBSCRIBE could overtake a new SUBSCRIBE, a topic would
        be silent for ever. A topic that went and came back is told again, for its confirmation.
        """
        told: dict[bytes, _Topic] = {}
        while True:
            self._changed.clear()
            wanted = dict(self._topics)
            if gone := [channel for channel in told if channel not in wanted]:
                await pubsub.unsubscribe(*gone)
            if new := [channel for channel, topic in wanted.items() if told.get(channel) is not topic]:
                await pubsub.subscribe(*new)
            told = wanted
            go_on()
            await self._changed.wait()

    async def _hear_all(self, pubsub: PubSub) -> None:
        asked = False
        while True:
            message = await pubsub.get_message(timeout=ANSWER_SECONDS if asked else QUIET_SECONDS)
            go_on()
            if message is not None:
                self._hears, asked = True, False
                self._hear(message["type"], message["channel"], message["data"])
            elif asked:
                raise TimeoutError("Redis is silent")
            else:
                asked = True
                await pubsub.ping()

    def _hear(self, kind: str, channel: bytes, data: bytes) -> None:
        found = self._topics.get(channel)
        if found is None:
            return
        if kind == "subscribe":
            found.confirm()
        elif kind == "message" and len(data) >= _HEADER and data[1:_HEADER] != self._node:
            if data[:1] == _DATA:
                found.put(data[_HEADER:], "")
            else:
                found.put(None, "another node could not send")

    async def close(self) -> None:
        """Send what waits if Redis takes it soon, end all iterators, drop both connections."""
        self._closed = True
        await self._sender.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for topic in self._topics.values():
            for subscriber in topic.subscribers:
                subscriber.inbox.close()
        for client in (self._hearing, self._sending):
            with contextlib.suppress(*FAILURES):
                await client.aclose()
