"""
A subscriber leg: its lanes, and what its reports and requests mean.

A `Lane` is one outgoing SSRC towards one subscriber, that is one m-line of their session. Its numbers never
repeat and never restart, whoever is shown on it: SRTP would not survive it.
"""

from collections import Counter
from collections.abc import Iterator

from signaling.core.bandwidth import Bandwidth, Boundless
from signaling.core.forwarding import ALL_TEMPORAL, FIRST_INDEX, FIRST_INDEX_BITS, Flow, RandomBits, rewritten
from signaling.core.loss import ReportedLoss
from signaling.core.model import (
    OUT_RTX_PAYLOAD_TYPE,
    CodecName,
    Forward,
    Mechanism,
    PairDescription,
    PeerId,
    Target,
)
from signaling.core.nack import DEFAULT_RTT_S, Resent
from signaling.core.rewriter import Rewriter, Span
from signaling.core.rtcp import KeyFrameRequest, Nack, Remb, ReportBlock
from signaling.core.rtp import WIRE_OVERHEAD, pack_header
from signaling.core.source import Layer, Source
from signaling.core.weighing import LineLoss

RESEND_SHARE = 0.5  # of what is being sent may be sent again; a liar gets no more than that
RESEND_FLOOR_BPS = 200_000  # or this: a key frame lost on a line that carries little else
# What is sent again must fit the line beside the rest: a full line loses more by being given it twice.
RESEND_LEAST = 0.1  # of the budget, in any case,
RESEND_BURST = 60_000  # and so many bits at once: a small key frame that was lost must not wait.
LOOKUP_BITS = 80  # what looking for a packet costs of that, found or not: 2,500 a second at the floor
MEASURE_S = 0.2  # A rate over less than this is that of one picture.
MAX_RTT_S = 5.0  # More is a wrong report.


