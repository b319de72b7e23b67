"""
SQLite: one thread writes, two read, and writes that wait together are committed together.

A flush to disk is by far the dearest part of a write. While one runs, others queue up; the writer then
takes all of them into one transaction, each in a savepoint of its own, so that one that fails does not
hurt the others, and flushes once. Nobody hears of success before the flush.

`synchronous=FULL`: in WAL mode NORMAL flushes at checkpoints only, so a power cut takes back what was
acknowledged. The drivers are the plain ones on threads of our own: with an asynchronous driver each of
the five statements of a write is a journey to a thread and back; here a whole batch is one.
"""

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from classroom.store import schema
from classroom.store.backend import Figures, Work
from classroom.store.errors import Overloaded, Unavailable, Unusable
from classroom.store.faults import translate

T = TypeVar("T")

MAX_WAITING = 2000  # Writes or reads that wait: a burst of sign-ins; at 1 ms each, two seconds' work.
MAX_BATCH = 200  # Writes in one transaction; bounds how long the first waits for the last.
READERS = 2  # Threads. SQLite reads from its page cache in microseconds; two hide one slow query.
BUSY_MS = 5000  # The command line writes from another process; its transactions last milliseconds.
WAL_LIMIT = 16 * 1024 * 1024  # Bytes that the write-ahead file keeps on disk after a checkpoint.


async def open_sqlite(target: URL) -> "Sqlite":
    """Open the file, create or migrate its tables. Raises Unusable."""
    path = target.database or ""
    return await asyncio.to_thread(_open, path, asyncio.get_running_loop())


def _open(path: str, loop: asyncio.AbstractEventLoop) -> "Sqlite":
    created = False
    try:
        created = _create(path)
        # Rebuilding a table (SQLite's only way to alter one) would cascade into those that refer to it.
        migrating = _engine(path, "BEGIN IMMEDIATE", connections=1, foreign_keys=False)
        try:
            with migrating.begin() as connection:
                schema.bring_up_to_date(connection)
        finally:
            migrating.dispose()
    except Exception as error:
        if created:
            _remove(path)
        reason = translate(error)
        if isinstance(reason, Unavailable):
            raise Unusable(f"cannot use the database {path}: {reason}") from error
        raise reason from error
    return Sqlite(
        _engine(path, "BEGIN IMMEDIATE", connections=1), _engine(path, "BEGIN", connections=READERS), loop
    )


