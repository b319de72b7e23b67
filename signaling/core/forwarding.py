"""
Flows: one rewritten stream, shared by all viewers whose numbers are the same.

Viewers who watch the same layer and began, switched and dropped at the same packets need identical bytes
but for encryption. Such viewers share a `Flow`: its packet is renumbered once, its header packed once. A
viewer who goes another way forks off. `carry` is the hot path of everything that goes out.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from signaling.core.cache import Packet
from signaling.core.codecs import patch_vp8
from signaling.core.model import OUT_PAYLOAD_TYPE, Forward, Target
from signaling.core.rewriter import LATE_PACKETS, Rewriter, Span
from signaling.core.rtp import pack_header
from signaling.core.sequence import signed32
from signaling.core.source import Layer

if TYPE_CHECKING:
    from signaling.core.subscriber import Lane

ALL_TEMPORAL = 3  # two bits on the wire
TOO_FAR_BACK_S = 0.075  # mediasoup: a switch that would stretch a picture by more waits for another key frame
# A layer that was switched on again begins with a key frame. A moment later those who asked for it may still
# start with that, instead of asking the publisher, who would send it to all, for another one.
FRESH_S = 0.1
CREDIBLE_S = 1.0  # Sender reports that put a switch further from the clock on the wall than this are wrong.
AFRESH_BYTES = 12_000  # A third of a second at 300 kbit/s: what a line that was too full may get at once.
ADOPT_FROM, ADOPT_TO = 0x400, 0xC000  # A first number between them is far enough from the wrap.
# The first packet index of a lane, far enough from 0 that what is older stays positive, and by 12 random bits
# not the same for everybody (RFC 3550 section 5.1 asks for chance, SRTP for no wrap in the first packets).
FIRST_INDEX_BITS = 12
FIRST_INDEX = 0x1000

Mapping = Rewriter[Layer]
RandomBits = Callable[[int], int]


class Flow:
    """One layer's packets under one numbering, for `targets` (those of `lanes`, in the same order)."""

    __slots__ = (
        "_snapshot",
        "lanes",
        "layer",
        "lent",
        "limit",
        "octets",
        "packets",
        "payload_type",
        "rewriter",
        "sent_at",
        "ssrc",
        "stretch",
        "targets",
        "temporal",
    )

    def __init__(self, layer: Layer, rewriter: Mapping, ssrc: int, limit: int) -> None:
        self.layer = layer
        self.rewriter = rewriter
        self.ssrc = ssrc
        self.payload_type = OUT_PAYLOAD_TYPE[layer.codec]
        self.limit = limit  # highest temporal layer wanted
        self.temporal = limit  # and reached: a climb waits for a picture that allows it
        self.lanes: list[Lane] = []
        self.targets: list[Target] = []
        self.lent = False  # somebody may have `targets`: the next change is made to a copy
        self.packets = self.octets = 0
        self.sent_at = 0.0
        self.stretch = 0  # ticks that switches put timestamps later than sender reports would
        self._snapshot: Mapping | None = None

    def carry(self, packet: Packet, now: float) -> Forward | None:
        """Renumber one packet; None if this flow leaves it out."""
        rewriter = self.rewriter
        temporal = packet.temporal
        if temporal > self.temporal:
            if temporal <= self.limit and packet.sync and packet.start:
                self.temporal = temporal
            elif rewriter.skip_picture(packet.number, packet.timestamp, packet.start):
                return None
        elif packet.key:
            self.temporal = self.limit
        span = rewriter.take(packet.number, packet.timestamp, packet.picture_id, packet.tl0)
        if span is None:
            return None
        self.sent_at = now
        self.lent = True
        payload = packet.payload
        self.packets += 1
        self.octets += len(payload)
        index = packet.number + span.shift
        header = pack_header(
            self.payload_type, packet.marker, index, packet.timestamp + span.timestamp_shift, self.ssrc, now
        )
        return Forward(self.ssrc, index, header, rewritten(packet, span), self.targets)

    def lead(self, packet: Packet, now: float) -> Forward:
        """Send the layer's parameter sets first; `packet` begins a key frame without, and this flow."""
        index = self.rewriter.lead(packet.timestamp)
        timestamp = packet.timestamp + self.rewriter.span.timestamp_shift
        payload = self.layer.parameter_sets
        self.lent = True
        self.packets += 1
        self.octets += len(payload)
        header = pack_header(self.payload_type, False, index, timestamp, self.ssrc, now)
        return Forward(self.ssrc, index, header, payload, self.targets)

    def snapshot(self) -> Mapping:
        """
        Return the mapping as it is now, for lanes that leave.

        All who leave between two packets get the same object: they may share a flow again.
        """
        found, rewriter = self._snapshot, self.rewriter
        if found is None or found.highest != rewriter.highest or found.next_index != rewriter.next_index:
            found = self._snapshot = rewriter.fork()
        return found


