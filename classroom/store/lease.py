"""
Which node runs a class: a lease with an end, renewed while it does.

A lease is advice that keeps two nodes from working against one another. It is not the fence: Redis may
forget it, and clocks may differ. The fence is the journal's primary key (see journal.py).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from classroom.clock import monotonic

# A dead node's classes stand still for so long; renewing every third of it survives two lost answers.
DURATION_MS = 15_000


@dataclass(frozen=True, slots=True)
class Grant:
    """A lease that was given. `token` tells it from every other one of the same name."""

    name: str
    node: str
    token: str


class Lease(Protocol):
    """Leases by name (the class's id). All methods raise Unavailable when nobody can tell."""

    async def acquire(self, name: str) -> Grant | None:
        """Return a grant, or None while somebody (this node too) holds one."""
        ...

    async def renew(self, grant: Grant) -> bool:
        """Prolong by the lease's whole duration; False when it was lost: stop at once."""
        ...

    async def release(self, grant: Grant) -> None:
        """Give back, if it is still ours."""
        ...

    async def holder(self, name: str) -> str | None:
        """Return the node that holds `name` now."""
        ...

    async def close(self) -> None:
        """Let the transport go."""
        ...


class LocalLease:
    """The leases of a single process. They end like the others, so that a stuck owner shows in tests too."""

    def __init__(
        self, node: str, duration_ms: int = DURATION_MS, clock: Callable[[], float] = monotonic
    ) -> None:
        self._node = node
        self._duration = duration_ms / 1000
        self._clock = clock
        self._held: dict[str, tuple[Grant, float]] = {}

    async def acquire(self, name: str) -> Grant | None:
        """Take the lease; see Lease.acquire."""
        if self._current(name) is not None:
            return None
        grant = Grant(name, self._node, secrets.token_hex(16))
        self._held[name] = (grant, self._clock() + self._duration)
        return grant

    async def renew(self, grant: Grant) -> bool:
        """Prolong; see Lease.renew."""
        if self._current(grant.name) != grant:
            return False
        self._held[grant.name] = (grant, self._clock() + self._duration)
        return True

    async def release(self, grant: Grant) -> None:
        """Give back; see Lease.release."""
        if self._current(grant.name) == grant:
            del self._held[grant.name]

    async def holder(self, name: str) -> str | None:
        """Return this node or None; see Lease.holder."""
        grant = self._current(name)
        return grant.node if grant else None

    async def close(self) -> None:
        """Forget all."""
        self._held.clear()

    def _current(self, name: str) -> Grant | None:
        grant, until = self._held.get(name, (None, 0.0))
        if grant is not None and until <= self._clock():
            del self._held[name]
            return None
        return grant
