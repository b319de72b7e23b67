"""
Captures made by hand: heads, and streams of packets with a clock of their own.

    stream = Stream("VP8", ppm=100)
    build([*stream.frame(0.0, [vp8(0, key=True)], key=True), stream.report(0.1), ...], kind="camera")
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from signaling.core.capture import (
    BOTH,
    KEY,
    MARKER,
    START,
    End,
    Head,
    Record,
    Rtp,
    Sender,
    encode,
    encode_head,
)
from signaling.core.model import CLOCK_RATE, CodecName

MONO = 1_000.0  # The machine's monotonic clock when these captures begin,
WALL_MS = 1_795_400_000_000.0  # and the wall clock.
NTP = 3_900_000_000.0  # The sender's clock then, in seconds since 1900.


def head(**changes: Any) -> Head:
    """Return the head of a camera's capture, with `changes`."""
    plain = Head(
        recording="lesson-1",
        track="track",
        person="ann",
        kind="camera",
        peer="ann.1",
        wall_ms=WALL_MS,
        mono=MONO,
        boot="9d4e2c1e-0c66-4e0b-9c4e-1a6f6a1f9c55",
    )
    return plain._replace(**changes)


def build(records: Iterable[Record], *, end: End | None = None, **changes: Any) -> bytes:
    """Return a file: `head(**changes)`, `records`, and `end` if there is one."""
    last = [] if end is None else [end]
    return encode_head(head(**changes)) + b"".join(encode(record) for record in [*records, *last])


@dataclass
class Stream:
    """
    One layer of a sender whose clock runs `ppm` millionths too fast; `at` is in seconds after MONO.

    What it sends arrives `delay` later, unless a call says otherwise.
    """

    codec: CodecName
    layer: int = 0
    role: int = BOTH
    epoch: int = 0
    ppm: float = 0.0
    delay: float = 0.02
    number: int = 70_000
    first_timestamp: int = 0xFFFF0000  # wraps soon
    ntp: float = NTP
    sent: list[Rtp] = field(default_factory=list)

    def sender_time(self, at: float) -> float:
        """Return how far the sender's clock has come."""
        return at * (1 + self.ppm / 1e6)

    def timestamp(self, at: float) -> int:
        ticks = round(self.sender_time(at) * CLOCK_RATE[self.codec])
        return (self.first_timestamp + ticks) & 0xFFFFFFFF

    def frame(
        self, at: float, payloads: Sequence[bytes], *, key: bool = False, delay: float | None = None
    ) -> list[Rtp]:
        """Return the packets of the frame of `at`: the first has its flags, the last the marker."""
        arrival = MONO + at + (self.delay if delay is None else delay)
        packets = []
        for index, payload in enumerate(payloads):
            first, last = index == 0, index == len(payloads) - 1
            flags = START * first | KEY * (first and key) | MARKER * last
            packets.append(self._packet(flags, arrival, at, payload))
        return packets

    def sound(self, at: float, payload: bytes, *, marker: bool = False, delay: float | None = None) -> Rtp:
        """Return a packet of Opus: every one of them is a beginning."""
        arrival = MONO + at + (self.delay if delay is None else delay)
        return self._packet(START | KEY | MARKER * marker, arrival, at, payload)

    def padding(self, at: float) -> Rtp:
        """Return a packet that carries nothing: only its number is used up."""
        return self._packet(0, MONO + at + self.delay, at, b"")

    def lose(self, count: int = 1) -> None:
        """Let the next `count` numbers never come."""
        self.number += count

    def report(self, at: float, *, delay: float | None = None) -> Sender:
        """Return a sender report of that moment."""
        ntp = int((self.ntp + self.sender_time(at)) * (1 << 32))
        arrival = MONO + at + (self.delay if delay is None else delay)
        return Sender(self.layer, self.epoch, arrival, ntp, self.timestamp(at))

    def anew(self, *, number: int = 5, first_timestamp: int = 90_000) -> None:
        """Begin another SSRC: numbers and timestamps have nothing to do with those before."""
        self.epoch += 1
        self.number, self.first_timestamp = number, first_timestamp

    def _packet(self, flags: int, arrival: float, at: float, payload: bytes) -> Rtp:
        packet = Rtp(
            self.role,
            self.layer,
            self.codec,
            flags,
            self.epoch,
            arrival,
            self.number,
            self.timestamp(at),
            payload,
        )
        self.number += 1
        self.sent.append(packet)
        return packet
