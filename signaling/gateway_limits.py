"""
How often: token buckets, for one person and for one address.

A bucket holds `burst` tokens and gains `rate` a second. Honest use never empties it; who empties it waits
and is told for how long. Time is an argument, so a test needs no clock.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_KEYS = 20_000  # Buckets kept at once, 300 bytes each. More keys than people means somebody invents them.


@dataclass(frozen=True, slots=True)
class Rate:
    """`rate` a second for ever, `burst` at once."""

    rate: float
    burst: float


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What one person (`events`), one connection (`messages`) and one address may do.

    A class of 500 may sit behind a single address and comes back at once after a restart, so the address's
    bounds are for floods only. A person's bounds leave room for a queue of commands kept while offline.
    """

    events: Mapping[str, Rate] = field(
        default_factory=lambda: {
            "command": Rate(
                10, 60
            ),  # typing, voting and clicking stay far below; a kept queue fits the burst
            "signal": Rate(5, 20),  # reactions are tapped quickly; typing is told every few seconds
            "media": Rate(5, 40),  # a wish for each change of the page's layout
            "history": Rate(2, 20),  # one page of scrolling each
            "resume": Rate(1, 10),  # each may cost a snapshot
        }
    )
    messages: Rate = Rate(50, 250)  # all packets of one connection; above this it is cut, not answered
    connects: Rate = Rate(100, 2000)
    # Connects that were turned away. Seats cannot be guessed; this is for clients gone mad, and must leave
    # those in peace who share their address.
    refused: Rate = Rate(25, 500)
    connections: int = 5000  # open at once on this node: 60 kB each, 300 MB
    per_address: int = 2500


class Buckets:
    """One bucket for each key, made when first asked for and forgotten when full again."""

    def __init__(self, rate: Rate, max_keys: int = MAX_KEYS) -> None:
        self._rate = rate
        self._max_keys = max_keys
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, key: str, now: float) -> float:
        """Take one token. Return 0.0, or the seconds until there is one (and then take nothing)."""
        level = self._level(key, now)
        wait = 0.0 if level >= 1 else (1 - level) / self._rate.rate
        if wait == 0.0:
            level -= 1
        self._levels[key] = (level, now)
        self._levels.move_to_end(key)
        if len(self._levels) > self._max_keys:
            self._prune(now)
        return wait

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until `take` would succeed, without taking."""
        level = self._level(key, now)
        return 0.0 if level >= 1 else (1 - level) / self._rate.rate

    def _level(self, key: str, now: float) -> float:
        level, since = self._levels.get(key, (self._rate.burst, now))
        return min(self._rate.burst, level + max(0.0, now - since) * self._rate.rate)

    def _prune(self, now: float) -> None:
        """Drop the oldest eighth: those were full again, or belong to a flood of keys."""
        for _ in range(max(1, self._max_keys // 8)):
            self._levels.popitem(last=False)
