"""One room on two real workers: what is sent to one is seen at both, and a death costs only its own."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest

from signaling.control import LayersWanted, MediaRefused, SlotsChanged, SpeakersChanged, WorkerDied
from signaling.core import rtcp_writer
from signaling.core.model import Wish
from signaling.pipe import path_of
from signaling.supervisor import MediaPool, PoolSettings
from tests.support.media import Told
from tests.support.media_hall import KINDS, OPUS, VP8, Hall, payloads, whole


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def hall(told: Told) -> AsyncIterator[Hall]:
    pool = MediaPool(PoolSettings(addresses=("127.0.0.1",), port=0, workers=2, spread=2), told)
    await pool.start()
    made = Hall(pool, told)
    try:
        async with asyncio.timeout(30):
            yield made
    finally:
        await made.close()
        await pool.stop()


async def test_both_workers_show_the_same(hall: Hall, told: Told) -> None:
    ann = await hall.publisher("ann")
    bob = await hall.viewer("bob")
    await hall.sees("bob")
    asked = ann.asked
    cat = await hall.viewer("cat")
    await hall.sees("cat")
    assert await hall.workers() == [{"ann", "bob"}, {"cat"}]
    assert ann.asked == asked, "the cached key frame is enough"
    await hall.sees("cat", 30)
    for kind in (OPUS, VP8):
        first = payloads(bob, kind).index(payloads(cat, kind)[0])
        common = min(len(payloads(bob, kind)) - first, len(payloads(cat, kind)))
        assert common > 20
        assert payloads(bob, kind)[first : first + common] == payloads(cat, kind)[:common]
        assert whole(cat, kind)
    assert payloads(cat, VP8)[0][4] & 1 == 0, "it begins with a key frame"
    delays = hall.delays(bob, cat)
    assert delays[len(delays) // 4] < 0.003, "piped at once, not with the next tick"
    slots = [event for event in told.events if isinstance(event, SlotsChanged)]
    assert {event.peers for event in slots} <= {("ann",), ("ann", "bob"), ("cat",)}
    shown = [event for event in slots if event.peers == ("cat",)][-1]
    assert {track for track in shown.slots.values() if track} == {"ann/mic", "ann/cam"}
    ssrc = next(int.from_bytes(packet[8:12], "big") for packet in cat.rtp if packet[1] & 0x7F == VP8)
    cat.send_rtcp(rtcp_writer.build_pli(1, ssrc))
    await hall.until(lambda: any(not payload[4] & 1 for payload in payloads(cat, VP8)[1:]))
    assert ann.asked == asked + 1
    stats = (await hall.pool.stats())["workers"]
    assert [worker["spanned"] for worker in stats] == [1, 1]
    assert stats[1]["pipe"]["received"] > 10
    assert stats[0]["pipe"]["dropped"] == stats[1]["pipe"]["dropped"] == 0


async def test_a_dead_worker_costs_the_others_nothing(hall: Hall, told: Told) -> None:
    await hall.publisher("ann")
    bob = await hall.viewer("bob")
    await hall.viewer("cat")
    await hall.sees("cat")
    await hall.sees("bob")
    hall.kill(1)
    assert await told.wait(WorkerDied) == WorkerDied(1, {"r": ("cat",)})
    await hall.sees("bob", 30)
    assert whole(bob, OPUS)
    assert whole(bob, VP8)
    await hall.viewer("cat", session=2)
    await hall.sees("cat")


async def test_a_publisher_that_lost_its_worker_is_seen_again(hall: Hall, told: Told) -> None:
    await hall.publisher("ann")
    await hall.viewer("bob")
    cat = await hall.viewer("cat")
    await hall.sees("cat")
    hall.kill(0)
    assert await told.wait(WorkerDied) == WorkerDied(0, {"r": ("ann", "bob")})
    empty = len(told.events)
    again = await hall.publisher("ann", session=2)
    await hall.viewer("bob", session=2)
    await hall.sees("cat", 30)
    await hall.sees("bob")
    assert cat is hall.peers["cat"], "on the same leg"
    assert whole(cat, VP8)
    assert again.asked <= 1
    assert all("cat" in event.peers for event in told.events[empty:] if isinstance(event, SlotsChanged))
    assert not [event for event in told.events if isinstance(event, WorkerDied) and event.worker == 1]


async def test_a_room_may_return_to_one_worker(hall: Hall) -> None:
    ann = await hall.publisher("ann")
    await hall.viewer("bob")
    await hall.viewer("cat")
    await hall.sees("cat")
    await hall.pool.close("r", "cat")
    assert await hall.workers() == [{"ann", "bob"}, set()]
    stats = (await hall.pool.stats())["workers"]
    assert [worker["spanned"] for worker in stats] == [0, 0]
    assert [list(worker["rooms"]) for worker in stats] == [["r"], []]
    await hall.viewer("cat", session=2)
    await hall.sees("cat")
    await hall.pool.close("r", "ann")
    await hall.pool.close("r", "bob")
    assert ann.peer.connected
    await hall.viewer("dan")
    assert (await hall.workers())[1] >= {"cat"}


async def test_a_camera_that_is_watched_elsewhere_stays_on(hall: Hall, told: Told) -> None:
    await hall.publisher("ann")
    await hall.viewer("bob")
    await hall.publisher("cat")
    await hall.viewer("dan")
    assert await hall.workers() == [{"ann", "bob"}, {"cat", "dan"}]
    unseen = Wish(0, visible=False)
    for name in ("ann", "bob", "cat"):
        await hall.pool.wish("r", name, "everything", {"ann/cam": unseen, "cat/cam": unseen})
    await hall.pool.wish("r", "dan", "everything", {"ann/cam": Wish(360), "cat/cam": unseen})
    await told.wait(LayersWanted)
    off = [event for event in told.events if isinstance(event, LayersWanted)]
    assert off == [LayersWanted("r", "cat", "camera", ())]
    await hall.pool.wish("r", "bob", "everything", {"cat/cam": Wish(180)})
    await told.wait(LayersWanted("r", "cat", "camera", ("",)))


async def test_only_the_home_says_who_speaks(hall: Hall, told: Told) -> None:
    await hall.publisher("ann")
    await hall.viewer("bob")
    await hall.viewer("cat")
    # The light publisher tells no level and counts as one who speaks softly: too softly to be named. So the
    # only word on it is that of the heir, when home has gone.
    await hall.sees("cat")
    assert not [event for event in told.events if isinstance(event, SpeakersChanged)]
    hall.kill(0)
    assert await told.wait(SpeakersChanged) == SpeakersChanged("r", {}, None)


async def test_strangers_cannot_reach_the_pipes_and_noise_is_counted(hall: Hall) -> None:
    await hall.publisher("ann")
    await hall.viewer("bob")
    await hall.viewer("cat")
    assert hall.pool._directory is not None
    directory = Path(hall.pool._directory.name)
    assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
    await hall.sees("cat")
    before = (await hall.pool.stats())["workers"][1]["pipe"]  # The first packets may come before the mirror.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as noise:
        for datagram in (b"\0", b"\1" * 30, b"\4\0\0\0" + bytes(7), bytes(40_000)):
            noise.sendto(datagram, str(path_of(directory, 1)))
    await hall.sees("cat")
    pipe = (await hall.pool.stats())["workers"][1]["pipe"]
    assert pipe["malformed"] == 3
    assert pipe["strays"] == before["strays"] + 1


async def test_a_refused_gate_is_not_mirrored(hall: Hall) -> None:
    await hall.publisher("ann")
    await hall.viewer("bob")
    await hall.viewer("cat")
    refusals: list[Awaitable[object]] = [
        hall.pool.gate("r", "ann", "screen", "x" * 200, False),
        hall.pool.publish("r", "ann", "nonsense", KINDS),
        hall.pool.answer("r", "nobody", ""),
    ]
    for refused in refusals:
        with pytest.raises(MediaRefused):
            await refused
    await hall.sees("cat")
