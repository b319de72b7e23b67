"""
When a packet was captured, in class time, by its RTP timestamp.

    RTP time --sender reports--> the sender's clock --shortest delay--> our monotonic clock --> class time

The first step is a line for each layer and epoch, moved a little by every report (RFC 3550 section 6.4.1).
The second is a *floor* under all delays seen: what arrived soonest, of reports and of media alike, shows how
the two clocks stand, whatever waited in queues; its slope is the drift between them.

The microphone and the camera of one person are two captures and know nothing of each other. They agree
because both measure one number: the way of that person's datagrams at its shortest, against the same sender's
clock. Each sees it as soon as one of its packets or reports was quick, and a window of two minutes has
hundreds of them even of a screen. So that neither has to wait for its reports, media count as well; a packet
of sound counts from its last sample, before which it cannot have left. What is left of a difference early on
is the time a picture takes to be encoded, some 20 ms.

Nothing in here believes a sender: a report that contradicts what came before moves nothing (its clock was
stepped, or it lies), and a time that lies after the arrival, or long before, starts the line afresh from
arrivals. Times within one layer may still go back a little; who writes files sees to that.
"""

from itertools import pairwise

from classroom.recording.manifest import Spooled
from signaling.core.capture import Head
from signaling.core.sequence import signed32

# Times are said when enough has arrived to know the quickest: when what came is no further apart than 4 ms
# for each of at least four packets (16 ms on a calm line, 0.5 s after 125), and after 6 s in any case.
SETTLE_COUNT, SETTLE_EACH_S, SETTLE_LEAST_S, SETTLE_MOST_S = 4, 0.004, 0.5, 6.0
SILENCE_S = 30.0  # without a packet or report: then the clocks are compared anew (drift of 9 ms at 300 ppm)
WINDOW_S = 120.0  # A line that got longer (another route) is believed after this.
BUCKET_S = 10.0
SLOPE_AFTER = 6  # Buckets before a slope is read off them.
MAX_SLOPE = 500e-6  # Quartz is within 100 ppm, clocks that are being slewed within 500.
STEP_S = 0.25  # A report that is further off tells of a stepped clock, or nothing.
FIRST_STEP_S = 2.0  # The same of a line's first report, which stands against arrivals alone.
LATEST_S, EARLIEST_S = 0.05, 8.0  # A time so much after its arrival, or before it, cannot be.
# How quickly a time is moved to where it belongs: unnoticed, quickly, and (beyond JUMP_S) at once.
SLEW, QUICK_SLEW, QUICK_S, JUMP_S = 0.005, 0.05, 0.02, 2.0


def base_of(head: Head, spooled: Spooled) -> float:
    """
    Return the monotonic time (s) of class time 0, on the clock that the arrivals of a capture are told in.

    After another start of the machine that clock began anew: then the wall clock leads from one to the other,
    as it was when the capture was begun. Within one start a wall clock that jumps moves nothing.
    """
    if head.boot == spooled.boot:
        return spooled.mono
    return head.mono - (head.wall_ms - spooled.started_at) / 1000


