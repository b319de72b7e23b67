"""
H.264 frames (access units) out of RTP (RFC 6184: single units, STAP-A, FU-A), in the form that MP4 keeps.

Parameter sets are taken out of the stream: they stand once at the beginning of a segment, and others begin
another segment. Units are told by their length instead of start codes (ISO/IEC 14496-15).

After a loss nothing is given out before the next picture that needs no other: which frames are referred to
is not told in packets. Frames are taken to be shown in the order they are sent, as WebRTC has it: pictures
in between that refer to later ones (B-frames) would be shown in the wrong order.
"""

import struct
from collections.abc import Sequence

from classroom.recording.frames import MAX_FRAME, Frame
from signaling.core.capture import MARKER, Rtp
from signaling.core.h264 import MAX_SET, size_of

_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")

# NAL unit types (RFC 6184 section 5.2, ITU-T H.264 table 7-1).
_SLICE, _IDR, _SEI, _SPS, _PPS = 1, 5, 6, 7, 8
_STAP_A, _FU_A = 24, 28
_KEPT = frozenset((_SLICE, 2, 3, 4, _IDR, _SEI))  # slices, partitions of slices, and remarks
MAX_SETS = 8  # Picture parameter sets: browsers use one.
MAX_UNITS = 512  # NAL units of a frame: one a row of macroblocks is 270 for 4K


class H264Frames:
    """The frames of one layer; see `Assembler`."""

    __slots__ = (
        "_broken", "_chunks", "_expected", "_fragments", "_key", "_open", "_pps", "_size", "_sliced", "_sps",
        "_whole", "damaged", "left_out",
    )  # fmt: skip

    def __init__(self) -> None:
        self.damaged = self.left_out = 0
        """Frames that were not whole, and frames that were but refer to what is not there."""
        self._expected = -1
        self._sps = b""
        self._pps: dict[int, bytes] = {}
        self._broken = True
        self._open: Rtp | None = None
        self._chunks: list[bytes] = []
        self._fragments: list[bytes] = []
        self._size = 0
        self._key = self._sliced = False
        self._whole = False  # from its first slice on

    def take(self, packet: Rtp) -> list[Frame]:
        """Take the next packet; see `Assembler`."""
        frames: list[Frame] = []
        if packet.number != self._expected:
            self._lose()
        self._expected = packet.number + 1
        payload = packet.payload
        if not payload:
            return frames
        if self._open is not None and packet.timestamp != self._open.timestamp:
            self._finish(frames)  # Its sender sets no marker bits.
        if self._open is None:
            self._open = packet
        kind = payload[0] & 0x1F
        if kind == _FU_A:
            self._fragment(payload)
        elif kind == _STAP_A:
            self._aggregate(payload)
        else:
            self._unit(payload)
        if packet.flags & MARKER:
            self._finish(frames)
        return frames

    def _lose(self) -> None:
        """Give up the frame in hand, and what refers to it."""
        self._whole = False
        self._broken = True
        self._chunks = []
        self._fragments = []

    def _fragment(self, payload: bytes) -> None:
        """Take a piece of a unit (RFC 6184 section 5.8)."""
        if len(payload) < 3:
            return self._lose()
        if payload[1] & 0x80:
            if self._fragments:  # The one before never ended.
                self._lose()
            self._fragments = [bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))]
        elif not self._fragments:
            return self._lose()
        self._fragments.append(payload[2:])
        self._size += len(payload)
        if self._size > MAX_FRAME:
            self._lose()
        elif payload[1] & 0x40:
            unit, self._fragments = b"".join(self._fragments), []
            self._size -= len(unit)
            self._unit(unit)
        return None

    def _aggregate(self, payload: bytes) -> None:
        """Take several units (RFC 6184 section 5.7.1)."""
        at = 1
        while at + 2 < len(payload):
            size = _U16.unpack_from(payload, at)[0]
            if not size or at + 2 + size > len(payload):
                return self._lose()
            self._unit(payload[at + 2 : at + 2 + size])
            at += 2 + size
        return None

    def _unit(self, unit: bytes) -> None:
        kind = unit[0] & 0x1F
        if kind == _SPS:
            if 4 <= len(unit) <= MAX_SET and unit != self._sps:
                self._sps = unit
                self._pps.clear()
        elif kind == _PPS:
            number = _set_number(unit)
            if 2 <= len(unit) <= MAX_SET and (number in self._pps or len(self._pps) < MAX_SETS):
                self._pps[number] = unit
        elif kind in _KEPT:
            self._size += len(unit)
            if self._size > MAX_FRAME or len(self._chunks) >= 2 * MAX_UNITS:
                return self._lose()
            if kind != _SEI and not self._sliced:
                self._sliced = True
                self._whole = len(unit) > 1 and unit[1] > 0x7F  # first_mb_in_slice is 0
            self._chunks += (_U32.pack(len(unit)), unit)
            self._key |= kind == _IDR
        return None

    def _finish(self, frames: list[Frame]) -> None:
        begun, self._open = self._open, None
        some = self._sliced or bool(self._fragments)
        whole = self._whole and not self._fragments
        data, key = b"".join(self._chunks), self._key
        self._chunks, self._fragments, self._size = [], [], 0
        self._whole = self._key = self._sliced = False
        if not whole or begun is None:
            self.damaged += some
            self._broken |= some
            return
        width = height = 0
        config = b""
        if key:
            width, height = size_of(self._sps)
            self._broken = not (width and height and self._pps)
            config = configuration(self._sps, list(self._pps.values()))
        if self._broken:
            self.left_out += 1
            return
        frames.append(
            Frame(
                "H264", begun.role, begun.layer, begun.epoch, begun.arrival, begun.timestamp,
                key, data, width, height, config=config,
            )
        )  # fmt: skip


def _set_number(unit: bytes) -> int:
    """Return the id of a picture parameter set (ue(v), ITU-T H.264 section 7.3.2.2); 255 at most."""
    bits = int.from_bytes(unit[1:4].ljust(3, b"\0"))
    zeros = 24 - bits.bit_length()
    return (bits >> 23 - 2 * zeros) - 1 if zeros < 8 else 255


def configuration(sps: bytes, pps: Sequence[bytes]) -> bytes:
    """Return the AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3) of these sets."""
    if len(sps) < 4:
        return b""
    begin = bytes((1, sps[1], sps[2], sps[3], 0xFF, 0xE1))  # lengths have 4 octets; one SPS
    found = begin + _U16.pack(len(sps)) + sps + bytes((len(pps),))
    found += b"".join(_U16.pack(len(unit)) + unit for unit in pps)
    # High profiles say more; browsers send 4:2:0 in 8 bits only, and so nearly does everybody.
    return found + b"\xfd\xf8\xf8\0" if sps[1] in (100, 110, 122, 144) else found
