"""
A room: everybody's legs, slots, layers and speakers, without any I/O.

The shell decrypts a packet, calls `on_rtp` or `on_rtcp`, encrypts and sends what comes back, and calls
`tick` every `model.TICK_S` seconds. Nothing is kept of a packet's buffer after a call returns.
Packets and feedback never raise, whatever is in them: they are dropped and counted in `stats`.
"""

from collections.abc import Callable, Mapping, Sequence

from signaling.core.model import (
    CodecName,
    Forward,
    Kind,
    Leg,
    Limits,
    MediaSection,
    Mode,
    Output,
    PairDescription,
    PeerId,
    PeerStats,
    TrackId,
    Wish,
)


class Room:
    """
    One class's media. All times are seconds of one monotonic clock.

    A peer exists from its first `publish`, `subscribe`, `gate`, `wish` or `mode` until `leave`. Gates, wishes
    and modes belong to the peer, not to a leg: they survive a reconnect that replaces a leg.
    """

    def __init__(
        self, *, random_bits: Callable[[int], int], now: float, limits: Limits | None = None
    ) -> None:
        """`random_bits(n)` returns n random bits (`secrets.randbits`): SSRCs and first sequence numbers."""
        raise NotImplementedError

    # --- what a subscriber's offer needs ---------------------------------------------------------------

    @property
    def pairs(self) -> int:
        """How many pairs of m-lines (audio, video) a subscriber should be offered now."""
        raise NotImplementedError

    def pair(self, number: int) -> PairDescription:
        """Media ids, SSRCs, CNAME and msid stream of pair `number` (from 0): constant for the room."""
        raise NotImplementedError

    # --- people ----------------------------------------------------------------------------------------

    def publish(self, peer: PeerId, sections: Sequence[MediaSection], now: float) -> None:
        """
        The publisher leg of `peer` was negotiated, or negotiated again.

        The same sections again (an ICE restart) keep all learnt SSRCs; a new DTLS session should be
        announced by `unpublish` first.
        """
        raise NotImplementedError

    def unpublish(self, peer: PeerId, now: float) -> None:
        """The publisher leg is gone. Gates stay; nothing is forwarded until the next `publish`."""
        raise NotImplementedError

    def subscribe(
        self, peer: PeerId, handle: object, pairs: int, codecs: frozenset[CodecName], now: float
    ) -> None:
        """
        The subscriber leg of `peer` can receive: its answer arrived and DTLS is up.

        `handle` comes back in `Target.handle`. Again with more `pairs` after a renegotiation; with another
        handle, or after `unsubscribe`, it is a new SRTP session and numbers start afresh.
        """
        raise NotImplementedError

    def unsubscribe(self, peer: PeerId, now: float) -> None:
        """The subscriber leg is gone."""
        raise NotImplementedError

    def leave(self, peer: PeerId, now: float) -> None:
        """Forget the peer altogether. Unknown peers are no error."""
        raise NotImplementedError

    # --- wishes of the app -----------------------------------------------------------------------------

    def gate(self, peer: PeerId, kind: Kind, track: TrackId | None, now: float) -> None:
        """Forward what `peer` sends as `kind` under the name `track`, or stop (None)."""
        raise NotImplementedError

    def muted(self, peer: PeerId, kind: Kind, muted: bool, now: float) -> None:
        """Hold back an open track's packets without giving up its slot."""
        raise NotImplementedError

    def wish(self, peer: PeerId, wishes: Mapping[TrackId, Wish], now: float) -> None:
        """Replace what `peer` wishes to see. A track without a wish is wanted small."""
        raise NotImplementedError

    def mode(self, peer: PeerId, mode: Mode, now: float) -> None:
        """Choose how much `peer` receives: everything, slides (and sound), sound, or text (nothing)."""
        raise NotImplementedError

    # --- packets ---------------------------------------------------------------------------------------

    def on_rtp(self, peer: PeerId, packet: bytes | bytearray | memoryview, now: float) -> Sequence[Forward]:
        """Take one decrypted RTP packet of a publisher leg; return what to send at once."""
        raise NotImplementedError

    def on_rtcp(
        self, peer: PeerId, leg: Leg, packet: bytes | bytearray | memoryview, now: float
    ) -> Sequence[Forward]:
        """Take one decrypted RTCP packet; return retransmissions. Other answers come with the next tick."""
        raise NotImplementedError

    def tick(self, now: float) -> Output:
        """Do what is due: reports, NACK, PLI, transport-cc, key frame replays, allocation, speakers."""
        raise NotImplementedError

    def stats(self, now: float) -> Sequence[PeerStats]:
        """Counters and rates of every peer, for the network panel and /metrics."""
        raise NotImplementedError