class Lane:
    """One outgoing SSRC to one subscriber. Counters are those of a sender report."""

    __slots__ = (
        "afresh",
        "audio",
        "fir_sequence",
        "flow",
        "flow_octets",
        "flow_packets",
        "liked",
        "limit",
        "noted",
        "octets",
        "packets",
        "refused",
        "resent",
        "rewriter",
        "rtx_index",
        "rtx_ssrc",
        "rtx_target",
        "seamless",
        "sent_at",
        "source",
        "ssrc",
        "stretch",
        "target",
        "waiting",
        "wanted",
    )

    def __init__(self, handle: object, ssrc: int, rtx_ssrc: int | None, random_bits: RandomBits) -> None:
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.audio = rtx_ssrc is None
        self.target = Target(handle, 0)
        self.rtx_target = (Target(handle, 0),)
        self.rtx_index = FIRST_INDEX + random_bits(FIRST_INDEX_BITS)
        self.source: Source | None = None  # who is in this slot now
        self.flow: Flow | None = None
        self.rewriter: Rewriter[Layer] | None = None  # numbers of the past, while there is no flow
        self.waiting: Layer | None = None  # whose key frame it waits for
        self.wanted: int | None = None  # layer that was allocated; None: nothing
        self.liked: int | None = None  # layer that would be allocated on a line without bounds
        self.noted: tuple[Layer, int, int] | None = None  # the layer, and its counts at the last report
        self.limit = ALL_TEMPORAL
        self.packets = self.octets = 0
        self.flow_packets = self.flow_octets = 0
        self.sent_at = 0.0
        self.stretch = 0
        self.refused = False
        self.afresh = False  # was let go because the line is full: only a short past may be shown
        self.seamless = False  # shows the last source until the next one can be shown
        self.resent = Resent()
        self.fir_sequence = -1

    def counts(self) -> tuple[int, int]:
        """Packets and payload octets sent so far."""
        flow = self.flow
        if flow is None:
            return self.packets, self.octets
        return self.packets + flow.packets - self.flow_packets, self.octets + flow.octets - self.flow_octets

    def missed(self) -> float:
        """Return which share of its layer was missing, or late, before it came to us; since last asked."""
        before, self.noted = self.noted, None
        if self.flow is None:
            return 0.0
        layer = self.flow.layer
        expected, missed = layer.missed()
        self.noted = layer, expected, missed
        if before is None or before[0] is not layer or expected <= before[1]:
            return 0.0
        return min(max((missed - before[2]) / (expected - before[1]), 0.0), 1.0)

    def stop_waiting(self) -> None:
        if self.waiting is not None:
            self.waiting.waiting.remove(self)
            self.waiting = None

    def again(self, sequence: int, now: float, rtt: float) -> Forward | None:
        """Answer a NACK with an RTX packet (RFC 4588) if the packet is still there and not just sent."""
        rewriter = self.flow.rewriter if self.flow is not None else self.rewriter
        found = rewriter.reverse(sequence) if rewriter is not None else None
        if rewriter is None:
            return None
        if found is None:
            return self._lead_again(rewriter.span, sequence, now, rtt)
        span, number = found
        now_sent = rewriter.span.source
        fallen = span.source.source is now_sent.source and span.source.index > now_sent.index
        if fallen or self.falling:
            return None  # The key frame of a lower layer follows: nobody waits for these pictures.
        packet = span.source.ring.get(number)
        if packet is None or rewriter.left_out(packet.timestamp):
            return None
        if not self.resent.allow(number + span.shift, now, rtt):
            return None
        payload = sequence.to_bytes(2) + rewritten(packet, span)
        timestamp = packet.timestamp + span.timestamp_shift
        return self._repair(span.source.codec, packet.marker, timestamp, payload, now)

    def _lead_again(self, span: Span[Layer], sequence: int, now: float, rtt: float) -> Forward | None:
        """Parameter sets that went before a key frame are nobody's packet."""
        if span.lead is None or span.lead[0] & 0xFFFF != sequence:
            return None
        index, timestamp = span.lead
        if not self.resent.allow(index, now, rtt):
            return None
        layer = span.source
        return self._repair(layer.codec, False, timestamp, sequence.to_bytes(2) + layer.parameter_sets, now)

    @property
    def falling(self) -> bool:
        """Whether the next picture is a key frame, of a lower layer or after a pause."""
        flow, waiting = self.flow, self.waiting
        if waiting is None or flow is None:
            return waiting is not None
        return waiting.source is flow.layer.source and waiting.index < flow.layer.index

    def padding(self, now: float) -> Forward | None:
        """Return the newest packet once more as RTX: a probe that a receiver throws away."""
        flow = self.flow
        newest = flow.layer.ring.get(flow.rewriter.highest) if flow is not None else None
        if flow is None or newest is None:
            return None
        span = flow.rewriter.span
        index = newest.number + span.shift
        if newest.number < span.first:
            return None
        payload = (index & 0xFFFF).to_bytes(2) + rewritten(newest, span)
        timestamp = newest.timestamp + span.timestamp_shift
        return self._repair(flow.layer.codec, newest.marker, timestamp, payload, now)

    def _repair(
        self, codec: CodecName, marker: bool, timestamp: int, payload: bytes, now: float
    ) -> Forward | None:
        kind = OUT_RTX_PAYLOAD_TYPE.get(codec)
        if kind is None or self.rtx_ssrc is None:
            return None  # Sound is not sent again: Opus conceals, and one nonce must not serve two packets.
        index = self.rtx_index
        self.rtx_index += 1
        header = pack_header(kind, marker, index, timestamp, self.rtx_ssrc, now)
        return Forward(self.rtx_ssrc, index, header, payload, self.rtx_target)


