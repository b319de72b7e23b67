"""
Opus packets: how long each one sounds, and what stands in for one that is not there.

While nobody speaks a browser sends nothing (DTX), and on a bad line packets are lost. Players of files stop
at such holes, so they are filled with packets that consist of a table-of-contents octet alone (RFC 6716
section 3.1: a frame of no octets). A decoder does with them what a listener's did: it conceals, or makes
comfort noise.
"""

import struct

from classroom.recording.frames import Frame
from signaling.core.capture import Rtp

RATE = 48_000  # RTP's clock for Opus, whatever was encoded (RFC 7587 section 4.1)
MAX_SAMPLES = 5_760  # 120 ms, the longest packet (RFC 6716 section 3.2.5, R5)
QUIET = 3  # Octets of a packet up to which nothing is said: encoders write silence and DTX so.

# 48 kHz samples of a frame by configuration number (RFC 6716 section 3.1, table 2).
_SILK, _HYBRID, _CELT = (480, 960, 1_920, 2_880), (480, 960), (120, 240, 480, 960)
_SAMPLES = _SILK * 3 + _HYBRID * 2 + _CELT * 4


def samples_of(packet: bytes) -> int:
    """Return how many samples at 48 kHz a packet holds; 0 if no decoder would take it."""
    if not packet:
        return 0
    toc = packet[0]
    code = toc & 3
    count = 1 if code == 0 else 2
    if code == 1 and not len(packet) & 1:
        return 0  # R3: two frames of the same size
    if code == 3:
        count = packet[1] & 0x3F if len(packet) > 1 else 0
    samples = _SAMPLES[toc >> 3] * count
    return samples if samples <= MAX_SAMPLES else 0


def filler(toc: int) -> bytes:
    """
    Return a packet of one frame that says nothing, in the manner of the packet that began with `toc`.

    It has 20 ms at most: Chromium makes packets of 60 ms on narrow lines, which is too much to be out by.
    """
    number = toc >> 3
    return bytes(((number - max(number % 4 - 1, 0) if number < 12 else number) << 3 | toc & 4,))


def head(channels: int = 2) -> bytes:
    """Return the identification header (RFC 7845 section 5.1). Nothing is skipped: this is no beginning."""
    return b"OpusHead" + struct.pack("<BBHIHB", 1, channels, 0, RATE, 0, 0)


class OpusFrames:
    """Each packet is a frame."""

    __slots__ = ("damaged",)

    def __init__(self) -> None:
        self.damaged = 0

    def take(self, packet: Rtp) -> list[Frame]:
        """Return the packet as a frame, if it is one."""
        data = packet.payload
        if not data:
            return []
        samples = samples_of(data)
        if not samples:
            self.damaged += 1
            return []
        return [
            Frame(
                "opus", packet.role, packet.layer, packet.epoch, packet.arrival, packet.timestamp,
                True, data, samples=samples,
            )
        ]  # fmt: skip
