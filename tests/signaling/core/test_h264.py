"""H.264 as encoders write it, as it could be written, and as nobody should."""

from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import h264

SPS, PPS, IDR = b"\x67\x42\x00\x1f", b"\x68\xce", b"\x65\x88\x80"


def units(width: int, height: int, profile: str, pixels: str = "yuv420p", more: str = "") -> list[bytes]:
    """Return the NAL units of the first picture that libx264 makes."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, pixels
    context.time_base, context.framerate = Fraction(1, 25), Fraction(25)
    context.options = {"profile": profile, "preset": "ultrafast", "tune": "zerolatency", "x264-params": more}
    frame = av.VideoFrame(width, height, pixels)
    frame.pts = 0
    data = b"".join(bytes(packet) for packet in context.encode(frame))
    return [unit for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]


@pytest.mark.parametrize(
    ("width", "height", "profile", "pixels", "more"),
    [
        (640, 360, "baseline", "yuv420p", ""),  # 23 rows of macroblocks, cropped
        (1280, 720, "baseline", "yuv420p", ""),
        (1920, 1080, "baseline", "yuv420p", ""),
        (178, 146, "main", "yuv420p", ""),
        (1920, 1080, "high", "yuv420p", "interlaced=1:tff=1"),
        (640, 360, "high", "yuv420p", "cqm=jvt"),
        (640, 360, "high", "yuv420p", "cqm4=16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"),
        (640, 362, "high422", "yuv422p", ""),
        (640, 362, "high444", "yuv444p", "cqm=jvt"),
    ],
)
def test_heights_of_a_real_encoder(width: int, height: int, profile: str, pixels: str, more: str) -> None:
    sets = [unit for unit in units(width, height, profile, pixels, more) if unit[0] & 0x1F == 7]
    assert h264.size_of(sets[0]) == (width, height)
    assert h264.height_of(sets[0]) == height


def bits(*fields: int | tuple[int, int]) -> bytes:
    """Pack numbers as ue(v) and (value, count) as plain bits."""
    text = ""
    for field in fields:
        value, count = field if isinstance(field, tuple) else (field + 1, 2 * (field + 1).bit_length() - 1)
        text += f"{value:0{count}b}"
    text += "1"
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8)


def sps(profile: int, *fields: int | tuple[int, int]) -> bytes:
    return b"\x67" + bytes((profile, 0, 30)) + bits(0, *fields)


ONE, ZERO = (1, 1), (0, 1)
SIZE = (1, ZERO, 79, 44, ONE, ZERO)  # one reference, no gaps, 80 x 45 macroblocks, frames


@pytest.mark.parametrize(
    ("unit", "height"),
    [
        (sps(66, 0, 0, 0, *SIZE, ZERO), 720),
        (sps(66, 0, 2, *SIZE, ONE, 0, 0, 0, 3), 714),
        (sps(66, 0, 1, ZERO, 0, 0, 2, 1, 2, *SIZE, ZERO), 720),  # a cycle of pictures
        (sps(244, 3, ZERO, 0, 0, ZERO, ONE, *[ZERO] * 12, 0, 0, 0, *SIZE, ONE, 0, 0, 0, 3), 717),
        (sps(100, 1, 0, 0, ZERO, ONE, ONE, 16, *[ZERO] * 7, 0, 0, 0, *SIZE, ZERO), 720),  # a list that ends
        (sps(66, 0, 2, 1, ZERO, 79, 0, ONE, ZERO, ONE, 0, 0, 9, 9), 0),  # more is cut off than there is
        (sps(66, (0, 24)), 0),  # a number without an end
        (b"\x67\x42\x00\x1f", 0),
        (b"\x67" + bytes(500), 0),
    ],
)
def test_heights_of_what_may_be_written(unit: bytes, height: int) -> None:
    assert h264.height_of(unit) == height


@given(st.binary(max_size=80), st.sampled_from([66, 100, 244]))
def test_reading_never_raises(data: bytes, profile: int) -> None:
    assert h264.height_of(b"\x67" + bytes((profile,)) + data) >= 0
    found = h264.parse_h264(data)
    assert len(h264.parameter_sets(found.sps, found.pps)) <= 2 * h264.MAX_SET + 5
    h264.parse_h264(b"\x78" + data)
    h264.parse_h264(b"\x7c" + data)


@pytest.mark.parametrize(
    ("payload", "sets", "picture"),
    [
        (SPS, (SPS, b""), False),
        (PPS, (b"", PPS), False),
        (IDR, (b"", b""), True),
        (b"\x65\x08", (b"", b""), False),  # a later slice
        (b"\x41\x88", (b"", b""), False),
        (b"\x18\x00\x04" + SPS + b"\x00\x02" + PPS + b"\x00\x03" + IDR, (SPS, PPS), True),
        (b"\x18\x00\x01\x09\x00\x04" + SPS, (SPS, b""), False),
        (b"\x18\x00\x02" + PPS + b"\x00\x02\x65\x08", (b"", PPS), False),
        (b"\x18\x00", (b"", b""), False),
        (b"\x18" + b"\x00\x02\x06\x05" * 70 + b"\x00\x04" + SPS, (b"", b""), False),  # absurdly many
        (b"\x7c\x85\x88", (b"", b""), True),
        (b"\x7c\x85\x08", (b"", b""), False),
        (b"\x7c\x85", (b"", b""), False),
        (b"\x7c\x05\x88", (b"", b""), False),
        (b"\x7c\x87\x42", (b"\x42", b""), False),
        (b"\x7c\x07", (b"", b""), False),
        (b"\x67", (b"", b""), False),
    ],
)
def test_what_begins_in_a_packet(payload: bytes, sets: tuple[bytes, bytes], picture: bool) -> None:
    found = h264.parse_h264(payload)
    assert ((found.sps, found.pps), found.idr) == (sets, picture)


def test_only_whole_parameter_sets_are_given_to_others() -> None:
    both = h264.parameter_sets(SPS, PPS)
    found = h264.parse_h264(both)
    assert (found.sps, found.pps) == (SPS, PPS)
    assert h264.parameter_sets(SPS, b"") == b""
    assert h264.parameter_sets(b"\x42\x00", PPS) == b""
    assert h264.parameter_sets(SPS + bytes(500), PPS) == b""