def rewritten(packet: Packet, span: Span[Layer]) -> bytes | bytearray:
    """Return the payload with a VP8 descriptor of the span; the shared bytes where nothing differs."""
    if packet.picture_id_at and (span.picture_shift or span.tl0_shift):
        return patch_vp8(
            packet.payload,
            packet.picture_id_at,
            packet.picture_id + span.picture_shift,
            packet.tl0_at,
            packet.tl0 + span.tl0_shift,
        )
    return packet.payload


def attach(lane: "Lane", flow: Flow) -> None:
    """Let `lane` be carried by `flow`, leaving the one it was in."""
    detach(lane)
    flow.lanes.append(lane)
    _own_targets(flow).append(lane.target)
    lane.flow = flow
    lane.flow_packets = flow.packets
    lane.flow_octets = flow.octets


def detach(lane: "Lane") -> None:
    """Stop forwarding to `lane`; it keeps its numbers, to go on later without a gap."""
    flow = lane.flow
    if flow is None:
        return
    lane.rewriter = flow.snapshot()
    lane.packets, lane.octets = lane.counts()
    lane.sent_at = flow.sent_at
    lane.stretch = flow.stretch
    lane.flow = None
    at = flow.lanes.index(lane)
    del flow.lanes[at]
    del _own_targets(flow)[at]
    if not flow.lanes:
        flow.layer.flows.remove(flow)


def _own_targets(flow: Flow) -> list[Target]:
    """Return the targets to be changed: a `Forward` that is still to be sent keeps those it was made with."""
    if flow.lent:
        flow.targets = flow.targets.copy()
        flow.lent = False
    return flow.targets


def start(layer: Layer, packet: Packet, now: float, random_bits: RandomBits) -> list[Forward]:
    """
    Begin, for every lane that waits for `layer`, with `packet`, the first of a key frame.

    Return what has to go out before it.

    Lanes with the same past share a flow; those without one join who is there already. A lane whose
    timestamps would have to be stretched too far stays where it is once, and asks for another key frame.
    """
    begun: dict[tuple[int, int, int], Flow | None] = {}
    still: list[Lane] = []
    for lane in layer.waiting:
        past = lane.flow.rewriter if lane.flow is not None else lane.rewriter
        key = (lane.ssrc, id(past), lane.limit)
        if key not in begun:
            running = _running(lane, layer, packet) if past is None and not packet.bare else None
            begun[key] = running or begin(lane, layer, packet, now, random_bits)
        flow = begun[key]
        if flow is None:
            lane.refused = True
            still.append(lane)
            continue
        lane.refused = lane.afresh = False
        lane.waiting = None
        if past is None and flow.packets:
            lane.target.index_base = (packet.number + flow.rewriter.span.shift) & ~0xFFFF
        attach(lane, flow)
    layer.waiting = still
    if still:
        layer.key_wanted = True
    return [flow.lead(packet, now) for flow in begun.values() if flow is not None] if packet.bare else []


def _running(lane: "Lane", layer: Layer, packet: Packet) -> Flow | None:
    """Find a flow that a lane without a past can be part of from `packet` on, which comes next in it."""
    for flow in layer.flows:
        rewriter = flow.rewriter
        index = packet.number + rewriter.span.shift
        if (
            flow.ssrc == lane.ssrc
            and flow.limit == lane.limit
            and 0 < packet.number - rewriter.highest < LATE_PACKETS
            and ADOPT_FROM <= index & 0xFFFF < ADOPT_TO
        ):
            return flow
    return None


def begin(lane: "Lane", layer: Layer, packet: Packet, now: float, random_bits: RandomBits) -> Flow | None:
    """Make the flow that continues `lane` with `packet`; None if it is better to wait once more."""
    past = lane.flow.rewriter if lane.flow is not None else lane.rewriter
    if past is None:
        rewriter: Mapping = Rewriter(layer, FIRST_INDEX + random_bits(FIRST_INDEX_BITS))
        timestamp_shift = stretch = 0
    else:
        moment = _timestamp(lane, past, layer, packet, now)
        if moment is None:
            return None
        timestamp_shift, stretch = moment
        rewriter = past.fork()
    rewriter.switch(layer, packet.number, timestamp_shift, packet.picture_id, packet.tl0)
    flow = Flow(layer, rewriter, lane.ssrc, lane.limit)
    flow.stretch = stretch
    layer.flows.append(flow)
    return flow


