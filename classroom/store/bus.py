"""
The bus carries news between tasks and nodes: what was journalled, for those who follow a class.

It is not the truth. News may be lost, and then the subscriber is told so by a Lost marker in its
place; the journal has what was missed. That is the whole promise: **every message that is published
reaches each subscriber, or a Lost reaches it later**. Per topic and publisher the order is kept.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

MAX_MESSAGE = 1024 * 1024  # Bytes. A batch of events is a few kB; more is a defect, not news.
MAX_WAITING = 1024  # Messages for one subscriber: about 20 s of the busiest class we aim at.


@dataclass(frozen=True, slots=True)
class Lost:
    """Something may be missing here: fill up from the journal. `reason` is for logs."""

    reason: str


class Bus(Protocol):
    """News by topic. Used from one loop."""

    def publish(self, topic: str, data: bytes) -> None:
        """
        Send `data` to all subscribers of `topic`, this process's own included. Never waits.

        Raises ValueError when `data` is longer than MAX_MESSAGE; nothing else: what cannot be sent
        becomes a Lost for the topic.
        """
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[bytes | Lost]]:
        """
        Give everything that is published on `topic` after entering.

        At most MAX_WAITING messages wait; when more come, all that wait are replaced by one Lost.
        Entering never fails: while the transport is down the iterator is silent and begins with a
        Lost when it is back. The iterator ends when the bus is closed.
        """
        ...

    def ready(self) -> bool:
        """Return whether messages get through now."""
        ...

    async def close(self) -> None:
        """End all iterators and release the transport."""
        ...
