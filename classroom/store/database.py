"""
One door to the database: `read` and `write` take a plain function of a connection and run it elsewhere,
in the kind of database that the address names (backend.py says what both kinds offer).
"""

from typing import Self, TypeVar

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from classroom.store.backend import Backend, Figures, Work
from classroom.store.errors import Unusable

T = TypeVar("T")


class Database:
    """An open database whose tables are those of tables.py."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @classmethod
    async def open(cls, url: str) -> Self:
        """
        Open `sqlite:////absolute/path` or `postgresql://user:password@host/name`, and bring its tables
        up to date. The directory of an SQLite file has to exist.

        Raises Unusable with one line for the operator; nothing is left half-created.
        """
        target = _parse(url)
        # Imported here: a server with SQLite has no use for 10 MB of asynchronous drivers.
        if target.get_backend_name() == "sqlite":
            from classroom.store.sqlite import open_sqlite

            return cls(await open_sqlite(target))
        from classroom.store.postgresql import open_postgresql

        return cls(await open_postgresql(target))

    async def read(self, work: Work[T]) -> T:
        """
        Return what `work` returns, from one consistent view of the data.

        Raises Unavailable (Overloaded when too many wait). Cancelling lets the work run out unheard.
        """
        return await self._backend.read(work)

    async def write(self, work: Work[T]) -> T:
        """
        Return what `work` returns once it is on disk. An exception from `work` undoes all of it.

        Raises Duplicate or Missing when a constraint is hurt, Overloaded (nothing happened) or Unavailable
        (unknown). Cancelling does not undo: a write that has begun is finished unheard.
        """
        return await self._backend.write(work)

    async def check(self) -> None:
        """Raise Unavailable when the database does not answer."""
        await self.read(lambda connection: connection.execute(text("SELECT 1")).scalar_one())

    def figures(self) -> Figures:
        """Return the counters for /metrics."""
        return self._backend.figures()

    async def close(self) -> None:
        """Finish the writes that are queued and close. Later calls raise Unavailable."""
        await self._backend.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _parse(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError as error:
        raise Unusable("the database address is not a URL") from error
    match target.get_backend_name():
        case "sqlite" if target.database and target.database != ":memory:":
            return target
        case "postgresql" if target.database:
            return target
    raise Unusable("the database address has to be sqlite:////PATH or postgresql://USER:PASSWORD@HOST/NAME")
