"""Jobs at work: done by a process that is bounded, called off, crashes, and outlives nobody."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from classroom.content import job_process, jobs
from classroom.content.job_kinds import JobFailed, Kind, produced
from classroom.content.job_process import Limits
from classroom.content.jobs import KEEP_MS, JobRunner
from classroom.store import jobs as store_jobs
from classroom.store.database import Database
from classroom.store.errors import Missing, Unavailable, Unusable
from classroom.store.jobs import Jobs
from classroom.store.recording_rows import JobRow, JobState
from tests.support.job_program import COMMAND
from tests.support.recording_rows import ready, stored

ONE = "c_1-1"


class Shop:
    """A runner with one kind of job, whose files go into a dictionary."""

    def __init__(self, database: Database, folder: Path, **settings: Any) -> None:
        self.table = Jobs(database)
        self.scratch = folder / "scratch"
        self.published: dict[str, str] = {}
        self.discarded: list[str] = []
        self.failing: list[Exception] = []
        self.now = 1_790_000_000_000
        values = {"command": COMMAND, "now": lambda: self.now, **settings}
        self.runner = JobRunner(self.table, self.scratch, **values)
        self.runner.register("mp4", Kind(self._prepare, self._publish, self._discard))

    async def _prepare(self, job: JobRow, folder: Path) -> Mapping[str, object]:
        if self.failing:
            raise self.failing.pop()
        await asyncio.to_thread((folder / "in.txt").write_text, "salam")
        return {"source": "in.txt"}

    async def _publish(self, job: JobRow, folder: Path, said: Mapping[str, Any]) -> Mapping[str, object]:
        if "file" in said:
            self.published[job.id] = await asyncio.to_thread(produced(folder, said["file"]).read_text)
        return dict(said)

    async def _discard(self, job: JobRow) -> None:
        self.discarded.append(job.id)
        self.published.pop(job.id, None)

    async def ask(self, do: str, **options: object) -> JobRow:
        self.now += 1  # Of two that were asked for in one millisecond either may be the first.
        row = await self.runner.ask("mp4", ONE, "u_teacher", {"do": do, **options}, None)
        assert row is not None
        return row

    async def until(self, job: JobRow, *states: JobState) -> JobRow:
        return await self.when(job, lambda found: found.state in states)

    async def when(self, job: JobRow, true: Callable[[JobRow], bool]) -> JobRow:
        """Wait for a change of a row; there is no event for that, as there is none for a page."""
        async with asyncio.timeout(20):
            while True:
                found = await self.table.get(job.id)
                assert found is not None
                if true(found):
                    return found
                await asyncio.sleep(0.01)

    def left(self) -> list[str]:
        return sorted(path.name for path in self.scratch.rglob("*"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TELL_S", 0.02)
    monkeypatch.setattr(jobs, "RENEW_S", 0.1)
    monkeypatch.setattr(jobs, "TROUBLE_S", 0.05)
    monkeypatch.setattr(job_process, "END_WITHIN_S", 1.0)
    monkeypatch.setattr(store_jobs, "BACK_OFF_MS", (0, 0))


@pytest.fixture
async def shop(sqlite: Database, tmp_path: Path) -> AsyncIterator[Shop]:
    await stored(sqlite, ready())
    opened = Shop(sqlite, tmp_path)
    async with opened.runner.running():
        yield opened


@contextlib.asynccontextmanager
async def open_shop(database: Database, folder: Path, **settings: Any) -> AsyncIterator[Shop]:
    await stored(database, ready())
    opened = Shop(database, folder, **settings)
    async with opened.runner.running():
        yield opened


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def gone(pid: int) -> None:
    async with asyncio.timeout(10):
        while alive(pid):  # noqa: ASYNC110 - somebody else's child
            await asyncio.sleep(0.01)


async def pids(shop: Shop, job: JobRow) -> list[int]:
    """Return the process of a job that holds on, and its child."""
    await shop.when(job, lambda found: found.progress == 500)
    text = next(shop.scratch.glob("*/pids")).read_text()
    return [int(each) for each in text.split()]


async def test_a_job_is_done_and_its_folder_goes(shop: Shop) -> None:
    job = await shop.until(await shop.ask("make"), JobState.DONE)
    assert msgspec.json.decode(job.result) == {"file": "out.txt", "kind": "mp4"}
    assert shop.published == {job.id: "SALAM"}
    assert (job.progress, job.attempts, job.asked_by) == (1000, 1, "u_teacher")
    assert shop.left() == []
    assert await shop.runner.check() == ""


async def test_jobs_are_done_one_after_the_other(shop: Shop) -> None:
    asked = [await shop.ask("make") for _ in range(4)]
    done = [await shop.until(job, JobState.DONE) for job in asked]
    assert len(shop.published) == 4
    assert [job.attempts for job in done] == [1] * 4


async def test_progress_is_told_while_it_works(shop: Shop) -> None:
    job = await shop.ask("hold")
    found = await shop.when(job, lambda found: found.progress == 500)
    assert found.state is JobState.RUNNING


async def test_what_a_library_prints_is_passed_over(shop: Shop) -> None:
    await shop.until(await shop.ask("nonsense"), JobState.DONE)


async def test_the_process_is_trusted_with_little(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SABAK_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD"):
        monkeypatch.setenv(name, "secret")
    job = await shop.until(await shop.ask("tell"), JobState.DONE)
    told = msgspec.json.decode(job.result)
    assert not [name for name in told.pop("environment") if name.startswith(("SABAK_", "AWS_", "PG"))]
    assert told == {"nice": 10 + os.nice(0), "group": True, "session": True, "tmp": True}


async def test_who_takes_too_much_memory_crashes_and_nobody_else(sqlite: Database, tmp_path: Path) -> None:
    async with open_shop(sqlite, tmp_path, limits=Limits(memory=256 << 20)) as shop:
        job = await shop.until(await shop.ask("memory"), JobState.FAILED)
        assert job.error == "job.crashed"
        await shop.until(await shop.ask("make"), JobState.DONE)


@pytest.mark.parametrize(
    ("do", "options", "code", "attempts"),
    [
        ("error", {}, "recording.damaged", 1),
        ("error", {"again": True}, "recording.damaged", 3),
        ("bad error", {}, "job.failed", 1),
        ("crash", {}, "job.crashed", 3),
        ("late crash", {}, "job.crashed", 3),
        ("flood", {}, "job.crashed", 1),
        ("lie", {"file": "link"}, "job.failed", 1),
        ("lie", {"file": "../../etc/passwd"}, "job.failed", 1),
        ("lie", {"file": "/etc/passwd"}, "job.failed", 1),
        ("lie", {"file": "none"}, "job.failed", 1),
        ("lie", {"file": 5}, "job.failed", 1),
    ],
)
async def test_what_comes_to_nothing(
    shop: Shop, do: str, options: dict[str, object], code: str, attempts: int
) -> None:
    job = await shop.until(await shop.ask(do, **options), JobState.FAILED)
    assert (job.error, job.attempts, job.result) == (code, attempts, "")
    assert shop.published == {}
    await shop.until(await shop.ask("make"), JobState.DONE)
    assert shop.left() == []


async def test_what_failed_once_is_done_the_second_time(shop: Shop, tmp_path: Path) -> None:
    job = await shop.until(await shop.ask("again", seen=str(tmp_path)), JobState.DONE)
    assert (job.attempts, job.error) == (2, "")


async def test_who_says_nothing_is_ended(sqlite: Database, tmp_path: Path) -> None:
    async with open_shop(sqlite, tmp_path, limits=Limits(stalled_s=0.3)) as shop:
        job = await shop.until(await shop.ask("stall"), JobState.FAILED)
        assert (job.error, job.attempts) == ("job.stalled", 3)


@pytest.mark.parametrize(
    ("error", "code", "attempts"),
    [
        (Unavailable("away"), "job.unavailable", 3),
        (JobFailed("recording.gone", again=False), "recording.gone", 1),
        (ZeroDivisionError(), "job.failed", 3),
        (Missing("none"), "job.failed", 3),
    ],
)
async def test_what_cannot_be_prepared(shop: Shop, error: Exception, code: str, attempts: int) -> None:
    shop.failing = [error] * 3
    job = await shop.until(await shop.ask("make"), JobState.FAILED)
    assert (job.error, job.attempts) == (code, attempts)


@pytest.mark.parametrize("deaf", [False, True])
async def test_called_off_its_processes_end_and_their_files_go(shop: Shop, deaf: bool) -> None:
    job = await shop.ask("hold", deaf=deaf)
    mine = await pids(shop, job)
    assert await shop.runner.cancel(job.id)
    assert not await shop.runner.cancel(job.id)
    for pid in mine:
        await gone(pid)
    await shop.until(await shop.ask("make"), JobState.DONE)
    assert shop.left() == []
    assert (await shop.until(job, JobState.CANCELLED)).progress == 0


async def test_one_that_waits_is_called_off_and_never_begun(shop: Shop) -> None:
    first, second = await shop.ask("hold"), await shop.ask("make")
    await pids(shop, first)
    assert await shop.runner.cancel(second.id)
    await shop.runner.cancel(first.id)
    await shop.until(await shop.ask("make"), JobState.DONE)
    assert second.id not in shop.published


async def test_called_off_elsewhere_it_ends_here(shop: Shop) -> None:
    job = await shop.ask("hold")
    mine = await pids(shop, job)
    await shop.table.cancel(job.id, shop.now)
    await gone(mine[0])


@pytest.mark.parametrize("here", [True, False])
async def test_called_off_while_it_is_published_it_is_removed(
    shop: Shop, here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, renew = shop._publish, shop.table.renew
    heard = asyncio.Event()

    async def renewed(*arguments: Any) -> bool:
        ours = await renew(*arguments)
        if not ours:
            heard.set()
        return ours

    async def late(job: JobRow, folder: Path, said: Mapping[str, Any]) -> Mapping[str, object]:
        result = await publish(job, folder, said)
        assert await (shop.runner.cancel(job.id) if here else shop.table.cancel(job.id, shop.now))
        await heard.wait()
        await asyncio.sleep(0)
        return result

    monkeypatch.setattr(shop.table, "renew", renewed)
    shop.runner.register("mp4", Kind(shop._prepare, late, shop._discard))
    job = await shop.ask("make")
    await shop.until(job, JobState.CANCELLED)
    await shop.when(job, lambda _: shop.discarded == [job.id])
    assert shop.published == {}


async def test_at_our_end_a_job_is_given_back_and_then_done(sqlite: Database, tmp_path: Path) -> None:
    async with open_shop(sqlite, tmp_path) as shop:
        job = await shop.ask("hold")
        mine = await pids(shop, job)
    for pid in mine:
        await gone(pid)
    found = await shop.table.get(job.id)
    assert found is not None
    assert (found.state, found.attempts, found.lease_by) == (JobState.WAITING, 0, "")
    assert shop.left() == []


async def test_what_a_dead_program_left_is_done_by_the_next(sqlite: Database, tmp_path: Path) -> None:
    await stored(sqlite, ready())
    shop = Shop(sqlite, tmp_path)
    job = await shop.ask("make")
    assert await shop.table.claim(shop.now, "dead", jobs.LEASE_MS, ["mp4"])
    (shop.scratch / "j_x-dead").mkdir(parents=True)
    async with shop.runner.running():
        assert shop.left() == []
        other = await shop.until(await shop.ask("make"), JobState.DONE)
        assert (await shop.until(job, JobState.RUNNING)).lease_by == "dead"
        shop.now += jobs.LEASE_MS
        await shop.ask("make")  # Something happens; else it is found within a minute.
        assert (await shop.until(job, JobState.DONE)).attempts == 2
        assert other.attempts == 1


async def test_the_process_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from classroom.content import job_process
asked = {{"kind": "mp4", "options": {{"do": "hold"}}, "folder": sys.argv[1], "inputs": {{}}}}
def progress(_):
    print("holds", flush=True)
asyncio.run(job_process.run({COMMAND!r}, asked, job_process.Limits(), progress))
"""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path), stdout=subprocess.PIPE
    )
    assert program.stdout is not None
    assert await asyncio.wait_for(program.stdout.readline(), 20) == b"holds\n"
    worker = int((tmp_path / "pids").read_text().split()[0])
    program.kill()
    await program.wait()
    await gone(worker)


