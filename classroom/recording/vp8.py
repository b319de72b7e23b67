"""
VP8 frames out of RTP (RFC 7741), and which of them can be decoded after a loss.

A lost packet usually spoils all frames up to the next key frame. Not always: of what was lost, the counters
in the descriptor tell whether it was padding (the next picture id follows), frames that no other refers to,
or frames of the upper temporal layers, which the base layer does without. Then only what refers to it is left
out.
"""

import struct

from classroom.recording.frames import MAX_FRAME, Frame
from signaling.core.capture import MARKER, Rtp
from signaling.core.codecs import Vp8, parse_vp8

_SIZE = struct.Struct("<HH")
_NON_REFERENCE = 0x20  # N of the descriptor: no frame refers to this one
_ALL = 0b1111  # temporal layers (two bits)
_NOTED = 64  # Pictures remembered as discardable while a hole is open: 2 s of thirty a second.


class Vp8Frames:
    """The frames of one layer; see `Assembler`."""

    __slots__ = (
        "_broken", "_chunks", "_discardable", "_expected", "_first", "_gap", "_open", "_picture", "_size",
        "_started", "_tl0", "_whole", "damaged", "left_out",
    )  # fmt: skip

    def __init__(self) -> None:
        self.damaged = self.left_out = 0
        """Frames that were not whole, and frames that were but refer to what is not there."""
        self._expected = -1
        self._open: Rtp | None = None  # the packet that a frame began with
        self._first = Vp8()  # and its descriptor
        self._chunks: list[bytes] = []
        self._size = 0
        self._started = False  # the frame in hand is whole so far
        self._gap = False  # numbers are missing since the last frame that was given out or left out
        self._broken = True  # nothing can be decoded before a key frame
        self._picture = self._tl0 = -1  # of the last whole frame, and of the last of the base layer
        self._whole = _ALL  # temporal layers, a bit each, of which nothing is missing that may be referred to
        self._discardable: set[int] = set()  # pictures since then of which something came and none refers to

    def take(self, packet: Rtp) -> list[Frame]:
        """Take the next packet; see `Assembler`."""
        frames: list[Frame] = []
        if packet.number != self._expected:
            if self._expected >= 0:
                self._lose()
            self._gap = True
        self._expected = packet.number + 1
        payload = packet.payload
        if not payload:
            return frames
        found = parse_vp8(payload)
        if found is None:
            self.damaged += 1
            self._lose()
            self._gap = True
            return frames
        begun = self._open
        if begun is None or found.start or packet.timestamp != begun.timestamp:
            if begun is not None:  # Its sender sets no marker bits.
                self._finish(frames)
            self._begin(packet, found)
        self._size += len(payload) - found.length
        if self._size > MAX_FRAME:
            self._lose()
        else:
            self._chunks.append(payload[found.length :])
        if packet.flags & MARKER:
            self._finish(frames)
        return frames

    def _begin(self, packet: Rtp, found: Vp8) -> None:
        self._open = packet
        self._first = found
        self._chunks = []
        self._size = 0
        self._started = found.start
        if not found.start:
            self._gap = True
        self._note(packet.payload, found)

    def _note(self, payload: bytes, found: Vp8) -> None:
        if payload[0] & _NON_REFERENCE and found.picture_id >= 0 and len(self._discardable) < _NOTED:
            self._discardable.add(found.picture_id)

    def _lose(self) -> None:
        """Give up the frame in hand."""
        self._started = False
        self._gap = True
        self._chunks = []

    def _finish(self, frames: list[Frame]) -> None:
        begun, self._open = self._open, None
        if begun is None or not self._started:
            self.damaged += 1
            return
        data = b"".join(self._chunks)
        self._chunks = []
        key, width, height = self._first.key, 0, 0
        if not _is_frame(data):
            self.damaged += 1
            self._gap = True
            return
        if key:
            width, height = (value & 0x3FFF for value in _SIZE.unpack_from(data, 6))  # without the scale
        if self._decodable(self._first):
            frames.append(
                Frame(
                    "VP8", begun.role, begun.layer, begun.epoch, begun.arrival, begun.timestamp,
                    key, data, width, height,
                )
            )  # fmt: skip
        else:
            self.left_out += 1

    def _decodable(self, found: Vp8) -> bool:
        """Tell whether all that this whole frame may refer to was given out."""
        if found.key:
            self._broken, self._whole = False, _ALL
        elif self._broken:
            return False
        elif self._gap and not self._harmless(found):
            if found.tl0 < 0 or found.tl0 != (self._tl0 + (found.temporal == 0)) & 0xFF or self._tl0 < 0:
                self._broken = True
                return False
            self._whole = 1
        self._gap = False
        self._discardable.clear()
        self._picture = found.picture_id
        if found.tl0 >= 0 and not found.temporal:
            self._tl0 = found.tl0
        if found.sync:  # It refers to the base layer alone.
            self._whole |= 1 << found.temporal
            return True
        needed = (2 << found.temporal) - 1
        return self._whole & needed == needed

    def _harmless(self, found: Vp8) -> bool:
        """Tell whether no picture is missing, or none that another refers to."""
        if found.picture_id < 0 or self._picture < 0:
            return False
        missing = (found.picture_id - self._picture - 1) & 0x7FFF
        if missing > _NOTED:
            return False
        return all((self._picture + 1 + step) & 0x7FFF in self._discardable for step in range(missing))


def _is_frame(data: bytes) -> bool:
    """Tell whether this can be a frame (RFC 6386 section 9.1): its first partition is there, and its size."""
    if len(data) < 3:
        return False
    tag = data[0] | data[1] << 8 | data[2] << 16
    if tag & 1:
        return (tag >> 5) <= len(data) - 3
    if len(data) < 10 or data[3:6] != b"\x9d\x01\x2a" or (tag >> 5) > len(data) - 10:
        return False
    width, height = _SIZE.unpack_from(data, 6)
    return bool(width & 0x3FFF and height & 0x3FFF)
