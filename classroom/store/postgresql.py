"""
PostgreSQL: a pool of connections; transactions run side by side and the server groups their flushes.

Entered only when the address says so: it brings SQLAlchemy's asynchronous half, greenlet and asyncpg.
"""

import asyncio
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from classroom.store import schema
from classroom.store.backend import Figures, Work
from classroom.store.errors import Overloaded, Unavailable, Unusable
from classroom.store.faults import translate

T = TypeVar("T")

CONNECTIONS = 10  # A default server gives 100; ten nodes fit.
MAX_WAITING = 2000  # As in sqlite.py.
ANSWER_SECONDS = 10.0  # A statement that takes longer is a dead server, not a slow one.
MIGRATE_LOCK = 0x5ABA_C000  # Any number: nodes that start together migrate one after the other.


async def open_postgresql(target: URL) -> "Postgresql":
    """Connect, create or migrate the tables. Raises Unusable."""
    engine = create_async_engine(
        target.set(drivername="postgresql+asyncpg"),
        hide_parameters=True,  # errors go to logs, values do not
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=ANSWER_SECONDS,
        pool_pre_ping=True,  # one round trip against a wave of failures after the server was restarted
        connect_args={
            "timeout": ANSWER_SECONDS,
            "command_timeout": ANSWER_SECONDS,
            "server_settings": {"application_name": "sabak", "lock_timeout": "5s"},
        },
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATE_LOCK})"))
            await connection.run_sync(schema.bring_up_to_date)
            for setting in ("fsync", "synchronous_commit"):
                if (await connection.execute(text(f"SHOW {setting}"))).scalar() == "off":
                    raise Unusable(f"PostgreSQL runs with {setting}=off: what was acknowledged could be lost")
    except BaseException as error:
        await engine.dispose()
        if not isinstance(error, Exception):
            raise
        reason = translate(error)
        # A wrong password or database name is asyncpg's own error, which SQLAlchemy does not wrap.
        if isinstance(reason, Unavailable) or type(error).__module__.startswith("asyncpg"):
            raise Unusable(f"cannot use the database at {target.host}: {reason}") from error
        raise reason from error
    return Postgresql(engine)


class Postgresql:
    """The backend for PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reads = self._writes = self._failures = self._waiting = 0
        self._closed = False

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a transaction that only reads."""
        self._reads += 1
        return await self._run(work, only_read=True)

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction; committed when this returns."""
        self._writes += 1
        return await self._run(work, only_read=False)

    async def _run(self, work: Work[T], *, only_read: bool) -> T:
        if self._closed:
            raise Unavailable("the database is closed")
        if self._waiting >= MAX_WAITING:
            self._failures += 1
            raise Overloaded("too many wait for the database")
        self._waiting += 1
        try:
            async with self._engine.connect() as connection:
                if only_read:
                    connection = await connection.execution_options(
                        isolation_level="REPEATABLE READ", postgresql_readonly=True
                    )
                async with connection.begin():
                    return await connection.run_sync(work)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            reason = translate(error)
            self._failures += isinstance(reason, Unavailable)
            if reason is error:
                raise
            raise reason from error
        finally:
            self._waiting -= 1

    def figures(self) -> Figures:
        """Return the counters; PostgreSQL shares flushes by itself, so each write is a commit here."""
        return Figures(self._reads, self._writes, self._writes, self._waiting, self._failures)

    async def close(self) -> None:
        """Let the pool go."""
        self._closed = True
        await self._engine.dispose()
