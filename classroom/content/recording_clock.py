"""
From the wall clock of the journal to class time.

Entries carry the wall clock, media the monotonic one; a manifest's ticks tie the two together, so that a wall
clock that is set while a class runs moves no message away from the words it belongs to. Pure.
"""

from bisect import bisect_right
from collections.abc import Sequence

from classroom.recording.manifest import Tick


class ClassClock:
    """Asked in the order of the journal; its answers never go backwards."""

    def __init__(self, started_at: int, ticks: Sequence[Tick] = ()) -> None:
        """`started_at` is class time 0, in milliseconds since 1970."""
        self._started_at = started_at
        self._ticks = tuple(ticks)
        self._latest = 0

    def take(self, ticks: Sequence[Tick]) -> None:
        """Go on with more ticks; what was answered before stays."""
        self._ticks = tuple(ticks)

    def at(self, wall: int) -> int:
        """Return the class time (ms) of an entry that was written at `wall` (ms since 1970)."""
        self._latest = max(self._latest, self._read(wall), 0)
        return self._latest

    def _read(self, wall: int) -> int:
        ticks = self._ticks
        if not ticks:
            return wall - self._started_at
        # A wall clock that was set back passes the same minutes twice: the first stretch between two ticks,
        # from where the journal has brought us, into which the entry fits is the one.
        place = max(0, bisect_right(ticks, self._latest, key=lambda tick: tick.t) - 1)
        for here in range(place, len(ticks)):
            found = ticks[here].t + wall - ticks[here].wall
            if found <= ticks[here].t and here > place:
                continue
            if here + 1 == len(ticks) or ticks[here].t <= found <= ticks[here + 1].t:
                return found
        # Written while the clock was being set: between two ticks is all that can be said.
        return min(ticks[place].t + wall - ticks[place].wall, ticks[place + 1].t)
