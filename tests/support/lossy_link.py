"""
One viewer's line on a manual clock: so many bits a second, a queue, and a receiver that reports.

The receiver estimates like libwebrtc in outline: while the queue grows it says 0.85 of what arrives, else
its estimate grows by 8 % a second up to 1.5 times of what arrives. Reports come every quarter of a second,
as Chromium's do with pictures, REMB with every fourth; a sender report waits in the queue like any packet.
"""

from collections import deque
from dataclasses import dataclass, field

from signaling.core import rtcp, rtcp_writer
from signaling.core.model import Forward
from tests.support.media_room import FakeViewer, RoomPair

WAY = 0.02  # seconds in each direction, without the queue
OVERHEAD = 28 + 16  # UDP, IP and the tag of AES-GCM


@dataclass
class LossyLink:
    """Carries packets to `viewer`; `delays` in seconds, `dropped` counts what found the queue full."""

    pair: RoomPair
    viewer: FakeViewer
    bps: int
    queue_s: float = 0.4
    remb: bool = True
    busy_until: float = 0.0
    delays: list[float] = field(default_factory=list)
    dropped: dict[int, int] = field(default_factory=dict)
    _arrivals: deque[tuple[float, int]] = field(default_factory=deque)
    _estimate: float = 0.0
    _queue_before: float = 0.0
    _reported: dict[int, tuple[int, int]] = field(default_factory=dict)
    _counts: dict[int, tuple[int, int]] = field(default_factory=dict)
    _report_at: float = 0.0
    _remb_at: float = 0.0
    _heard: dict[int, tuple[int, float]] = field(default_factory=dict)  # sender report: (ntp, arrival)
    history: list[tuple[float, int]] = field(default_factory=list)  # (time, layer) of pictures

    def lose(self, viewer: FakeViewer, forward: Forward) -> bool:
        """Decide over one packet: `RoomPair.lose` of this viewer."""
        if viewer is not self.viewer:
            return False
        now = self.pair.now
        size = len(forward.header) + len(forward.payload) + OVERHEAD
        waiting = max(self.busy_until - now, 0.0)
        sent, got = self._counts.get(forward.ssrc, (0, 0))
        if waiting > self.queue_s:
            self._counts[forward.ssrc] = (sent + 1, got)
            self.dropped[forward.ssrc] = self.dropped.get(forward.ssrc, 0) + 1
            return True
        self._counts[forward.ssrc] = (sent + 1, got + 1)
        self.busy_until = max(self.busy_until, now) + size * 8 / self.bps
        self.delays.append(self.busy_until - now)
        self._arrivals.append((self.busy_until, size))
        return False

    def report(self) -> None:
        """To be called every tick: send what a receiver would."""
        now = self.pair.now
        self._hear(now)
        if now < self._report_at:
            return
        self._report_at = now + 0.25
        packets = [self._receiver_report()]
        if now >= self._remb_at:
            self._remb_at = now + 1.0
            packets += self._estimated(now)
        self.pair.report(self.viewer.name, "subscriber", [b"".join(packets)])

    def _hear(self, now: float) -> None:
        for ssrc, report in self.viewer.reports.items():
            if self._heard.get(ssrc, (0, 0.0))[0] != report.ntp:
                self._heard[ssrc] = (report.ntp, max(self.busy_until, now) + WAY)

    def _estimated(self, now: float) -> list[bytes]:
        while self._arrivals and self._arrivals[0][0] < now - 1.0:
            self._arrivals.popleft()
        incoming = sum(size for at, size in self._arrivals if at <= now) * 8
        queue = max(self.busy_until - now, 0.0)
        if queue > 0.1 and queue >= self._queue_before:
            self._estimate = min(self._estimate or incoming, incoming * 0.85)
        else:
            self._estimate = min((self._estimate or incoming) * 1.08, incoming * 1.5 + 10_000)
        self._queue_before = queue
        return [rtcp_writer.build_remb(1, int(self._estimate), [])] if self.remb else []

    def _echo(self, ssrc: int) -> tuple[int, int]:
        """Last SR and the delay since it arrived; both ways take WAY, and this one has no queue."""
        ntp, arrival = self._heard.get(ssrc, (0, 0.0))
        if not ntp or arrival > self.pair.now:
            return 0, 0
        return ntp >> 16 & 0xFFFFFFFF, int((self.pair.now - arrival - WAY) * 65536) & 0xFFFFFFFF

    def _receiver_report(self) -> bytes:
        blocks = []
        for ssrc, (sent, got) in self._counts.items():
            before_sent, before_got = self._reported.get(ssrc, (0, 0))
            self._reported[ssrc] = (sent, got)
            expected = sent - before_sent
            lost = expected - (got - before_got)
            fraction = lost * 256 // expected if expected else 0
            last_sr, delay = self._echo(ssrc)
            blocks.append(rtcp.ReportBlock(ssrc, min(fraction, 255), sent - got, sent, 0, last_sr, delay))
        return rtcp_writer.build_rr(1, blocks)
