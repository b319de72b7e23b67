"""Captures of real worker processes, which are stopped, left alone and killed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from signaling.capture import boot_id
from signaling.control import CaptureEnded, MediaRefused, WorkerDied
from signaling.core.capture import Clock, End, Reader, Record, Rtp
from signaling.core.model import Kind
from signaling.supervisor import MediaPool, PoolSettings
from tests.support.media import Told
from tests.support.media_hall import Hall

LOST_S = 0.25  # between two flushes
BUSY_S = 1.5  # How late a worker may be on a machine that runs other tests too.


class Reel:
    """The captures of ann in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "lesson-1" / "capture"
        self.folder.mkdir(parents=True)

    def path(self, number: int) -> str:
        return str(self.folder / f"{number:06}.cap")

    def read(self, number: int) -> list[Record]:
        reader = Reader()
        path = Path(self.path(number))
        records = reader.feed(path.read_bytes()) if path.exists() else []
        assert not reader.damaged
        if reader.head is not None:
            assert reader.head.boot == boot_id()
            assert abs(reader.head.wall_ms / 1000 - time.time()) < 60
        return records

    def packets(self, number: int) -> list[Rtp]:
        return [record for record in self.read(number) if isinstance(record, Rtp)]

    async def until(self, true: Callable[[], bool]) -> None:
        """Files tell nobody that they have grown."""
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.fixture
def reel(tmp_path: Path) -> Reel:
    return Reel(tmp_path)


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def hall(told: Told, reel: Reel) -> AsyncIterator[Hall]:
    settings = PoolSettings(addresses=("127.0.0.1",), port=0, workers=2, spread=1, spool=reel.root)
    made = Hall(MediaPool(settings, told), told)
    await made.pool.start()
    try:
        async with asyncio.timeout(30):
            yield made
    finally:
        await made.close()
        await made.pool.stop()


async def record(hall: Hall, reel: Reel, number: int, kind: Kind) -> None:
    track = {"camera": "ann/cam", "microphone": "ann/mic"}[kind]
    head = {"recording": "lesson-1", "track": track, "person": "ann"}
    await hall.pool.record("r", "ann", kind, reel.path(number), head)


def following(packets: list[Rtp]) -> bool:
    numbers = [packet.number for packet in packets]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_publisher_is_captured_where_it_is(hall: Hall, told: Told, reel: Reel) -> None:
    ann = await hall.publisher("ann")
    await hall.viewer("bob")  # on the other worker, which has a mirror of ann
    assert await hall.workers() == [{"ann"}, {"bob"}]
    await hall.sees("bob")
    asked = ann.asked
    await record(hall, reel, 1, "microphone")
    await record(hall, reel, 2, "camera")
    await reel.until(lambda: len(reel.packets(2)) > 50)
    await hall.pool.stop_recording("r", "ann", "microphone")
    await hall.pool.close("r", "ann")
    ends = [CaptureEnded("r", "ann", "microphone", reel.path(1), "stopped")]
    ends.append(CaptureEnded("r", "ann", "camera", reel.path(2), "gone"))
    for end in ends:
        await told.wait(end)
    assert ann.asked > asked, "a capture begins with a key frame"
    for number, codec, reason in ((1, "opus", "stopped"), (2, "VP8", "gone")):
        *_, clock, last = reel.read(number)
        assert isinstance(clock, Clock)
        assert isinstance(last, End)
        assert last.reason == reason
        found = reel.packets(number)
        assert {packet.codec for packet in found} == {codec}
        assert following(found)
    assert any(packet.flags & 2 for packet in reel.packets(2)[:25])
    stats = (await hall.pool.stats())["workers"]
    assert [worker["captures"]["ended"] for worker in stats] == [{"stopped": 1, "gone": 1}, {}]


async def test_a_killed_worker_has_written_nearly_all(hall: Hall, told: Told, reel: Reel) -> None:
    await hall.publisher("ann")
    await record(hall, reel, 1, "camera")
    await reel.until(lambda: len(reel.packets(1)) > 50)
    killed_at = time.monotonic()
    hall.kill(0)
    assert (await told.wait(WorkerDied)).peers == {"r": ("ann",)}
    found = reel.packets(1)
    assert killed_at - found[-1].arrival < LOST_S + BUSY_S
    assert following(found)
    assert not any(isinstance(one, End) for one in reel.read(1))
    # The other worker takes ann, and another file.
    with pytest.raises(MediaRefused) as caught:
        await record(hall, reel, 2, "camera")
    assert caught.value.code == "media.unknown_peer"
    await hall.pool.stop_recording("r", "ann", "camera")
    await hall.publisher("ann", session=2)
    with pytest.raises(MediaRefused) as caught:
        await record(hall, reel, 1, "camera")
    assert caught.value.code == "media.bad_request"
    await record(hall, reel, 2, "camera")
    await reel.until(lambda: len(reel.packets(2)) > 10)
    assert reel.packets(1) == found


@pytest.mark.parametrize("by", ["SIGTERM", "hanging up"])
async def test_a_worker_that_is_ended_writes_all_that_it_has(hall: Hall, reel: Reel, by: str) -> None:
    ann = await hall.publisher("ann")
    await record(hall, reel, 1, "camera")
    await reel.until(lambda: len(reel.packets(1)) > 20)
    task = hall.tasks.pop()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for _ in range(2):  # The worker has had its turn with what was sent before.
        await hall.pool.stats()
    if by == "SIGTERM":
        await hall.pool.stop()
    else:
        link = hall.pool._workers[0].link
        assert link is not None
        link._writer.close()
    await reel.until(lambda: isinstance((reel.read(1) or [None])[-1], End))
    last = reel.read(1)[-1]
    assert isinstance(last, End)
    assert last.reason == "stopped"
    found = reel.packets(1)
    assert following(found)
    assert found[-1].number & 0xFFFF == ann.sent


async def test_a_pool_without_a_spool_captures_nothing(told: Told, reel: Reel) -> None:
    pool = MediaPool(PoolSettings(addresses=("127.0.0.1",), port=0, workers=1), told)
    await pool.start()
    try:
        await pool.subscribe("r", "ann")
        with pytest.raises(MediaRefused) as caught:
            await pool.record("r", "ann", "camera", reel.path(1), {})
        assert caught.value.code == "media.bad_request"
    finally:
        await pool.stop()