def _create(path: str) -> bool:
    """Make an empty file that only its owner reads (it will hold hashes); False when there is one."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def _remove(path: str) -> None:
    for name in (path, f"{path}-wal", f"{path}-shm"):
        with contextlib.suppress(OSError):
            os.unlink(name)


def _engine(path: str, begin: str, connections: int, foreign_keys: bool = True) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=path),
        hide_parameters=True,  # errors go to logs, values do not
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    pragmas = [
        f"busy_timeout={BUSY_MS}",
        "synchronous=FULL",  # on disk when acknowledged; see the top of this file
        f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
        f"journal_size_limit={WAL_LIMIT}",
        "journal_mode=WAL" if begin == "BEGIN IMMEDIATE" else "query_only=ON",
    ]

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun by us, below
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # IMMEDIATE: a deferred transaction that reads and then writes fails at once when another process
        # wrote in between, whatever the time-out.
        connection.exec_driver_sql(begin)

    return engine


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    future: asyncio.Future[Any]


@dataclass(slots=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


class Sqlite:
    """The backend for SQLite. Belongs to the loop on which it was opened."""

    def __init__(self, writing: Engine, reading: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self._writing = writing
        self._reading = reading
        self._loop = loop
        self._inbox: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting = 0  # jobs in the inbox or in work; counted on the loop, so it bounds the inbox
        self._reads_waiting = 0
        self._reads = self._writes = self._commits = self._failures = 0
        self._closed = False
        self._readers = ThreadPoolExecutor(READERS, "sabak-read")
        self._writer = threading.Thread(target=self._serve, name="sabak-write", daemon=True)
        self._writer.start()

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a reader's thread."""
        if self._closed:
            raise Unavailable("the database is closed")
        if self._reads_waiting >= MAX_WAITING:
            self._failures += 1
            raise Overloaded("too many reads wait")
        self._reads_waiting += 1
        self._reads += 1
        future = self._loop.run_in_executor(self._readers, self._read, work)
        future.add_done_callback(self._read_done)
        outcome = await future
        if outcome.error is not None:
            self._failures += isinstance(outcome.error, Unavailable)
            raise outcome.error
        value: T = outcome.value
        return value

    def _read_done(self, _: object) -> None:
        self._reads_waiting -= 1

    def _read(self, work: Work[Any]) -> _Outcome:
        try:
            with self._reading.connect() as connection, connection.begin():
                return _Outcome(work(connection))
        except Exception as error:  # the edge of a thread: the caller gets it
            return _Outcome(error=translate(error))

    async def write(self, work: Work[T]) -> T:
        """Queue `work` for the writer's thread and wait until it is on disk."""
        if self._closed:
            raise Unavailable("the database is closed")
        if self._waiting >= MAX_WAITING:
            self._failures += 1
            raise Overloaded("too many writes wait")
        self._waiting += 1
        future: asyncio.Future[T] = self._loop.create_future()
        self._inbox.put(_Job(work, future))
        return await future

    def _serve(self) -> None:
        """Serve the inbox until it says None; runs on the writer's thread."""
        more = True
        while more and (first := self._inbox.get()) is not None:
            jobs, more = self._gather(first)
            outcomes = _run(self._writing, [job.work for job in jobs])
            with contextlib.suppress(RuntimeError):  # the loop was closed over us: nobody is left to tell
                self._loop.call_soon_threadsafe(self._settle, jobs, outcomes)

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        """Return `first` with all that wait behind it, up to a bound, and whether there may be more."""
        jobs = [first]
        while len(jobs) < MAX_BATCH:
            try:
                job = self._inbox.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return jobs, False
            jobs.append(job)
        return jobs, True

    def _settle(self, jobs: Sequence[_Job], outcomes: Sequence[_Outcome]) -> None:
        self._waiting -= len(jobs)
        self._writes += len(jobs)
        self._commits += 1
        for job, outcome in zip(jobs, outcomes, strict=True):
            self._failures += isinstance(outcome.error, Unavailable)
            if job.future.done():  # cancelled meanwhile: nobody wants to hear
                continue
            if outcome.error is not None:
                job.future.set_exception(outcome.error)
            else:
                job.future.set_result(outcome.value)

    def figures(self) -> Figures:
        """Return the counters."""
        return Figures(self._reads, self._writes, self._commits, self._waiting, self._failures)

    async def close(self) -> None:
        """Finish the queue, then let both engines go."""
        if self._closed:
            return
        self._closed = True
        self._inbox.put(None)
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._writer.join()
        self._readers.shutdown()
        self._reading.dispose()
        self._writing.dispose()  # the last connection to go folds the write-ahead file into the database


def _run(engine: Engine, works: Sequence[Work[Any]]) -> list[_Outcome]:
    """Run all of `works` in one transaction; what fails is undone alone, unless the commit fails."""
    try:
        with engine.begin() as connection:
            if len(works) == 1:  # no savepoint where there is nobody to protect
                return [_Outcome(works[0](connection))]
            return [_run_one(connection, work) for work in works]
    except Exception as error:  # the edge of a thread: everybody of this batch gets it
        failed = translate(error)
        return [_Outcome(error=failed) for _ in works]


def _run_one(connection: Connection, work: Work[Any]) -> _Outcome:
    try:
        with connection.begin_nested():
            return _Outcome(work(connection))
    except Exception as error:  # the edge of a thread: its caller gets it
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection) or not driver.in_transaction:
            raise  # a full or torn disk: SQLite has undone the work of the whole batch
        return _Outcome(error=translate(error))
