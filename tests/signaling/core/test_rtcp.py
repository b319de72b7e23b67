import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import rtcp, rtcp_writer
from signaling.core.rtcp import MalformedRtcp
from tests.support import browser_rtcp

U32 = st.integers(0, (1 << 32) - 1)


def test_description_with_several_chunks_and_items() -> None:
    chunk = struct.pack(">I", 1) + b"\x02\x03abc\x01\x02xy\0\0\0"
    assert len(chunk) == 16
    data = struct.pack(">BBH", 0x82, rtcp.SDES, 6) + chunk + struct.pack(">I", 2) + b"\0\0\0\0"
    assert rtcp.parse(data) == [rtcp.Description(1, "xy")]


def test_goodbye() -> None:
    assert rtcp.parse(browser_rtcp.build_bye([1, 2])) == [rtcp.Goodbye((1, 2))]


def test_lying_nack_is_bounded() -> None:
    body = struct.pack(">II", 1, 2) + b"\0\0\xff\xff" * 2000
    (found,) = rtcp.parse(struct.pack(">BBH", 0x81, rtcp.RTPFB, len(body) // 4) + body)
    assert isinstance(found, rtcp.Nack)
    assert len(found.lost) == rtcp.MAX_NACKED


def test_key_frame_request_with_a_number() -> None:
    assert rtcp.parse(browser_rtcp.build_fir(1, 2, 300)) == [rtcp.KeyFrameRequest(1, 2, 44)]


@given(U32, st.integers(0, (1 << 40) - 1), st.lists(U32, max_size=10))
def test_remb(sender: int, bps: int, ssrcs: list[int]) -> None:
    (found,) = rtcp.parse(rtcp_writer.build_remb(sender, bps, ssrcs))
    assert isinstance(found, rtcp.Remb)
    assert found.ssrcs == tuple(ssrcs)
    assert bps * (1 - 2**-17) <= found.bps <= bps


def test_a_rate_beyond_all_lines_is_bounded() -> None:
    highest = struct.pack(">BBHII4sBBHI", 0x8F, rtcp.PSFB, 5, 1, 0, b"REMB", 1, 0xFF, 0xFFFF, 7)
    assert rtcp.parse(highest) == [rtcp.Remb(1, rtcp.MAX_REMB_BPS, (7,))]


def test_compound_with_strangers_and_padding() -> None:
    stranger = struct.pack(">BBHI", 0x80, 207, 1, 9)
    odd_feedback = struct.pack(">BBHII", 0x83, rtcp.RTPFB, 2, 1, 2)
    odd_payload = struct.pack(">BBHII", 0x8F, rtcp.PSFB, 2, 1, 2)
    padded = struct.pack(">BBHII", 0xA1, rtcp.PSFB, 3, 1, 2) + b"\0\0\0\4"
    data = rtcp_writer.build_rr(1, []) + stranger + odd_feedback + odd_payload + padded
    assert rtcp.parse(data) == [rtcp.ReceiverReport(1), rtcp.KeyFrameRequest(1, 2)]


def test_transport_feedback_is_not_read_as_nack() -> None:
    data = struct.pack(">BBHII", 0x8F, rtcp.RTPFB, 4, 1, 2) + b"abcdefgh"
    assert rtcp.parse(data) == [rtcp.TransportFeedback(1, 2, b"abcdefgh")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\x40\xc8\0\0",
        b"\x80\xc8\0\x09abcd",
        b"\x81\xc9\0\x01abcd",  # a block announced, none there
        b"\x80\xc8\0\x01abcd",
        b"\x80\xcd\0\x01abcd",
        b"\x82\xcb\0\x01abcd",
        b"\xa0\xc9\0\0",  # padding of nothing
        b"\xa0\xc9\0\x02abcd\0\0\0\x10",
        b"\xa0\xc9\0\x02abcd\0\0\0\x04\x80\xc9\0\x01abcd",  # padding before the last packet
        b"\x81\xca\0\x01abcd",
        b"\x81\xca\0\x02abcd\x01\x09xy",
        b"\x81\xca\0\x02abcd\x01\x02xy",
        b"\x8f\xce\0\x04abcdefghREMB" + b"\x05\0\0\1",
        b"\x80\xc9\0\x01abcd" * 65,
    ],
)
def test_malformed(data: bytes) -> None:
    with pytest.raises(MalformedRtcp):
        rtcp.parse(data)


@given(st.sampled_from(range(198, 208)), st.integers(0, 63), st.binary(max_size=64))
def test_anything_is_read_or_refused(kind: int, first: int, body: bytes) -> None:
    body = body[: len(body) // 4 * 4]
    try:
        found = rtcp.parse(struct.pack(">BBH", 0x80 | first, kind, len(body) // 4) + body)
    except MalformedRtcp:
        return
    assert len(found) <= 40