class Floor:
    """
    A line under delays that are never too small, and often too big.

    `observe(x, y)`: at our time `x`, something was `y` later than by the sender's clock (s). `at(x)`: what
    that would be for the quickest.
    """

    __slots__ = ("_best", "_bucket", "_low", "_points", "_shut", "slope")

    def __init__(self) -> None:
        self.slope = 0.0
        self._best = float("inf")  # the least y - slope * x in the window
        self._bucket = -1
        self._low = (0.0, float("inf"))
        self._points: list[tuple[float, float]] = []  # the lowest of each bucket
        self._shut = 0

    def __bool__(self) -> bool:
        return self._best != float("inf")

    def observe(self, x: float, y: float) -> None:
        bucket = int(x // BUCKET_S)
        if bucket > self._bucket:
            self._next(bucket, x)
        if y - self.slope * (x - self._low[0]) < self._low[1]:
            self._low = (x, y)
        self._best = min(self._best, y - self.slope * x)

    def at(self, x: float) -> float:
        return self._best + self.slope * x

    def _next(self, bucket: int, x: float) -> None:
        if self._low[1] != float("inf"):
            self._points.append(self._low)
        self._bucket = bucket
        self._low = (x, float("inf"))
        self._points = [point for point in self._points if x - point[0] <= WINDOW_S] or self._points[-1:]
        if len(self._points) >= SLOPE_AFTER:
            self._shut += 1
            found = _slope(self._points)
            self.slope += (found - self.slope) * max(1 / self._shut, 0.1)
        self._best = min((py - self.slope * px for px, py in self._points), default=float("inf"))


def _slope(points: list[tuple[float, float]]) -> float:
    """
    Return the slope of the line under all `points` (ascending in x) that is nearest to them altogether.

    That is the edge of their lower hull above the mean of x (Moon, Skelly, Towsley: Estimation and removal
    of clock skew from network delay measurements, 1999).
    """
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) > 1:
            (ax, ay), (bx, by) = hull[-2], hull[-1]
            if (by - ay) * (x - ax) < (y - ay) * (bx - ax):
                break
            hull.pop()
        hull.append((x, y))
    mean = sum(x for x, _ in points) / len(points)
    for (ax, ay), (bx, by) in pairwise(hull):
        if bx >= mean and bx > ax:
            return min(max((by - ay) / (bx - ax), -MAX_SLOPE), MAX_SLOPE)
    return 0.0


class _Line:
    """One layer in one epoch: its RTP time, unwrapped, in seconds, and what was learnt of it."""

    __slots__ = (
        "applied",
        "epoch",
        "floor",
        "newest",
        "offset",
        "rate",
        "reports",
        "shifted_at",
        "stepped",
    )

    def __init__(self, epoch: int, rate: int, timestamp: int) -> None:
        self.epoch = epoch
        self.rate = rate
        self.newest = timestamp  # extended
        self.floor = Floor()  # arrival minus RTP time
        self.reports = 0
        self.offset = 0.0  # the sender's clock minus RTP time
        self.stepped = 0.0  # what is taken off its reports
        self.applied: float | None = None  # class time minus RTP time, as it was last given out
        self.shifted_at = 0.0

    def extend(self, timestamp: int) -> float:
        """Return RTP time in seconds, of a timestamp near the newest."""
        found = self.newest + signed32(timestamp - self.newest)
        self.newest = max(found, self.newest)
        return found / self.rate


class _Beginning:
    """How far apart the first packets of the first layer are."""

    __slots__ = ("_count", "_high", "_low", "_of", "at", "over")

    def __init__(self, layer: int, epoch: int, now: float) -> None:
        self.at = now
        self.over = False
        self._of = (layer, epoch)
        self._count = 0
        self._low, self._high = float("inf"), float("-inf")

    def observe(self, layer: int, epoch: int, now: float, late: float) -> None:
        if (layer, epoch) != self._of:
            return
        self._count += 1
        self._low, self._high = min(late, self._low), max(late, self._high)
        calm = self._high - self._low <= SETTLE_EACH_S * self._count
        self.over = self._count >= SETTLE_COUNT and now - self.at >= SETTLE_LEAST_S and calm


