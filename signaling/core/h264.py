"""
H.264 without decoding it: where a picture begins that needs no other, how high it is, and the parameter sets
that a decoder has to have first.

Encoders of browsers, FFmpeg and OBS send the parameter sets with every such picture; others once, at the
beginning (GStreamer's payloader, unless it is told otherwise). Whoever joins later gets the newest from here.

Every function takes a hostile payload: it finds nothing in it, and never raises.
"""

import struct

_U16 = struct.Struct(">H")

# NAL unit types (RFC 6184 section 5.2).
_IDR, _SPS, _PPS = 5, 7, 8
_STAP_A, _FU_A = 24, 28
_REFERENCE = 0x60  # nal_ref_idc of what must not be lost

MAX_SET = 400  # Octets of a parameter set: real ones have 10 to 60; two of them fit a packet.
_MAX_UNITS = 64  # NAL units looked at in an aggregate: an access unit starts with a handful.
# Profiles with a chroma format and scaling matrices in their SPS (ITU-T H.264 section 7.3.2.1.1).
_HIGH = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
_MAX_CODE = 20  # Leading zeros of an Exp-Golomb number: longer ones are no picture size.


class H264:
    """What begins in one packet: parameter sets (without start codes), and `idr`, a picture of its own."""

    __slots__ = ("idr", "pps", "sps")

    def __init__(self) -> None:
        self.sps = self.pps = b""
        self.idr = False


_NOTHING = H264()


def parse_h264(payload: bytes) -> H264:
    """Read a payload (RFC 6184, packetization mode 0 or 1)."""
    if len(payload) < 2:
        return _NOTHING
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        first = payload[1] & 0x9F
        found = _NOTHING
        if first == 0x80 | _IDR and len(payload) > 2 and payload[2] & 0x80:  # first_mb_in_slice is 0
            found = H264()
            found.idr = True
        elif first == 0x80 | _SPS:
            found = H264()
            found.sps = payload[2:]  # only its beginning: nothing that `parameter_sets` would keep
        return found
    if kind == _STAP_A:
        return _parse_aggregate(payload)
    if kind in (_IDR, _SPS, _PPS):
        found = H264()
        _note(found, payload)
        return found
    return _NOTHING


def _parse_aggregate(payload: bytes) -> H264:
    found = H264()
    at = 1
    for _ in range(_MAX_UNITS):
        if at + 2 >= len(payload):
            break
        size = _U16.unpack_from(payload, at)[0]
        _note(found, payload[at + 2 : at + 2 + size])
        at += 2 + size
    return found


def _note(found: H264, unit: bytes) -> None:
    if len(unit) < 2:
        return
    kind = unit[0] & 0x1F
    if kind == _SPS:
        found.sps = unit
    elif kind == _PPS:
        found.pps = unit
    elif kind == _IDR and unit[1] & 0x80:
        found.idr = True


def parameter_sets(sps: bytes, pps: bytes) -> bytes:
    """Return a payload of both sets (STAP-A), or nothing if they are not whole."""
    for unit, kind in ((sps, _SPS), (pps, _PPS)):
        if not 2 <= len(unit) <= MAX_SET or unit[0] & 0x1F != kind:
            return b""
    head = bytes((_REFERENCE | _STAP_A,))
    return head + _U16.pack(len(sps)) + sps + _U16.pack(len(pps)) + pps


def height_of(sps: bytes) -> int:
    """Return the height in pixels that a sequence parameter set tells; 0 if it cannot be read."""
    return size_of(sps)[1]


def size_of(sps: bytes) -> tuple[int, int]:
    """Return width and height in pixels that a sequence parameter set tells; zeros if it cannot be read."""
    if len(sps) < 5 or len(sps) > MAX_SET:
        return 0, 0
    try:
        return _read_size(_Bits(sps[1:].replace(b"\0\0\3", b"\0\0")), sps[1])
    except (IndexError, ValueError):
        return 0, 0


class _Bits:
    """The bits of a NAL unit (ITU-T H.264 section 7.2). Raises IndexError behind the end."""

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data)
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError
        return self._bits >> self._left & (1 << count) - 1

    def number(self) -> int:
        """Read ue(v), section 9.1."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _MAX_CODE:
                raise ValueError
        return (1 << zeros) - 1 + self.take(zeros)


def _read_size(bits: _Bits, profile: int) -> tuple[int, int]:
    bits.take(24)  # profile, constraints, level
    bits.number()  # id
    chroma = 1
    if profile in _HIGH:
        chroma = _read_high(bits)
    bits.number()  # log2_max_frame_num
    _skip_order(bits)
    bits.number()  # max_num_ref_frames
    bits.take(1)  # gaps in frame numbers
    columns = bits.number() + 1
    rows = bits.number() + 1
    fields = 1 if bits.take(1) else 2
    if fields == 2:
        bits.take(1)  # mb_adaptive_frame_field_flag
    bits.take(1)  # direct_8x8_inference_flag
    across = down = 0
    if bits.take(1):
        across = (bits.number() + bits.number()) * (2 if chroma in (1, 2) else 1)
        down = (bits.number() + bits.number()) * fields * (2 if chroma == 1 else 1)
    return max(columns * 16 - across, 0), max(rows * 16 * fields - down, 0)


def _read_high(bits: _Bits) -> int:
    chroma = bits.number()
    if chroma == 3:
        bits.take(1)
    bits.number()
    bits.number()
    bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.number()
            following = (last + (code + 1) // 2 * (1 if code % 2 else -1)) % 256
        last = following or last


def _skip_order(bits: _Bits) -> None:
    """Step over what tells the order of pictures."""
    kind = bits.number()
    if kind == 0:
        bits.number()
    elif kind == 1:
        bits.take(1)
        bits.number()
        bits.number()
        for _ in range(min(bits.number(), 255)):
            bits.number()
