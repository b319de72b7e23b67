"""Redis carries news between nodes and may die and come back empty: nobody misses anything."""

import asyncio

import pytest

from classroom.domain.roles import Role
from classroom.domain.room import Room
from classroom.live.follower import Follower
from classroom.store.journal import SqlJournal
from classroom.store.redis_bus import RedisBus
from tests.support import redis
from tests.support.live_node import node
from tests.support.wire_client import WireClient

pytestmark = pytest.mark.redis


async def post(client: WireClient, number: int) -> int:
    answer = await client.command(
        f"message-{number:05}", "chat.post", text=str(number), to=None, reply_to=None
    )
    assert answer["ok"], answer
    return int(answer["seq"])


class Elsewhere:
    """Another node's copy of the class, fed by its own connection to Redis alone."""

    def __init__(self, journal: SqlJournal, bus: RedisBus) -> None:
        self.seen: list[int] = []
        self.told = asyncio.Event()
        self.follower = Follower("algebra", Room(), journal, bus, self._entry)

    def _entry(self, entry: object) -> None:
        self.seen.append(entry.seq)  # type: ignore[attr-defined]
        self.told.set()

    async def until(self, seq: int) -> None:
        async with asyncio.timeout(30):
            while self.follower.room.seq < seq:
                self.told.clear()
                await self.told.wait()


async def test_a_redis_that_dies_and_comes_back_empty_loses_nothing(journal: SqlJournal) -> None:
    async with redis.server() as server:
        here_bus, there_bus = await RedisBus.open(server.url), await RedisBus.open(server.url)
        there = Elsewhere(journal, there_bus)
        following = asyncio.create_task(there.follower.run())
        async with node(journal, bus=here_bus) as here:
            teacher, student = await here.join("u_t", Role.TEACHER), await here.join("u_1")
            await there.until(await post(teacher, 0))
            server.kill()
            last = 0
            for number in range(1, 21):
                last = await post(teacher, number)
            await student.until(last)
            assert len(student.events) >= 21, "here the class has not noticed"
            await server.start()
            for number in range(21, 26):
                last = await post(teacher, number)
            await there.until(last)
            assert there.seen == list(range(1, last + 1)), "each once, in order"
            await student.until(last)
            texts = [event["data"]["text"] for event in student.events if event["type"] == "chat.posted"]
            assert texts == [str(number) for number in range(26)]
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await here_bus.close()
        await there_bus.close()
