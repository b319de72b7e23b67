"""
Who is here: a person is, while one of their connections is, and for a little while after the last has gone.

A line that breaks for some seconds, a reload, the server's own restart: none of them is a leaving. Whoever
says goodbye is gone sooner, but not at once, because a reload says goodbye, too.
"""

import asyncio
from collections.abc import Callable, Iterable

from classroom.live.reader import Reader

GRACE = 15.0  # Seconds without a connection: a phone that changes networks takes 5 to 10.
GOODBYE_GRACE = 4.0  # Seconds after a goodbye: a reload takes 1 to 3.
MAX_TABS = 4  # Connections of one person: a laptop, a phone, and both once more.

Gone = Callable[[str, bool], None]


class Presence:
    """The connections of a class by person, and the timers of those who have none."""

    def __init__(self, gone: Gone, *, grace: float = GRACE, goodbye_grace: float = GOODBYE_GRACE) -> None:
        """`gone(person, lost)` is called when a grace is over; `lost`: without a goodbye."""
        self._gone = gone
        self._grace = grace
        self._goodbye_grace = goodbye_grace
        self._readers: dict[str, list[Reader]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @property
    def empty(self) -> bool:
        """Return whether nobody is here and nobody is waited for."""
        return not self._readers and not self._timers

    @property
    def people(self) -> int:
        """Return how many people are connected."""
        return len(self._readers)

    def of(self, person: str) -> tuple[Reader, ...]:
        """Return the connections of a person, the oldest first."""
        return tuple(self._readers.get(person, ()))

    def everybody(self) -> list[Reader]:
        """Return all connections."""
        return [reader for readers in self._readers.values() for reader in readers]

    def arrive(self, reader: Reader) -> None:
        """Take in a connection. One of the same page, or one too many, is replaced."""
        timer = self._timers.pop(reader.person, None)
        if timer is not None:
            timer.cancel()
        readers = self._readers.setdefault(reader.person, [])
        for old in readers:
            if old.tab == reader.tab:
                old.link.bye("replaced")
        # Programs are counted by those who let them in (doors.py): they push no page out, and no page them.
        alive = [old for old in readers if not old.link.closed and old.headless == reader.headless]
        if len(alive) >= MAX_TABS:
            alive[0].link.bye("replaced")
        readers.append(reader)

    def depart(self, reader: Reader) -> None:
        """Let go of a connection; with a person's last one their grace begins."""
        readers = self._readers.get(reader.person, [])
        if reader not in readers:
            return
        readers.remove(reader)
        if not readers:
            del self._readers[reader.person]
            self.expect(reader.person, lost=not reader.link.goodbye)

    def expect(self, person: str, *, lost: bool) -> None:
        """Wait for somebody who has no connection; `lost` is what to call it if they do not come."""
        if person in self._readers or person in self._timers:
            return
        delay = self._grace if lost else self._goodbye_grace
        loop = asyncio.get_running_loop()
        self._timers[person] = loop.call_later(delay, self._over, person, lost)

    def expect_all(self, people: Iterable[str]) -> None:
        """Wait for those who were here when the server last wrote: after a restart they come back, or not."""
        for person in people:
            self.expect(person, lost=True)

    def forget(self, person: str) -> None:
        """Wait no longer for this person: they were removed, or the class has ended."""
        timer = self._timers.pop(person, None)
        if timer is not None:
            timer.cancel()

    def stop(self) -> None:
        """Let all timers be; people stay present, for the class goes on elsewhere or later."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _over(self, person: str, lost: bool) -> None:
        del self._timers[person]
        self._gone(person, lost)
