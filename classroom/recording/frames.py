"""
From packets of one layer to whole frames: first their order, which this file restores, then their contents
(`vp8`, `h264`, `opus`).

What is late is waited for in *arrival time of the records*, never by a clock: the same capture gives the same
frames, however often and in whatever pieces it is read. Every buffer has a bound, for packets come from
outside.
"""

from typing import NamedTuple, Protocol

from signaling.core.capture import Rtp
from signaling.core.model import CodecName

PATIENCE_S = 1.0  # Retransmissions come within 0.5 s or never: browsers forget what they sent after 1 s.
BEGINNING_S = 0.1  # What was overtaken by the very first packet comes within this.
MAX_KEPT = 2_048  # Packets behind a hole: 1 s of 20 Mbit/s.
MAX_KEPT_OCTETS = 4 << 20
MAX_FRAME = 4 << 20  # Octets. A key frame of a 4K screen has less than 2 MB.


class Frame(NamedTuple):
    """A frame that can be decoded when those before it were, or by itself if it is a `key`."""

    codec: CodecName
    role: int
    layer: int
    epoch: int
    arrival: float
    """Of its first packet; our monotonic clock, in seconds."""
    timestamp: int
    """RTP, 32 bits."""
    key: bool
    data: bytes
    width: int = 0
    """Pixels, of key frames of pictures; so is `height`."""
    height: int = 0
    samples: int = 0
    """Of sound, at 48 kHz."""
    config: bytes = b""
    """What a decoder of H.264 has to have before a key frame: an AVCDecoderConfigurationRecord."""


class Assembler(Protocol):
    """Makes frames of one layer's packets, which come in the order of their numbers, with holes."""

    def take(self, packet: Rtp) -> list[Frame]:
        """Take the next packet; return the frames that are whole now. Never raises."""
        ...


class Reorder:
    """
    The packets of one layer and epoch, by number, each once.

    A missing number is waited for until `PATIENCE_S` after the packet behind it came, or until more wait
    than may be kept; then the packets go on without it, and whoever takes them sees the hole.
    """

    __slots__ = ("_kept", "_next", "_octets", "late")

    def __init__(self) -> None:
        self._next = -1
        self._kept: dict[int, Rtp] = {}
        self._octets = 0
        self.late = 0
        """Packets that came twice, or after they were given up."""

    def push(self, packet: Rtp) -> list[Rtp]:
        """Take a packet; return those whose turn it is."""
        number = packet.number
        if number == self._next:
            self._next = number + 1
            return self._follow([packet]) if self._kept else [packet]
        if number < self._next or number in self._kept:
            self.late += 1
            return []
        self._kept[number] = packet
        self._octets += len(packet.payload)
        return self.wait(packet.arrival)

    def wait(self, now: float) -> list[Rtp]:
        """Return what waited long enough at `now` (s)."""
        ready: list[Rtp] = []
        while self._kept:
            first = min(self._kept)
            patience = PATIENCE_S if self._next >= 0 else BEGINNING_S
            patient = now - self._kept[first].arrival < patience
            if patient and len(self._kept) <= MAX_KEPT and self._octets <= MAX_KEPT_OCTETS:
                break
            self._next = first
            self._follow(ready)
        return ready

    def flush(self) -> list[Rtp]:
        """Return all that still waits: nothing comes any more."""
        ready = [self._kept[number] for number in sorted(self._kept)]
        if ready:
            self._next = ready[-1].number + 1
        self._kept.clear()
        self._octets = 0
        return ready

    def _follow(self, ready: list[Rtp]) -> list[Rtp]:
        while (packet := self._kept.pop(self._next, None)) is not None:
            self._octets -= len(packet.payload)
            self._next += 1
            ready.append(packet)
        return ready
