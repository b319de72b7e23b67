import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import rtp


def packet(
    *, first: int = 0x80, second: int = 0x60, csrcs: int = 0, extension: bytes = b"", rest: bytes = b"payload"
) -> bytes:
    return struct.pack(">BBHII", first | csrcs, second, 7, 1000, 0xABCD) + b"c" * 4 * csrcs + extension + rest


def with_extension(profile: int, content: bytes) -> bytes:
    content += b"\0" * (-len(content) % 4)
    head = struct.pack(">HH", profile, len(content) // 4)
    return packet(first=0x90, extension=head + content)


def read(data: bytes) -> dict[int, bytes]:
    header = rtp.parse(data)
    assert header is not None
    assert data[header.payload_at : header.payload_end] == b"payload"
    return {key: data[start:end] for key, (start, end) in rtp.extensions(data, header).items()}


def test_fixed_header() -> None:
    header = rtp.parse(packet(second=0xE0, csrcs=3))
    assert header is not None
    assert (header.payload_type, header.marker, header.sequence) == (96, True, 7)
    assert (header.timestamp, header.ssrc, header.payload_at) == (1000, 0xABCD, 24)
    assert header.size - header.payload_at == 7


def test_padding_is_left_out_and_padding_only_is_empty() -> None:
    header = rtp.parse(packet(first=0xA0, rest=b"ab\0\0\0\4"))
    assert header is not None
    assert (header.payload_at, header.payload_end) == (12, 14)
    header = rtp.parse(packet(first=0xA0, rest=b"\0\0\0\4"))
    assert header is not None
    assert header.payload_at == header.payload_end


@pytest.mark.parametrize(
    "data",
    [
        b"",
        packet()[:11],
        packet(first=0x40),
        packet(csrcs=15, rest=b""),
        packet(first=0x90, rest=b"\xbe\xde"),
        packet(first=0x90, rest=b"\xbe\xde\0\5abcd"),
        packet(first=0xA0, rest=b""),
        packet(first=0xA0, rest=b"a\0"),
        packet(first=0xA0, rest=b"a\xff"),
    ],
)
def test_malformed(data: bytes) -> None:
    if data == packet(csrcs=15, rest=b""):
        data = data[:-1]
    assert rtp.parse(data) is None


def test_one_byte_extensions() -> None:
    content = b"\x10A" + b"\0" + b"\x22abc" + b"\x0f" + b"\xa1xy"
    assert read(with_extension(0xBEDE, content)) == {1: b"A", 2: b"abc"}  # id 0 of 16 bytes ends the reading
    assert read(with_extension(0xBEDE, b"\x10A\x01zz\x20B")) == {1: b"A", 2: b"B"}
    assert read(with_extension(0xBEDE, b"\x10A\xf0x\x20B")) == {1: b"A"}


def test_two_byte_extensions() -> None:
    assert read(with_extension(0x1000, b"\x01\x01A\0\xee\x00\x14\x02xy")) == {1: b"A", 0xEE: b"", 0x14: b"xy"}
    assert read(with_extension(0x1007, b"\x01\x01A\0\x02\x09xy")) == {1: b"A"}
    assert read(with_extension(0x1000, b"\x01\x01A\x02")) == {1: b"A"}


def test_other_profiles_and_none() -> None:
    assert read(with_extension(0x1234, b"abcd")) == {}
    assert read(packet()) == {}


@given(st.binary(max_size=80))
def test_anything_is_read_within_bounds(data: bytes) -> None:
    for candidate in (data, bytes([0x90]) + data, packet(first=0x90, rest=b"\xbe\xde" + data)):
        header = rtp.parse(candidate)
        if header is None:
            continue
        assert rtp.HEADER_LENGTH <= header.payload_at <= header.payload_end <= len(candidate)
        for start, end in rtp.extensions(candidate, header).values():
            assert header.extension_at < start <= end <= header.extension_end


@given(
    st.integers(0, 127),
    st.booleans(),
    st.integers(0, 1 << 40),
    st.integers(0, 1 << 40),
    st.integers(0, (1 << 32) - 1),
    st.floats(0, 1e9),
)
def test_what_we_pack_we_can_read(kind: int, marker: bool, seq: int, ts: int, ssrc: int, now: float) -> None:
    data = rtp.pack_header(kind, marker, seq, ts, ssrc, now) + b"payload"
    header = rtp.parse(data)
    assert header is not None
    assert header.payload_at == rtp.OUT_HEADER_LENGTH
    assert (header.payload_type, header.marker, header.sequence) == (kind, marker, seq & 0xFFFF)
    assert (header.timestamp, header.ssrc) == (ts & 0xFFFFFFFF, ssrc)
    assert abs(int.from_bytes(read(data)[2]) / 262144 - now % 64) < 1e-4 or now % 64 > 63.99
