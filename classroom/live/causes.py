"""
Whose network is bad: what is believed of each line, and who is the cause in a class. Pure.

A problem is believed when it lasts and forgotten when it stays away, so that nothing on a screen flaps; what
a problem is, is in line_problems.py.
"""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from classroom.live.line_problems import BAD, BAD_LOSS, GOOD, NAMES, WEAK, WEAK_LOSS, Name, Problem, level_of
from signaling.core.model import SubscriberStats

# Seconds, in turns of two: three measurements in a row begin a problem, four end it.
RISE: Final = 4.0
FALL: Final = 6.0
RISE_OF: Final[Mapping[Name, float]] = {
    "lost": 0.0,  # Workers call a leg lost after eight silent seconds; that was long enough.
    "blocked": 10.0,  # A handshake takes four round trips, and somebody may be asked for the microphone.
}

# The school's or the server's line rather than everybody's own at once.
COMMON_FROM, COMMON_SHARE = 4, 0.6


# --- one line, over time --------------------------------------------------------------------------------


class Steady:
    """A level that rises when it was reached for `rise` seconds, and falls after FALL below it."""

    __slots__ = ("_above", "_below", "_rise", "level")

    def __init__(self, rise: float = RISE) -> None:
        self.level = GOOD
        self._rise = rise
        self._above: dict[int, float] = {}  # since when at least this level
        self._below: dict[int, float] = {}  # since when less than it

    def update(self, seen: int, now: float) -> int:
        """Take what is seen at `now` (seconds) and return what to believe."""
        for level in (WEAK, BAD):
            held, other = (self._above, self._below) if seen >= level else (self._below, self._above)
            other.pop(level, None)
            held.setdefault(level, now)
        for level in (WEAK, BAD):
            if level in self._above and now - self._above[level] >= self._rise:
                self.level = max(self.level, level)
        for level in (BAD, WEAK):
            if self.level == level and level in self._below and now - self._below[level] >= FALL:
                self.level = level - 1
        return self.level


@dataclass(slots=True)
class Believed:
    """A problem that is believed, and since when (ms since 1970)."""

    problem: Problem
    since: int


@dataclass(slots=True)
class LineState:
    """What is believed of one line."""

    believed: dict[Name, Believed] = field(default_factory=dict)
    inherits: int = GOOD
    """How much of what this viewer misses never came to us."""
    _steady: dict[Name, Steady] = field(default_factory=dict)
    _inherits: Steady = field(default_factory=Steady)

    def update(self, seen: Mapping[Name, Problem], now: float, wall: int) -> None:
        """Take what is seen at `now` (seconds of a steady clock), which is `wall` (ms since 1970)."""
        for name in NAMES:
            problem = seen.get(name)
            steady = self._steady.get(name)
            if steady is None:
                if problem is None:
                    continue
                steady = self._steady[name] = Steady(RISE_OF.get(name, RISE))
            level = steady.update(problem.level if problem is not None else GOOD, now)
            self._believe(name, level, problem, wall)

    def _believe(self, name: Name, level: int, problem: Problem | None, wall: int) -> None:
        known = self.believed.get(name)
        if not level:
            self.believed.pop(name, None)
            return
        shown = problem if problem is not None else known.problem if known is not None else None
        if shown is not None:
            since = wall if known is None else known.since
            self.believed[name] = Believed(replace(shown, level=level), since)

    def inherit(self, stats: SubscriberStats | None, now: float) -> None:
        """Take what a viewer misses because of others' lines."""
        share = 0.0 if stats is None else min(stats.inherited or 0.0, stats.loss or 0.0)
        self.inherits = self._inherits.update(level_of(share, WEAK_LOSS, BAD_LOSS), now)

    @property
    def level(self) -> int:
        """The worst of its problems."""
        return max((known.problem.level for known in self.believed.values()), default=GOOD)

    def told(self) -> list[Believed]:
        """Return the problems in their order; over a line that is away nothing else is worth telling."""
        found = [self.believed[name] for name in NAMES if name in self.believed]
        return found[:1] if found and found[0].problem.name in ("blocked", "lost") else found


# --- a class --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of one page of a class."""

    person: str
    state: LineState
    sends: Set[str] = frozenset()  # tracks that it publishes
    gets: Set[str] = frozenset()  # tracks that come to it
    measured: bool = True


@dataclass(frozen=True, slots=True)
class Cause:
    """
    Why people of a class hear and see badly.

    `publisher`: `person` sends over a line that loses packets, and `affected` of the `of` people who watch
    miss them. `common`: so many have bad lines at once that it is the server's line, or the school's.
    `viewers`: some have weak lines of their own.
    """

    kind: Literal["publisher", "common", "viewers"]
    affected: int
    of: int
    person: str | None = None


def cause(standings: Collection[Standing]) -> Cause | None:
    """Return what explains most, or None when all is well."""
    measured = {standing.person for standing in standings if standing.measured}
    weak = {standing.person for standing in standings if standing.state.level}
    if len(weak) >= COMMON_FROM and len(weak) >= COMMON_SHARE * len(measured | weak):
        return Cause("common", len(weak), len(measured | weak))
    found = [
        _publisher(standing, standings) for standing in standings if "up.loss" in standing.state.believed
    ]
    worst = max(found, key=lambda one: (one.affected, one.of), default=None)
    if worst is not None and worst.affected:
        return worst
    return Cause("viewers", len(weak), len(measured | weak)) if weak else None


def _publisher(sender: Standing, standings: Iterable[Standing]) -> Cause:
    misses: dict[str, bool] = {}
    for standing in standings:
        if standing.person != sender.person and standing.gets & sender.sends:
            misses[standing.person] = misses.get(standing.person, False) or standing.state.inherits > GOOD
    return Cause("publisher", sum(misses.values()), len(misses), sender.person)
