"""
How much a publisher may send that does not measure its own line.

Browsers adapt to transport-wide feedback. Simpler clients (aiortc, OBS, players made into senders) know only
REMB: they go as high as the receiver says, and without a word from it stay where they began. So they are told
a rate that follows loss, as the loss controller of Google's congestion control does, within a bound of ours.
"""

from typing import Final

START_BPS: Final = 1_000_000  # A picture of medium size; who sends less is not made to send more by it.
MIN_BPS: Final = 150_000  # The smallest layer of our own client. Sound goes on whatever is said here.
LOW_LOSS, HIGH_LOSS = 0.02, 0.10  # Between them nothing changes (draft-ietf-rmcat-gcc-02 section 6).
GROWTH: Final = 1.08  # a second without loss, there as well
LEAD: Final = 1.5  # How far the word may run ahead of what is sent: libwebrtc's bound for its own REMB.


class UplinkRate:
    """The rate to be told. `update` once a second."""

    __slots__ = ("_most", "bps")

    def __init__(self, most: int) -> None:
        self._most = most
        self.bps = min(START_BPS, most)

    def update(self, loss: float | None, received_bps: int) -> None:
        """Take what was lost of the last packets (0..1, None: too few to say) and the rate that arrives."""
        if loss is not None and loss > HIGH_LOSS:
            self.bps = max(int(min(self.bps, received_bps) * (1 - loss / 2)), MIN_BPS)
        elif (loss is None or loss < LOW_LOSS) and self.bps < received_bps * LEAD:
            self.bps = min(max(int(self.bps * GROWTH), received_bps), self._most)
