"""
Which node runs a class: a lease with an end, renewed while it does.

A lease is advice that keeps two nodes from working against one another. It is not the fence: Redis may
forget it, and clocks may differ. The fence is the journal's primary key (see journal.py).
"""

from dataclasses import dataclass
from typing import Protocol


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
