"""
Jobs at work: what is made of a recording outside of any request, one at a time, by a process of its own.

Each kind of job (job_kinds.py) is three steps: `prepare` fetches what is needed into a folder, the process
works there (job_process.py says how it is spoken to), `publish` stores what came of it. Whoever asked reads
progress from the table. A lease keeps a job ours while we live: when the program dies, it runs out, and
whoever starts next does the job again. So `publish` may happen twice and must not mind.
"""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

import msgspec
import structlog

from classroom import clock
from classroom.content import job_process
from classroom.content.job_kinds import JobFailed, Kind
from classroom.content.job_process import Limits
from classroom.store.errors import StoreError, Unavailable, Unusable
from classroom.store.jobs import Jobs
from classroom.store.recording_rows import JobRow, JobState

WORKER = (sys.executable, "-m", "classroom.recording.derive")
LEASE_MS = 60_000  # As long as a job waits for a program that died.
RENEW_S = 5.0  # As long as a cancelled one of another node goes on; a small write each.
TELL_S = 1.0  # Progress is written at most so often: that is how often pages ask.
IDLE_S = 60.0  # Whatever woke nobody is found then: a job of another node that died.
TROUBLE_S = 10.0  # Before the next try when the database does not answer.
MOST_WAITING = 20  # Jobs of one recording.
KEEP_MS = 7 * 24 * 3600_000  # What failed is shown for a week; so are files that were made to be fetched.
SWEPT_AT_ONCE = 100

log = structlog.get_logger("sabak.jobs")


@dataclass(eq=False, slots=True)
class _Running:
    """A job at work here."""

    task: asyncio.Task[None] | None = None
    progress: int = 0
    publishing: bool = False
    """It is let come to its end: who is called off now removes what was published, and knows what that is."""


