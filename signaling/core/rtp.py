"""
RTP packets (RFC 3550 section 5.1) and header extensions (RFC 8285), read by offset and never copied.

A publisher's packet is read once, here; what leaves for subscribers has one shape (`pack_header`):
no CSRCs, no padding, our fixed payload type and one extension, abs-send-time.
"""

import struct

from signaling.core.model import OUT_ABS_SEND_TIME_ID

Buffer = bytes | bytearray | memoryview

HEADER_LENGTH = 12  # RFC 3550 section 5.1
OUT_HEADER_LENGTH = 20  # fixed header, extension header, one extension of 3 bytes
WIRE_OVERHEAD = OUT_HEADER_LENGTH + 16 + 28  # with the tag of AES-GCM, UDP and IPv4, as a line carries it

_FIXED = struct.Struct(">BBHII")
_U16 = struct.Struct(">H")
_OUT = struct.Struct(">BBHIIHHI")
_ONE_BYTE_PROFILE = 0xBEDE  # RFC 8285 section 4.2
_TWO_BYTE_PROFILE = 0x1000  # low 4 bits are "appbits", ignored (RFC 8285 section 4.3)
_ABS_SEND_TIME = (OUT_ABS_SEND_TIME_ID << 4 | 2) << 24  # id, length - 1, and room for 24 bits of time


class RtpHeader:
    """Where things are in one packet. `payload_end` leaves padding out; `size` is the whole packet."""

    __slots__ = (
        "extension_at",
        "extension_end",
        "marker",
        "payload_at",
        "payload_end",
        "payload_type",
        "profile",
        "sequence",
        "size",
        "ssrc",
        "timestamp",
    )

    def __init__(
        self, payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, size: int
    ) -> None:
        self.payload_type = payload_type
        self.marker = marker
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.size = size
        self.profile = 0
        self.extension_at = self.extension_end = 0
        self.payload_at = self.payload_end = 0


def parse(data: Buffer) -> RtpHeader | None:
    """Read the header of a decrypted packet; None if it is not a well-formed RTP packet."""
    size = len(data)
    if size < HEADER_LENGTH:
        return None
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != 2:
        return None
    header = RtpHeader(second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, size)
    at = HEADER_LENGTH + 4 * (first & 0x0F)
    if first & 0x10:
        if size < at + 4:
            return None
        header.profile = _U16.unpack_from(data, at)[0]
        words = _U16.unpack_from(data, at + 2)[0]
        header.extension_at = at + 4
        at = header.extension_end = at + 4 + 4 * words
    end = size
    if first & 0x20 and size > at:
        padding = data[size - 1]
        if not padding:
            return None
        end -= padding
    elif first & 0x20:
        return None  # the padding bit without a byte that says how much
    if at > end:
        return None
    header.payload_at = at
    header.payload_end = end
    return header


def extensions(data: Buffer, header: RtpHeader) -> dict[int, tuple[int, int]]:
    """
    Return {id: (start, end)} of the packet's header extensions.

    Both forms of RFC 8285. Reading stops at the first element that does not fit; what was read before
    counts, as section 4.2 asks for id 15.
    """
    if header.profile == _ONE_BYTE_PROFILE:
        return _one_byte(data, header.extension_at, header.extension_end)
    if header.profile & 0xFFF0 == _TWO_BYTE_PROFILE:
        return _two_byte(data, header.extension_at, header.extension_end)
    return {}


def _one_byte(data: Buffer, at: int, end: int) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    while at < end:
        byte = data[at]
        at += 1
        if not byte:
            continue
        number = byte >> 4
        stop = at + (byte & 0x0F) + 1
        if number == 15 or stop > end:
            break
        if number:  # id 0 with a length is padding of a careless sender
            found[number] = (at, stop)
        at = stop
    return found


def _two_byte(data: Buffer, at: int, end: int) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    while at < end:
        number = data[at]
        at += 1
        if not number:
            continue
        if at >= end:
            break
        stop = at + 1 + data[at]
        if stop > end:
            break
        found[number] = (at + 1, stop)
        at = stop
    return found


def pack_header(
    payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, now: float
) -> bytes:
    """
    Return the header of a packet to subscribers; numbers may be extended, `now` is the time of sending.

    abs-send-time is seconds in 6.18 fixed point, wrapping every 64 s.
    """
    return _OUT.pack(
        0x90,
        payload_type | 0x80 if marker else payload_type,
        sequence & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc,
        _ONE_BYTE_PROFILE,
        1,
        _ABS_SEND_TIME | int(now * 262144) & 0xFFFFFF,
    )
