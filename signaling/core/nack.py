"""
Loss, both ways: what we ask a publisher to send again, and how often a subscriber may ask us.

The schedules are LiveKit's.
"""

import math

MAX_MISSING = 128  # More than this at once is an outage: a key frame is cheaper than the packets.
MAX_TRIES = 5  # With the back-off some round trips: later nobody waits for the packet.
FIRST_DELAY_S = 0.02  # Reordering on real paths is settled after 20 ms.
MIN_RETRY_S, MAX_RETRY_S = 0.02, 0.4  # One round trip between two tries, within these.
BACKOFF = 1.25
DEFAULT_RTT_S = 0.07  # until a report tells the true one

MAX_RESENT = 3  # times a packet, to one subscriber
RESENT_MEMORY = 512  # as long as the ring: nothing older can be sent again
MAX_RESEND_WAIT_S = 0.1  # The same packet again only after a round trip, or this: a lost one is urgent.


class Missing:
    """The holes in one publisher layer."""

    __slots__ = ("_due", "_wanted", "given_up", "overflowed", "recovered", "repaired")

    def __init__(self) -> None:
        self._wanted: dict[int, tuple[float, int]] = {}  # number: (when to ask next, times asked)
        self._due = 0.0
        self.recovered = 0  # came late, for whatever reason
        self.repaired = 0  # of these, asked for before they came
        self.given_up = 0
        self.overflowed = False  # Somebody must ask for a key frame; they reset it.

    def __len__(self) -> int:
        return len(self._wanted)

    def gap(self, first: int, stop: int, now: float) -> None:
        """Numbers `first` up to, not including, `stop` were skipped."""
        wanted = self._wanted
        if len(wanted) + stop - first > MAX_MISSING:
            self.given_up += len(wanted) + stop - first
            self.overflowed = True
            wanted.clear()
            return
        due = now + FIRST_DELAY_S
        if not wanted or due < self._due:
            self._due = due
        for number in range(first, stop):
            wanted[number] = (due, 0)

    def arrived(self, number: int) -> bool:
        """A late packet came; True if it was missed."""
        missed = self._wanted.pop(number, None)
        if missed is None:
            return False
        self.recovered += 1
        self.repaired += missed[1] > 0
        return True

    def key_frame(self, number: int) -> None:
        """Nothing before a key frame matters any more."""
        for old in [missed for missed in self._wanted if missed < number]:
            del self._wanted[old]

    def clear(self) -> None:
        """Nothing is missed any more: the stream was not for anybody."""
        self._wanted.clear()
        self.overflowed = False

    def due(self, now: float, rtt: float) -> list[int]:
        """Return the numbers to ask for now, ascending; gives up after MAX_TRIES."""
        wanted = self._wanted
        if not wanted or now < self._due:
            return []
        asked: list[int] = []
        lost: list[int] = []
        for number, (at, tries) in wanted.items():
            if at > now:
                continue
            if tries == MAX_TRIES:
                lost.append(number)
                continue
            wait = min(max(rtt * BACKOFF**tries, MIN_RETRY_S), MAX_RETRY_S)
            wanted[number] = (now + wait, tries + 1)
            asked.append(number)
        for number in lost:
            del wanted[number]
        self.given_up += len(lost)
        self._due = min((at for at, _ in wanted.values()), default=0.0)
        asked.sort()
        return asked


class Resent:
    """What one subscriber was sent again on one SSRC. Bounded; the oldest entry goes first."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: dict[int, tuple[float, int]] = {}

    def allow(self, index: int, now: float, rtt: float) -> bool:
        """Tell whether `index` may be sent again; not twice within a round trip, and MAX_RESENT times."""
        # No moment stands for "never": now - (now - 0.1) is less than 0.1 on some clocks, more on others.
        at, times = self._sent.get(index, (-math.inf, 0))
        if times >= MAX_RESENT or now - at < min(rtt, MAX_RESEND_WAIT_S):
            return False
        if not times and len(self._sent) >= RESENT_MEMORY:
            del self._sent[next(iter(self._sent))]
        self._sent[index] = (now, times + 1)
        return True
