"""
An archive of recordings for tests of what stands before it: it remembers what it was told and may fail.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from classroom.live.archive import Archive, Shelf, State


@dataclass
class Kept:
    """A recording as the archive knows it."""

    title: str
    started_at: int
    captures: int = 0
    ended_at: int | None = None
    reason: str = ""
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass
class FakeArchive(Archive):
    """`fail` holds the errors that the next calls of a name meet; `told` all calls that came through."""

    kept: dict[str, Kept] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    fail: dict[str, list[Exception]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    left: int = 10**12

    def _call(self, name: str, recording: str) -> None:
        self.changed.set()
        if self.fail.get(name):
            raise self.fail[name].pop(0)
        self.told.append((name, recording))

    async def started(self, recording: str, class_id: str, number: int, title: str, started_at: int) -> None:
        self._call("started", recording)
        assert recording == f"{class_id}-{number}"
        self.kept.setdefault(recording, Kept(title, started_at))

    def capture_path(self, recording: str) -> str:
        self._call("capture_path", recording)
        kept = self.kept[recording]
        assert kept.ended_at is None
        kept.captures += 1
        return f"/spool/{recording}/capture/{kept.captures:06}.cap"

    async def stopped(
        self, recording: str, ended_at: int, reason: str, gaps: Sequence[tuple[int, int]]
    ) -> None:
        self._call("stopped", recording)
        kept = self.kept[recording]
        if kept.ended_at is None:
            kept.ended_at, kept.reason, kept.gaps = ended_at, reason, tuple(gaps)

    async def state(self, recording: str) -> State:
        self._call("state", recording)
        kept = self.kept.get(recording)
        return "new" if kept is None else "open" if kept.ended_at is None else "ended"

    def shelf(self, least_free: int = 1000) -> Shelf:
        """Return a shelf with this archive, which has `left` octets left."""
        return Shelf(self, lambda: self.left, least_free)

    async def until(self, condition: Any) -> None:
        """Wait until `condition()` is true; it may become so when the archive is told something."""
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()
