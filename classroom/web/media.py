"""
How sound and pictures of a running class get through, for its staff: whose network is bad, and the figures.

The figures are those that the media workers told last, at most two seconds old while a line is alive; asking
costs them nothing.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from classroom.domain import roles
from classroom.domain.errors import NotAllowed
from classroom.live.causes import Believed, Cause
from classroom.live.line_problems import QUALITIES, Name, own_loss
from classroom.live.lines import ClassLines, PageLine
from classroom.web.endpoint import Call
from signaling.core.model import Kind, SourceStats, SubscriberStats

Quality = Literal["good", "weak", "bad"]
Bitrate = Annotated[int, Meta(ge=0, description="bit/s")]
Share = Annotated[float, Meta(ge=0, le=1, description="0 to 1; null while too little was sent to tell")]
Count = Annotated[int, Meta(ge=0, description="since the leg or the layer began")]
Ms = Annotated[float, Meta(ge=0, description="milliseconds")]


class MediaProblem(msgspec.Struct, frozen=True):
    """What is wrong with a line, as PROTOCOL.md 1.3 explains; numbers that say nothing about it are null."""

    problem: Name
    level: Literal["weak", "bad"]
    since: Annotated[int, Meta(description="milliseconds since 1970 (UTC)")]
    loss: Share | None
    bitrate: Bitrate | None
    rtt_ms: Ms | None
    shown: Annotated[int, Meta(description="pictures that come")] | None
    wished: Annotated[int, Meta(description="pictures that should")] | None


class MediaCause(msgspec.Struct, frozen=True):
    """What explains most: one sender's line, a line common to most, or the lines of some."""

    kind: Literal["publisher", "common", "viewers"]
    person: Annotated[str, Meta(description="whose line, for `publisher`")] | None
    affected: Annotated[int, Meta(description="people who suffer")]
    of: Annotated[int, Meta(description="people who could")]


class MediaLayer(msgspec.Struct, frozen=True):
    """One encoding as it arrives at the server."""

    rid: str
    bitrate: Bitrate
    height: Annotated[int, Meta(description="pixels, 0 while unknown")]
    live: Annotated[bool, Meta(description="packets come")]
    packets: Count
    lost: Annotated[int, Meta(description="packets that never came")]
    repaired: Annotated[int, Meta(description="packets that came when they were sent again")]
    nacks: Annotated[int, Meta(description="requests to send again")]
    plis: Annotated[int, Meta(description="requests for a key frame")]
    jitter_ms: Ms


class MediaKind(msgspec.Struct, frozen=True):
    """One kind that is sent."""

    kind: Kind
    track: str | None
    muted: bool
    codec: str | None
    bitrate: Bitrate
    loss: Share | None
    loss_after_repair: Share | None
    layers: list[MediaLayer]


class MediaUp(msgspec.Struct, frozen=True):
    """The way from the person to the server."""

    state: Literal["new", "connected", "lost", "ended"]
    path: Annotated[Literal["", "udp", "tcp"], Meta(description="empty before anything was heard")]
    bitrate: Bitrate
    loss: Share | None
    loss_after_repair: Share | None
    rtt_ms: Ms | None
    kinds: list[MediaKind]


class MediaView(msgspec.Struct, frozen=True):
    """One track as this person gets it. Layers count from 0, the smallest."""

    track: str
    kind: Kind
    layer: Annotated[int, Meta(description="what is sent; null: nothing")] | None
    wished: Annotated[int, Meta(description="what would be sent on a line without bounds")] | None


class MediaDown(msgspec.Struct, frozen=True):
    """The way from the server to the person."""

    state: Literal["new", "connected", "lost", "ended"]
    path: Annotated[Literal["", "udp", "tcp"], Meta(description="empty before anything was heard")]
    bitrate: Bitrate
    budget: Annotated[int, Meta(description="bit/s that the line is believed to carry")]
    remb: Annotated[int, Meta(description="bit/s, the receiver's own estimate")] | None
    loss: Share | None
    loss_of_own_line: Annotated[float, Meta(description="0 to 1; without what never came to the server")]
    rtt_ms: Ms | None
    packets: Count
    retransmitted: Count
    nacks: Annotated[int, Meta(description="requests to send again, from the person")]
    plis: Annotated[int, Meta(description="requests for a key frame, from the person")]
    views: list[MediaView]


