"""
What is wrong with a line at this moment, read from what workers measure of it. Pure.

A viewer who misses packets may have a bad line, or may watch somebody whose line loses them on the way up:
workers tell the two apart (`inherited`). How long a problem has to last until it is believed, and whose fault
it is for a whole class, is in causes.py.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from signaling.core.loss import beyond
from signaling.core.model import PeerStats, SubscriberStats
from signaling.messages import LegStatus

Name = Literal["blocked", "lost", "up.loss", "up.slow", "down.loss", "down.slow", "delay"]
NAMES: Final[tuple[Name, ...]] = get_args(Name)
"""In the order in which they are told: what comes first makes what follows hard to judge."""

GOOD, WEAK, BAD = 0, 1, 2
Quality = Literal["good", "weak", "bad"]
QUALITIES: Final[tuple[Quality, ...]] = get_args(Quality)

# Where speech begins to suffer, and where it cannot be followed: ITU-T G.114 for the delay (there and
# back), and what Opus conceals with and without its redundancy for the loss.
WEAK_LOSS, BAD_LOSS = 0.03, 0.10
WEAK_RTT, BAD_RTT = 400.0, 800.0  # ms
WEAK_REPAIRED = 0.08  # Lost on the way up and sent again: pictures come late, and repairs take room.
SMALL = 0.5  # Of the layers that a viewer would like: below, most pictures are blurred.


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing that is wrong with a line. `shown` of `wished` pictures is what a viewer gets.

    The numbers are rounded to what people can use, so that the same problem is the same value for a while.
    """

    name: Name
    level: int
    loss: float | None = None  # 0..1
    bitrate: int | None = None  # bit/s that the line carries (down), or that come (up)
    rtt: int | None = None  # ms
    shown: int | None = None
    wished: int | None = None


def problems(
    stats: PeerStats | None,
    legs: Iterable[LegStatus | None] = (),
    lost: Collection[str] = (),
) -> dict[Name, Problem]:
    """
    Return what is wrong with a line at this moment.

    `stats` None: nothing was told for a while. `lost` are legs that ended and have not come back.
    """
    states = {leg.state for leg in legs if leg is not None}
    found: list[Problem | None] = []
    if "new" in states:
        found.append(Problem("blocked", BAD))
    if lost or "lost" in states:
        found.append(Problem("lost", BAD))
    if stats is not None:
        found += [_up_loss(stats), _up_slow(stats)]
        if stats.subscriber is not None:
            found += [_down_loss(stats.subscriber), _down_slow(stats.subscriber)]
        found.append(_delay(stats))
    return {problem.name: problem for problem in found if problem is not None}


def _up_loss(stats: PeerStats) -> Problem | None:
    """Sound that is lost is not sent again; pictures are, as long as that helps."""
    left = [source.left or 0.0 for source in stats.sources if source.track is not None and not source.muted]
    if not left:
        return None  # Nobody is to hear or see them: what does not come is missed by nobody.
    level = max(level_of(max(left), WEAK_LOSS, BAD_LOSS), level_of(stats.loss or 0.0, WEAK_REPAIRED, 1.0))
    return Problem("up.loss", level, loss=_hundredths(max(*left, stats.loss or 0.0))) if level else None


def _up_slow(stats: PeerStats) -> Problem | None:
    """
    A layer that came before and is wanted comes no more.

    One that never came proves nothing: a small camera has no large picture.
    """
    for source in stats.sources:
        if source.kind != "camera" or source.track is None or source.muted or not source.layers:
            continue
        wanted = len(source.layers) if source.wanted is None else source.wanted
        asked = [layer for layer in source.layers if layer.index <= wanted]
        live = sum(layer.live for layer in asked)
        if live < len(asked):
            level = WEAK if live else BAD
            return Problem(
                "up.slow", level, bitrate=_two_digits(stats.receive_bps), shown=live, wished=len(asked)
            )
    return None


def _down_loss(stats: SubscriberStats) -> Problem | None:
    own = own_loss(stats)
    level = level_of(own, WEAK_LOSS, BAD_LOSS)
    return Problem("down.loss", level, loss=_hundredths(own)) if level else None


def own_loss(stats: SubscriberStats) -> float:
    """Return what the way to this viewer loses: not what never came to us."""
    return beyond(stats.loss or 0.0, stats.inherited or 0.0)


def _down_slow(stats: SubscriberStats) -> Problem | None:
    """What was allotted to the line, against what it would get without bounds: never what is not wished."""
    liked = [view for view in stats.views if view.liked is not None]
    shown = [view for view in liked if view.target is not None]
    most = sum(1 + (view.liked or 0) for view in liked)
    given = sum(1 + (view.target or 0) for view in shown)
    if not liked or (len(shown) == len(liked) and given >= most * SMALL):
        return None
    level, carries = WEAK if shown else BAD, _two_digits(stats.budget_bps)
    return Problem("down.slow", level, bitrate=carries, shown=len(shown), wished=len(liked))


def _delay(stats: PeerStats) -> Problem | None:
    rtt = stats.rtt_ms or 0.0
    level = level_of(rtt, WEAK_RTT, BAD_RTT)
    return Problem("delay", level, rtt=round(rtt / 50) * 50) if level else None


def level_of(value: float, weak: float, bad: float) -> int:
    return BAD if value >= bad else WEAK if value >= weak else GOOD


def _hundredths(share: float) -> float:
    return round(share, 2)


def _two_digits(number: int) -> int:
    scale: int = 10 ** max(len(str(number)) - 2, 0)
    return round(number / scale) * scale
