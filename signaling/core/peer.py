"""One person's legs and wishes, and what their reports are good for."""

from collections import Counter
from collections.abc import Iterable, Mapping

from signaling.core.feedback import PublisherFeedback
from signaling.core.mirror import Feed, Mirror
from signaling.core.model import (
    Forward,
    Kind,
    Mode,
    PeerId,
    TrackId,
    Wish,
)
from signaling.core.publisher import PublisherLeg
from signaling.core.rtcp import KeyFrameRequest, Nack, Packet, ReceiverReport, Remb, SenderReport
from signaling.core.source import Clock, Source
from signaling.core.subscriber import Subscriber


class Peer:
    """What a room knows of one person."""

    __slots__ = (
        "clock",
        "dropped",
        "feed",
        "feedback",
        "mirror",
        "mode",
        "name",
        "publisher",
        "sources",
        "subscriber",
        "wishes",
    )

    def __init__(self, name: PeerId) -> None:
        self.name = name
        self.publisher: PublisherLeg | None = None
        self.feedback: PublisherFeedback | None = None
        self.feed: Feed | None = None  # to other workers
        self.mirror: Mirror | None = None  # of a publisher of another worker
        self.subscriber: Subscriber | None = None
        self.clock = Clock()
        self.sources: dict[Kind, Source] = {}
        self.wishes: Mapping[TrackId, Wish] = {}
        self.mode: Mode = "everything"
        self.dropped: Counter[str] = Counter()

    def source(self, kind: Kind) -> Source:
        """Return the source of a kind, made on first use."""
        found = self.sources.get(kind)
        if found is None:
            found = self.sources[kind] = Source(self.name, kind, self.clock)
        return found

    @property
    def rtt(self) -> float | None:
        """Round trip time in seconds: both legs take the same way, but only one is measured."""
        return self.subscriber.rtt if self.subscriber is not None else None

    def on_sender_report(self, report: SenderReport, now: float) -> None:
        """Take a publisher's report; unknown SSRCs (RTX among them) are of no use."""
        layer = self.publisher.layer(report.ssrc) if self.publisher is not None else None
        if layer is None or not report.ntp:
            return
        layer.sender_report(report, now)
        self.clock.observe(layer.sr_ntp, now)
        taker = layer.source.taker
        if taker is not None:
            taker.on_report(layer, report, now)

    def on_feedback(self, packets: Iterable[Packet], now: float) -> list[Forward]:
        """Take what a subscriber reports and asks for; return retransmissions."""
        subscriber = self.subscriber
        forwards: list[Forward] = []
        if subscriber is None:
            return forwards
        for packet in packets:
            if isinstance(packet, Nack):
                forwards += subscriber.on_nack(packet, now)
            elif isinstance(packet, KeyFrameRequest):
                layer = subscriber.on_key_frame_request(packet)
                if layer is not None:
                    layer.key_wanted = True
            elif isinstance(packet, ReceiverReport | SenderReport):
                subscriber.on_report(packet.blocks, now)
            elif isinstance(packet, Remb):
                subscriber.on_remb(packet, now)
        if subscriber.bandwidth.congested_at == now:
            subscriber.allocate_at = now  # Sound waits behind pictures that are too large.
        return forwards
