"""
The RTCP that the room sends by itself.

To publishers: reception reports, NACK, key frame requests, transport-wide arrival times. To subscribers:
sender reports on one clock, which is what lip-sync rests on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from signaling.core import rtcp, rtcp_writer
from signaling.core.loss import together
from signaling.core.model import Leg, Limits, OutgoingRtcp, PeerId
from signaling.core.nack import DEFAULT_RTT_S
from signaling.core.publisher import PublisherLeg
from signaling.core.source import HIGH_KEY_WAIT_S, LOW_KEY_WAIT_S, Layer, Source
from signaling.core.subscriber import Lane, Subscriber
from signaling.core.uplink import UplinkRate

REPORT_S = 1.0  # as browsers do for video; the line's loss is known a second late
FIRST_REPORT_S = 0.2  # after a lane begins, so that players synchronise before anybody looks
MOST_TOLD = 0.15  # Loss of one viewer beyond this costs the others more sound than it saves.
ARRIVALS_S = 0.1  # libwebrtc's own estimator feeds on reports of 50 to 250 ms
REPORTS_A_PACKET = 20  # SR and SDES of so many SSRCs fit 1200 bytes


class PublisherFeedback:
    """What is due to one publisher leg, and when."""

    __slots__ = ("_arrivals_at", "_asks", "_rate", "_report_at")

    def __init__(self, limits: Limits, now: float) -> None:
        self._asks = "nack" not in limits.without
        self._rate = UplinkRate(limits.publish_bps)
        self._report_at = now + FIRST_REPORT_S
        self._arrivals_at = now + ARRIVALS_S

    def due(
        self,
        leg: PublisherLeg,
        sources: Collection[Source],
        ssrc: int,
        rtt: float | None,
        worst: float,
        now: float,
    ) -> list[bytes]:
        """
        Return the packets to send now; `ssrc` is ours.

        `worst` is the share that the worst viewer's line loses: Opus puts in as much redundancy (in-band FEC)
        as its packets are said to get lost, and that happens behind us as well. As in mediasoup, only the
        fraction of a report is raised; its cumulative count, which bandwidth is estimated from, is ours.
        """
        packets: list[bytes] = []
        layers = [layer for source in sources for layer in source.layers if layer is not None]
        for layer in layers:
            if not self._asks:
                layer.missing.clear()
            if layer.source.sending:
                packets += _repairs(layer, ssrc, DEFAULT_RTT_S if rtt is None else rtt, now)
        if now >= self._arrivals_at:
            self._arrivals_at = now + ARRIVALS_S
            packets += leg.arrivals.build(ssrc, layers[0].ssrc if layers else 0)
        if now >= self._report_at and layers:
            self._report_at = now + REPORT_S
            packets.append(rtcp_writer.build_rr(ssrc, [_report_block(layer, worst, now) for layer in layers]))
            if leg.wants_rate:
                packets.append(self._remb(leg, sources, ssrc, now))
        return packets

    def _remb(self, leg: PublisherLeg, sources: Collection[Source], ssrc: int, now: float) -> bytes:
        for source in sources:
            source.look(now)
        loss = together(*(source.loss for source in sources))
        self._rate.update(loss, leg.meter.bps(now))
        ssrcs = [layer.ssrc for source in sources for layer in source.layers if layer is not None]
        return rtcp_writer.build_remb(ssrc, self._rate.bps, ssrcs)


def _report_block(layer: Layer, worst: float, now: float) -> rtcp.ReportBlock:
    block = layer.report_block(now)
    if layer.codec != "opus":
        return block
    # What came at the second try counts as lost: it came too late to be heard.
    layer.source.look(now)
    told = int(min(max(worst, layer.source.loss.share or 0.0), MOST_TOLD) * 256)
    return replace(block, fraction=told) if told > block.fraction else block


def _repairs(layer: Layer, ssrc: int, rtt: float, now: float) -> list[bytes]:
    packets: list[bytes] = []
    lost = layer.missing.due(now, rtt)
    if lost:
        layer.nacks += 1
        packets.append(rtcp_writer.build_nack(ssrc, layer.ssrc, lost))
    if layer.codec == "opus":
        return packets
    if layer.missing.overflowed:
        layer.missing.overflowed = False
        layer.key_wanted = layer.key_wanted or bool(layer.flows)
    if key_frame_due(layer, now):
        packets.append(rtcp_writer.build_pli(ssrc, layer.ssrc))
    return packets


def key_frame_due(layer: Layer, now: float) -> bool:
    """Tell whether to ask for a key frame of this layer now, which is then taken for done."""
    wait = HIGH_KEY_WAIT_S if layer.index else LOW_KEY_WAIT_S
    if not (layer.key_wanted or layer.waiting) or now - layer.asked_at < wait or not layer.live(now):
        return False
    layer.key_wanted = False
    layer.asked_at = now
    layer.plis += 1
    return True


def sender_reports(subscriber: Subscriber, names: Mapping[int, str], now: float) -> list[bytes]:
    """Return the reports of every lane that is carried; `names` are the CNAMEs by SSRC."""
    packets: list[bytes] = []
    parts: list[bytes] = []
    for lane in subscriber.all_lanes():
        report = _sender_report(lane, now)
        if report is None:
            continue
        parts.append(rtcp_writer.build_sr(report) + rtcp_writer.build_sdes(lane.ssrc, names[lane.ssrc]))
        if len(parts) == REPORTS_A_PACKET:
            packets.append(b"".join(parts))
            parts = []
    if parts:
        packets.append(b"".join(parts))
    return packets


def _sender_report(lane: Lane, now: float) -> rtcp.SenderReport | None:
    flow = lane.flow
    if flow is None:
        return None
    layer = flow.layer
    offset = layer.source.clock.offset
    if offset is None or not layer.sr_at:
        return None
    theirs = now - offset
    timestamp = layer.sr_timestamp + round((theirs - layer.sr_ntp) * layer.clock)
    packets, octets = lane.counts()
    return rtcp.SenderReport(
        lane.ssrc, rtcp_writer.ntp(now), timestamp + flow.rewriter.span.timestamp_shift, packets, octets
    )


def outgoing(peer: PeerId, leg: Leg, packets: Iterable[bytes]) -> list[OutgoingRtcp]:
    return [OutgoingRtcp(peer, leg, packet) for packet in packets]
