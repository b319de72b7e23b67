"""
What a kind of database has to offer: to run a plain function of a connection in a transaction.

The function is ordinary SQLAlchemy Core, the same for SQLite and PostgreSQL, and sees one transaction.
Handing over functions rather than statements is what lets SQLite's writer put the work of many callers
into one transaction with one flush to disk (sqlite.py), and PostgreSQL's pool run them side by side
(postgresql.py). Such a function may be run a second time only if its transaction was rolled back; it must
not touch anything but its connection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database has done since it was opened, for /metrics."""

    reads: int
    writes: int
    commits: int  # fewer than writes where they shared one
    waiting: int  # writes that are queued now
    failures: int  # reads and writes that ended with Unavailable


class Backend(Protocol):
    """What a kind of database has to offer."""

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a transaction that only reads."""
        ...

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction; durable when this returns."""
        ...

    def figures(self) -> Figures:
        """Return the counters."""
        ...

    async def close(self) -> None:
        """Finish what is queued and let go of the database."""
        ...