class MediaLine(msgspec.Struct, frozen=True):
    """One page of one person (a person may have several). Null: there is no such leg, or nothing fresh."""

    person: str
    quality: Quality
    problems: list[MediaProblem]
    up: MediaUp | None
    down: MediaDown | None


class ClassMedia(msgspec.Struct, frozen=True):
    """All lines of a class. `running` false: nobody is in it on this server."""

    running: bool
    cause: MediaCause | None
    bitrate_in: Annotated[int, Meta(description="bit/s from all senders")]
    bitrate_out: Annotated[int, Meta(description="bit/s to all viewers")]
    legs_lost: Annotated[int, Meta(description="connections that are silent now")]
    lines: list[MediaLine]


async def show(call: Call[None, None]) -> ClassMedia:
    """Show how sound and pictures of a class get through, to its staff."""
    class_id = call.path("class")
    listed = await call.parts.schedule.get(call.actor, class_id, call.now)
    found = call.parts.lines(class_id)
    role = (found.role(call.actor.id) if found is not None else None) or listed.role
    if not roles.is_staff(role):
        raise NotAllowed
    if found is None:
        return ClassMedia(False, None, 0, 0, 0, [])
    return _class(found)


def _class(found: ClassLines) -> ClassMedia:
    lines = [_line(page) for page in found.pages]
    legs = [leg for line in lines for leg in (line.up, line.down) if leg is not None]
    return ClassMedia(
        running=True,
        cause=_cause(found.cause),
        bitrate_in=sum(line.up.bitrate for line in lines if line.up is not None),
        bitrate_out=sum(line.down.bitrate for line in lines if line.down is not None),
        legs_lost=sum(leg.state == "lost" for leg in legs),
        lines=lines,
    )


def _cause(cause: Cause | None) -> MediaCause | None:
    return None if cause is None else MediaCause(cause.kind, cause.person, cause.affected, cause.of)


def _line(page: PageLine) -> MediaLine:
    return MediaLine(page.person, page.quality, _problems(page.problems), _up(page), _down(page))


def _problems(believed: Iterable[Believed]) -> list[MediaProblem]:
    found = []
    for known in believed:
        one = known.problem
        level: Literal["weak", "bad"] = "bad" if QUALITIES[one.level] == "bad" else "weak"
        rtt = None if one.rtt is None else float(one.rtt)
        found.append(
            MediaProblem(one.name, level, known.since, one.loss, one.bitrate, rtt, one.shown, one.wished)
        )
    return found


def _up(page: PageLine) -> MediaUp | None:
    told = page.told
    if told is None or told.publisher is None:
        return None
    stats = told.stats
    return MediaUp(
        state=told.publisher.state,
        path=told.publisher.path,
        bitrate=stats.receive_bps,
        loss=stats.loss,
        loss_after_repair=stats.left,
        rtt_ms=stats.rtt_ms,
        kinds=[_kind(source) for source in stats.sources],
    )


def _kind(source: SourceStats) -> MediaKind:
    layers = [
        MediaLayer(
            layer.rid,
            layer.bps,
            layer.height,
            layer.live,
            layer.packets,
            layer.lost,
            layer.repaired,
            layer.nacks,
            layer.plis,
            layer.jitter_ms,
        )
        for layer in source.layers
    ]
    return MediaKind(
        kind=source.kind,
        track=source.track,
        muted=source.muted,
        codec=source.codec,
        bitrate=sum(layer.bps for layer in source.layers),
        loss=source.loss,
        loss_after_repair=source.left,
        layers=layers,
    )


def _down(page: PageLine) -> MediaDown | None:
    told = page.told
    stats: SubscriberStats | None = None if told is None else told.stats.subscriber
    if told is None or told.subscriber is None or stats is None:
        return None
    return MediaDown(
        state=told.subscriber.state,
        path=told.subscriber.path,
        bitrate=stats.bps,
        budget=stats.budget_bps,
        remb=stats.remb_bps,
        loss=stats.loss,
        loss_of_own_line=own_loss(stats),
        rtt_ms=stats.rtt_ms,
        packets=stats.packets,
        retransmitted=stats.retransmitted,
        nacks=stats.nacks,
        plis=stats.plis,
        views=[MediaView(view.track, view.kind, view.layer, view.liked) for view in stats.views],
    )
