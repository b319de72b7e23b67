"""Figures of lines as media workers tell them, for tests that only care about some of the numbers."""

from typing import Any, Literal

from signaling import control
from signaling.core.model import Kind, LayerStats, PeerStats, SourceStats, SubscriberStats, ViewStats
from signaling.messages import LegStatus

State = Literal["new", "connected", "lost", "ended"]
Path = Literal["", "udp", "tcp"]


def layer(index: int = 0, bps: int = 100_000, *, live: bool = True, **more: Any) -> LayerStats:
    """Return one encoding."""
    counted = {"packets": 100, "lost": 0, "recovered": 0, "repaired": 0, "nacks": 0, "plis": 0, **more}
    return LayerStats(
        index=index, rid="qhf"[index], ssrc=index, bps=bps, height=180, jitter_ms=1.0, live=live, **counted
    )


def source(
    kind: Kind = "camera",
    *,
    track: str | None = "cam",
    muted: bool = False,
    wanted: int | None = None,
    loss: float | None = 0.0,
    left: float | None = 0.0,
    layers: tuple[LayerStats, ...] = (),
) -> SourceStats:
    """Return one kind that is published."""
    return SourceStats(kind, track, muted, "VP8", wanted, loss, left, layers)


def view(
    track: str = "cam",
    kind: Kind = "camera",
    *,
    layer: int | None = 2,
    target: int | None = 2,
    liked: int | None = 2,
) -> ViewStats:
    """Return one track as a viewer gets it."""
    return ViewStats(track, kind, layer, None if layer is None else 2, target, liked)


def down(
    *,
    bps: int = 500_000,
    budget: int = 2_000_000,
    loss: float | None = 0.0,
    inherited: float | None = 0.0,
    rtt: float | None = 40.0,
    views: tuple[ViewStats, ...] = (),
) -> SubscriberStats:
    """Return a subscriber's figures; `rtt` in ms."""
    return SubscriberStats(bps, budget, 1_000_000, None, loss, inherited, rtt, 1000, 3, 2, 1, views)


def told(
    peer: str = "tab_1",
    *,
    room: str = "algebra",
    up_bps: int = 400_000,
    up_loss: float | None = 0.0,
    left: float | None = 0.0,
    sources: tuple[SourceStats, ...] = (),
    subscriber: SubscriberStats | None = None,
    publishes: State | None = "connected",
    subscribes: State | None = "connected",
    path: Path = "udp",
) -> control.PeerStats:
    """Return what a worker tells of one page's line; a good one unless something else is said."""
    receives = None if subscribes is None else subscriber or down()
    rtt = None if receives is None else receives.rtt_ms
    return control.PeerStats(
        room=room,
        peer=peer,
        publisher=None if publishes is None else LegStatus(publishes, path),
        subscriber=None if subscribes is None else LegStatus(subscribes, path),
        stats=PeerStats(peer, rtt, up_bps, up_loss, left, sources, receives),
    )
