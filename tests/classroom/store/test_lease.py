"""One contract for both leases: one holder, an end, and no way to prolong what is another's."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from classroom.store.errors import Unavailable
from classroom.store.lease import Grant, Lease, LocalLease
from tests.support.redis import Server

Make = Callable[..., Lease]


@pytest.fixture
async def make(redis_url: str | None) -> AsyncIterator[Make]:
    made: list[Lease] = []

    def build(node: str = "n_1", duration_ms: int = 60_000) -> Lease:
        if redis_url is None:
            made.append(LocalLease(node, duration_ms))
        else:
            from classroom.store.redis_lease import RedisLease

            made.append(RedisLease(redis_url, node, duration_ms=duration_ms))
        return made[-1]

    yield build
    for lease in made:
        await lease.close()


async def acquired(lease: Lease, name: str) -> Grant:
    async with asyncio.timeout(10):
        while (grant := await lease.acquire(name)) is None:  # noqa: ASYNC110 - it ends by the clock
            await asyncio.sleep(0.01)
    return grant


async def test_one_holds_it_until_it_is_given_back(make: Make) -> None:
    lease = make()
    grant = await acquired(lease, "c_1")
    assert (grant.name, grant.node) == ("c_1", "n_1")
    assert await lease.acquire("c_1") is None
    assert await lease.holder("c_1") == "n_1"
    assert await lease.acquire("c_2") is not None
    await lease.release(grant)
    assert await lease.holder("c_1") is None
    assert (await acquired(lease, "c_1")).token != grant.token


async def test_it_ends_by_itself_and_the_old_grant_is_worth_nothing(make: Make) -> None:
    lease = make(duration_ms=50)
    old = await acquired(lease, "c_1")
    new = await acquired(lease, "c_1")  # as soon as the old one has ended
    assert not await lease.renew(old)
    await lease.release(old)
    assert await lease.holder("c_1") in {"n_1", None}
    assert new.token != old.token


async def test_renewing_prolongs(make: Make) -> None:
    lease = make(duration_ms=300)
    grant = await acquired(lease, "c_1")
    for _ in range(5):
        await asyncio.sleep(0.1)  # together longer than it lasts
        assert await lease.renew(grant)
    assert await lease.holder("c_1") == "n_1"


async def test_an_invented_grant_changes_nothing(make: Make) -> None:
    lease = make()
    await acquired(lease, "c_1")
    forged = Grant("c_1", "n_1", "0" * 32)
    assert not await lease.renew(forged)
    await lease.release(forged)
    assert await lease.holder("c_1") == "n_1"


@pytest.mark.redis
async def test_two_nodes_and_a_redis_that_forgets(redis_server: Server) -> None:
    from classroom.store.redis_lease import RedisLease

    one, two = (RedisLease(redis_server.url, node) for node in ("n 1", "n_2"))
    grant = await acquired(one, "c_1")
    assert await two.acquire("c_1") is None
    assert await two.holder("c_1") == "n 1"
    redis_server.kill()
    with pytest.raises(Unavailable):
        await one.renew(grant)
    await redis_server.start()
    assert not await one.renew(grant)
    assert await two.acquire("c_1") is not None
    assert not await one.renew(grant)
    await one.close()
    await two.close()
