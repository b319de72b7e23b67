"""
The bus carries news between tasks and nodes: what was journalled, for those who follow a class.

It is not the truth. News may be lost, and then the subscriber is told so by a Lost marker in its
place; the journal has what was missed. That is the whole promise: **every message that is published
reaches each subscriber, or a Lost reaches it later**. Per topic and publisher the order is kept.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, Self

MAX_MESSAGE = 1024 * 1024  # Bytes. A batch of events is a few kB; a longer one comes from the journal.
MAX_WAITING = 1024  # Messages for one subscriber: about 20 s of the busiest class we aim at.
MAX_WAITING_BYTES = 4 * 1024 * 1024  # And what they may weigh together.


@dataclass(frozen=True, slots=True)
class Lost:
    """Something may be missing here: fill up from the journal. `reason` is for logs."""

    reason: str


class Bus(Protocol):
    """News by topic. Used from one loop."""

    def publish(self, topic: str, data: bytes) -> None:
        """
        Send `data` to all subscribers of `topic`, this process's own included. Never waits or raises.

        What cannot be sent, or is longer than MAX_MESSAGE, becomes a Lost for the topic.
        """
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[bytes | Lost]]:
        """
        Give everything that is published on `topic` after entering.

        At most MAX_WAITING messages wait; when more come, all that wait are replaced by one Lost.
        Entering never fails: while the transport is down only this process's own messages come, and a
        Lost when it is back. The iterator ends when the bus is closed.
        """
        ...

    def ready(self) -> bool:
        """Return whether messages get through to other processes now."""
        ...

    async def close(self) -> None:
        """End all iterators and release the transport."""
        ...


class Inbox:
    """What waits for one subscriber: bounded, and honest about what did not fit. One reader only."""

    def __init__(self) -> None:
        self._items: deque[bytes | Lost] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._closed = False

    def put(self, data: bytes) -> None:
        """Add a message, or replace all that wait by a Lost when it does not fit."""
        if len(self._items) >= MAX_WAITING or self._bytes + len(data) > MAX_WAITING_BYTES:
            self._items.clear()
            self._bytes = 0
            self.lose("the subscriber is too slow")
            return
        self._items.append(data)
        self._bytes += len(data)
        self._filled.set()

    def lose(self, reason: str) -> None:
        """Say that something is missing here; said once is enough."""
        if not (self._items and isinstance(self._items[-1], Lost)):
            self._items.append(Lost(reason))
        self._filled.set()

    def close(self) -> None:
        """End the iterator after what waits now."""
        self._closed = True
        self._filled.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes | Lost:
        """Return the next item. A cancelled call takes nothing."""
        while not self._items:
            if self._closed:
                raise StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        item = self._items.popleft()
        if isinstance(item, bytes):
            self._bytes -= len(item)
        return item


class LocalBus:
    """The bus of a single process: what is published is put into the subscribers' inboxes at once."""

    def __init__(self) -> None:
        self._inboxes: dict[str, set[Inbox]] = {}
        self._closed = False

    def publish(self, topic: str, data: bytes) -> None:
        """Put `data` into every inbox of `topic`."""
        for inbox in self._inboxes.get(topic, ()):
            if len(data) > MAX_MESSAGE:
                inbox.lose("the message is too long for the bus")
            else:
                inbox.put(data)

    @contextlib.asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[bytes | Lost]]:
        """Give an inbox that is filled while the context is open."""
        inbox = Inbox()
        if self._closed:
            inbox.close()
        self._inboxes.setdefault(topic, set()).add(inbox)
        try:
            yield inbox
        finally:
            self._inboxes[topic].discard(inbox)
            if not self._inboxes[topic]:
                del self._inboxes[topic]

    def ready(self) -> bool:
        """Return True until closed: there is nothing that could be down."""
        return not self._closed

    async def close(self) -> None:
        """End all iterators."""
        self._closed = True
        for inboxes in self._inboxes.values():
            for inbox in inboxes:
                inbox.close()
