"""
From class time to the time of a film: cuts are gone, pauses are a short card. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from classroom.recording.derive.story import Span
from classroom.recording.manifest import Gap

PAUSE_MS = 1500  # Long enough to see that something was left out, too short to wait for.


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A stretch of the film: class time `start` to `end`, from the film's time `at` on for `lasts`. A "pause"
    shows when the pause was, for `PAUSE_MS`.
    """

    kind: Literal["class", "pause"]
    start: int
    end: int
    at: int

    @property
    def lasts(self) -> int:
        """Return how long it is in the film (ms)."""
        return self.end - self.start if self.kind == "class" else PAUSE_MS


def pieces(duration: int, cuts: Iterable[Span], gaps: Iterable[Gap]) -> list[Piece]:
    """
    Return the film of a class of `duration` ms, in order. What lies in a cut is gone, a pause in it included.
    """
    out = _joined([(cut.start, cut.end, "cut") for cut in cuts], duration)
    pauses = [(gap.start, gap.end, "pause") for gap in gaps if gap.why == "paused"]
    holes = sorted([*out, *_without(_joined(pauses, duration), out)])
    found: list[Piece] = []
    t = at = 0
    for start, end, kind in [*holes, (duration, duration, "end")]:
        if start > t:
            found.append(Piece("class", t, start, at))
            at += start - t
        if kind == "pause":
            found.append(Piece("pause", start, end, at))
            at += PAUSE_MS
        t = max(t, end)
    return found


def film_time(film: Iterable[Piece], t: int) -> int:
    """Return when class time `t` is in the film; for what was left out, when the next thing comes."""
    last = 0
    for piece in film:
        if t < piece.start:
            return piece.at
        if t < piece.end:
            return piece.at + (t - piece.start if piece.kind == "class" else 0)
        last = piece.at + piece.lasts
    return last


def length(film: list[Piece]) -> int:
    """Return how long the film is (ms)."""
    return film[-1].at + film[-1].lasts if film else 0


_Hole = tuple[int, int, str]


def _joined(holes: Iterable[_Hole], duration: int) -> list[_Hole]:
    found: list[_Hole] = []
    for start, end, kind in sorted(holes):
        start, end = max(start, 0), min(end, duration)
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end), kind)
        else:
            found.append((start, end, kind))
    return found


def _without(pauses: list[_Hole], cuts: list[_Hole]) -> list[_Hole]:
    """Return what is left of the pauses outside the cuts."""
    left = pauses
    for low, high, _ in cuts:
        parts: list[_Hole] = []
        for start, end, kind in left:
            parts += [(a, b, kind) for a, b in ((start, min(end, low)), (max(start, high), end)) if a < b]
        left = parts
    return left
