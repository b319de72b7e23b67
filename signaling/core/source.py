"""
What one person sends as one kind (a camera, say), and its layers.

A `Layer` is one SSRC of a publisher: its ring, its holes, its clock, its reception report, and the flows
that carry it to viewers. A `Source` is the kind with its gate; it outlives the leg it comes in on.
"""

from typing import TYPE_CHECKING

from signaling.core.bitrate import RateMeter
from signaling.core.cache import AUDIO_PACKETS, VIDEO_PACKETS, Ring
from signaling.core.loss import LossWindow
from signaling.core.model import AUDIO_KINDS, CLOCK_RATE, CodecName, Kind, LayerStats, PeerId, TrackId
from signaling.core.nack import Missing
from signaling.core.rtcp import ReportBlock, SenderReport
from signaling.core.sequence import signed32, unwrap

if TYPE_CHECKING:
    from signaling.core.forwarding import Flow
    from signaling.core.subscriber import Lane
    from signaling.core.taking import Taken, Taker

TEMPORAL_LAYERS = 3  # what browsers send as L1T3; higher ones are counted with the third
LIVE_S = 1.0  # A camera layer without a packet for this long is not there (LiveKit asks for 5 in half of it).
SCREEN_LIVE_S = 3.0  # A screen that does not change sends a picture every second or two.
# A camera sends its layers in step: one that is so far behind another was stopped, for want of bandwidth. Who
# watches it should not wait for LIVE_S. Five pictures at ten a second: more than encoders drop in a row.
BEHIND_S = 0.5
RESTART_PACKETS = 512  # Packets older than the ring, in sequence: the sender began anew.
CLOCK_MEMORY_S = 30.0  # How long the quickest report of a publisher stands for its clock.
LOW_KEY_WAIT_S, HIGH_KEY_WAIT_S = 0.5, 1.0  # between requests for key frames (LiveKit's throttle)


class Clock:
    """
    A publisher's clock against ours.

    The report that took the least time on its way tells most; its offset is used for all of that
    publisher's media alike, so sound and picture cannot drift apart.
    """

    __slots__ = ("_at", "offset")

    def __init__(self) -> None:
        self.offset: float | None = None  # ours minus theirs, with the shortest way included
        self._at = 0.0

    def observe(self, theirs: float, now: float) -> None:
        offset = now - theirs
        if self.offset is None or offset < self.offset or now - self._at > CLOCK_MEMORY_S:
            self.offset = offset
            self._at = now


