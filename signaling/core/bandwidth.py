"""
What one subscriber's line is believed to carry: the budget that pictures are chosen by.

Three witnesses, none of them reliable alone. Loss: much of it is a full line, a little may be radio. The
receiver's own estimate (REMB), which falls when a queue grows, but trails by up to ten seconds on its way up.
Round trips: longer ones are a queue. Downwards each of them is believed at once, because sound suffers first;
upwards nothing is believed that was not tried (`probing`).
"""

from signaling.core.probing import ENOUGH, FACTOR, FIRST_FACTOR, FIRST_S, Probe

START_BPS = 600_000  # Sound and a screen that can be read; of a camera the smallest layer until it is tried.
MIN_BPS = 64_000  # Whatever a report says: less than this carries not even sound.
MAX_BPS = 100_000_000  # More is no line of a pupil; it bounds what a lying REMB may claim.
HIGH_LOSS = 0.10  # Galène, and the loss controller of libwebrtc
RADIO_LOSS = 0.15  # While there is no queue, so much may be radio: less rate would not mend it.
SMOOTH = 4  # reports that this is looked at over: of 25 packets that lose a tenth, five may be lost at times
STEEP_LOSS = 0.25  # So much is no accident: what arrived is what the line carries.
STEEP_SHARE = 0.9  # of what arrived: the queue that has formed must drain
RESTING_BPS = 150_000  # Right after a cut no loss proves that not even the smallest picture fits.
CUT_REST_S = 1.2  # The next report still speaks of the time before a cut.
QUEUE_S = 0.15  # A round trip longer than the shortest by this, twice, and by half: a queue has formed.
LONG_QUEUE_S = 0.22  # By this, once is enough.
SHORTER = 0.8  # of the shortest so far: what the shortest is was not known yet
UNANSWERED_S = 1.0  # Who has given no round trip after so long will give none.
SHORTEST_RTT_S = 30.0  # How long the shortest round trip is believed: ways change.
FALL = 0.97  # Receivers repeat their REMB with every report; one that fell by this says something.
REMB_AHEAD = 1.25  # A higher one is believed so far beyond what is sent; libwebrtc says up to 1.5 untried.
STALE_S = 30.0  # Nothing reported for so long: what was known is forgotten.
TRIAL_S = 5.0  # What was gained upwards has to hold for so long,
PATIENCE_S, MOST_PATIENCE_S = 4.0, 60.0  # or the next try waits, twice as long each time:
FORGIVEN_S = 60.0  # it cost the viewer a stutter. After so long without trouble that is forgotten.
CALM_S = 1.5  # Nothing is tried sooner than this after trouble.


