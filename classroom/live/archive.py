"""
What running classes ask of whoever keeps recordings, and how they put up with it.

An archive may wait for a database or have no room left. Nothing of this may reach a class as more than the
reason why its recording cannot go on.
"""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import structlog

from classroom.domain.recording_words import Reason
from classroom.domain.takes import Take

LEAST_FREE = 500_000_000  # Octets: what a full class captures in a quarter of an hour.
PATIENCE = 10.0  # Seconds for one answer.
AGAIN = 1.0  # Seconds until the next attempt,
ATTEMPTS = 3  # of so many: a database that is started anew is back by then.

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

log = structlog.get_logger("sabak.recording")

T = TypeVar("T")
State = Literal["new", "open", "ended"]


class Archive(Protocol):
    """
    Where recordings are kept (content has it). A recording is known by `f"{class_id}-{number}"`.

    Raises OSError (ENOSPC, EDQUOT: the disk is full) and whatever its database raises. Every call may come
    again, after a crash or because nobody knows whether it was heard, and changes nothing then.
    """

    async def started(self, recording: str, class_id: str, number: int, title: str, started_at: int) -> None:
        """A recording begins (ms since 1970), or goes on after the program was away."""

    def capture_path(self, recording: str) -> str:
        """Return a path for the next capture, below the spool directory, that was never returned before."""

    async def stopped(
        self, recording: str, ended_at: int, reason: str, gaps: Sequence[tuple[int, int]]
    ) -> None:
        """
        A recording has ended (ms since 1970); nothing is captured for it any more. `gaps` are the pauses,
        in ms since its beginning.
        """

    async def state(self, recording: str) -> State:
        """Tell what is known of a recording: nothing, that it goes on, or that it has ended."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the recordings of this node go: `free` tells how many octets are left there. Never raises."""

    archive: Archive
    free: Callable[[], int]
    least_free: int = LEAST_FREE

    def full(self) -> Reason | None:
        """Return why there is no room for a recording, or None."""
        try:
            return "disk_full" if self.free() < self.least_free else None
        except OSError:
            log.exception("nobody knows how much room is left")
            return "failed"

    async def begin(self, class_id: str, take: Take) -> Reason | None:
        """Begin a recording, or go on with it; return why that cannot be."""
        name = name_of(class_id, take.number)

        async def begin() -> Reason | None:
            await self.archive.started(name, class_id, take.number, take.title, take.started_at)
            return None

        return await _patiently("begin", name, begin, reason_of)

    async def finish(self, class_id: str, take: Take) -> bool:
        """
        End a recording that is over. Return False if the disk is full: then it is worth another attempt.

        Whatever else goes wrong the archive will find out for itself when it is started anew.
        """
        name, ended_at = name_of(class_id, take.number), take.ended_at or take.started_at

        async def finish() -> bool:
            await self.archive.stopped(name, ended_at, take.reason or "failed", take.gaps(ended_at))
            return True

        return await _patiently("end", name, finish, lambda error: reason_of(error) != "disk_full")

    async def state(self, class_id: str, number: int) -> State:
        """Return what the archive knows of a recording; when it does not say, nothing."""
        name = name_of(class_id, number)
        return await _patiently("be found", name, lambda: self.archive.state(name), lambda _: "new")


def name_of(class_id: str, number: int) -> str:
    """Return the id of a recording."""
    return f"{class_id}-{number}"


def reason_of(error: Exception) -> Reason:
    """Return why a recording ends that met this error."""
    return "disk_full" if isinstance(error, OSError) and error.errno in _FULL else "failed"


async def _patiently(
    what: str, name: str, call: Callable[[], Awaitable[T]], otherwise: Callable[[Exception], T]
) -> T:
    """Return what `call` does; try a few times, then what is to be said of its error."""
    left = ATTEMPTS
    while True:
        left -= 1
        try:
            async with asyncio.timeout(PATIENCE):
                return await call()
        except Exception as error:
            # The edge of what is the archive's: whatever becomes of a recording, the class goes on.
            if not left or reason_of(error) == "disk_full":
                log.exception(f"a recording could not {what}", recording=name)
                return otherwise(error)
        await asyncio.sleep(AGAIN)
