"""Jobs: taken by one, kept by a lease, tried three times, cancelled at any moment."""

import asyncio

import pytest

from classroom.store.database import Database
from classroom.store.errors import Duplicate, Missing
from classroom.store.jobs import BACK_OFF_MS, LOST, MOST_ATTEMPTS, Jobs
from classroom.store.recording_rows import JobRow, JobState
from tests.support.recording_rows import NOW, job, ready, stored

LEASE = 60_000
KINDS = ("mp4", "sound")


@pytest.fixture
async def jobs(database: Database) -> Jobs:
    await stored(database, ready(number=1), ready(number=2))
    return Jobs(database)


async def claim(jobs: Jobs, now: int = NOW, by: str = "a") -> JobRow | None:
    return await jobs.claim(now, by, LEASE, KINDS)


async def state(jobs: Jobs, name: str = "j_1") -> JobState:
    found = await jobs.get(name)
    assert found is not None
    return found.state


async def test_a_job_is_taken_once_and_done(jobs: Jobs) -> None:
    assert await jobs.add(job(), 5) == job()
    assert await jobs.get("j_1") == job()
    taken = await claim(jobs)
    assert taken is not None
    assert (taken.state, taken.attempts, taken.lease_by) == (JobState.RUNNING, 1, "a")
    assert taken.lease_until == NOW + LEASE
    assert await claim(jobs, by="b") is None
    assert await jobs.renew("j_1", "a", NOW + 5, LEASE, 400)
    assert not await jobs.renew("j_1", "b", NOW + 5, LEASE, 500)
    found = await jobs.get("j_1")
    assert found is not None
    assert (found.progress, found.lease_until) == (400, NOW + 5 + LEASE)
    assert not await jobs.finish("j_1", "b", NOW + 9, "{}")
    assert await jobs.finish("j_1", "a", NOW + 9, '{"file":"x"}')
    assert not await jobs.finish("j_1", "a", NOW + 10, "{}")
    found = await jobs.get("j_1")
    assert found is not None
    assert (found.state, found.progress, found.result) == (JobState.DONE, 1000, '{"file":"x"}')
    assert (found.finished_at, found.lease_until, found.lease_by) == (NOW + 9, None, "")


async def test_many_who_claim_at_once_get_different_jobs(jobs: Jobs) -> None:
    for n in range(5):
        await jobs.add(job(f"j_{n}", created_at=NOW + n), 9)
    taken = await asyncio.gather(*(claim(jobs, by=f"by{n}") for n in range(8)))
    names = [each.id for each in taken if each is not None]
    assert sorted(names) == [f"j_{n}" for n in range(5)]


async def test_the_one_that_waits_for_longest_is_first_and_only_of_the_kinds_asked_for(jobs: Jobs) -> None:
    await jobs.add(job("j_new", not_before=NOW + 2), 9)
    await jobs.add(job("j_old", not_before=NOW + 1), 9)
    await jobs.add(job("j_other", kind="hls"), 9)
    assert await claim(jobs) is None
    assert await jobs.next_at(KINDS) == NOW + 1
    assert await jobs.next_at(("none",)) is None
    for name in ("j_old", "j_new"):
        taken = await claim(jobs, NOW + 5, by=name)
        assert taken is not None
        assert taken.id == name
    assert await claim(jobs, NOW + 5) is None
    assert await jobs.next_at(KINDS) == NOW + 5 + LEASE


async def test_of_those_with_one_key_there_is_one(jobs: Jobs) -> None:
    first = job("j_1", dedupe="c_1-1/mp4/1")
    assert await jobs.add(first, 5) == first
    assert await jobs.add(job("j_2", dedupe="c_1-1/mp4/1"), 5) == first
    taken = await claim(jobs)
    assert taken is not None
    await jobs.finish("j_1", "a", NOW, "{}")
    again = await jobs.add(job("j_3", dedupe="c_1-1/mp4/1"), 5)
    assert again is not None
    assert (again.id, again.state) == ("j_1", JobState.DONE)
    assert await jobs.remove("j_1")
    assert await jobs.add(fourth := job("j_4", dedupe="c_1-1/mp4/1"), 5) == fourth
    await jobs.cancel("j_4", NOW)
    assert await jobs.add(fifth := job("j_5", dedupe="c_1-1/mp4/1"), 5) == fifth


async def test_many_who_ask_for_one_thing_at_once_get_one_job(jobs: Jobs) -> None:
    asked = [job(f"j_{n}", dedupe="same") for n in range(8)]
    got = await asyncio.gather(*(jobs.add(row, 99) for row in asked))
    assert len({row.id for row in got if row is not None}) == 1
    assert len(await jobs.of_recording("c_1-1", 99)) == 1


