"""
Short looks upwards: is there more in a subscriber's line than is being sent?

For a moment copies of old packets are sent besides, up to a rate that is a little above what is known to
work, and then a sender report, which stands behind them in every queue on the way. If its round trip is not
much longer than the shortest, the line carried the rate. Such a look costs a slow line a tenth of a second of
delay and no packet, so it may be taken again soon: a line that gets better is noticed within seconds.
"""

PROBE_S = 0.25  # Twice the rate for so long is a queue of 250 ms: what the smallest home routers hold.
SETTLE_S = 1.0  # after it, until the answer must have come; who gives none has said nothing against it
FIRST_S = 0.4  # after the leg came up, and after its first round trip: a second one tells it from a queue
FIRST_FACTOR = 2.0  # of the budget, while nothing has gone wrong yet
FACTOR = 1.5  # and later: the queue it makes on a line that is full is half as long
REST_S = 0.3  # between two that succeeded: so long it takes to see what the first one brought
NOISE_S = 0.01  # A round trip longer by this, and by a twentieth of the shortest, is chance.
ENOUGH = 0.9  # of the rate was carried: there may be more. Less: that was the line.
HEADROOM = 0.9  # of a line that is known to be no wider: the shortest round trip may have been a long one
FAILED_S, FAILED_MOST_S = 2.0, 5.0  # after one that failed, by half as much more each time


class Probe:
    """When to look, how far up, and what came of it. Knows nothing of packets."""

    __slots__ = ("_backoff", "_ended_at", "bps", "next_at", "owed", "until")

    def __init__(self, now: float) -> None:
        self.next_at = now + FIRST_S
        self.until: float | None = None  # when the copies end; None: no look is being taken
        self.bps = 0
        self.owed = 0.0  # octets to be sent; below 0: the last packet was larger than that
        self._backoff = 0.0
        self._ended_at = now - SETTLE_S

    def begin(self, bps: int, now: float) -> None:
        self.bps = bps
        self.owed = 0.0
        self.until = self._ended_at = now + PROBE_S

    def recent(self, now: float) -> bool:
        """Whether a queue may be of our own making."""
        return now < self._ended_at + SETTLE_S

    def answered(self, queue_s: float, shortest_s: float, asked_at: float, now: float) -> int:
        """
        Take a round trip, as its length beyond the shortest; return the rate that was carried, 0 if unknown.

        What came through while the queue grew by `queue_s` took so much longer than it was sent in.
        """
        if self.until is None or asked_at < self.until:
            return 0
        queue_s = max(queue_s - NOISE_S - shortest_s / 20, 0.0)
        carried = int(self.bps * PROBE_S / (PROBE_S + queue_s))
        if carried >= self.bps * ENOUGH:
            self._succeeded(now)
            return carried
        self.failed(now)
        return int(carried * HEADROOM)

    def settle(self, now: float) -> int:
        """Return the rate of a look that nobody said anything against in time, else 0."""
        if self.until is None or now < self.until + SETTLE_S:
            return 0
        self._succeeded(now)
        return self.bps

    def failed(self, now: float) -> None:
        self.until = None
        self._backoff = min(max(self._backoff * 1.5, FAILED_S), FAILED_MOST_S)
        self.next_at = max(self.next_at, now + self._backoff)

    def _succeeded(self, now: float) -> None:
        self.until = None
        self._backoff = 0.0
        self.next_at = now + REST_S