class Timeline:
    """
    Class time of the packets of one capture. `base` is from `base_of`; `rate` of RTP's clock in Hz.

    Arrivals may be anything; state is one line a layer.
    """

    def __init__(self, base: float, rate: int) -> None:
        self._base = base
        self._rate = rate
        self._lines: dict[int, _Line] = {}
        self._floor = Floor()  # arrival minus the sender's clock, of all layers
        self._stepped = 0.0
        self._heard = 0.0
        self._begun: _Beginning | None = None
        self.restarts = 0
        """How often times that cannot be were replaced by arrivals."""

    def settled(self, now: float) -> bool:
        """Tell whether enough was seen to say times that need not be taken back."""
        return self._begun is not None and (self._begun.over or now - self._begun.at >= SETTLE_MOST_S)

    def _hear(self, arrival: float) -> None:
        if self._begun is not None and arrival - self._heard > SILENCE_S:
            self._lines.clear()
            self._floor = Floor()
            self._begun = None
        self._heard = max(arrival, self._heard)

    def _line(self, layer: int, epoch: int, timestamp: int) -> _Line:
        line = self._lines.get(layer)
        if line is None or line.epoch != epoch:
            line = self._lines[layer] = _Line(epoch, self._rate, timestamp)
            line.stepped = self._stepped
        return line

    def observe(self, layer: int, epoch: int, timestamp: int, arrival: float, span: float = 0.0) -> None:
        """Learn from a packet that came at `arrival` (s), and left `span` s after its time or later."""
        self._hear(arrival)
        line = self._line(layer, epoch, timestamp)
        rtp = line.extend(timestamp) + span
        if line.floor and not -JUMP_S <= arrival - rtp - line.floor.at(arrival) <= EARLIEST_S:
            line = self._restart(layer, epoch, timestamp)
            rtp = timestamp / self._rate
        if self._begun is None:
            self._begun = _Beginning(layer, epoch, arrival)
        if not self._begun.over:
            self._begun.observe(layer, epoch, arrival, arrival - rtp)
        line.floor.observe(arrival, arrival - rtp)
        if line.reports:
            self._floor.observe(arrival, arrival - rtp - line.offset)

    def report(self, layer: int, epoch: int, timestamp: int, arrival: float, ntp: float) -> None:
        """Learn from a sender report: its clock was `ntp` (s) at `timestamp`."""
        self._hear(arrival)
        line = self._line(layer, epoch, timestamp)
        rtp = line.extend(timestamp)
        offset = ntp - line.stepped - rtp
        if line.reports:
            if abs(offset - line.offset) > STEP_S:
                line.stepped += offset - line.offset
                self._stepped = line.stepped
                return
        elif line.floor and self._floor:
            wrong = offset + self._floor.at(arrival) - line.floor.at(arrival)
            if abs(wrong) > FIRST_STEP_S:
                line.stepped += wrong
                offset -= wrong
        if not line.reports and line.floor:
            # One report may have taken long: what the media have shown so far counts from the beginning.
            self._floor.observe(arrival, line.floor.at(arrival) - offset)
        line.reports += 1
        line.offset += (offset - line.offset) / min(line.reports, 4)
        self._floor.observe(arrival, arrival - ntp + line.stepped)

    def at(self, layer: int, epoch: int, timestamp: int, arrival: float) -> float:
        """Return the class time (s) of a packet that was observed. Before the class began it is negative."""
        line = self._line(layer, epoch, timestamp)
        rtp = line.extend(timestamp)
        if line.reports and self._floor:
            target = line.offset + self._floor.at(arrival)
        elif line.floor:
            target = line.floor.at(arrival)
        else:
            target = arrival - rtp
        shift = self._slew(line, target, rtp)
        if not -EARLIEST_S <= rtp + shift - arrival <= LATEST_S:
            line = self._restart(layer, epoch, timestamp)
            rtp = line.shifted_at = timestamp / self._rate
            line.applied = shift = arrival - rtp
            line.floor.observe(arrival, shift)
        return rtp + shift - self._base

    def _restart(self, layer: int, epoch: int, timestamp: int) -> _Line:
        """Forget a line: its timestamps do not go on as arrivals do."""
        self.restarts += 1
        line = self._lines[layer] = _Line(epoch, self._rate, timestamp)
        line.stepped = self._stepped
        return line

    def _slew(self, line: _Line, target: float, rtp: float) -> float:
        applied = line.applied
        if applied is None or abs(target - applied) > JUMP_S:
            line.applied = target
            line.shifted_at = rtp
            return target
        passed = rtp - line.shifted_at
        if passed <= 0:
            return applied
        wrong = target - applied
        most = passed * (QUICK_SLEW if abs(wrong) > QUICK_S else SLEW)
        line.applied = applied + min(max(wrong, -most), most)
        line.shifted_at = rtp
        return line.applied
