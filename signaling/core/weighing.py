"""
When the loss that a viewer reports says something about their line.

Reports speak of five packets or of fifty. Of five, one lost is chance; so they are put together until they
are enough, or old enough. What was lost before it came to us is no fault of the line.
"""

from signaling.core.loss import beyond

PACKETS = 25  # Of fewer one may be chance: one in three is no 33 %.
LATEST_S = 1.0  # But after so long half as many have to do: sound alone, or a picture that stands still.
SMOOTH = 4  # `share` is that of the last four weighings or so: a second of pictures.


class LineLoss:
    """The share that one viewer's line loses; `add` returns what was just weighed, `share` is smoothed."""

    __slots__ = ("_at", "_expected", "_lost", "_missed", "share")

    def __init__(self, now: float) -> None:
        self.share = 0.0
        self._at = now
        self._expected = 0
        self._lost = self._missed = 0.0

    def add(self, expected: int, lost: float, missed: float, now: float) -> float | None:
        """Take a report: `lost` of `expected` packets, of which `missed` never came to us. None: too few."""
        self._expected += expected
        self._lost += lost
        self._missed += missed
        enough = PACKETS if now - self._at < LATEST_S else PACKETS / 2
        if self._expected < enough:
            return None
        own = beyond(min(self._lost / self._expected, 1.0), min(self._missed / self._expected, 1.0))
        self.share += (own - self.share) / SMOOTH
        self._at, self._expected = now, 0
        self._lost = self._missed = 0.0
        return own
