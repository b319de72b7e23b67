"""
A cache with a bound by weight: what was not used for longest goes first. For one event loop.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """At most `most` in weight; a single value that is heavier is kept alone."""

    def __init__(self, most: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0

    def get(self, key: K) -> V | None:
        """Return a value, which is now the newest."""
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V) -> None:
        """Keep a value, or weigh one anew that has grown."""
        self.drop(key)
        weight = self._weigh(value)
        self._items[key] = (value, weight)
        self._weight += weight
        while self._weight > self._most and len(self._items) > 1:
            _, (_, gone) = self._items.popitem(last=False)
            self._weight -= gone

    def drop(self, key: K) -> None:
        """Forget a value."""
        if (found := self._items.pop(key, None)) is not None:
            self._weight -= found[1]

    def drop_where(self, matches: Callable[[K], bool]) -> None:
        """Forget all values whose keys match."""
        for key in [key for key in self._items if matches(key)]:
            self.drop(key)

    def __len__(self) -> int:
        return len(self._items)
