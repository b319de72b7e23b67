"""
How fast something flows, and how fast it may.

`RateMeter` measures; `Bandwidth` is what one subscriber's line is believed to carry: Galène's loss loop
with REMB as a brake, and short probes upwards instead of waiting for five per cent a second.
"""

START_BPS = 600_000  # Sound and a middle layer; a slower line shows within a second or two.
MIN_BPS = 64_000  # Whatever a report says: less than this carries not even sound.
MAX_BPS = 100_000_000  # More is no line of a pupil; it bounds what a lying REMB may claim.
LOW_LOSS, HIGH_LOSS = 0.02, 0.10  # Galène, and the loss controller of libwebrtc
STEEP_LOSS = 0.25  # So much is no accident: what arrived is what the line carries.
CUT_REST_S = 1.2  # The next report still speaks of the time before a cut.
QUEUE_S = 0.15  # A round trip longer than the shortest by this, twice, and by half: a queue has formed.
SHORTEST_RTT_S = 30.0  # How long the shortest round trip is believed: ways change.
GROWTH = 1.05  # a report without loss
STALE_S = 30.0  # Nothing reported for so long: what was known is forgotten.
PROBE_S = 0.6  # Long enough for a receiver to measure, short enough for a queue to survive.
SETTLE_S = 0.6  # after a probe, until its report must have come
PROBE_FACTOR = 2.0  # at most twice what is known to work
FIRST_PROBE_S = 1.0  # after the leg came up: a first look at the line
MIN_BACKOFF_S, MAX_BACKOFF_S = 1.0, 120.0  # between probes: a line that stays as it is is left in peace
TRIAL_S = 8.0  # What is gained by a probe has to hold for so long.
FAILED_BACKOFF_S = 8.0  # A probe that failed is not repeated sooner: it costs the viewer a stutter.

_BUCKETS = 10  # of a second: fine enough to see a layer begin, cheap enough for every packet
_BUCKET_S = 0.1


class RateMeter:
    """Bits a second over the last second, in ten steps."""

    __slots__ = ("_buckets", "_edge", "_sum")

    def __init__(self) -> None:
        self._buckets = [0] * _BUCKETS
        self._sum = 0
        self._edge = 0  # number of the 100 ms step that is being filled

    def add(self, octets: int, now: float) -> None:
        step = int(now / _BUCKET_S)
        if step != self._edge:
            self._roll(step)
        self._buckets[step % _BUCKETS] += octets
        self._sum += octets

    def bps(self, now: float) -> int:
        """Return the rate; a stream that stopped fades out within a second."""
        step = int(now / _BUCKET_S)
        if step != self._edge:
            self._roll(step)
        return self._sum * 8

    def _roll(self, step: int) -> None:
        buckets = self._buckets
        if step - self._edge >= _BUCKETS or step < self._edge:
            self._buckets = [0] * _BUCKETS
            self._sum = 0
        else:
            for old in range(self._edge + 1, step + 1):
                at = old % _BUCKETS
                self._sum -= buckets[at]
                buckets[at] = 0
        self._edge = step


