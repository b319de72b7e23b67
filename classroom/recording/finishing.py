"""
The manifest of a recording, from what its captures have given: while it is made, and for good. Pure.

A gap is a stretch of which there is nothing at all. What was lost of one track while another one was recorded
is no gap: whoever listens to the teacher must not be taken past what was said while a pupil's camera failed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from classroom.recording.manifest import Ended, Gap, Manifest, Segment, Spooled, Tick, Track
from signaling.core.capture import Head

CUT_SHORT: Final = frozenset({"disk_full", "disk_slow", "failed", "damaged", "torn"})
"""Ends of a capture that nobody in the class had asked for."""
CLOCK_STEP_MS: Final = 20  # A wall clock that moved by less against ours is not told of anew.
SHORTEST_GAP: Final = 200  # ms. Nobody is helped by a mark for less, and a pause of speech is longer.

Stretch = tuple[int, int]
Covers = Callable[[Segment], Iterable[Stretch]]
"""Tells of what stretches of class time there is something in a segment."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a capture has given so far."""

    number: int
    head: Head
    segments: tuple[Segment, ...]
    clock: tuple[Tick, ...]
    lost: tuple[tuple[int, int], ...]
    begin: int
    end: int
    """Class time of its head and of its last record."""
    shown: int
    """Class time up to which there is something to be fetched."""
    over: str


def so_far(spooled: Spooled, taken: Sequence[Taken]) -> Manifest:
    """Return the manifest of a recording that goes on. Its gaps are not known yet."""
    return _manifest(spooled, taken, duration=max((each.shown for each in taken), default=0))


def complete(spooled: Spooled, taken: Sequence[Taken], ended: Ended, covers: Covers) -> Manifest:
    """
    Return the manifest for good. It is as long as the program said, or as its longest track.

    `covers` is asked only if something was lost.
    """
    duration = max([ended.duration, *(each.shown for each in taken)])
    gaps = _gaps(taken, ended, duration, covers)
    return _manifest(spooled, taken, duration=duration, ended=ended, gaps=gaps)


def _manifest(
    spooled: Spooled,
    taken: Sequence[Taken],
    duration: int,
    ended: Ended | None = None,
    gaps: tuple[Gap, ...] = (),
) -> Manifest:
    return Manifest(
        recording=spooled.recording,
        class_id=spooled.class_id,
        number=spooled.number,
        title=spooled.title,
        version=0 if ended is None else 1,
        started_at=spooled.started_at,
        duration=duration,
        complete=ended is not None,
        reason="" if ended is None else ended.reason,
        gaps=gaps,
        clock=_clock(spooled, taken),
        tracks=_tracks(taken),
    )


def _tracks(taken: Sequence[Taken]) -> tuple[Track, ...]:
    """Return the tracks of which there is something, in the order in which they began."""
    found: dict[str, list[Taken]] = {}
    for each in sorted(taken, key=lambda each: each.number):
        if each.segments:
            found.setdefault(each.head.track, []).append(each)
    tracks = []
    for name, parts in found.items():
        segments = (segment for part in parts for segment in part.segments)
        tracks.append(
            Track(
                id=name,
                person=parts[0].head.person,
                kind=parts[0].head.kind,
                segments=tuple(sorted(segments, key=lambda segment: (segment.start, segment.id))),
            )
        )
    return tuple(tracks)


def _clock(spooled: Spooled, taken: Iterable[Taken]) -> tuple[Tick, ...]:
    """Return the points from which on the wall clock went otherwise; the first is the beginning."""
    ticks = [Tick(wall=spooled.started_at, t=0)]
    for tick in sorted((tick for each in taken for tick in each.clock), key=lambda tick: tick.t):
        before = ticks[-1]
        if abs((tick.wall - tick.t) - (before.wall - before.t)) >= CLOCK_STEP_MS:
            ticks.append(tick)
    return tuple(ticks)


# --- gaps -----------------------------------------------------------------------------------------------


def _gaps(taken: Sequence[Taken], ended: Ended, duration: int, covers: Covers) -> tuple[Gap, ...]:
    paused = _joined((gap.start, min(gap.end, duration)) for gap in ended.gaps)
    lost: Iterable[Stretch] = _joined(_lost(taken, duration))
    if lost:
        there = [stretch for each in taken for segment in each.segments for stretch in covers(segment)]
        lost = _without(lost, _joined([*there, *paused]))
    gaps = [Gap(start=start, end=end, why="paused") for start, end in paused]
    gaps += [Gap(start=start, end=end, why="lost") for start, end in lost if end - start >= SHORTEST_GAP]
    return tuple(sorted(gaps, key=lambda gap: gap.start))


def _lost(taken: Sequence[Taken], duration: int) -> Iterator[Stretch]:
    """Yield the stretches in which something was not recorded that should have been."""
    for each in taken:
        yield from each.lost
        if each.over in CUT_SHORT:
            later = [other for other in taken if other.number > each.number and other.begin >= each.end]
            again = [other for other in later if other.head.track == each.head.track]
            yield each.end, min((other.begin for other in again or later), default=duration)


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the same in order, those that touch made one, and none that is empty."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(stretches: Iterable[Stretch], others: Sequence[Stretch]) -> Iterator[Stretch]:
    """Yield what of `stretches` no one of `others` covers. Both are joined."""
    for start, end in stretches:
        inside = [(a, b) for a, b in others if a < end and b > start]
        edges = [(start, start), *inside, (end, end)]
        for (_, left), (right, _) in pairwise(edges):
            if right > left:
                yield left, right