async def test_without_room_on_the_disk_jobs_wait_and_it_is_said(sqlite: Database, tmp_path: Path) -> None:
    async with open_shop(sqlite, tmp_path, free_space=1 << 60) as shop:
        job = await shop.ask("make")
        async with asyncio.timeout(10):
            while not await shop.runner.check():  # noqa: ASYNC110 - a state, not an event
                await asyncio.sleep(0.01)
        found = await shop.table.get(job.id)
        assert found is not None
        assert (found.state, found.attempts) == (JobState.WAITING, 0)


async def test_a_database_that_is_away_for_a_while_is_waited_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, refusals = shop.table.claim, 3

    async def claim(*arguments: Any) -> JobRow | None:
        nonlocal refusals
        refusals -= 1
        if refusals >= 0:
            raise Unavailable("away") if refusals else ZeroDivisionError
        return await really(*arguments)

    monkeypatch.setattr(shop.table, "claim", claim)
    await shop.until(await shop.ask("make"), JobState.DONE)


async def test_a_lease_is_kept_though_the_database_was_away(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = shop.table.renew
    asked: list[bool] = []

    async def renew(*arguments: Any) -> bool:
        asked.append(True)
        if len(asked) < 3:
            raise Unavailable("away")
        return await really(*arguments)

    monkeypatch.setattr(shop.table, "renew", renew)
    job = await shop.ask("hold")
    shop.now += 5000
    found = await shop.when(job, lambda found: (found.lease_until or 0) >= shop.now + jobs.LEASE_MS)
    assert found.state is JobState.RUNNING


async def test_what_was_made_is_kept_for_a_while_and_then_removed(shop: Shop) -> None:
    done = await shop.until(await shop.ask("make"), JobState.DONE)
    failed = await shop.until(await shop.ask("error"), JobState.FAILED)
    assert (done.finished_at, failed.finished_at) == (shop.now - 1, shop.now)
    shop.now += KEEP_MS - 1
    await shop.runner.sweep()
    assert shop.discarded == []
    shop.now += 1
    await shop.runner.sweep()
    assert shop.discarded == [done.id]
    assert await shop.table.get(failed.id) == failed
    shop.now += 1
    await shop.runner.sweep()
    assert await shop.table.get(done.id) is await shop.table.get(failed.id) is None


async def test_what_cannot_be_removed_is_tried_again_and_keeps_nothing_else(shop: Shop) -> None:
    first, second = [await shop.until(await shop.ask("make"), JobState.DONE) for _ in range(2)]
    away = True

    async def discard(job: JobRow) -> None:
        if away and job.id == second.id:  # The newest is the first in the list.
            raise Unavailable("away")
        await shop._discard(job)

    shop.runner.register("mp4", Kind(shop._prepare, shop._publish, discard))
    shop.now += 2 * KEEP_MS
    await shop.runner.sweep()
    assert shop.discarded == [first.id]
    away = False
    await shop.runner.sweep()
    assert shop.discarded == [first.id, second.id]


async def test_what_has_nothing_to_remove_is_kept_for_good(shop: Shop) -> None:
    shop.runner.register("peaks", Kind(shop._prepare, shop._publish))
    row = await shop.runner.ask("peaks", ONE, "", {"do": "make"}, "c_1-1/peaks")
    assert row is not None
    await shop.until(row, JobState.DONE)
    shop.now += 2 * KEEP_MS
    await shop.runner.sweep()
    again = await shop.runner.ask("peaks", ONE, "", {"do": "make"}, "c_1-1/peaks")
    assert again is not None
    assert again.id == row.id


async def test_what_nobody_can_do_is_not_asked_for(shop: Shop) -> None:
    with pytest.raises(KeyError):
        await shop.runner.ask("film", ONE, "", {}, None)
    with pytest.raises(Missing):
        await shop.runner.ask("mp4", "c_9-9", "", {}, None)


async def test_a_program_that_is_not_there(sqlite: Database, tmp_path: Path) -> None:
    async with open_shop(sqlite, tmp_path, command=("/nonexistent/program",)) as shop:
        job = await shop.until(await shop.ask("make"), JobState.FAILED)
        assert job.error == "job.unavailable"


async def test_a_folder_that_cannot_be_made_is_said_at_the_start(sqlite: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    runner = JobRunner(Jobs(sqlite), tmp_path / "file" / "scratch")
    with pytest.raises(Unusable):
        async with runner.running():
            pass


async def test_several_lanes_work_side_by_side(sqlite: Database, tmp_path: Path) -> None:
    async with open_shop(sqlite, tmp_path, at_once=2) as shop:
        first = await shop.ask("hold")
        await pids(shop, first)
        await shop.until(await shop.ask("make"), JobState.DONE)
        assert (await shop.until(first, JobState.RUNNING)).attempts == 1
