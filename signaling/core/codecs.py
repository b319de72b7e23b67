"""
What an SFU must know of VP8 without decoding it: where key frames begin, which temporal layer a packet
belongs to, and the counters in its descriptor that must stay continuous when packets are left out.
(H.264 is in `h264`.)

Every function takes a hostile payload: it answers None, or "not a key frame", and never raises.
"""

import struct

_U16 = struct.Struct(">H")
_U16_LITTLE = struct.Struct("<H")


class Vp8:
    """
    A VP8 payload descriptor (RFC 7741 section 4.2).

    `picture_id` and `tl0` are -1 when absent; `*_at` are offsets in the payload, 0 for what is not there.
    `start`: first packet of a frame. `sync`: refers to the base layer only, so a climb to this temporal layer
    may begin here.
    """

    __slots__ = (
        "height",
        "key",
        "key_index_at",
        "length",
        "picture_id",
        "picture_id_at",
        "start",
        "sync",
        "temporal",
        "tl0",
        "tl0_at",
        "wide",
    )

    def __init__(self) -> None:
        self.picture_id = self.tl0 = -1
        self.picture_id_at = self.tl0_at = self.key_index_at = 0
        self.wide = self.sync = self.start = self.key = False
        self.temporal = self.length = self.height = 0


def parse_vp8(payload: bytes) -> Vp8 | None:
    """Read the descriptor (and the height, of a key frame); None if there is no VP8 data behind it."""
    found = Vp8()
    try:
        first = payload[0]
        at = 1
        if first & 0x80:
            at = _parse_vp8_extension(payload, found)
        found.length = at
        found.start = first & 0x17 == 0x10  # S set and partition index 0 (its reserved bit is not looked at)
        if found.start and not payload[at] & 1:
            found.key = True
            if (
                payload[at + 3 : at + 6] == b"\x9d\x01\x2a" and len(payload) >= at + 10
            ):  # RFC 6386 section 9.1
                found.height = _U16_LITTLE.unpack_from(payload, at + 8)[0] & 0x3FFF
        return found if len(payload) > at else None
    except IndexError:
        return None


def _parse_vp8_extension(payload: bytes, found: Vp8) -> int:
    flags = payload[1]
    at = 2
    if flags & 0x80:
        found.picture_id_at = at
        found.picture_id = payload[at]
        if found.picture_id & 0x80:
            found.wide = True
            found.picture_id = (found.picture_id & 0x7F) << 8 | payload[at + 1]
            at += 1
        at += 1
    if flags & 0x40:
        found.tl0_at = at
        found.tl0 = payload[at]
        at += 1
    if flags & 0x30:
        if flags & 0x20:
            found.temporal = payload[at] >> 6
            found.sync = bool(payload[at] & 0x20)
        if flags & 0x10:
            found.key_index_at = at
        at += 1
    return at


def without_key_index(payload: bytes, found: Vp8) -> bytes:
    """
    Take KEYIDX out and correct `found`: a counter of key frames that would jump with every switch.

    It is optional (RFC 7741 section 4.2), tells a decoder nothing, and browsers do not send it.
    """
    at = found.key_index_at
    found.key_index_at = 0
    flags = payload[1] & ~0x10
    if flags & 0x20:  # The octet stays for the temporal layer.
        rest = bytes((payload[at] & 0xE0,)) + payload[at + 1 :]
        return payload[:1] + bytes((flags,)) + payload[2:at] + rest
    found.length -= 1
    return payload[:1] + bytes((flags,)) + payload[2:at] + payload[at + 1 :]


def widen_vp8(payload: bytes, found: Vp8, picture_id: int) -> bytes:
    """
    Replace a 7-bit picture id by 15 bits and correct `found`, so that lengths never change later.

    Done once, on receipt; `picture_id` is the value unwrapped by the caller.
    """
    at = found.picture_id_at
    found.wide = True
    found.picture_id = picture_id & 0x7FFF
    found.length += 1
    if found.tl0 >= 0:
        found.tl0_at += 1
    return payload[:at] + _U16.pack(0x8000 | found.picture_id) + payload[at + 1 :]


def patch_vp8(payload: bytes, picture_id_at: int, picture_id: int, tl0_at: int, tl0: int) -> bytearray:
    """Return a copy of `payload` with other counters (wrapped here); an offset of 0 means: not there."""
    patched = bytearray(payload)
    if picture_id_at:
        _U16.pack_into(patched, picture_id_at, 0x8000 | picture_id & 0x7FFF)
    if tl0_at:
        patched[tl0_at] = tl0 & 0xFF
    return patched