class JobRunner:
    """Does the jobs of the kinds that are registered. `running()` gives it while it works."""

    def __init__(
        self,
        jobs: Jobs,
        scratch: Path,
        *,
        command: Sequence[str] = WORKER,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        at_once: int = 1,
        free_space: int = 0,
        now: Callable[[], int] = clock.now_ms,
    ) -> None:
        """`scratch` is ours alone; `free_space` octets of its disk are left to others."""
        self._jobs = jobs
        self._scratch = scratch
        self._command = tuple(command)
        self._limits = limits
        self._at_once = at_once
        self._free_space = free_space
        self._now = now
        self._kinds: dict[str, Kind] = {}
        self._running: dict[str, _Running] = {}
        self._woken = asyncio.Event()
        self.full = False
        """Whether jobs wait because the disk is nearly full."""

    def register(self, name: str, kind: Kind) -> None:
        """Say how jobs of a kind are done; before `running`."""
        self._kinds[name] = kind

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the end of the block; what is at work then is given back."""
        await asyncio.to_thread(_emptied, self._scratch)
        lanes = [asyncio.create_task(self._lane()) for _ in range(self._at_once)]
        try:
            yield
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def ask(
        self, kind: str, recording: str, asked_by: str, options: Mapping[str, object], dedupe: str | None
    ) -> JobRow | None:
        """
        Ask for a job; return it, or the one with the same `dedupe` that waits, runs or is done.

        None: the recording has too many. Raises store.errors.Missing (recording), KeyError (kind).
        """
        self._kinds[kind]
        now = self._now()
        row = JobRow(
            id="j_" + token_hex(10),
            kind=kind,
            recording=recording,
            asked_by=asked_by,
            dedupe=dedupe,
            options=msgspec.json.encode(options, order="deterministic").decode(),
            state=JobState.WAITING,
            progress=0,
            attempts=0,
            not_before=now,
            lease_until=None,
            lease_by="",
            error="",
            result="",
            created_at=now,
            updated_at=now,
            finished_at=None,
        )
        found = await self._jobs.add(row, MOST_WAITING)
        self._woken.set()
        return found

    async def cancel(self, job: str) -> bool:
        """Call a job off, at work or not; False when it is over or there is none."""
        cancelled = await self._jobs.cancel(job, self._now())
        running = self._running.get(job)
        if cancelled and running is not None and running.task is not None and not running.publishing:
            running.task.cancel()
        return cancelled

    async def sweep(self) -> None:
        """Forget what failed long ago, and remove what was made to be fetched and is old. Now and then."""
        before = self._now() - KEEP_MS
        await self._jobs.sweep(before)
        kinds = [name for name, kind in self._kinds.items() if kind.discard is not None]
        for job in await self._jobs.done_before(before, kinds, SWEPT_AT_ONCE):
            discard = self._kinds[job.kind].discard
            try:
                if discard is not None:
                    await discard(job)
            except StoreError as error:
                log.warning("what a job made is not removed", job=job.id, reason=str(error))
                continue
            await self._jobs.remove(job.id)

    async def check(self) -> str:
        """Return what is wrong in a few words, "" if nothing is."""
        return "nothing is made of recordings: the disk is nearly full" if self.full else ""

    async def _lane(self) -> None:
        """Do one job after the other, until cancelled."""
        while True:
            self._woken.clear()
            pause = TROUBLE_S
            try:
                if await self._next():
                    continue
                pause = await self._until_next()
            except (Unavailable, OSError) as error:
                log.warning("no jobs are done", reason=str(error))
            except Exception:  # the edge of a task: a defect must not end all jobs
                log.exception("no jobs are done")
            with contextlib.suppress(TimeoutError):
                # Not wait_for: up to Python 3.11 it may swallow the cancelling of who was just woken.
                async with asyncio.timeout(pause):
                    await self._woken.wait()

    async def _next(self) -> bool:
        """Do the next job; False when there is none, or no room."""
        free = (await asyncio.to_thread(shutil.disk_usage, self._scratch)).free
        self.full = free < self._free_space
        if self.full:
            return False
        by = token_hex(8)
        job = await self._jobs.claim(self._now(), by, LEASE_MS, self._kinds)
        if job is None:
            return False
        log.info("job begins", job=job.id, kind=job.kind, recording=job.recording, attempt=job.attempts)
        await self._keep(job, by)
        return True

    async def _until_next(self) -> float:
        """Return how many seconds until there may be something to do."""
        if self.full:
            return IDLE_S
        at = await self._jobs.next_at(self._kinds)
        return IDLE_S if at is None else min(max((at - self._now()) / 1000, 0.05), IDLE_S)

    async def _keep(self, job: JobRow, by: str) -> None:
        """Do a job, and keep its lease meanwhile; give it back when the program ends."""
        running = _Running()
        running.task = asyncio.create_task(self._attempt(job, by, running))
        self._running[job.id] = running
        try:
            await self._watch(job, by, running)
        except asyncio.CancelledError:
            await _stopped(running.task)
            with contextlib.suppress(StoreError):
                await self._jobs.release(job.id, by, self._now())
            raise
        finally:
            del self._running[job.id]

    async def _watch(self, job: JobRow, by: str, running: _Running) -> None:
        assert running.task is not None  # noqa: S101 - for mypy
        loop = asyncio.get_running_loop()
        told, told_at = 0, loop.time()
        while not (await asyncio.wait((running.task,), timeout=TELL_S))[0]:
            if running.progress == told and loop.time() - told_at < RENEW_S:
                continue
            told, told_at = running.progress, loop.time()
            try:
                ours = await self._jobs.renew(job.id, by, self._now(), LEASE_MS, told)
            except Unavailable as error:
                log.warning("job is not renewed", job=job.id, reason=str(error))
                continue
            if not ours and not running.publishing:
                log.info("job is not ours any more", job=job.id)
                await _stopped(running.task)

    async def _attempt(self, job: JobRow, by: str, running: _Running) -> None:
        """Do a job from its beginning to its end, and note how that went."""
        try:
            try:
                result = await self._made(job, self._scratch / f"{job.id}-{by}", running)
            except JobFailed as failed:
                await self._failed(job, by, failed)
            except Unavailable as error:
                await self._failed(job, by, JobFailed("job.unavailable", again=True, reason=str(error)))
            except Exception as error:  # the edge of a task: the next job is none the worse
                log.exception("job failed", job=job.id, kind=job.kind)
                await self._failed(job, by, JobFailed("job.failed", again=True, reason=type(error).__name__))
            else:
                await self._done(job, by, result)
        except StoreError as error:
            # It is done again when the lease has run out.
            log.warning("nothing noted of a job", job=job.id, reason=str(error))

    async def _made(self, job: JobRow, folder: Path, running: _Running) -> str:
        """Return the result of a job, as JSON; nothing of its folder is left."""
        kind = self._kinds[job.kind]

        def on_progress(progress: int) -> None:
            running.progress = progress

        try:
            await asyncio.to_thread(folder.mkdir, 0o700)
            asked = {
                "kind": job.kind,
                "options": msgspec.json.decode(job.options),
                "folder": str(folder),
                "inputs": dict(await kind.prepare(job, folder)),
            }
            said = await job_process.run(self._command, asked, self._limits, on_progress)
            running.publishing = True
            return msgspec.json.encode(await kind.publish(job, folder, said)).decode()
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    async def _failed(self, job: JobRow, by: str, failed: JobFailed) -> None:
        log.warning("job failed", job=job.id, kind=job.kind, code=failed.code, reason=str(failed))
        await self._jobs.fail(job.id, by, self._now(), failed.code, again=failed.again)

    async def _done(self, job: JobRow, by: str, result: str) -> None:
        if await self._jobs.finish(job.id, by, self._now(), result):
            log.info("job is done", job=job.id, kind=job.kind)
            return
        found = await self._jobs.get(job.id)
        discard = self._kinds[job.kind].discard
        # Called off at the last moment: nobody will fetch it. What another node does now is left alone.
        if discard is not None and (found is None or found.state is JobState.CANCELLED):
            await discard(replace(job, result=result))


async def _stopped(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.wait((task,))


def _emptied(folder: Path) -> None:
    """Remove what was left by a program that died, and make the folder anew. Raises Unusable."""
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise Unusable(f"cannot use {folder}: {error.strerror}") from error