class Bandwidth:
    """
    What one subscriber's line is believed to carry: `budget`, in bits a second.

    Loss above ten per cent, or a REMB that is below what is being sent and does not recover, lowers it. REMB
    of a receiver trails what is sent (at most 1.5 times, growing 8 % a second), so a low one alone proves
    nothing. Upwards lead reports without loss, a REMB above the budget, and probes.
    """

    __slots__ = (
        "_backoff",
        "_loss_at",
        "_probe_bps",
        "_probe_until",
        "_probing",
        "_raised_at",
        "_shortest",
        "_shortest_at",
        "_slow",
        "_strikes",
        "budget",
        "congested_at",
        "heard_at",
        "next_probe_at",
        "remb",
    )

    def __init__(self, now: float) -> None:
        self.budget = START_BPS
        self.remb: int | None = None
        self.heard_at = now
        self.congested_at: float | None = None
        self.next_probe_at = now + FIRST_PROBE_S
        self._backoff = MIN_BACKOFF_S
        self._loss_at = now
        self._strikes = 0
        self._probing = False
        self._raised_at = now - TRIAL_S
        self._shortest = 0.0
        self._shortest_at = now - SHORTEST_RTT_S
        self._slow = 0
        self._probe_bps = 0
        self._probe_until = 0.0

    def on_loss(self, loss: float, sent_bps: int, now: float) -> None:
        """Take the loss (0..1) of a receiver report while `sent_bps` were being sent."""
        if now - self._loss_at < 0.2:
            return  # Reports come as the receiver likes; a flood of them must not drive the rate.
        self._loss_at = self.heard_at = now
        if loss > HIGH_LOSS:
            if self.congested_at is None or now - self.congested_at >= CUT_REST_S:
                kept = 1 - loss if loss > STEEP_LOSS else 1 - loss / 2
                self._congested(int(min(self.budget, sent_bps or self.budget) * kept), now)
        elif loss < LOW_LOSS and sent_bps >= self.budget * 0.75:
            self.budget = min(int(self.budget * GROWTH), MAX_BPS)

    def on_round_trip(self, rtt: float, sent_bps: int, now: float) -> None:
        """Take a measured round trip, in seconds: for receivers without REMB the only sign of a queue."""
        if not self._shortest or rtt <= self._shortest or now - self._shortest_at > SHORTEST_RTT_S:
            self._shortest, self._shortest_at = rtt, now
        if rtt < self._shortest * 1.5 + QUEUE_S:
            self._slow = 0
            return
        self._slow += 1
        rested = self.congested_at is None or now - self.congested_at >= CUT_REST_S
        if self._slow >= 2 and rested and sent_bps:
            self._slow = 0
            self._congested(int(min(sent_bps, self.budget) * 0.85), now)

    def on_remb(self, bps: int, sent_bps: int, now: float) -> None:
        """Take a receiver's own estimate."""
        before = self.remb if now - self.heard_at < STALE_S else None
        self.remb = bps
        self.heard_at = now
        if bps >= sent_bps * 0.9:
            self._strikes = 0
            self.budget = max(self.budget, min(bps, MAX_BPS, int(PROBE_FACTOR * self.budget)))
            return
        falling = before is not None and bps < before * 0.95
        growing = before is not None and bps > before * 1.01
        self._strikes = 0 if growing else self._strikes + (2 if falling else 1)
        if self._strikes >= 2:
            self._congested(bps, now)

    def tick(self, now: float) -> None:
        """Settle a probe that is over, and forget what is stale."""
        if self._probing and now >= self._probe_until + SETTLE_S:
            self._probing = False
            self._raised_at = now
            self.budget = max(self.budget, self._probe_bps)
            self._backoff = max(self._backoff / 2, MIN_BACKOFF_S)
            self.next_probe_at = now + self._backoff
        if now - self.heard_at > STALE_S:
            self.budget = min(self.budget, START_BPS)
            self.remb = None

    def probe(self, wanted_bps: int, sent_bps: int, duration: float, now: float) -> int:
        """
        Return how many octets of padding to send for the next `duration` seconds; usually 0.

        A probe begins when more is wanted than the budget allows, and has been calm for a while.
        """
        if not self._probing:
            if wanted_bps <= self.budget or now < self.next_probe_at:
                return 0
            self._probing = True
            self._probe_bps = int(min(wanted_bps * 1.1, self.budget * PROBE_FACTOR))
            self._probe_until = now + PROBE_S
        if now >= self._probe_until:
            return 0
        return max(int((self._probe_bps - sent_bps) * duration / 8), 0)

    def _congested(self, bps: int, now: float) -> None:
        if self._probing or now - self._raised_at < TRIAL_S:
            self._probing = False
            self._raised_at = now - TRIAL_S
            self._backoff = min(max(self._backoff * 2, FAILED_BACKOFF_S), MAX_BACKOFF_S)
        self._strikes = 0
        self.congested_at = now
        self.next_probe_at = max(self.next_probe_at, now + max(self._backoff, FAILED_BACKOFF_S))
        self.budget = max(min(self.budget, bps), MIN_BPS)
