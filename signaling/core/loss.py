"""
Which share of packets is lost, from counters that only grow.

A share of too few packets says nothing (one of three lost is no 33 %), and one that is old says nothing
either: until enough has come the last answer stands, and after a while there is none.
"""

LOOK_S = 1.0  # At least so long between two answers: reports of receivers come once a second.
LEAST = 20  # packets, 0.4 s of speech: fewer are waited for
KEEP = 0.5  # Of what was counted before, with each look: losses come in bursts, and a share should not jump.
HALF_LIFE_S = 2.0  # The same where looks come when others like: reports of receivers.
STALE_S = 10.0  # Nothing to count for so long (silence, a camera that is off): nothing is known.


class LossWindow:
    """The share lost lately, the newest counting most; `share` is None while nothing is known."""

    __slots__ = ("_at", "_expected", "_lost", "expected", "lost", "share")

    def __init__(self) -> None:
        self.share: float | None = None
        self.expected = 0.0  # packets that the share is made of
        self.lost = 0.0
        self._at: float | None = None
        self._expected = 0
        self._lost = 0.0

    def look(self, expected: int, lost: float, now: float) -> None:
        """
        Take counters since the beginning. `lost` may fall: a packet that comes late was not lost after all.

        Counters that begin anew (`expected` fell: another leg) are a beginning here too.
        """
        if self._at is None or expected < self._expected:
            self._mark(expected, lost, now)
            return
        passed = now - self._at
        came = expected - self._expected
        if passed < LOOK_S:
            return
        if came < LEAST:
            if passed >= STALE_S:
                self.share = None
                self.expected = self.lost = 0.0
                self._mark(expected, lost, now)
            return
        self.expected = self.expected * KEEP + came
        self.lost = self.lost * KEEP + min(max(lost - self._lost, 0.0), float(came))
        self.share = self.lost / self.expected
        self._mark(expected, lost, now)

    def _mark(self, expected: int, lost: float, now: float) -> None:
        self._at = now
        self._expected = expected
        self._lost = lost


class ReportedLoss:
    """
    What a receiver reports as lost, and what of it was missing before it came to us.

    Both are counted over the same packets, those of one report after the other: their difference is what the
    receiver's own line lost, and would be noise if they were not.
    """

    __slots__ = ("_at", "_expected", "_lost", "_missed")

    def __init__(self) -> None:
        self._at = 0.0
        self._expected = self._lost = self._missed = 0.0

    def add(self, expected: int, lost: float, missed: float, now: float) -> None:
        """Take one report: packets that were to come, of these lost, and of these never there."""
        kept = 0.5 ** ((now - self._at) / HALF_LIFE_S)
        self._at = now
        self._expected = self._expected * kept + expected
        self._lost = self._lost * kept + lost
        self._missed = self._missed * kept + missed

    def shares(self, now: float) -> tuple[float, float] | None:
        """Return (lost, missed) as shares, None while nothing is known."""
        if now - self._at >= STALE_S or self._expected < LEAST:
            return None
        return self._lost / self._expected, min(self._missed / self._expected, 1.0)


def together(*windows: LossWindow) -> float | None:
    """Return the share of all windows that know theirs, by packets; None when none does."""
    known = [window for window in windows if window.share is not None]
    expected = sum(window.expected for window in known)
    return sum(window.lost for window in known) / expected if expected else None


def beyond(share: float, known: float) -> float:
    """
    Return what is lost on one way where `share` is missing at its end and `known` was missing before it.

    Losses on two ways one after the other multiply what comes through.
    """
    return max(0.0, (share - known) / (1 - known)) if known < 1 else 0.0
