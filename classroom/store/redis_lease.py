"""
Leases in Redis: a key that ends by itself, changed only by whoever knows its token.
"""

import secrets
from collections.abc import Awaitable
from typing import Any

from redis.asyncio import Redis

from classroom.store.errors import Unavailable
from classroom.store.lease import DURATION_MS, Grant
from classroom.store.redis_link import FAILURES, connect

# Compare and change in one step: between two, the key could end and be another's.
_OURS = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
_RENEW = _OURS + "return redis.call('PEXPIRE', KEYS[1], ARGV[2])"
_RELEASE = _OURS + "return redis.call('DEL', KEYS[1])"


class RedisLease:
    """The leases of `node` among all nodes on one Redis."""

    def __init__(self, url: str, node: str, prefix: str = "sabak", duration_ms: int = DURATION_MS) -> None:
        self._client: Redis = connect(url)
        self._node = node
        self._prefix = f"{prefix}:lease:"
        self._duration = duration_ms

    async def acquire(self, name: str) -> Grant | None:
        """Take the lease; see Lease.acquire. A lost answer is a lease nobody renews, which ends by itself."""
        grant = Grant(name, self._node, secrets.token_hex(16))
        taken = await self._ask(
            self._client.set(self._prefix + name, _value(grant), px=self._duration, nx=True)
        )
        return grant if taken else None

    async def renew(self, grant: Grant) -> bool:
        """Prolong; see Lease.renew."""
        key = self._prefix + grant.name
        return bool(await self._ask(self._client.eval(_RENEW, 1, key, _value(grant), str(self._duration))))

    async def release(self, grant: Grant) -> None:
        """Give back; see Lease.release."""
        await self._ask(self._client.eval(_RELEASE, 1, self._prefix + grant.name, _value(grant)))

    async def holder(self, name: str) -> str | None:
        """Return the node that holds `name`; see Lease.holder."""
        value = await self._ask(self._client.get(self._prefix + name))
        return value.decode().rpartition(" ")[0] if isinstance(value, bytes) else None

    async def close(self) -> None:
        """Drop the connections; leases that are held end by themselves."""
        await self._client.aclose()

    async def _ask(self, answer: Awaitable[Any]) -> Any:
        try:
            return await answer
        except FAILURES as error:
            raise Unavailable(f"Redis: {error}") from error


def _value(grant: Grant) -> str:
    return f"{grant.node} {grant.token}"
