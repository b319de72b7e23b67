"""Real worker processes: started, killed, restarted, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signaling import process, supervisor
from signaling.control import MediaRefused, WorkerDied
from signaling.core.model import Wish
from signaling.rtc.udp import bind
from signaling.supervisor import MediaPool, PoolError, PoolSettings
from tests.support.media import Told

LOCAL = ("127.0.0.1",)


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def pool(told: Told) -> AsyncIterator[MediaPool]:
    made = MediaPool(PoolSettings(addresses=LOCAL, port=0, workers=2), told)
    await made.start()
    yield made
    await made.stop()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_rooms_are_spread_by_load_and_stay_where_they_are(pool: MediaPool) -> None:
    for peer in ("ann", "bob", "cat"):
        await pool.subscribe("big", peer)
    await pool.subscribe("small", "dan")
    await pool.subscribe("smaller", "eve")
    await pool.subscribe("big", "fay")
    workers = (await pool.stats())["workers"]
    assert sorted(tuple(sorted(worker["rooms"])) for worker in workers) == [("big",), ("small", "smaller")]
    for peer in ("ann", "bob", "cat", "fay", "nobody"):
        await pool.close("big", peer)
    await pool.close("big", "ann")
    await pool.subscribe("next", "gus")
    workers = (await pool.stats())["workers"]
    assert sorted(tuple(sorted(worker["rooms"])) for worker in workers) == [("next",), ("small", "smaller")]


async def test_a_killed_worker_is_started_again_and_its_rooms_are_told(pool: MediaPool, told: Told) -> None:
    async with asyncio.timeout(20):
        await pool.subscribe("one", "ann")
        await pool.subscribe("two", "bob")
        victim = next(
            number
            for number, worker in enumerate((await pool.stats())["workers"])
            if "one" in worker["rooms"]
        )
        pid, other = pool.pids[victim], pool.pids[1 - victim]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert await told.wait(WorkerDied) == WorkerDied(victim, {"one": ("ann",)})
        # The room need not wait: the other worker takes it.
        offer, version, slots = await pool.subscribe("one", "ann")
        assert "a=ice-lite" in offer
        assert (version, len(slots)) == (0, 8)
        while pool.pids[victim] in (None, pid) or (await pool.stats())["workers"][victim] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # Its return is no event: nobody has to act on it.
        assert pool.pids[1 - victim] == other
        assert not alive(pid)


async def test_without_workers_requests_are_refused(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 60.0)
    monkeypatch.setattr(supervisor, "RETURN_WITHIN", 0.05)
    pool = MediaPool(PoolSettings(addresses=LOCAL, port=0, workers=1), told)
    await pool.start()
    try:
        await pool.subscribe("one", "ann")
        (pid,) = pool.pids
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            await told.wait(WorkerDied)
        for request in (
            pool.publish("one", "ann", "", {}),
            pool.subscribe("one", "ann"),
            pool.wish("one", "ann", "sound", {"t": Wish(1)}),
            pool.gate("one", "ann", "camera", None, False),
        ):
            with pytest.raises(MediaRefused) as caught:
                await request
            assert caught.value.code == "media.unavailable"
        await pool.close("one", "ann")
        assert (await pool.stats())["workers"] == [None]
        assert pool.pids == (None,)
    finally:
        await pool.stop()


async def test_requests_wait_for_the_only_worker_to_return(told: Told) -> None:
    pool = MediaPool(PoolSettings(addresses=LOCAL, port=0, workers=1), told)
    await pool.start()
    try:
        await pool.subscribe("one", "ann")
        (pid,) = pool.pids
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            await told.wait(WorkerDied)
            offers = await asyncio.gather(*(pool.subscribe("one", peer) for peer in ("ann", "bob")))
        assert len(offers) == 2
        assert pool.pids != (pid,)
    finally:
        await pool.stop()


async def test_refusals_of_a_worker_come_through(pool: MediaPool) -> None:
    for request, code in (
        (pool.publish("r", "ann", "nonsense", {}), "media.bad_sdp"),
        (pool.answer("r", "ann", "nonsense"), "media.unknown_peer"),
        (pool.answer("elsewhere", "ann", ""), "media.unknown_peer"),
        (pool.gate("r", "", "camera", None, False), "media.bad_request"),
    ):
        with pytest.raises(MediaRefused) as caught:
            await request
        assert caught.value.code == code


async def test_a_taken_port_is_a_printable_error_and_nothing_is_left(told: Told) -> None:
    taken = bind("127.0.0.1", 0)
    number = taken.socket.getsockname()[1]
    pool = MediaPool(PoolSettings(addresses=LOCAL, port=number, workers=1), told)
    with pytest.raises(PoolError, match=f"UDP port {number} on 127.0.0.1: Address already in use"):
        await pool.start()
    assert pool.pids == (None,)
    taken.close()


async def test_an_address_that_is_not_ours_is_a_printable_error(told: Told) -> None:
    pool = MediaPool(PoolSettings(addresses=("198.51.100.1",), port=0, workers=2), told)
    with pytest.raises(PoolError, match="Cannot assign"):
        await pool.start()


async def test_worker_i_takes_port_plus_i(told: Told) -> None:
    free = bind("127.0.0.1", 0)
    number = free.socket.getsockname()[1]
    free.close()
    pool = MediaPool(PoolSettings(addresses=LOCAL, port=number, workers=2), told)
    await pool.start()
    assert pool.ports == (number, number + 1)
    await pool.stop()


async def test_stopping_ends_every_process_and_may_be_repeated(pool: MediaPool, told: Told) -> None:
    pids = [pid for pid in pool.pids if pid is not None]
    async with asyncio.timeout(10):
        await pool.stop()
        await pool.stop()
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)
    assert told.events == []


async def test_a_worker_that_will_not_stop_is_killed(
    pool: MediaPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "STOP_WITHIN", 0.05)
    pids = [pid for pid in pool.pids if pid is not None]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(10):
        await pool.stop()
    assert not any(alive(pid) for pid in pids)


async def test_one_worker_a_core_less_one(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert len(MediaPool(PoolSettings(), told).ports) == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert len(MediaPool(PoolSettings(), told).ports) == 1


async def test_a_program_that_cannot_start_python_says_so(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(PoolError, match="ended with code 1"):
        await MediaPool(PoolSettings(addresses=LOCAL, port=0, workers=1), told).start()
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(PoolError, match="No such file"):
        await MediaPool(PoolSettings(addresses=LOCAL, port=0, workers=1), told).start()


async def test_what_is_switched_off_reaches_the_worker(told: Told) -> None:
    pool = MediaPool(PoolSettings(addresses=LOCAL, port=0, workers=1, without=("rtx", "probing")), told)
    await pool.start()
    try:
        (pid,) = pool.pids
        words = await asyncio.to_thread(Path(f"/proc/{pid}/cmdline").read_bytes)
        assert b"\0--without\0rtx\0probing\0" in words
    finally:
        await pool.stop()


async def test_nothing_that_there_is_not_can_be_switched_off(told: Told) -> None:
    pool = MediaPool(PoolSettings(addresses=LOCAL, port=0, workers=1, without=("gravity",)), told)
    with pytest.raises(PoolError):
        await pool.start()
