"""
A room: everybody's legs, slots, layers and speakers, without any I/O.

The shell decrypts a packet, calls `on_rtp` or `on_rtcp`, encrypts and sends what comes back, and calls
`tick` every `model.TICK_S` seconds. Nothing is kept of a packet's buffer after a call returns.
Packets and feedback never raise, whatever is in them: they are dropped and counted in `stats`.

This file only connects: what a packet is, is in `publisher`; where it goes, in `forwarding`; what a viewer
gets, in `watching`; what is due when, in `rounds`.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from signaling.core import pipe, rtcp
from signaling.core.cache import Packet
from signaling.core.feedback import PublisherFeedback
from signaling.core.figures import peer_stats
from signaling.core.forwarding import detach, start
from signaling.core.mirror import Feed, Mirror, Sources
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
from signaling.core.peer import Peer
from signaling.core.pipe import Ask, HeightWish, Outbox, Piped, Record, Report
from signaling.core.publisher import PublisherLeg
from signaling.core.rounds import Rounds
from signaling.core.rtp import Buffer
from signaling.core.source import Layer
from signaling.core.subscriber import Subscriber
from signaling.core.taking import ALL_HEIGHTS, Taker


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
        self._limits = limits or Limits()
        self._random_bits = random_bits
        self._peers: dict[PeerId, Peer] = {}
        self._rounds = Rounds(self._peers, self._limits, random_bits, now)

    # --- what a subscriber's offer needs ---------------------------------------------------------------

    @property
    def pairs(self) -> int:
        """How many pairs of m-lines (audio, video) a subscriber should be offered now."""
        return len(self._rounds.slots.pairs)

    def pair(self, number: int) -> PairDescription:
        """Media ids, SSRCs, CNAME and msid stream of pair `number` (from 0): constant for the room."""
        return self._rounds.slots.pairs[number].description

    def stage(self) -> PairDescription:
        """Media ids, SSRCs, CNAME and msid stream of the stage: constant for the room, made on first use."""
        return self._rounds.stage().pair

    # --- people ----------------------------------------------------------------------------------------

    def publish(self, peer: PeerId, sections: Sequence[MediaSection], now: float) -> None:
        """
        The publisher leg of `peer` was negotiated, or negotiated again.

        The same sections again (an ICE restart) keep all learnt SSRCs; a new DTLS session should be
        announced by `unpublish` first.
        """
        found = self._peer(peer)
        if found.mirror is not None:
            self.unpublish(peer, now)  # It came here from the worker that it was mirrored from.
        if found.publisher is None:
            found.publisher = PublisherLeg(self._limits, now)
            found.feedback = PublisherFeedback(self._limits, now)
        for section in sections:
            found.source(section.kind)
        found.publisher.negotiate(sections, found.sources)
        self._renew(found.publisher)

    def unpublish(self, peer: PeerId, now: float) -> None:
        """The publisher leg is gone. Gates stay; nothing is forwarded until the next `publish`."""
        found = self._peers.get(peer)
        if found is None or (found.publisher is None and found.mirror is None):
            return
        found.publisher = found.feedback = found.mirror = None
        for source in found.sources.values():
            for layer in source.layers:
                if layer is not None:
                    retire(layer)
            source.layers = []
            source.wanted = source.lower_at = None
        found.clock.offset = None
        self._rounds.speakers.forget(peer)
        self._rounds.changed = True

    def subscribe(
        self, peer: PeerId, handle: object, pairs: int, codecs: frozenset[CodecName], now: float
    ) -> None:
        """
        The subscriber leg of `peer` can receive: its answer arrived and DTLS is up.

        `handle` comes back in `Target.handle`. Again with more `pairs` after a renegotiation; with another
        handle, or after `unsubscribe`, it is a new SRTP session and numbers start afresh.
        """
        subscriber = self._subscriber(peer, handle, codecs, now)
        descriptions = [pair.description for pair in self._rounds.slots.pairs[:pairs]]
        subscriber.grow(descriptions, self._random_bits)
        self._rounds.rewire(self._peers[peer], now)

    def watch(
        self, peer: PeerId, handle: object, codecs: frozenset[CodecName], now: float, *, repairs: bool
    ) -> None:
        """
        The subscriber leg of `peer` can receive, and made the offer itself: it is sent the stage.

        `repairs`: RTX was agreed to. Otherwise as `subscribe`.
        """
        stage = self.stage()
        subscriber = self._subscriber(peer, handle, codecs, now)
        if not subscriber.lanes:
            subscriber.watch_stage(stage, repairs, self._random_bits)
        self._rounds.rewire(self._peers[peer], now)

    def _subscriber(
        self, peer: PeerId, handle: object, codecs: frozenset[CodecName], now: float
    ) -> Subscriber:
        found = self._peer(peer)
        if found.subscriber is not None and found.subscriber.handle is not handle:
            self.unsubscribe(peer, now)
        if found.subscriber is None:
            found.subscriber = Subscriber(peer, handle, codecs, now, self._limits.without)
        found.subscriber.codecs = codecs
        return found.subscriber

    def unsubscribe(self, peer: PeerId, now: float) -> None:
        """The subscriber leg is gone."""
        found = self._peers.get(peer)
        if found is None or found.subscriber is None:
            return
        for lane in found.subscriber.all_lanes():
            lane.stop_waiting()
            detach(lane)
        found.subscriber = None

    def leave(self, peer: PeerId, now: float) -> None:
        """Forget the peer altogether. Unknown peers are no error."""
        found = self._peers.get(peer)
        if found is None:
            return
        for kind in found.sources:
            self.gate(peer, kind, None, now)
        self.unpublish(peer, now)
        self.unsubscribe(peer, now)
        del self._peers[peer]

    # --- wishes of the app -----------------------------------------------------------------------------

    def gate(self, peer: PeerId, kind: Kind, track: TrackId | None, now: float) -> None:
        """Forward what `peer` sends as `kind` under the name `track`, or stop (None)."""
        source = self._peer(peer).source(kind)
        if source.track == track:
            return
        source.track = track
        source.forget_past()
        if track is None and kind == "microphone":
            self._rounds.speakers.forget(peer)
        if track is not None:
            source.opened_at = now
            self._rounds.want_everything(source)
        if source.taker is not None:
            source.taker.look(now)
        self._rounds.place(self._peers[peer], source.group, now)

    def muted(self, peer: PeerId, kind: Kind, muted: bool, now: float) -> None:
        """Hold back an open track's packets without giving up its slot."""
        source = self._peer(peer).source(kind)
        if source.muted == muted:
            return
        source.muted = muted
        source.forget_past()
        if muted and kind == "microphone":
            self._rounds.speakers.forget(peer)
        if source.taker is not None:
            source.taker.look(now)
        self._rounds.changed = True

    def record(self, peer: PeerId, kind: Kind, track: TrackId, now: float) -> Taker:
        """
        Take what `peer` sends as `kind` into a capture, while it is open as `track` and not muted.

        Another one of that kind takes nothing more. All layers are wanted from now on.
        """
        source = self._peer(peer).source(kind)
        source.taker = Taker(source, track, now)
        if not source.audio:
            self._rounds.want(source, ALL_HEIGHTS)
        return source.taker

    def stop_recording(self, peer: PeerId, kind: Kind) -> None:
        """Take nothing more of it. No error if nothing is taken."""
        found = self._peers.get(peer)
        source = found.sources.get(kind) if found is not None else None
        if source is not None:
            source.taker = None

    def wish(self, peer: PeerId, wishes: Mapping[TrackId, Wish], now: float) -> None:
        """Replace what `peer` wishes to see. A track without a wish is wanted small."""
        found = self._peer(peer)
        found.wishes = dict(islice(wishes.items(), self._limits.wishes))
        self._rounds.rewire(found, now)

    def mode(self, peer: PeerId, mode: Mode, now: float) -> None:
        """Choose how much `peer` receives: everything, slides (and sound), sound, or text (nothing)."""
        found = self._peer(peer)
        found.mode = mode
        self._rounds.rewire(found, now)

    # --- other workers (see mirror.py) -----------------------------------------------------------------

    def feed(self, peer: PeerId, key: int, outboxes: Sequence[Outbox]) -> None:
        """Pipe what `peer` sends to the workers of `outboxes`; none of them: no more."""
        found = self._peers.get(peer)
        if found is None:
            return
        if not outboxes:
            found.feed = None
        elif found.feed is None or found.feed.key != key:
            found.feed = Feed(key, outboxes)
        else:
            found.feed.outboxes = outboxes

    def mirror(
        self, peer: PeerId, key: int, published: Sources, outbox: Outbox, shard: int, now: float
    ) -> None:
        """
        Show a publisher of another worker, whom `outbox` leads to, as if it were here; `shard` is us.

        Again after it has negotiated anew. `leave` ends it.
        """
        found = self._peer(peer)
        if found.publisher is not None:
            return  # It is here.
        if found.mirror is not None and found.mirror.key != key:
            self.unpublish(peer, now)
        for kind in published:
            found.source(kind)
        if found.mirror is None:
            found.mirror = Mirror(key, found.sources, outbox, shard)
        found.mirror.negotiate(published)
        if found.mirror.replaced:
            self._renew(found.mirror)

    def on_piped(
        self, peer: PeerId, record: Record, reply: Callable[[int], Outbox | None], now: float
    ) -> Sequence[Forward]:
        """
        Take what another worker says of `peer`, who is mirrored here or fed from here; return what to send.

        `reply` finds the way to a worker by its number.
        """
        found = self._peers.get(peer)
        if found is None:
            return ()
        mirror, feed = found.mirror, found.feed
        match record:
            case Piped() if mirror is not None:
                received = mirror.receive(record, now)
                if mirror.replaced or mirror.begun:
                    self._renew(mirror)
                if received is not None:
                    return self._forward(peer, *received, mirror.loudness, now)
            case Report() if mirror is not None:
                mirror.on_report(record)
            case Ask() if feed is not None:
                source = found.sources.get(pipe.kind_at(record.place))
                outbox = reply(record.shard)
                if source is not None and outbox is not None:
                    feed.on_ask(source, record, outbox)
            case HeightWish() if feed is not None:
                feed.on_wish(record, now)
                source = found.sources.get(pipe.kind_at(record.place))
                if source is not None and record.height:
                    self._rounds.want(source, record.height)
            case _:
                found.dropped["piped_stray"] += 1
        return ()

    # --- packets ---------------------------------------------------------------------------------------

    def on_rtp(self, peer: PeerId, packet: Buffer, now: float) -> Sequence[Forward]:
        """Take one decrypted RTP packet of a publisher leg; return what to send at once."""
        sender = self._peers.get(peer)
        if sender is None or sender.publisher is None:
            return ()
        publisher = sender.publisher
        received = publisher.receive(packet, now)
        if publisher.replaced or publisher.begun:
            self._renew(publisher)
        if received is None:
            return ()
        layer, parsed = received
        if sender.feed is not None:
            sender.feed.carry(layer, parsed, publisher.loudness)
        taker = layer.source.taker
        if taker is not None and taker.open:
            taker.take(layer, parsed)
        return self._forward(peer, layer, parsed, publisher.loudness, now)

    def _forward(
        self, peer: PeerId, layer: Layer, parsed: Packet, loudness: int | None, now: float
    ) -> Sequence[Forward]:
        source = layer.source
        wanted = source.track is not None and not source.muted and len(parsed.payload) > 0
        if wanted and source.kind == "microphone":
            wanted = self._rounds.speakers.heard(peer, loudness, now)
        if not wanted:
            for flow in layer.flows:
                flow.rewriter.skip(parsed.number)
            return ()
        forwards = start(layer, parsed, now, self._random_bits) if layer.waiting and parsed.key else []
        for flow in layer.flows:
            forward = flow.carry(parsed, now)
            if forward is not None:
                forwards.append(forward)
        return forwards

    def on_rtcp(self, peer: PeerId, leg: Leg, packet: Buffer, now: float) -> Sequence[Forward]:
        """Take one decrypted RTCP packet; return retransmissions. Other answers come with the next tick."""
        found = self._peers.get(peer)
        if found is None:
            return ()
        try:
            parsed = rtcp.parse(packet)
        except rtcp.MalformedRtcp:
            found.dropped["rtcp"] += 1
            return ()
        if leg == "publisher":
            for report in parsed:
                if isinstance(report, rtcp.SenderReport):
                    found.on_sender_report(report, now)
            return ()
        return found.on_feedback(parsed, now)

    def tick(self, now: float) -> Output:
        """Do what is due: reports, NACK, PLI, transport-cc, key frame replays, allocation, speakers."""
        return self._rounds.tick(now)

    def stats(self, now: float) -> Sequence[PeerStats]:
        """Counters and rates of every peer, for the network panel and /metrics."""
        return [peer_stats(peer, now) for peer in self._peers.values() if peer.mirror is None]

    def peer_stats(self, peer: PeerId, now: float) -> PeerStats | None:
        """One peer's, for a shell that asks a few at a time: all of a full room take some milliseconds."""
        found = self._peers.get(peer)
        return None if found is None else peer_stats(found, now)

    # --- inside ----------------------------------------------------------------------------------------

    def _peer(self, peer: PeerId) -> Peer:
        found = self._peers.get(peer)
        if found is None:
            found = self._peers[peer] = Peer(peer)
        return found

    def _renew(self, publisher: PublisherLeg | Mirror) -> None:
        """Layers appeared or were replaced: their viewers are moved with the next tick."""
        for layer in publisher.replaced:
            retire(layer)
        publisher.replaced.clear()
        publisher.begun = False
        self._rounds.changed = True


def retire(layer: Layer) -> None:
    """Take everybody off a layer that will not come again, and let go of its packets."""
    for lane in list(layer.waiting):
        lane.stop_waiting()
    for flow in list(layer.flows):
        for lane in list(flow.lanes):
            detach(lane)
    layer.ring.clear()