class Subscriber:
    """
    The subscriber leg of one peer.

    Lanes of the pairs that were negotiated: `lanes[k]` is (audio, video) of pair k.
    """

    __slots__ = (
        "_measured_at",
        "_payload_before",
        "_repaired",
        "_resend_tokens",
        "_resend_tokens_at",
        "_sent_before",
        "_wire",
        "allocate_at",
        "bandwidth",
        "by_ssrc",
        "codecs",
        "dropped",
        "handle",
        "lanes",
        "liked",
        "line_loss",
        "loss",
        "losses",
        "media_bps",
        "nacks",
        "peer",
        "plis",
        "repair_bps",
        "repairs",
        "report_at",
        "reported",
        "retransmitted",
        "rtt",
        "staged",
        "stale",
    )

    def __init__(
        self,
        peer: PeerId,
        handle: object,
        codecs: frozenset[CodecName],
        now: float,
        without: frozenset[Mechanism] = frozenset(),
    ) -> None:
        self.peer = peer
        self.handle = handle
        self.codecs = codecs
        self.staged = False  # its one pair of lanes shows the stage (`watch_stage`)
        self.stale = False  # the slots changed since its lanes were looked at
        self.lanes: list[tuple[Lane, Lane]] = []
        self.by_ssrc: dict[int, Lane] = {}
        self.bandwidth = Boundless(now) if "estimate" in without else Bandwidth(now)
        self.bandwidth.tried = self.bandwidth.tried or "probing" in without
        self.repairs = "rtx" not in without
        self.media_bps = self.repair_bps = 0
        self.rtt: float | None = None
        self.loss = 0.0
        self.line_loss = LineLoss(now)
        self.losses = ReportedLoss()  # the same over enough packets to mean something to people
        self.nacks = self.plis = self.retransmitted = 0
        self.dropped: Counter[str] = Counter()
        self.report_at = now
        self.allocate_at = now
        self.liked = 0  # bits a second that its wishes would take
        self.reported: dict[int, int] = {}  # highest number of each SSRC in the last report
        self._resend_tokens = float(RESEND_FLOOR_BPS)
        self._resend_tokens_at = now
        self._sent_before = self._payload_before = self._repaired = 0
        self._wire = 1.0  # octets on the line for one of payload: sound has small packets
        self._measured_at = now

    def grow(self, pairs: list[PairDescription], random_bits: RandomBits) -> None:
        """Make lanes for pairs that were negotiated since."""
        for pair in pairs[len(self.lanes) :]:
            audio = Lane(self.handle, pair.audio_ssrc, None, random_bits)
            video = Lane(self.handle, pair.video_ssrc, pair.video_rtx_ssrc, random_bits)
            self.lanes.append((audio, video))
            self.by_ssrc[pair.audio_ssrc] = audio
            self.by_ssrc[pair.video_ssrc] = video

    def watch_stage(self, pair: PairDescription, repairs: bool, random_bits: RandomBits) -> None:
        """Make the lanes of somebody who gets the stage; without `repairs` nothing is sent again."""
        self.staged = True
        self.grow([pair], random_bits)
        _, video = self.lanes[0]
        video.seamless = True
        if not repairs:
            video.rtx_ssrc = None

    def all_lanes(self) -> Iterator[Lane]:
        for pair in self.lanes:
            yield from pair

    @property
    def rtt_or_default(self) -> float:
        return self.rtt if self.rtt is not None else DEFAULT_RTT_S

    def measure(self, now: float) -> None:
        """Work out what went to this subscriber since the last call, at least a few ticks ago."""
        passed = now - self._measured_at
        if passed < MEASURE_S:
            return
        total = payload = 0
        for lane in self.by_ssrc.values():
            packets, octets = lane.counts()
            payload += octets
            total += octets + WIRE_OVERHEAD * packets
        self.media_bps = int((total - self._sent_before) * 8 / passed)
        self.repair_bps = int(self._repaired * 8 / passed)
        sent = payload - self._payload_before
        self._wire = min(max((total - self._sent_before) / sent, 1.0), 2.0) if sent > 0 else 1.0
        self._sent_before, self._repaired, self._measured_at = total, 0, now
        self._payload_before = payload

    @property
    def curious(self) -> bool:
        """Whether it matters what more its line carries."""
        line = self.bandwidth
        return self.liked > line.budget or (not line.tried and self.liked > 0)

    @property
    def sent_bps(self) -> int:
        """Bits a second, retransmissions and probes included."""
        return self.media_bps + self.repair_bps

    def on_nack(self, nack: Nack, now: float) -> list[Forward]:
        """Return what is worth sending again, within a share of what is being sent anyway."""
        lane = self.by_ssrc.get(nack.media)
        if lane is None or lane.audio or not self.repairs:
            self.dropped["nack"] += 1
            return []
        self.nacks += 1
        allowed = self._resend_bps(now)
        tokens = self._resend_tokens + (now - self._resend_tokens_at) * allowed
        self._resend_tokens = min(tokens, max(allowed, RESEND_BURST))
        self._resend_tokens_at = now
        found = []
        for sequence in nack.lost:
            if self._resend_tokens <= 0:
                self.dropped["nack_flood"] += 1
                break
            self._resend_tokens -= LOOKUP_BITS
            forward = lane.again(sequence, now, self.rtt_or_default)
            if forward is not None:
                self.note_repair(forward)
                self._resend_tokens -= 8 * len(forward.payload)
                found.append(forward)
        self.retransmitted += len(found)
        return found

    def _resend_bps(self, now: float) -> float:
        """Return how much may be sent again: a share of what is sent; on a full line what is left of it."""
        share = max(self.media_bps * RESEND_SHARE, RESEND_FLOOR_BPS)
        line = self.bandwidth
        if line.flowing and not line.resting(now):
            return share
        return min(share, max(line.budget - self.media_bps, line.budget * RESEND_LEAST))

    def note_repair(self, forward: Forward) -> None:
        """Count what goes out besides the lanes' own packets."""
        self._repaired += len(forward.payload) + WIRE_OVERHEAD

    def on_key_frame_request(self, request: KeyFrameRequest) -> Layer | None:
        """Return the layer a key frame is wanted from; a repeated FIR (RFC 5104 section 4.3.1) is none."""
        lane = self.by_ssrc.get(request.media)
        if lane is None or lane.audio:
            self.dropped["key_frame_request"] += 1
            return None
        if request.fir_sequence is not None:
            if request.fir_sequence == lane.fir_sequence:
                return None
            lane.fir_sequence = request.fir_sequence
        self.plis += 1
        return lane.waiting if lane.falling or lane.flow is None else lane.flow.layer

    def on_report(self, blocks: tuple[ReportBlock, ...], now: float) -> None:
        """Take loss and round trip time from a receiver report."""
        expected, lost, missed = 0, 0.0, 0.0
        for block in blocks:
            lane = self.by_ssrc.get(block.ssrc)
            if lane is None:
                continue
            before = self.reported.get(block.ssrc)
            self.reported[block.ssrc] = block.highest
            share = lane.missed()
            if before is not None and 0 < block.highest - before < 65536:
                expected += block.highest - before
                lost += (block.highest - before) * block.fraction / 256
                missed += (block.highest - before) * share
            if block.last_sr:
                self._on_round_trip(block, now)
        if expected:
            self.loss = lost / expected
            self.losses.add(expected, lost, missed, now)
            # What its line did not lose, a smaller rate would not bring.
            own = self.line_loss.add(expected, lost, missed, now)
            if own is not None:
                self.bandwidth.on_loss(own, self.sent_bps, now)

    def _on_round_trip(self, block: ReportBlock, now: float) -> None:
        middle = int(now * 65536) & 0xFFFFFFFF
        rtt = ((middle - block.last_sr - block.delay) & 0xFFFFFFFF) / 65536
        if rtt < MAX_RTT_S:
            asked_at = now - ((middle - block.last_sr) & 0xFFFFFFFF) / 65536
            self.bandwidth.on_round_trip(rtt, asked_at, self.sent_bps, now)
            self.rtt = rtt if self.rtt is None else self.rtt * 0.75 + rtt * 0.25

    def on_remb(self, remb: Remb, now: float) -> None:
        self.bandwidth.on_remb(remb.bps, int(self.media_bps / self._wire), self._wire, now)
