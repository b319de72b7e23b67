"""
A class on several workers: its publishers as they are told, and as they are seen elsewhere.

A publisher lives on one worker. There a `Feed` tells the other workers what it sends, and remembers what
their viewers wish. Each of them has a `Mirror` of the publisher in its own room: layers, rings, flows,
slots and speakers are as if it were there; only its RTCP is not, since repairs, reports and key frames
are between the publisher and its own worker.

All layers are piped that the publisher sends. What nobody anywhere watches it does not send for long, and
the layers that one worker's viewers leave out cost 11 us a packet here and 28 there (measured in processes
that do little else): 0.8 % of a core for 200 packets a second, against a picture that is there as soon as
somebody wishes it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from signaling.core import pipe
from signaling.core.cache import Packet
from signaling.core.feedback import key_frame_due
from signaling.core.keeping import keep
from signaling.core.model import Kind
from signaling.core.pipe import Ask, HeightWish, Outbox, Piped, Report
from signaling.core.rtp import OUT_HEADER_LENGTH
from signaling.core.source import Layer, Source

Sources = Mapping[Kind, tuple[str, ...]]
"""The kinds that a publisher negotiated, each with its rids, lowest layer first; ("",): no simulcast."""

# Wishes are said twice a second; a worker that was not heard for four times that has gone, and so have its
# viewers. With the delay before a layer is switched off nobody's picture hangs on one lost datagram.
WISH_LIVES_S = 2.0


class Feed:
    """What a publisher's own worker tells about it to `outboxes`, one for each of the others."""

    __slots__ = ("_heights", "key", "outboxes")

    def __init__(self, key: int, outboxes: Sequence[Outbox]) -> None:
        self.key = key
        self.outboxes = outboxes
        self._heights: dict[tuple[Kind, int], tuple[int, float]] = {}

    def carry(self, layer: Layer, packet: Packet, loudness: int | None) -> None:
        """Pipe one packet. Of a muted track only the number leaves: its absence must not look like loss."""
        source = layer.source
        if source.track is None:
            return
        payload = b"" if source.muted else packet.payload
        head = pipe.packet_head(self.key, layer, packet, loudness, len(payload), replay=False)
        for outbox in self.outboxes:
            outbox.add(head, payload)

    def report(self, sources: Iterable[Source]) -> None:
        """Say again what the sender reports have told."""
        for source in sources:
            offset = source.clock.offset
            for layer in source.layers:
                if layer is not None and layer.sr_at and offset is not None and source.track is not None:
                    record = pipe.report(self.key, layer, offset)
                    for outbox in self.outboxes:
                        outbox.add(record)

    def on_ask(self, source: Source, asked: Ask, reply: Outbox) -> None:
        """Answer from the cache if that will do, else have the publisher asked (see feedback)."""
        index = pipe.index_at(asked.place)
        layer = source.layers[index] if index < len(source.layers) else None
        if layer is None or not source.sending:
            return
        packets = layer.ring.since_key() if asked.cached else []
        for packet in packets:
            payload = packet.payload
            reply.add(pipe.packet_head(self.key, layer, packet, None, len(payload), replay=True), payload)
        if not packets:
            layer.key_wanted = True

    def on_wish(self, wish: HeightWish, now: float) -> None:
        """Note what viewers elsewhere wish."""
        self._heights[pipe.kind_at(wish.place), wish.shard] = (wish.height, now + WISH_LIVES_S)

    def heights(self, kind: Kind, now: float) -> list[int]:
        """Return the wishes of the other workers that still count."""
        return [
            height for (wished, _), (height, until) in self._heights.items() if wished == kind and now < until
        ]


