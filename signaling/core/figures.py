"""
What is told of a peer's line: rates, losses and counters of both legs, read from where they are counted.

Nothing is kept here and nothing changes by being asked, but for the windows over which losses are shares.
"""

from signaling.core.loss import together
from signaling.core.model import PeerStats, SourceStats, SubscriberStats, ViewStats
from signaling.core.peer import Peer
from signaling.core.source import Source
from signaling.core.subscriber import Subscriber


def peer_stats(peer: Peer, now: float) -> PeerStats:
    """Return everything that is known of a peer at `now`."""
    dropped = peer.dropped.copy()
    if peer.publisher is not None:
        dropped += peer.publisher.dropped
    if peer.subscriber is not None:
        dropped += peer.subscriber.dropped
    sources = peer.sources.values()
    for source in sources:
        source.look(now)
    return PeerStats(
        peer=peer.name,
        rtt_ms=None if peer.rtt is None else peer.rtt * 1000,
        receive_bps=peer.publisher.meter.bps(now) if peer.publisher is not None else 0,
        loss=together(*(source.loss for source in sources)),
        left=together(*(source.left for source in sources)),
        sources=tuple([_source(source, now) for source in sources]),
        subscriber=_subscriber(peer.subscriber, now) if peer.subscriber is not None else None,
        dropped=dict(dropped),
    )


def _source(source: Source, now: float) -> SourceStats:
    layers = [layer for layer in source.layers if layer is not None]
    return SourceStats(
        kind=source.kind,
        track=source.track,
        muted=source.muted,
        codec=layers[0].codec if layers else None,
        wanted=source.wanted,
        loss=source.loss.share,
        left=source.left.share,
        layers=tuple([layer.stats(now) for layer in layers]),
    )


def _subscriber(subscriber: Subscriber, now: float) -> SubscriberStats:
    shares = subscriber.losses.shares(now)
    packets = 0
    views: list[ViewStats] = []
    for lane in subscriber.by_ssrc.values():
        packets += lane.counts()[0]
        source, flow = lane.source, lane.flow
        if source is None or source.track is None:
            continue
        layer = temporal = None
        if flow is not None:
            layer, temporal = flow.layer.index, flow.temporal
        views.append(ViewStats(source.track, source.kind, layer, temporal, lane.wanted, lane.liked))
    return SubscriberStats(
        bps=subscriber.sent_bps,
        budget_bps=subscriber.bandwidth.budget,
        liked_bps=subscriber.liked,
        remb_bps=subscriber.bandwidth.remb,
        loss=None if shares is None else shares[0],
        inherited=None if shares is None else shares[1],
        rtt_ms=None if subscriber.rtt is None else subscriber.rtt * 1000,
        packets=packets,
        retransmitted=subscriber.retransmitted,
        nacks=subscriber.nacks,
        plis=subscriber.plis,
        views=tuple(views),
    )
