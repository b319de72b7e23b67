"""
Who gets which layer: the wishes of a viewer against the bits of their line.

Sound is served before pictures and never starved. Pictures are raised together, one step at a time: the
base layer for everybody first (nobody is switched off while that fits), then upwards by priority: what is
on the screen, who speaks, the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SCREEN, SPEAKER, OTHER = 3, 2, 1  # priorities
OVERSEND = 2  # how far the most important base layer may exceed what is left
TRUST = 8  # and how far while nothing is known of the line: 4 Mbit/s, the most a publisher of one layer sends
LOW_WISH = 180  # pixels; what a track without a wish is wanted at

# Heights of layers, highest last, while no key frame has told them (our client's simulcast).
ASSUMED_HEIGHTS = (180, 360, 720)
ENOUGH = 0.9  # of the wished height: a 176 line picture is enough for 180 lines


@dataclass(frozen=True, slots=True)
class Step:
    """A layer that could be sent: spatial index, highest temporal layer, bits a second altogether."""

    layer: int
    temporal: int
    bps: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One track as one viewer could get it; `steps` ascend and end at what they wish."""

    key: int
    priority: int
    steps: Sequence[Step]


def allocate(
    budget: int, candidates: Sequence[Candidate], oversend: int = OVERSEND
) -> dict[int, Step | None]:
    """
    Return the step of each candidate, by key, within `budget` bits a second (sound already taken off).

    First every track its lowest step, in the order of priority; then whole rounds of one step each within
    a priority before the next priority gets anything. None: not even the lowest fits. The most important
    track may have its lowest step for a share (1/`oversend`) of the price: an estimate that low is often
    wrong, and a picture that stands still is worse than one that is late.
    """
    chosen: dict[int, int] = {}
    ordered = sorted(candidates, key=lambda candidate: -candidate.priority)
    left = budget
    for candidate in ordered:
        cost = candidate.steps[0].bps if candidate.steps else 0
        if candidate.steps and (cost <= left or (candidate is ordered[0] and cost <= oversend * left)):
            chosen[candidate.key] = 0
            left -= candidate.steps[0].bps
    for priority in sorted({candidate.priority for candidate in ordered}, reverse=True):
        climbing = [found for found in ordered if found.priority == priority and found.key in chosen]
        while climbing:
            still = []
            for candidate in climbing:
                at = chosen[candidate.key]
                if at + 1 == len(candidate.steps):
                    continue
                cost = candidate.steps[at + 1].bps - candidate.steps[at].bps
                if cost <= left:
                    left -= cost
                    chosen[candidate.key] = at + 1
                    still.append(candidate)
            climbing = still
    return {
        candidate.key: candidate.steps[chosen[candidate.key]] if candidate.key in chosen else None
        for candidate in candidates
    }


def enough(heights: Sequence[int], wished: int) -> int:
    """Return the index of the smallest layer that is high enough; the highest when none is."""
    count = len(heights)
    for index, height in enumerate(heights):
        assumed = ASSUMED_HEIGHTS[min(index + max(3 - count, 0), 2)]
        if (height or assumed) >= wished * ENOUGH:
            return index
    return count - 1
