"""
What the media workers should capture, and what to tell them so that they do. Pure; as gates.py is for gates.

What should be captured follows from who is to be recorded and from which page carries them; what was told is
remembered. Another recording or another track of a page is another capture, in a file of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from classroom.domain.stage import Track
from signaling.core.model import Kind

Spot = tuple[str, Kind]
"""A page, and which of its media."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A track of the stage that is to be captured, and for which recording (its number)."""

    number: int
    track: str
    person: str


UNSURE = Wish(0, "", "")
"""Stands where nobody knows whether a worker has begun: nobody wishes it, so it is ended."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What a worker was told to capture, into which file, and when (seconds)."""

    wish: Wish
    path: str
    since: float


def wishes(
    number: int, recorded: Iterable[str], tracks: Mapping[str, Track], pages: Mapping[str, str]
) -> dict[Spot, Wish]:
    """Return what should be captured: of the tracks that are `recorded` those that a page carries."""
    return {
        (pages[track], tracks[track].kind): Wish(number, track, tracks[track].person)
        for track in recorded
        if track in pages and track in tracks
    }


def stale(told: Mapping[Spot, Capture], wanted: Mapping[Spot, Wish]) -> list[Spot]:
    """Return whose captures are to be ended."""
    return [spot for spot, capture in told.items() if wanted.get(spot) != capture.wish]


def missing(told: Mapping[Spot, Capture], wanted: Mapping[Spot, Wish]) -> list[Spot]:
    """Return whose captures are to be begun, once those that are `stale` have ended."""
    return [spot for spot in wanted if spot not in told]
