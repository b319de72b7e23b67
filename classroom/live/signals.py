"""
Signals of a class: reactions, counted, and who is writing. Nothing here is kept, and any of it may be lost.

Both are merged before they are told: 500 people who applaud are two small messages a second, not 500.
"""

import asyncio
from collections.abc import Callable

from classroom.live.wire import REACTIONS, Reaction

WINDOW = 10.0  # Seconds for which a reaction counts, as PROTOCOL.md says.
TELL_EVERY = 0.5  # Seconds: at most twice a second.
TYPING_EVERY = 2.0  # Seconds between two tellings of one writer; a reader shows it for 5.
MAX_WRITERS = 5  # Told within TYPING_EVERY; a screen says "several people" from three on.


class Reactions:
    """How many people gave which reaction within the last WINDOW seconds. Time is an argument."""

    def __init__(self) -> None:
        self._given: dict[Reaction, dict[str, float]] = {kind: {} for kind in REACTIONS}

    def give(self, person: str, kind: Reaction, now: float) -> None:
        """Count `person` for `kind`, anew if they are counted already."""
        given = self._given[kind]
        given.pop(person, None)
        given[person] = now  # so the oldest stand first

    def counts(self, now: float) -> dict[Reaction, int]:
        """Return the counts, after dropping what is too old."""
        for given in self._given.values():
            while given:
                person = next(iter(given))
                if now - given[person] < WINDOW:
                    break
                del given[person]
        return {kind: len(given) for kind, given in self._given.items()}


class Writers:
    """Whose writing is told: each once in a while, and only some at a time. Time is an argument."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], float] = {}

    def allow(self, person: str, to: str, now: float) -> bool:
        """Return whether to tell that `person` writes to `to` ("" for all); then it counts as told."""
        self._told = {key: at for key, at in self._told.items() if now - at < TYPING_EVERY}
        crowd = sum(1 for _, other in self._told if other == to)
        if (person, to) in self._told or crowd >= MAX_WRITERS:
            return False
        self._told[(person, to)] = now
        return True


class Applause:
    """Tells the counts of reactions when they change, at most every TELL_EVERY seconds."""

    def __init__(
        self, tell: Callable[[dict[Reaction, int]], None], now: Callable[[], float], every: float = TELL_EVERY
    ) -> None:
        self._tell = tell
        self._now = now
        self._every = every
        self._reactions = Reactions()
        self._told = self._reactions.counts(now())
        self._timer: asyncio.TimerHandle | None = None

    def give(self, person: str, kind: Reaction) -> None:
        """Count a reaction; it is told at once if nothing was told just now."""
        self._reactions.give(person, kind, self._now())
        if self._timer is None:
            self._round()

    def stop(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _round(self) -> None:
        counts = self._reactions.counts(self._now())
        if counts != self._told:
            self._told = counts
            self._tell(counts)
        # While anything counts it also has to be taken back in time; a quiet class has no timer.
        self._timer = (
            asyncio.get_running_loop().call_later(self._every, self._round) if any(counts.values()) else None
        )