class Bandwidth:
    """
    `budget` in bits a second. `asks`: a sender report should go out now (whoever sends it resets this).

    The first look upwards is at the budget itself: until then (`tried`) it is a guess.
    """

    __slots__ = (
        "_asked_at",
        "_begun_at",
        "_cut_at",
        "_loss",
        "_patience",
        "_queue",
        "_raised_at",
        "_sent_before",
        "_shortest",
        "_shortest_at",
        "_slow",
        "asks",
        "budget",
        "congested_at",
        "heard_at",
        "probe",
        "reach",
        "remb",
        "tried",
    )

    def __init__(self, now: float) -> None:
        self.budget = START_BPS
        self.remb: int | None = None
        self.heard_at = now
        self.congested_at: float | None = None
        self.probe = Probe(now)
        self.asks = False
        self.tried = False  # whether anything was learnt of this line
        self.reach = 0  # what is sent on trust beyond the budget until then: it is the first look itself
        self._begun_at = now
        self._raised_at = now - TRIAL_S
        self._patience = 0.0
        self._loss = 0.0  # of the last reports
        self._cut_at = now - CUT_REST_S
        self._sent_before = 0  # what was sent before the cut at `_cut_at`
        self._shortest: float | None = None
        self._shortest_at = now
        self._asked_at = now - STALE_S
        self._queue = 0.0  # seconds that the last round trip was longer than the shortest
        self._slow = 0

    # --- witnesses --------------------------------------------------------------------------------------

    def on_loss(self, loss: float, sent_bps: int, now: float) -> None:
        """Take the loss (0..1) of enough packets to mean something, while `sent_bps` were being sent."""
        self.heard_at = now
        self._loss += (loss - self._loss) / SMOOTH
        resting = self.resting(now)
        if loss > STEEP_LOSS:
            # A report may lag behind the cut that it asks for: then what was sent before counts.
            sent = max(sent_bps, self._sent_before) if now < self._cut_at + CUT_REST_S else sent_bps
            sent = sent or self.budget
            arrived = int(sent * (1 - loss) * STEEP_SHARE)
            self._congested(max(arrived, RESTING_BPS) if resting else arrived, sent, now)
        elif not resting and (self._loss > RADIO_LOSS if self.flowing else loss > HIGH_LOSS):
            sent = min(self.budget, sent_bps or self.budget)
            self._congested(int(sent * (1 - loss / 2)), sent_bps, now)

    def on_round_trip(self, rtt: float, asked_at: float, sent_bps: int, now: float) -> None:
        """Take a round trip in seconds; `asked_at` is when the report left that it was measured with."""
        if asked_at < self._asked_at + 0.01:
            return  # Receivers answer the same report several times; the queue was looked at once.
        self._asked_at = asked_at
        if self._shortest is None or rtt < self._shortest * SHORTER:
            # It stood behind the first picture, or this one still does: look again before a probe is taken.
            self.asks = True
            self.probe.next_at = max(self.probe.next_at, now + FIRST_S)
        if self._shortest is None or rtt <= self._shortest or now - self._shortest_at > SHORTEST_RTT_S:
            self._shortest, self._shortest_at = rtt, now
        self._queue = rtt - self._shortest
        self._learn(self.probe.answered(self._queue, self._shortest, asked_at, now), now)
        if self._queue < self._shortest / 2 + QUEUE_S:
            self._slow = 0
            return
        self._slow += 2 if self._queue >= self._shortest / 2 + LONG_QUEUE_S else 1
        if self._slow >= 2 and sent_bps and not self.resting(now):
            self._slow = 0
            self._congested(int(min(sent_bps, self.budget) * 0.85), sent_bps, now)

    def on_remb(self, bps: int, sent_bps: int, wire: float, now: float) -> None:
        """
        Take a receiver's own estimate; it and `sent_bps` are of payloads, the line carries `wire` times that.

        That it is lower than what is sent proves nothing: it grows by 8 % a second at most. That it fell
        does, unless we gave the reason ourselves: a look upwards makes a queue, but none that stays.
        """
        before = self.remb if now - self.heard_at < STALE_S else None
        self.remb = bps
        self.heard_at = now
        if bps >= sent_bps * 0.9:
            if not self.resting(now):
                believed = int(min(bps, sent_bps * REMB_AHEAD) * wire)
                self.budget = max(self.budget, min(believed, MAX_BPS))
        elif before is not None and bps < before * FALL:
            if self.probe.recent(now):
                self.probe.failed(now)
            else:
                self._congested(int(bps * wire), int(sent_bps * wire), now)

    def tick(self, now: float) -> None:
        """Settle a probe that nobody answered, and forget what is stale."""
        self._learn(self.probe.settle(now), now)
        if now - self.heard_at > STALE_S:
            self.budget = min(self.budget, START_BPS)
            self.remb = None

    def padding(self, wanted_bps: int, sent_bps: int, duration: float, now: float) -> int:
        """
        Return how many octets of copies to send for the next `duration` seconds; usually 0.

        What is sent is to be taken off `probe.owed`: packets are larger than the share of a moment.
        A look upwards begins when more is wanted than the budget allows, and it has been calm for a while.
        """
        probe = self.probe
        if probe.until is None:
            if now < probe.next_at or (wanted_bps <= self.budget and self.tried):
                return 0
            if self._shortest is None and now < self._begun_at + UNANSWERED_S:
                return 0
            factor = FIRST_FACTOR if self.congested_at is None else FACTOR
            target = self.budget * factor if self.tried else max(self.budget, self.reach)
            probe.begin(int(min(wanted_bps * 1.1, target)), now)
        elif now >= probe.until:
            self.asks = self.asks or now < probe.until + 2 * duration
            return 0
        sent = sent_bps if self.tried else max(sent_bps, self.reach)
        probe.owed += max(probe.bps - sent, 0) * duration / 8
        return int(probe.owed)

    # --- inside -----------------------------------------------------------------------------------------

    @property
    def flowing(self) -> bool:
        """Whether round trips are known and short: there is no queue, and what is lost is lost by chance."""
        return self.tried and self._shortest is not None and self._queue < QUEUE_S / 2

    @property
    def doubtful(self) -> bool:
        """Whether the last round trip was long: the next should be measured soon."""
        return self._slow > 0

    def resting(self, now: float) -> bool:
        """Whether reports still speak of the time before a cut."""
        return self.congested_at is not None and now - self.congested_at < CUT_REST_S

    def _learn(self, bps: int, now: float) -> None:
        """Take what a look upwards found; 0: nothing."""
        if bps > self.budget:
            self.budget = bps
            self._raised_at = now
        elif bps and not self.tried and bps < self.probe.bps * ENOUGH:
            self.budget = max(bps, MIN_BPS)
        self.tried = self.tried or bps > 0

    def _congested(self, bps: int, sent_bps: int, now: float) -> None:
        probe = self.probe
        rest = CALM_S
        if probe.recent(now):
            probe.failed(now)
            self._raised_at = now - TRIAL_S  # It was the look, and not what the last one gained.
        if self.congested_at is not None and now - self.congested_at > FORGIVEN_S:
            self._patience = 0.0
        if now - self._raised_at < TRIAL_S:
            self._raised_at = now - TRIAL_S
            rest = self._patience = min(max(self._patience * 2, PATIENCE_S), MOST_PATIENCE_S)
        self.tried = True
        if now >= self._cut_at + CUT_REST_S:  # the first of several in a row
            self._cut_at, self._sent_before = now, sent_bps
        self.congested_at = now
        self._slow = 0
        probe.next_at = max(probe.next_at, now + rest)
        self.budget = max(min(self.budget, bps), MIN_BPS)


class Boundless(Bandwidth):
    """A line that carries everything, whatever anybody reports: for measurements alone (`Limits.without`)."""

    __slots__ = ()

    def __init__(self, now: float) -> None:
        super().__init__(now)
        self.budget = MAX_BPS
        self.tried = True

    def on_loss(self, loss: float, sent_bps: int, now: float) -> None:
        """Shrug."""

    def on_round_trip(self, rtt: float, asked_at: float, sent_bps: int, now: float) -> None:
        """Shrug."""

    def on_remb(self, bps: int, sent_bps: int, wire: float, now: float) -> None:
        """Shrug."""

    def tick(self, now: float) -> None:
        """Nothing grows stale."""