async def test_a_recording_has_so_many_that_wait(jobs: Jobs) -> None:
    assert await jobs.add(job("j_1"), 2)
    assert await jobs.add(job("j_2"), 2)
    assert await jobs.add(job("j_3"), 2) is None
    assert await jobs.add(job("j_4", "c_1-2"), 2)
    await jobs.cancel("j_1", NOW)
    assert await jobs.add(job("j_3"), 2)
    with pytest.raises(Missing):
        await jobs.add(job("j_5", "c_1-9"), 2)
    with pytest.raises(Duplicate):
        await jobs.add(job("j_2"), 9)


async def test_what_fails_is_tried_later_each_time_and_three_times_at_most(jobs: Jobs) -> None:
    await jobs.add(job(dedupe="key"), 5)
    now = NOW
    for attempt in range(1, MOST_ATTEMPTS + 1):
        taken = await claim(jobs, now)
        assert taken is not None
        assert taken.attempts == attempt
        assert not await jobs.fail("j_1", "b", now, "job.failed", again=True)
        assert await jobs.fail("j_1", "a", now, "job.failed", again=True)
        if attempt < MOST_ATTEMPTS:
            assert await state(jobs) is JobState.WAITING
            wait = BACK_OFF_MS[attempt - 1]
            assert await claim(jobs, now + wait - 1) is None
            now += wait
    found = await jobs.get("j_1")
    assert found is not None
    assert (found.state, found.error, found.dedupe) == (JobState.FAILED, "job.failed", None)
    assert found.finished_at == now


async def test_what_cannot_succeed_is_not_tried_again(jobs: Jobs) -> None:
    await jobs.add(job(), 5)
    await claim(jobs)
    assert await jobs.fail("j_1", "a", NOW, "job.damaged", again=False)
    assert await state(jobs) is JobState.FAILED


async def test_a_lease_that_ran_out_is_taken_over(jobs: Jobs) -> None:
    await jobs.add(job(), 5)
    now = NOW
    for attempt in range(1, MOST_ATTEMPTS + 1):
        taken = await claim(jobs, now, by=f"by{attempt}")
        assert taken is not None
        assert taken.attempts == attempt
        assert await claim(jobs, now + LEASE - 1, by="early") is None
        now += LEASE
    assert not await jobs.renew("j_1", "by1", now, LEASE, 1)
    assert not await jobs.finish("j_1", "by2", now, "{}")
    assert await claim(jobs, now) is None  # Three died of it: enough.
    found = await jobs.get("j_1")
    assert found is not None
    assert (found.state, found.error) == (JobState.FAILED, LOST)


async def test_who_was_late_and_not_replaced_keeps_the_job(jobs: Jobs) -> None:
    await jobs.add(job(), 5)
    await claim(jobs)
    assert await jobs.renew("j_1", "a", NOW + 2 * LEASE, LEASE, 10)
    assert await claim(jobs, NOW + 2 * LEASE + 1, by="b") is None


async def test_what_is_given_back_counts_as_no_attempt(jobs: Jobs) -> None:
    await jobs.add(job(), 5)
    for _ in range(MOST_ATTEMPTS + 2):
        taken = await claim(jobs)
        assert taken is not None
        assert taken.attempts == 1
        assert await jobs.release("j_1", "a", NOW)
    assert not await jobs.release("j_1", "a", NOW)


async def test_cancelled_at_any_moment(jobs: Jobs) -> None:
    await jobs.add(job("j_1"), 5)
    await jobs.add(job("j_2"), 5)
    assert await jobs.cancel("j_1", NOW)
    assert not await jobs.cancel("j_1", NOW)
    taken = await claim(jobs)
    assert taken is not None
    assert taken.id == "j_2"
    await jobs.cancel_all("c_1-1", NOW)
    assert not await jobs.renew("j_2", "a", NOW, LEASE, 1)
    assert not await jobs.fail("j_2", "a", NOW, "job.failed", again=True)
    assert await state(jobs, "j_2") is JobState.CANCELLED


async def test_what_is_over_is_forgotten(jobs: Jobs) -> None:
    for name in ("j_1", "j_2", "j_3"):
        await jobs.add(job(name), 5)
    await claim(jobs)
    assert not await jobs.remove("j_1")
    await jobs.finish("j_1", "a", NOW, "{}")
    await jobs.cancel("j_2", NOW + 5)
    assert await jobs.totals() == {JobState.DONE: 1, JobState.CANCELLED: 1, JobState.WAITING: 1}
    assert [row.id for row in await jobs.done_before(NOW + 5, KINDS, 9)] == ["j_1"]
    assert await jobs.done_before(NOW, KINDS, 9) == await jobs.done_before(NOW + 5, ["hls"], 9) == []
    assert await jobs.sweep(NOW + 5) == 0
    assert await jobs.sweep(NOW + 6) == 1
    assert await jobs.remove("j_1")
    assert [row.id for row in await jobs.of_recording("c_1-1", 9)] == ["j_3"]
