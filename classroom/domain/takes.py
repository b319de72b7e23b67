"""
Takes: the recordings of a class, one after the other; a fold over its journal.

What the state keeps of a recording is what people see of it. This is what remains: when each began and ended,
and the pauses, which are no part of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from classroom.domain.entry import Entry
from classroom.domain.lifecycle import ClassOpened
from classroom.domain.recording import ChapterMark
from classroom.domain.recording_words import (
    Reason,
    RecordingMarked,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)


@dataclass(frozen=True, slots=True)
class Take:
    """One recording. Times are in milliseconds since 1970, None while it (or a pause) lasts."""

    number: int
    title: str
    started_at: int
    ended_at: int | None = None
    reason: Reason | None = None
    pauses: tuple[tuple[int, int | None], ...] = ()
    marks: tuple[ChapterMark, ...] = ()

    @property
    def running(self) -> bool:
        """Whether it goes on, paused or not."""
        return self.ended_at is None

    def gaps(self, now: int) -> tuple[tuple[int, int], ...]:
        """
        Return the pauses in class time, that is in milliseconds since the recording began.

        A pause that lasts ends at `now` (ms since 1970). By a clock that was set back they get shorter, and
        never overlap.
        """
        found: list[tuple[int, int]] = []
        least = 0
        for start, end in self.pauses:
            first = max(least, start - self.started_at)
            least = max(first, (now if end is None else end) - self.started_at)
            found.append((first, least))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Takes:
    """All recordings of a class, the newest last."""

    items: tuple[Take, ...] = ()
    title: str = ""

    @property
    def newest(self) -> Take | None:
        """Return the one that runs, or ran last."""
        return self.items[-1] if self.items else None


def evolve(takes: Takes, entry: Entry) -> Takes:
    """Return `takes` after `entry`. Never fails."""
    match entry.event:
        case ClassOpened(title):
            return replace(takes, title=title)
        case RecordingStarted(number):
            return replace(takes, items=(*takes.items, Take(number, takes.title, entry.at)))
    newest = takes.newest
    if newest is None or not newest.running:
        return takes
    changed = _changed(newest, entry)
    return takes if changed is newest else replace(takes, items=(*takes.items[:-1], changed))


def fold(entries: Iterable[Entry]) -> Takes:
    """Return the recordings of a class with this journal."""
    takes = Takes()
    for entry in entries:
        takes = evolve(takes, entry)
    return takes


def _changed(take: Take, entry: Entry) -> Take:
    match entry.event:
        case RecordingPaused():
            return replace(take, pauses=(*take.pauses, (entry.at, None)))
        case RecordingResumed():
            return replace(take, pauses=_resumed(take, entry.at))
        case RecordingStopped(reason):
            return replace(take, ended_at=entry.at, reason=reason, pauses=_resumed(take, entry.at))
        case RecordingMarked(mark, label):
            return replace(take, marks=(*take.marks, ChapterMark(mark, label, entry.at)))
    return take


def _resumed(take: Take, at: int) -> tuple[tuple[int, int | None], ...]:
    if not take.pauses or take.pauses[-1][1] is not None:
        return take.pauses
    return (*take.pauses[:-1], (take.pauses[-1][0], at))