class Mirror:
    """
    A publisher of another worker. `receive` is the hot path of the pipe.

    `replaced` and `begun` are those of a PublisherLeg. What it asks for goes to `outbox`, that of its worker.
    """

    __slots__ = (
        "_layers",
        "_outbox",
        "_shard",
        "_sources",
        "_wished",
        "begun",
        "dropped",
        "key",
        "loudness",
        "replaced",
    )

    def __init__(self, key: int, sources: Mapping[Kind, Source], outbox: Outbox, shard: int) -> None:
        """`sources` are those of the room's peer; `shard` is the number of this worker."""
        self.key = key
        self._outbox = outbox
        self._shard = shard
        self._sources = sources
        self._layers: dict[int, Layer] = {}
        self._wished: dict[Kind, int] = {}
        self.begun = False
        self.dropped: Counter[str] = Counter()
        self.loudness: int | None = None
        self.replaced: list[Layer] = []

    def negotiate(self, published: Sources) -> None:
        """Take over what the publisher may send now; what did not change goes on."""
        for kind, source in self._sources.items():
            rids = published.get(kind, ())
            if source.rids == rids and source.layers:
                continue
            gone = [layer for layer in source.layers if layer is not None]
            self.replaced += gone
            self._layers = {place: layer for place, layer in self._layers.items() if layer not in gone}
            source.rids = rids or ("",)
            source.layers = [None] * len(rids)

    def receive(self, piped: Piped, now: float) -> tuple[Layer, Packet] | None:
        """Take one packet; None if it is of no use here. Cached ones go into the ring alone."""
        _, place, flags, loudness, ssrc, timestamp, number, payload = piped
        layer = self._layers.get(place)
        if layer is None or layer.ssrc != ssrc:
            layer = self._begin(place, ssrc, now)
            if layer is None:
                self.dropped["piped_unknown"] += 1
                return None
        packet = Packet(number, timestamp, flags & pipe.MARKER != 0, payload, now)
        if layer.source.kind == "microphone":
            self.loudness = loudness if loudness < pipe.UNTOLD else None
        if number > layer.highest:
            layer.highest = number
        layer.received += 1
        if not payload:
            packet.key = packet.start = False
            return layer, packet
        replayed = flags & pipe.REPLAY
        kept = keep(self, layer, packet, 0 if replayed else len(payload) + OUT_HEADER_LENGTH, now)
        return (layer, packet) if kept and not replayed else None

    def _begin(self, place: int, ssrc: int, now: float) -> Layer | None:
        source = self._sources.get(pipe.kind_at(place))
        index = pipe.index_at(place)
        codec = pipe.codec_at(place)
        if source is None or index >= len(source.layers) or source.audio != (codec == "opus"):
            return None
        old = source.layers[index]
        if old is not None:
            self.replaced.append(old)
            self._layers = {at: layer for at, layer in self._layers.items() if layer is not old}
        layer = Layer(source, index, source.rids[index], ssrc, codec)
        layer.begun_at = now
        source.layers[index] = self._layers[place] = layer
        self.begun = True
        return layer

    def on_report(self, report: Report) -> None:
        layer = self._layers.get(report.place)
        if layer is not None and layer.ssrc == report.ssrc:
            layer.sr_ntp, layer.sr_timestamp, layer.sr_at = report.ntp, report.timestamp, report.at
            layer.source.clock.offset = report.offset

    def ask(self, now: float) -> None:
        """Ask for the key frames that viewers wait for. The cached one is enough for whoever sees nothing."""
        for layer in self._layers.values():
            if layer.codec != "opus" and layer.source.sending:
                fresh = layer.key_wanted or any(lane.flow is not None for lane in layer.waiting)
                if key_frame_due(layer, now):
                    cached = not fresh and layer.ring.key_number < 0
                    self._outbox.add(pipe.ask(self.key, layer, self._shard, cached=cached))

    def wish(self, kind: Kind, height: int) -> None:
        """Tell how high viewers here wish to see `kind`."""
        self._wished[kind] = height
        self._outbox.add(pipe.wish(self.key, kind, self._shard, height))

    def raise_wish(self, kind: Kind, height: int) -> None:
        """Tell it at once if somebody wishes to see more than was told."""
        if height > self._wished.get(kind, 0):
            self.wish(kind, height)
