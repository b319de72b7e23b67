"""
Which pair of slots shows whom.

Every subscriber's session has the same pairs of m-lines; a pair is bound to one person's microphone and
camera, or to a screen and its sound, while that person may send. Changing who is bound needs no
renegotiation. Only growth does, and it doubles: four, eight, sixteen, twenty-four.
"""

from dataclasses import dataclass

from signaling.core.model import FIRST_PAIRS, PairDescription, PeerId

REST_S = 3.0  # Late packets and a player's buffer of the last person must not meet the next one's.


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever can be shown in a pair: a person, or a person's screen."""

    peer: PeerId
    group: str


@dataclass(slots=True)
class Pair:
    description: PairDescription
    holder: Holder | None = None
    last: Holder | None = None
    freed_at: float = -REST_S


class Slots:
    """The pairs of a room. `waiting` are those who found none, first come first."""

    __slots__ = ("_limit", "_of", "pairs", "waiting")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._of: dict[Holder, int] = {}
        self.pairs: list[Pair] = []
        self.waiting: list[Holder] = []

    def of(self, holder: Holder) -> int | None:
        """Return the number of the pair that shows `holder`."""
        return self._of.get(holder)

    def missing(self) -> int:
        """Return how many pairs there should be but are not: the room has to `add` them."""
        if not self.pairs:
            return min(FIRST_PAIRS, self._limit)
        if not self.waiting or len(self.pairs) >= self._limit:
            return 0
        return min(len(self.pairs), self._limit - len(self.pairs))

    def add(self, descriptions: list[PairDescription], now: float) -> None:
        self.pairs += [Pair(description) for description in descriptions]
        self._serve(now)

    def bind(self, holder: Holder, now: float) -> None:
        """Give `holder` a pair, or put it into the queue."""
        if holder not in self._of and holder not in self.waiting:
            self.waiting.append(holder)
            self._serve(now)

    def free(self, holder: Holder, now: float) -> None:
        """Take its pair from `holder`, or its place in the queue."""
        if holder in self.waiting:
            self.waiting.remove(holder)
        number = self._of.pop(holder, None)
        if number is not None:
            pair = self.pairs[number]
            pair.holder, pair.last, pair.freed_at = None, holder, now
            self._serve(now)

    def prefer(self, holder: Holder, victim: Holder, now: float) -> None:
        """Show `holder`, who waits (and speaks), instead of `victim`, who is sent to the end of the queue."""
        if holder not in self.waiting or victim not in self._of:
            return
        self.waiting.remove(holder)
        self.waiting.insert(0, holder)
        self.free(victim, now)
        self.waiting.append(victim)

    def _serve(self, now: float) -> None:
        while self.waiting:
            number = self._choose(self.waiting[0], now)
            if number is None:
                return
            holder = self.waiting.pop(0)
            self.pairs[number].holder = holder
            self._of[holder] = number

    def _choose(self, holder: Holder, now: float) -> int | None:
        """Prefer the pair it had before, then one at rest, then growth, then any that is free."""
        free = [number for number, pair in enumerate(self.pairs) if pair.holder is None]
        for number in free:
            if self.pairs[number].last == holder:
                return number
        rested = [number for number in free if now - self.pairs[number].freed_at >= REST_S]
        if rested:
            return rested[0]
        return min(free, key=lambda number: self.pairs[number].freed_at, default=None)
