"""
One of many viewers: shakes hands, asks for consent, and reports once a second as a browser does.

What it receives is counted by the crowd for all of them at once. A few viewers, the *samples*, open every
packet, check what is in it, and measure how long it took from the publisher.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from typing import Any, cast

from pylibsrtp import Error

from signaling.core import rtcp, rtcp_writer
from signaling.rtc.dtls import Identity
from tests.support.light_peer import Credentials, LightPeer

CHECK_EVERY = 2.5  # Seconds: what Chromium does on a connection that works.
REPORT_EVERY = 1.0  # Seconds, half to one and a half of it by chance (RFC 3550 section 6.3.1).
FIRST_REPORTS, FIRST_EVERY = 4, 0.2  # Chromium tells every 200 ms what a line carries while that grows.
RETRY_EVERY = 0.3
REMB_BPS = 3_000_000
MARK = struct.Struct("!QI")  # Ends every payload of the publisher: Unix time in ns, CRC-32 of the rest.
DESCRIPTOR = {96: 4, 111: 0}  # Bytes that may be rewritten on the way, by payload type.
SAMPLES = frozenset((0, 1, 2, 5, 10, 19, 59))


def sampled(number: int) -> bool:
    return number in SAMPLES or number % 50 == 49


class _Cable:
    """Stands for the socket of a LightPeer: what it sends leaves by the crowd's."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.send = send

    def close(self) -> None:
        """There is nothing to close."""


class Viewer(LightPeer):
    """`opened` and `wrong` count what a sample looked into, `delays` are in ns."""

    def __init__(
        self, number: int, offer: str, identity: Identity, send: Callable[[bytes], None], now: float
    ) -> None:
        self._send = send
        self.number = number
        self.sampled = sampled(number)
        self.opened = self.wrong = 0
        self.delays: list[int] = []
        self.begun_at = now
        self.told = False
        self.report_at = now
        self._reports = 0
        self.check_at = now
        self._last_sr: dict[int, tuple[int, int]] = {}
        self._before = (0, 0)
        self.ssrcs = _ssrcs(offer)
        super().__init__(identity, Credentials.of(offer))
        self.hello_due = True

    def _socket(self) -> Any:
        return _Cable(self._send)

    def tick(self, now: float, counts: Callable[[int], list[tuple[int, int]]], unix: int) -> None:
        """Do what is due. `counts` tells (highest extended number, packets) of sound and picture."""
        if now >= self.check_at:
            self.check()
            if self.connected:
                self.check_at = now + CHECK_EVERY
            else:
                self.check_at = now + RETRY_EVERY
                self.hello() if self.hello_due else self.repeat()
                self.hello_due = False
        if self.connected and now >= self.report_at:
            self._reports += 1
            every = FIRST_EVERY if self._reports < FIRST_REPORTS else REPORT_EVERY
            self.report_at = now + every * (0.5 + random.random())
            self.send_rtcp(self._report(counts(self.number), unix))

    def repeat(self) -> None:
        """Send the flight again that was lost, if it is time."""
        self._dtls.DTLSv1_handle_timeout()
        self._write()

    def _report(self, counts: list[tuple[int, int]], unix: int) -> bytes:
        blocks = []
        for ssrc, (highest, missing) in zip(self.ssrcs, counts, strict=True):
            middle, at = self._last_sr.get(ssrc, (0, unix))
            delay = (unix - at) * 65_536 // 1_000_000_000
            fraction = self._fraction(highest, missing) if ssrc == self.ssrcs[1] else 0
            blocks.append(rtcp.ReportBlock(ssrc, fraction, missing, highest, 20, middle, delay))
        sender = self.number + 1
        head = rtcp_writer.build_rr(sender, blocks) + rtcp_writer.build_sdes(sender, "viewer")
        exponent = max(REMB_BPS.bit_length() - 18, 0)
        mantissa = REMB_BPS >> exponent
        body = struct.pack("!II4sI", sender, 0, b"REMB", 1 << 24 | exponent << 18 | mantissa)
        return head + rtcp_writer.packet(15, rtcp.PSFB, body + struct.pack("!I", self.ssrcs[1]))

    def _fraction(self, highest: int, missing: int) -> int:
        expected, lost = highest - self._before[0], missing - self._before[1]
        self._before = (highest, missing)
        return min(max(lost, 0) * 256 // expected, 255) if expected > 0 else 0

    def take(self, data: bytes, unix: int) -> None:
        """Take a datagram that is no RTP, or RTP if this is a sample, that came at `unix` (ns)."""
        if self.sampled and data[0] >= 128 and not 192 <= data[1] <= 223:
            self._look_into(data, unix)
            return
        self.stun.clear()
        self._take(data)
        while self.rtcp:
            for packet in rtcp.parse(self.rtcp.pop()):
                if isinstance(packet, rtcp.SenderReport):
                    self._last_sr[packet.ssrc] = (packet.ntp >> 16 & 0xFFFFFFFF, unix)

    def _look_into(self, data: bytes, unix: int) -> None:
        skipped = DESCRIPTOR.get(data[1] & 0x7F)
        if self._receiver is None or skipped is None:
            return
        try:
            plain = cast(bytes, self._receiver.unprotect(data))
        except Error:
            self.wrong += 1
            return
        self.opened += 1
        sent, checksum = MARK.unpack_from(plain, len(plain) - MARK.size)
        at = 12 + 4 + 4 * (plain[14] << 8 | plain[15]) if plain[0] & 0x10 else 12
        if zlib.crc32(plain[at + skipped : -MARK.size]) != checksum:
            self.wrong += 1
            return
        self.delays.append(unix - sent)


def _ssrcs(offer: str) -> tuple[int, int]:
    """Return the SSRCs of the first sound and the first picture that a subscriber's offer announces."""
    found: dict[str, int] = {}
    kind = ""
    for line in offer.splitlines():
        if line.startswith("m="):
            kind = line[2:7]
        elif line.startswith("a=ssrc:") and kind not in found:
            found[kind] = int(line[7:].split()[0])
    return found["audio"], found["video"]