class Layer:
    """One encoding, as it arrives."""

    __slots__ = (
        "_expected_before",
        "_first",
        "_last_sr",
        "_received_before",
        "_restart",
        "_transit",
        "asked_at",
        "begun_at",
        "clock",
        "codec",
        "flows",
        "height",
        "highest",
        "index",
        "jitter",
        "key_wanted",
        "known_bps",
        "last_at",
        "meters",
        "missing",
        "nacks",
        "parameter_sets",
        "picture_id",
        "plis",
        "pps",
        "received",
        "rid",
        "ring",
        "rtx_ssrc",
        "source",
        "sps",
        "sps_timestamp",
        "sr_at",
        "sr_ntp",
        "sr_timestamp",
        "ssrc",
        "taken",
        "waiting",
    )

    def __init__(self, source: "Source", index: int, rid: str, ssrc: int, codec: CodecName) -> None:
        self.source = source
        self.index = index
        self.rid = rid
        self.ssrc = ssrc
        self.rtx_ssrc: int | None = None
        self.codec = codec
        self.clock = CLOCK_RATE[codec]
        self.ring = Ring(AUDIO_PACKETS if codec == "opus" else VIDEO_PACKETS)
        self.missing = Missing()
        self.meters = [RateMeter() for _ in range(1 if codec == "opus" else TEMPORAL_LAYERS)]
        self.flows: list[Flow] = []
        self.waiting: list[Lane] = []
        self.taken: Taken | None = None  # what the source's taker knows of it
        self.highest = -1
        self.picture_id = -1  # newest, extended: 7-bit ids are widened from it
        self.height = 0
        self.sps = self.pps = self.parameter_sets = b""  # H.264: the newest, and a payload of both
        self.sps_timestamp = -1
        self.received = self.nacks = self.plis = 0
        self.jitter = 0.0  # clock ticks (RFC 3550 section 6.4.1)
        self.begun_at = 0.0
        self.known_bps = 0  # what it cost of late, or before it was switched off
        self.last_at = 0.0
        self.key_wanted = False
        self.asked_at = -HIGH_KEY_WAIT_S
        self.sr_ntp = 0.0  # seconds of the publisher's clock, 0 before the first report
        self.sr_timestamp = 0
        self.sr_at = 0.0
        self._first = -1
        self._restart = -1
        self._transit = 0
        self._last_sr = 0
        self._expected_before = self._received_before = 0

    def number(self, sequence: int, timestamp: int, now: float) -> int:
        """Count a packet as received and return its extended number; -1 if it is too old to be of use."""
        highest = self.highest
        if highest < 0:
            self._first = self.highest = sequence + 65536  # so that what is older stays positive
            self.received = 1
            self.begun_at = now
            self._transit = int(now * self.clock) - timestamp
            return self.highest
        number = unwrap(highest, sequence)
        if number <= highest - RESTART_PACKETS:
            expected, self._restart = self._restart, (sequence + 1) & 0xFFFF
            if sequence != expected:
                return -1
            number = highest + ((sequence - highest) & 0xFFFF)  # RFC 3550 appendix A.1: it began anew
        self.received += 1
        if number > highest:
            if number > highest + 1:
                self.missing.gap(highest + 1, number, now)
            self.highest = number
            transit = int(now * self.clock) - timestamp
            self.jitter += (abs(signed32(transit - self._transit)) - self.jitter) / 16
            self._transit = transit
        else:
            self.missing.arrived(number)
        return number

    def sender_report(self, report: SenderReport, now: float) -> None:
        self.sr_ntp = report.ntp / 4294967296
        self.sr_timestamp = report.timestamp
        self.sr_at = now
        self._last_sr = report.ntp >> 16 & 0xFFFFFFFF

    def capture_time(self, timestamp: int) -> float | None:
        """Publisher's clock when `timestamp` was captured; None before the first sender report."""
        if not self.sr_at:
            return None
        return self.sr_ntp + signed32(timestamp - self.sr_timestamp) / self.clock

    def report_block(self, now: float) -> ReportBlock:
        """Make the next reception report (RFC 3550 section 6.4.1 and appendix A.3)."""
        expected = self.highest + 1 - self._first
        lost = expected - self.received
        interval = expected - self._expected_before
        received = self.received - self._received_before
        self._expected_before, self._received_before = expected, self.received
        fraction = max(interval - received, 0) * 256 // interval if interval > 0 else 0
        return ReportBlock(
            self.ssrc,
            min(fraction, 255),
            max(min(lost, 0x7FFFFF), -0x800000),
            self.highest - 65536,
            min(int(self.jitter), 0xFFFFFFFF),
            self._last_sr,
            min(int((now - self.sr_at) * 65536), 0xFFFFFFFF) if self.sr_at else 0,
        )

    def bps(self, now: float) -> int:
        return sum(meter.bps(now) for meter in self.meters)

    def live(self, now: float) -> bool:
        """Tell whether something still arrives."""
        if self.highest < 0:
            return False
        if self.source.kind == "screen":
            return now - self.last_at < SCREEN_LIVE_S
        if now - self.last_at < BEHIND_S:
            return True
        return now - self.last_at < LIVE_S and not self._left_behind()

    def _left_behind(self) -> bool:
        others = [layer for layer in self.source.layers if layer is not None]
        return any(layer.last_at - self.last_at > BEHIND_S for layer in others)

    def losses(self) -> tuple[int, int, int]:
        """Return packets expected, of these not come at the first try, and of these still missing."""
        if self.highest < 0:
            return 0, 0, 0
        expected = self.highest + 1 - self._first
        left = max(expected - self.received, 0)
        return expected, left + self.missing.repaired, left

    def missed(self) -> tuple[int, int]:
        """
        Return packets expected, and what a viewer counts as lost of them though their line did not lose it.

        Receivers of pictures take whatever comes late for a retransmission of ours, and count it as lost
        (libwebrtc's StreamStatisticianImpl); for sound, which is not sent again, they wait and see.
        """
        expected, _, left = self.losses()
        return expected, left if self.source.audio else left + self.missing.recovered

    def stats(self, now: float) -> LayerStats:
        expected = self.highest + 1 - self._first
        return LayerStats(
            index=self.index,
            rid=self.rid,
            ssrc=self.ssrc,
            bps=self.bps(now),
            height=self.height,
            packets=self.received,
            lost=max(expected - self.received, 0),
            recovered=self.missing.recovered,
            repaired=self.missing.repaired,
            nacks=self.nacks,
            plis=self.plis,
            jitter_ms=self.jitter * 1000 / self.clock,
            live=self.live(now),
        )


class Source:
    """One kind of one peer. `track` is its name while the gate is open."""

    __slots__ = (
        "audio",
        "clock",
        "kind",
        "layers",
        "left",
        "loss",
        "lower_at",
        "muted",
        "opened_at",
        "peer",
        "rids",
        "taker",
        "track",
        "wanted",
    )

    def __init__(self, peer: PeerId, kind: Kind, clock: Clock | None = None) -> None:
        """`clock` is shared by all sources of a peer."""
        self.peer = peer
        self.clock = clock or Clock()
        self.kind: Kind = kind
        self.audio = kind in AUDIO_KINDS
        self.track: TrackId | None = None
        self.taker: Taker | None = None  # while it is captured
        self.opened_at = 0.0  # when its gate was
        self.muted = False
        self.rids: tuple[str, ...] = ("",)
        self.layers: list[Layer | None] = []
        self.wanted: int | None = None  # highest layer the publisher was told to send, -1: none; None: all
        self.lower_at: float | None = None  # when it may be told to send less
        self.loss = LossWindow()  # on the way to us, before what was sent again
        self.left = LossWindow()  # and after it

    def look(self, now: float) -> None:
        """Bring `loss` and `left` up to date; as often as one likes."""
        expected = first = left = 0
        for layer in self.layers:
            if layer is not None:
                counted = layer.losses()
                expected += counted[0]
                first += counted[1]
                left += counted[2]
        self.loss.look(expected, first, now)
        self.left.look(expected, left, now)

    @property
    def group(self) -> str:
        """Which pair of slots it shares: the person's or the screen's."""
        return "screen" if self.kind.startswith("screen") else "person"

    @property
    def sending(self) -> bool:
        """May packets go out to viewers?"""
        return self.track is not None and not self.muted

    def forget_past(self) -> None:
        """Drop what came before the gate was opened: nobody was meant to see it, nor shall they now."""
        for layer in self.layers:
            if layer is not None:
                layer.ring.clear()
                layer.missing.clear()

    def live_layers(self, now: float) -> list[Layer]:
        return [layer for layer in self.layers if layer is not None and layer.live(now)]
