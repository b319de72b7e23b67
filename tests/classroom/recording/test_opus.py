"""Opus packets by RFC 6716 section 3.1, and fillers that decoders take."""

from __future__ import annotations

from typing import Any

import av
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classroom.recording.opus import MAX_SAMPLES, OpusFrames, filler, head, samples_of
from tests.support import streams


@pytest.mark.parametrize(
    ("packet", "samples"),
    [
        (b"\x00ab", 480),  # SILK, 10 ms
        (b"\x18ab", 2_880),  # SILK, 60 ms
        (b"\x59abc", 0),  # two frames of the same size cannot have an odd number of octets
        (b"\x59ab", 5_760),
        (b"\x60ab", 480),  # hybrid, 10 ms
        (b"\x78ab", 960),
        (b"\x80ab", 120),  # CELT, 2.5 ms
        (b"\xfcab", 960),
        (b"\xfe\x01ab", 1_920),
        (b"\xff\x06ab", 5_760),
        (b"\xff\x07ab", 0),  # 140 ms
        (b"\xff\x00", 0),
        (b"\xff", 0),
        (b"", 0),
        (b"\x78", 960),  # nothing was said
    ],
)
def test_how_long_a_packet_sounds(packet: bytes, samples: int) -> None:
    assert samples_of(packet) == samples


@given(st.binary(max_size=8))
@example(b"\xff\xff")
def test_any_packet_has_a_length_within_bounds(packet: bytes) -> None:
    assert 0 <= samples_of(packet) <= MAX_SAMPLES
    assembler = OpusFrames()
    [record] = streams.packets([([packet], True, 0)], "opus")
    found = assembler.take(record)
    assert len(found) + assembler.damaged == (1 if packet else 0)


@given(st.integers(0, 255))
def test_a_filler_lasts_one_frame_and_not_long(toc: int) -> None:
    assert samples_of(filler(toc)) == min(samples_of(bytes((toc & 0xFC, 0, 0))), 960)
    assert filler(toc)[0] & 4 == toc & 4
    assert filler(toc)[0] >> 5 == toc >> 5  # of the same mode


@pytest.mark.parametrize("decoder", ["libopus", "opus"])
@pytest.mark.parametrize("channels", [1, 2])
def test_decoders_take_fillers_between_packets(decoder: str, channels: int) -> None:
    context: Any = av.CodecContext.create(decoder, "r")
    context.extradata = head()
    context.sample_rate, context.layout = 48_000, "stereo"
    packets = list(streams.spoken(10, channels))
    packets[4:4] = [filler(packets[3][0])] * 5
    heard = [frame.samples for packet in packets for frame in context.decode(av.Packet(packet))]
    heard += [frame.samples for frame in context.decode(None)]
    assert sum(heard) == pytest.approx(15 * 960, abs=400)  # the decoder's own delay
