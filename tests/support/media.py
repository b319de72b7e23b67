"""What tests of the media worker share: somebody who hears its events."""

from __future__ import annotations

import asyncio
from typing import TypeVar, overload

from signaling.control import Event

E = TypeVar("E", bound=Event)


class Told:
    """An `on_event` that remembers, and lets others wait."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()

    @overload
    async def wait(self, wanted: type[E], after: int = 0) -> E: ...
    @overload
    async def wait(self, wanted: E, after: int = 0) -> E: ...
    async def wait(self, wanted: object, after: int = 0) -> object:
        """Return the first event from number `after` on that is `wanted`, or of that type."""
        while True:
            for event in self.events[after:]:
                if wanted in (event, type(event)):
                    return event
            self._news.clear()
            await self._news.wait()
