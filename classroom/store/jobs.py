"""
Jobs in the database: what is to be made of recordings, by whom it is being made, and what came of it.

Who takes a job has it for a while, the *lease*, and renews it; a program that died lets it run out, and
the next one takes the job again. Each claim has a name of its own (`by`), so that who was thought dead and
is not can neither renew nor finish what somebody else has now.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from classroom.store import upsert
from classroom.store.database import Database
from classroom.store.errors import Duplicate
from classroom.store.recording_rows import JobRow, JobState
from classroom.store.recording_tables import jobs
from classroom.store.tables import AnyRow

MOST_ATTEMPTS = 3
BACK_OFF_MS = (10_000, 60_000)  # Before the second attempt and the third: a restart, a short outage.
LOST = "job.lost"  # Whoever had it died with it, each time.

_FIELDS = tuple(jobs.c[name] for name in JobRow.__dataclass_fields__)
_OPEN = (JobState.WAITING.value, JobState.RUNNING.value)


def _job(row: AnyRow) -> JobRow:
    return JobRow(**{**row._mapping, "state": JobState(row.state)})


class Jobs:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: JobRow, most: int) -> JobRow | None:
        """
        Store a job and return it; or the one with the same `dedupe` that waits, runs or is done.

        None when its recording has `most` that wait or run. Raises Missing (recording), Duplicate (id).
        """
        values = {name: getattr(row, name) for name in JobRow.__dataclass_fields__}
        busy = (
            select(func.count())
            .select_from(jobs)
            .where(jobs.c.recording == row.recording, jobs.c.state.in_(_OPEN))
        )

        def same(connection: Connection) -> JobRow | None:
            query = select(*_FIELDS).where(jobs.c.dedupe == row.dedupe)
            found = None if row.dedupe is None else connection.execute(query).first()
            return _job(found) if found else None

        def store(connection: Connection) -> JobRow | None:
            if (found := same(connection)) is not None:
                return found
            if connection.execute(busy).scalar_one() >= most:
                return None
            if upsert.keep(connection, jobs, {**values, "state": row.state.value}):
                return row
            # Another node's came between the look and the insert; PostgreSQL let it end first.
            if (found := same(connection)) is not None:
                return found
            raise Duplicate("there is a job with this id")

        return await self._database.write(store)

    async def get(self, job: str) -> JobRow | None:
        """Return one."""
        query = select(*_FIELDS).where(jobs.c.id == job)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _job(row) if row else None

    async def of_recording(self, recording: str, limit: int) -> list[JobRow]:
        """Return the newest jobs of a recording."""
        return await self._list(jobs.c.recording == recording, limit)

    async def claim(self, now: int, by: str, lease_ms: int, kinds: Collection[str]) -> JobRow | None:
        """
        Take the job that has been due for longest, for `lease_ms`; None when nothing is due.

        What was taken and let go too often fails with `LOST`.
        """
        waits = and_(jobs.c.state == JobState.WAITING.value, jobs.c.not_before <= now)
        lost = and_(jobs.c.state == JobState.RUNNING.value, jobs.c.lease_until <= now)
        due = (
            select(jobs.c.id)
            .where(or_(waits, lost), jobs.c.kind.in_(sorted(kinds)))
            .order_by(jobs.c.not_before, jobs.c.created_at, jobs.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)  # PostgreSQL's way; SQLite has one writer
        )
        given_up = _ended(JobState.FAILED, now, error=LOST)

        def take(connection: Connection) -> JobRow | None:
            connection.execute(update(jobs).where(lost, jobs.c.attempts >= MOST_ATTEMPTS).values(**given_up))
            found = connection.execute(due).scalar()
            if found is None:
                return None
            taken = {
                "state": JobState.RUNNING.value,
                "attempts": jobs.c.attempts + 1,
                "lease_until": now + lease_ms,
                "lease_by": by,
                "updated_at": now,
                "progress": 0,
            }
            connection.execute(update(jobs).where(jobs.c.id == found).values(**taken))
            return _job(connection.execute(select(*_FIELDS).where(jobs.c.id == found)).one())

        return await self._database.write(take)

    async def renew(self, job: str, by: str, now: int, lease_ms: int, progress: int) -> bool:
        """Keep a job that was claimed as `by`; False when it was cancelled, or is somebody else's now."""
        return await self._change(
            _held(job, by), lease_until=now + lease_ms, progress=min(max(progress, 0), 1000), updated_at=now
        )

    async def finish(self, job: str, by: str, now: int, result: str) -> bool:
        """Note what came of a job (JSON); False as `renew`."""
        values = {**_ended(JobState.DONE, now), "result": result, "progress": 1000}
        del values["dedupe"]  # Who asks again gets this one.
        return await self._change(_held(job, by), **values)

    async def fail(self, job: str, by: str, now: int, error: str, *, again: bool) -> bool:
        """
        Note that an attempt failed with the code `error`; False as `renew`.

        It is tried again, later each time, if `again` and it was not the last attempt.
        """

        def store(connection: Connection) -> bool:
            attempts = connection.execute(select(jobs.c.attempts).where(_held(job, by))).scalar()
            if attempts is None:
                return False
            values = _ended(JobState.FAILED, now, error=error)
            if again and attempts < MOST_ATTEMPTS:
                later = now + BACK_OFF_MS[min(max(attempts, 1), len(BACK_OFF_MS)) - 1]
                values = {**_free(JobState.WAITING, now), "not_before": later, "error": error}
            return connection.execute(update(jobs).where(_held(job, by)).values(**values)).rowcount > 0

        return await self._database.write(store)

    async def release(self, job: str, by: str, now: int) -> bool:
        """Give a job back undone, because the program ends: it counts as no attempt. False as `renew`."""
        return await self._change(
            _held(job, by), **_free(JobState.WAITING, now), attempts=jobs.c.attempts - 1
        )

    async def cancel(self, job: str, now: int) -> bool:
        """End a job that waits or runs; who has it hears of it at the next `renew`."""
        return await self._change(
            and_(jobs.c.id == job, jobs.c.state.in_(_OPEN)), **_ended(JobState.CANCELLED, now)
        )

    async def cancel_all(self, recording: str, now: int) -> None:
        """End all of a recording's that wait or run."""
        await self._change(
            and_(jobs.c.recording == recording, jobs.c.state.in_(_OPEN)), **_ended(JobState.CANCELLED, now)
        )

    async def next_at(self, kinds: Collection[str]) -> int | None:
        """Return when (ms) the next job is due, or a lease runs out; None when there is neither."""
        at = func.min(func.coalesce(jobs.c.lease_until, jobs.c.not_before))
        query = select(at).where(jobs.c.state.in_(_OPEN), jobs.c.kind.in_(sorted(kinds)))
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def done_before(self, before: int, kinds: Collection[str], limit: int) -> list[JobRow]:
        """Return jobs that were done before `before` (ms): what came of them may go, and then they."""
        done = and_(
            jobs.c.state == JobState.DONE.value, jobs.c.finished_at < before, jobs.c.kind.in_(sorted(kinds))
        )
        return await self._list(done, limit)

    async def remove(self, job: str) -> bool:
        """Forget a job that has ended."""
        gone = delete(jobs).where(jobs.c.id == job, jobs.c.state.not_in(_OPEN))
        return await self._database.write(lambda connection: connection.execute(gone).rowcount > 0)

    async def sweep(self, before: int) -> int:
        """Forget the failed and cancelled that ended before `before` (ms); return how many."""
        gone = delete(jobs).where(
            jobs.c.state.in_([JobState.FAILED.value, JobState.CANCELLED.value]), jobs.c.finished_at < before
        )
        return await self._database.write(lambda connection: connection.execute(gone).rowcount)

    async def totals(self) -> dict[JobState, int]:
        """Return how many there are in each state."""
        query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        return await self._database.read(
            lambda connection: {JobState(row[0]): row[1] for row in connection.execute(query)}
        )

    async def _list(self, only: ColumnElement[bool], limit: int) -> list[JobRow]:
        query = select(*_FIELDS).where(only).order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)
        return await self._database.read(lambda connection: [_job(row) for row in connection.execute(query)])

    async def _change(self, only: ColumnElement[bool], **values: object) -> bool:
        change = update(jobs).where(only).values(**values)
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)


def _held(job: str, by: str) -> ColumnElement[bool]:
    return and_(jobs.c.id == job, jobs.c.state == JobState.RUNNING.value, jobs.c.lease_by == by)


def _free(state: JobState, now: int) -> dict[str, object]:
    return {"state": state.value, "lease_until": None, "lease_by": "", "updated_at": now, "progress": 0}


def _ended(state: JobState, now: int, *, error: str = "") -> dict[str, object]:
    return {**_free(state, now), "finished_at": now, "error": error, "dedupe": None}
