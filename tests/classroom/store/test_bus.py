"""One contract for both buses: everything in order, or a Lost in its place."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from classroom.store import bus as bus_module
from classroom.store.bus import MAX_MESSAGE, MAX_WAITING, Bus, Inbox, LocalBus, Lost


@pytest.fixture
async def bus(redis_url: str | None) -> AsyncIterator[Bus]:
    opened: Bus
    if redis_url is None:
        opened = LocalBus()
    else:
        from classroom.store.redis_bus import RedisBus

        opened = await RedisBus.open(redis_url)
    yield opened
    await opened.close()


async def take(inbox: AsyncIterator[bytes | Lost], count: int) -> list[bytes | Lost]:
    async with asyncio.timeout(10):
        return [await anext(inbox) for _ in range(count)]


async def test_every_subscriber_of_a_topic_gets_all_in_order(bus: Bus) -> None:
    async with bus.subscribe("c_1") as one, bus.subscribe("c_1") as two, bus.subscribe("c_2") as other:
        for n in range(100):
            bus.publish("c_1", b"%d" % n)
        bus.publish("c_2", b"other")
        expected = [b"%d" % n for n in range(100)]
        assert await take(one, 100) == expected
        assert await take(two, 100) == expected
        assert await take(other, 1) == [b"other"]


async def test_nobody_hears_what_came_before_or_after(bus: Bus) -> None:
    bus.publish("c_1", b"before")
    async with bus.subscribe("c_1") as inbox:
        bus.publish("c_1", b"within")
        assert await take(inbox, 1) == [b"within"]
    bus.publish("c_1", b"after")
    async with bus.subscribe("c_1") as inbox:
        bus.publish("c_1", b"again")
        assert await take(inbox, 1) == [b"again"]


async def test_a_slow_subscriber_loses_what_waits_and_is_told(bus: Bus) -> None:
    async with bus.subscribe("c_1") as slow:
        for n in range(MAX_WAITING + 2):
            bus.publish("c_1", b"%d" % n)
        first, second = await take(slow, 2)
        assert isinstance(first, Lost)
        assert second == b"%d" % (MAX_WAITING + 1)


async def test_a_message_that_is_too_long_is_a_lost(bus: Bus) -> None:
    async with bus.subscribe("c_1") as inbox:
        bus.publish("c_1", bytes(MAX_MESSAGE + 1))
        bus.publish("c_1", bytes(MAX_MESSAGE))
        first, second = await take(inbox, 2)
        assert isinstance(first, Lost)
        assert second == bytes(MAX_MESSAGE)


async def test_a_binary_message_arrives_as_it_is(bus: Bus) -> None:
    async with bus.subscribe("c_1") as inbox:
        bus.publish("c_1", b"")
        bus.publish("c_1", bytes(range(256)))
        assert await take(inbox, 2) == [b"", bytes(range(256))]


async def test_closing_ends_the_iterators(bus: Bus) -> None:
    async with bus.subscribe("c_1") as inbox:
        bus.publish("c_1", b"last")
        await bus.close()
        async with asyncio.timeout(10):
            assert [item async for item in inbox] == [b"last"]
        assert not bus.ready()
        async with bus.subscribe("c_2") as late, asyncio.timeout(10):
            assert [item async for item in late] == []


def test_an_inbox_is_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "MAX_WAITING_BYTES", 10)
    inbox = Inbox()
    inbox.put(b"12345")
    inbox.put(b"12345")
    inbox.put(b"6")
    inbox.put(b"7")
    inbox.close()

    async def rest() -> list[bytes | Lost]:
        return [item async for item in inbox]

    found = asyncio.run(rest())
    assert [type(item) for item in found] == [Lost, bytes]
    assert found[1] == b"7"


def test_being_lost_twice_is_said_once() -> None:
    inbox = Inbox()
    inbox.lose("one")
    inbox.lose("two")
    inbox.put(b"x")
    inbox.lose("three")
    inbox.close()

    async def rest() -> list[bytes | Lost]:
        return [item async for item in inbox]

    assert asyncio.run(rest()) == [Lost("one"), b"x", Lost("three")]


async def test_a_cancelled_reader_takes_nothing() -> None:
    inbox = Inbox()
    reading = asyncio.ensure_future(anext(inbox))
    await asyncio.sleep(0)
    inbox.put(b"x")
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await take(inbox, 1) == [b"x"]
