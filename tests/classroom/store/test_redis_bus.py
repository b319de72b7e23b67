"""What only the Redis bus has to survive: other nodes, a Redis that is killed, paused, away, or strange."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from classroom.store import redis_bus, redis_sender
from classroom.store.bus import Lost
from classroom.store.errors import Unusable
from classroom.store.redis_bus import RedisBus
from classroom.store.redis_link import connect
from tests.support.redis import Server

pytestmark = pytest.mark.redis


@contextlib.asynccontextmanager
async def node(server: Server, prefix: str = "sabak") -> AsyncIterator[RedisBus]:
    bus = await RedisBus.open(server.url, prefix)
    try:
        yield bus
    finally:
        await bus.close()


async def until(inbox: AsyncIterator[bytes | Lost], wanted: bytes) -> list[bytes | Lost]:
    """Return all items up to `wanted`."""
    found: list[bytes | Lost] = []
    async with asyncio.timeout(20):
        async for item in inbox:
            found.append(item)
            if item == wanted:
                break
    return found


async def ready(*buses: RedisBus, wanted: bool = True) -> None:
    async with asyncio.timeout(20):
        while not all(bus.ready() is wanted for bus in buses):  # noqa: ASYNC110 - health is asked, not told
            await asyncio.sleep(0.01)


async def test_nodes_hear_one_another_and_themselves_once(redis_server: Server) -> None:
    async with node(redis_server) as one, node(redis_server) as two:
        await ready(one, two)
        async with one.subscribe("c_1") as here, two.subscribe("c_1") as there:
            for n in range(500):
                one.publish("c_1", b"%d" % n)
            expected = [b"%d" % n for n in range(500)]
            assert await until(here, b"499") == expected
            assert await until(there, b"499") == expected
            two.publish("c_1", b"back")
            assert await until(here, b"back") == [b"back"]
            assert await until(there, b"back") == [b"back"]


async def test_installations_on_one_redis_keep_apart(redis_server: Server) -> None:
    async with node(redis_server, "a") as one, node(redis_server, "b") as two:
        await ready(one, two)
        async with one.subscribe("c_1") as inbox, two.subscribe("c_1") as other:
            two.publish("c_1", b"b")
            assert await until(other, b"b") == [b"b"]
            one.publish("c_1", b"a")
            assert await until(inbox, b"a") == [b"a"]


async def test_a_killed_redis_that_comes_back_empty_is_a_lost_and_then_goes_on(redis_server: Server) -> None:
    async with node(redis_server) as one, node(redis_server) as two, two.subscribe("c_1") as inbox:
        await ready(one, two)
        one.publish("c_1", b"before")
        assert await until(inbox, b"before") == [b"before"]
        redis_server.kill()
        for n in range(50):
            one.publish("c_1", b"meanwhile %d" % n)
        await redis_server.start()
        await ready(one, two)
        async with asyncio.timeout(20):
            assert isinstance(await anext(inbox), Lost)
        one.publish("c_1", b"after")
        rest = await until(inbox, b"after")
        # A message of the outage may come late, but only with a Lost for those around it.
        assert rest[-1] == b"after"


async def test_a_nodes_own_subscribers_do_not_notice_that_redis_is_away(redis_server: Server) -> None:
    async with node(redis_server) as one, one.subscribe("c_1") as inbox:
        await ready(one)
        redis_server.kill()
        for n in range(10):
            one.publish("c_1", b"%d" % n)
        found = await until(inbox, b"9")
        assert [item for item in found if not isinstance(item, Lost)] == [b"%d" % n for n in range(10)]
        async with one.subscribe("c_2") as new:
            one.publish("c_2", b"x")
            assert await until(new, b"x") == [b"x"]
            await redis_server.start()
            async with asyncio.timeout(20):
                assert isinstance(await anext(new), Lost)


async def test_a_start_without_redis_waits_for_it(redis_server: Server) -> None:
    redis_server.kill()
    async with node(redis_server) as one, node(redis_server) as two, two.subscribe("c_1") as inbox:
        assert not one.ready()
        await redis_server.start()
        await ready(one, two)
        async with asyncio.timeout(20):
            assert isinstance(await anext(inbox), Lost)
        one.publish("c_1", b"x")
        assert await until(inbox, b"x") == [b"x"]


async def test_a_redis_that_is_silent_is_dead(redis_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(redis_bus, "ANSWER_SECONDS", 0.2)
    async with node(redis_server) as one, one.subscribe("c_1") as inbox:
        await ready(one)
        redis_server.pause()
        await ready(one, wanted=False)
        redis_server.resume()
        async with asyncio.timeout(20):
            assert isinstance(await anext(inbox), Lost)


async def test_what_does_not_fit_the_queue_becomes_a_lost_for_others(
    redis_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_sender, "MAX_UNSENT", 3)
    async with node(redis_server) as one, node(redis_server) as two, two.subscribe("c_1") as inbox:
        await ready(one, two)
        for n in range(10):
            one.publish("c_1", b"%d" % n)  # nothing is sent before the loop runs
        async with asyncio.timeout(10):
            assert [await anext(inbox) for _ in range(4)] == [
                b"0",
                b"1",
                b"2",
                Lost("another node could not send"),
            ]
        one.publish("c_1", b"x")
        assert await until(inbox, b"x") == [b"x"]


async def test_a_node_that_cannot_send_tells_the_others_when_it_can(redis_server: Server) -> None:
    client = connect(redis_server.url)
    async with node(redis_server) as one, node(redis_server) as two, two.subscribe("c_1") as inbox:
        await ready(one, two)
        await client.acl_setuser("default", commands=["-publish"])
        one.publish("c_1", b"in vain")
        await ready(one, wanted=False)
        assert two.ready()
        await client.acl_setuser("default", commands=["+publish"])
        async with asyncio.timeout(20):
            assert await anext(inbox) == Lost("another node could not send")
        one.publish("c_1", b"x")
        assert await until(inbox, b"x") == [b"x"]
    await client.aclose()


async def test_leaving_and_coming_back_at_once_misses_nothing(
    redis_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_bus, "ENTER_SECONDS", 60)  # nobody enters by giving up
    async with node(redis_server) as one, node(redis_server) as two:
        await ready(one, two)
        for n in range(30):
            async with two.subscribe("c_1") as inbox:
                one.publish("c_1", b"%d" % n)
                assert (await until(inbox, b"%d" % n))[-1] == b"%d" % n


async def test_strange_messages_are_dropped(redis_server: Server) -> None:
    client = connect(redis_server.url)
    async with node(redis_server) as one, one.subscribe("c_1") as inbox:
        await ready(one)
        await client.publish("sabak:c_1", b"")
        await client.publish("sabak:c_1", b"short")
        await client.publish("sabak:c_1", b"d" + bytes(8) + b"whole")
        assert await until(inbox, b"whole") == [b"whole"]
    await client.aclose()


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:6379"])
async def test_a_wrong_address_is_refused(url: str) -> None:
    with pytest.raises(Unusable, match="redis://"):
        await RedisBus.open(url)