def replay(layer: Layer, now: float, random_bits: RandomBits) -> list[Forward]:
    """
    Show the cached key frame, and all since, to lanes of `layer` that show nothing at the moment; to those
    that show another layer as well, if it came just now.

    Empty when there is nothing suitable: then they go on waiting for a new key frame.
    """
    first = layer.ring.get(layer.ring.key_number)
    fresh = first is not None and now - first.arrival < FRESH_S
    packets = layer.ring.since_key() if fresh or any(lane.flow is None for lane in layer.waiting) else []
    if not packets:
        return []
    forwards: list[Forward] = []
    begun: dict[tuple[int, int, int], Flow] = {}
    short = sum(len(packet.payload) for packet in packets) <= AFRESH_BYTES
    still: list[Lane] = []
    for lane in layer.waiting:
        past = lane.flow.rewriter if lane.flow is not None else lane.rewriter
        key = (lane.ssrc, id(past), lane.limit)
        if (lane.flow is not None and (not fresh or lane.refused)) or (lane.afresh and not short):
            still.append(lane)
            continue
        lane.afresh = False
        if key in begun:
            lane.waiting = None
            attach(lane, begun[key])
        elif past is None and (flow := _adoptable(lane, layer, packets[0])) is not None:
            lane.waiting = None
            forwards += _adopt(lane, flow, packets, now)
        elif (created := begin(lane, layer, packets[0], now, random_bits)) is not None:
            lane.waiting = None
            begun[key] = created
            attach(lane, created)
        else:
            still.append(lane)  # its timestamps would go back too far: for a new key frame then
    layer.waiting = still
    for flow in begun.values():
        if packets[0].bare:
            forwards.append(flow.lead(packets[0], now))
        forwards += [found for packet in packets if (found := flow.carry(packet, now)) is not None]
    return forwards


def _adoptable(lane: "Lane", layer: Layer, first: Packet) -> Flow | None:
    """Find a flow that a lane without a past can join as if it had been there since `first`."""
    for flow in layer.flows:
        span = flow.rewriter.span
        index = first.number + span.shift
        if (
            flow.ssrc == lane.ssrc
            and not first.bare
            and flow.limit == flow.temporal == lane.limit
            and span.first <= first.number <= flow.rewriter.highest
            and ADOPT_FROM <= index & 0xFFFF < ADOPT_TO
        ):
            return flow
    return None


def _adopt(lane: "Lane", flow: Flow, packets: list[Packet], now: float) -> list[Forward]:
    span = flow.rewriter.span
    lane.target.index_base = (packets[0].number + span.shift) & ~0xFFFF
    attach(lane, flow)
    forwards = []
    targets = (lane.target,)
    for packet in packets:
        index = packet.number + span.shift
        timestamp = packet.timestamp + span.timestamp_shift
        header = pack_header(flow.payload_type, packet.marker, index, timestamp, flow.ssrc, now)
        forwards.append(Forward(flow.ssrc, index, header, rewritten(packet, span), targets))
        lane.packets += 1
        lane.octets += len(packet.payload)
    return forwards


def _timestamp(
    lane: "Lane", past: Mapping, layer: Layer, packet: Packet, now: float
) -> tuple[int, int] | None:
    """
    Return (shift, stretch) for a switch to `layer` at `packet`, or None to refuse it this time.

    Between layers of one source sender reports tell which timestamps belong together; otherwise the time
    that passed does. Never goes back.
    """
    clock = layer.clock
    last = past.last_timestamp
    sent_at, stretch = (lane.flow.sent_at, lane.flow.stretch) if lane.flow else (lane.sent_at, lane.stretch)
    elapsed = max(int((packet.arrival - sent_at) * clock), 1)
    wanted = last + elapsed
    old = past.span.source
    captured = layer.capture_time(packet.timestamp)
    if old.source is layer.source and old.clock == clock and captured is not None:
        reference = old.capture_time(past.timestamp)
        if reference is not None:
            exact = last - stretch + round((captured - reference) * clock)
            if abs(exact - wanted) <= CREDIBLE_S * clock + abs(stretch):
                wanted = exact
                if exact - last <= -TOO_FAR_BACK_S * clock and not lane.refused and lane.flow is not None:
                    return None
    chosen = max(wanted, last + 1)
    return signed32(chosen - packet.timestamp), chosen - wanted
