"""
Where a class stands is told to the timetable, which must not hold it up.
"""

import asyncio
from collections.abc import Awaitable
from typing import Protocol

import structlog

from classroom.domain.lifecycle import Lifecycle

log = structlog.get_logger("sabak.directory")


class Listener(Protocol):
    """Who is told when a class begins and ends: the timetable."""

    async def opened(self, class_id: str, now: int) -> None: ...
    async def closed(self, class_id: str, now: int) -> None: ...


class Telling:
    """Tells a listener, if there is one. `finish` waits for what was told."""

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, class_id: str, lifecycle: Lifecycle) -> None:
        """Tell where a class stands. Told twice, it changes nothing."""
        if self._listener is None or lifecycle.state == "new":
            return
        if lifecycle.state == "open":
            telling = self._listener.opened(class_id, lifecycle.opened_at)
        else:
            telling = self._listener.closed(class_id, lifecycle.closed_at)
        task = asyncio.get_running_loop().create_task(_told(telling, class_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until the listener has heard everything."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _told(telling: Awaitable[None], class_id: str) -> None:
    try:
        await telling
    except Exception:
        # The edge of a task of its own: a timetable that cannot be written must not end a class.
        log.exception("the timetable was not told", class_id=class_id)
