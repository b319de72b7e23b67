"""
Everybody in turn, once a period, a few at a time.

For work that has to be done now and then for each of many and must not be done for all at once, because
media waits meanwhile.
"""

from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A ring of items. `due` hands out as many as the time that passed is worth, in order."""

    __slots__ = ("_credit", "_items", "_most", "_period")

    def __init__(self, period: float, most: int) -> None:
        """`period`: seconds for a round of all. `most`: items at once; a longer ring takes longer."""
        self._period = period
        self._most = most
        self._items: dict[T, None] = {}
        self._credit = 0.0

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: T) -> None:
        """Take in an item; its first turn comes within a period."""
        self._items[item] = None

    def remove(self, item: T) -> None:
        """Let go of an item; unknown ones are no error."""
        self._items.pop(item, None)

    def due(self, passed: float) -> list[T]:
        """Return whose turn it is after `passed` more seconds; time that nobody used does not pile up."""
        items = self._items
        most = min(self._most, len(items))
        self._credit = min(self._credit + passed * len(items) / self._period, float(most))
        found: list[T] = []
        while self._credit >= 1:
            self._credit -= 1
            item = next(iter(items))
            del items[item]
            items[item] = None
            found.append(item)
        return found
