"""Captures: what was written comes out again, and whatever else is in a file does no harm."""

from __future__ import annotations

import json
import struct
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import capture
from signaling.core.cache import Packet
from signaling.core.capture import BadCapture, Clock, End, Mark, Reader, Record, Rtp, Sender
from signaling.core.model import KINDS
from tests.support.captures import MONO, Stream, build, head

TIMES = st.floats(-1e9, 1e9)
LAYERS = st.integers(0, 255)
EPOCHS = st.integers(0, 0xFFFF)
TIMESTAMPS = st.integers(0, 0xFFFFFFFF)
RTP = st.builds(
    Rtp,
    st.integers(1, 3),
    LAYERS,
    st.sampled_from(capture.CODECS),
    st.integers(0, 7),
    EPOCHS,
    TIMES,
    st.integers(0, (1 << 63) - 1),
    TIMESTAMPS,
    st.binary(max_size=1_500),
)
RECORDS: st.SearchStrategy[Record] = st.one_of(
    RTP,
    st.builds(Sender, LAYERS, EPOCHS, TIMES, st.integers(0, (1 << 64) - 1), TIMESTAMPS),
    st.builds(Clock, TIMES, TIMES),
    st.builds(Mark, TIMES, st.sampled_from(capture.WHATS)),
    st.builds(End, TIMES, st.sampled_from(capture.REASONS)),
)


def some() -> list[Record]:
    """Return one record of every type."""
    stream = Stream("VP8")
    return [
        *stream.frame(0.0, [b"one", b"two"], key=True),
        stream.padding(0.02),
        stream.report(0.03),
        Clock(MONO, 1e12),
        Mark(MONO + 1, "muted"),
        End(MONO + 2, "gone"),
    ]


@given(st.lists(RECORDS, max_size=8))
def test_records_come_out_as_they_went_in(records: list[Record]) -> None:
    reader = Reader()
    data = build(records)
    assert reader.feed(data) == records
    assert reader.head == head()
    assert (reader.offset, reader.damaged) == (len(data), False)


@given(st.sampled_from(KINDS), st.text(max_size=20), st.floats(0, 1e14))
def test_a_head_comes_out_as_it_went_in(kind: str, name: str, time: float) -> None:
    reader = Reader()
    reader.feed(build([], kind=kind, person=name, mono=time, codec_hint="VP8"))
    assert reader.head == head(kind=kind, person=name, mono=time, codec_hint="VP8")


def test_a_file_may_be_cut_anywhere_and_read_on_later() -> None:
    records = some()
    data = build(records)
    for cut in range(len(data) + 1):
        reader = Reader()
        found = reader.feed(data[:cut])
        assert found == records[: len(found)]
        assert reader.offset <= cut
        assert not reader.damaged
        assert found + reader.feed(data[cut:]) == records
        assert reader.offset == len(data)


def test_a_file_may_come_octet_by_octet() -> None:
    reader = Reader()
    data = build(some())
    found = [record for at in range(len(data)) for record in reader.feed(data[at : at + 1])]
    assert found == some()


@given(st.data())
def test_damage_costs_only_what_is_behind_it(data: st.DataObject) -> None:
    records = some()
    whole = build(records)
    begins = len(build([]))
    at = data.draw(st.integers(begins, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[at] ^= data.draw(st.integers(1, 255))
    reader = Reader()
    found = reader.feed(bytes(damaged))
    before = len(build(records[: len(found)]))
    assert found == records[: len(found)]
    assert before == reader.offset <= at
    # A length that was made longer waits for more and finds its check wrong then.
    assert reader.feed(bytes(capture.MAX_BODY + 16)) == []
    assert reader.damaged
    assert reader.offset == before
    assert reader.feed(whole) == []


@given(st.binary(max_size=400))
def test_whatever_else_may_come(data: bytes) -> None:
    for prefix in (b"", capture.MAGIC, build([])):
        reader = Reader()
        try:
            found = reader.feed(prefix + data)
        except BadCapture:
            continue
        assert found == []
        assert reader.offset <= len(prefix)


def framed(number: int, body: bytes) -> bytes:
    data = struct.pack("<BI", number, len(body)) + body
    return data + struct.pack("<I", crc32(data))


FIXED = struct.Struct("<BBBBHdQI")
NAN = float("nan")


@pytest.mark.parametrize(
    "record",
    [
        framed(0, b""),
        framed(6, b"from a later version"),
        framed(1, bytes(25)),
        framed(1, FIXED.pack(0, 0, 0, 0, 0, 1.0, 1, 1)),
        framed(1, FIXED.pack(4, 0, 0, 0, 0, 1.0, 1, 1)),
        framed(1, FIXED.pack(1, 0, 3, 0, 0, 1.0, 1, 1)),
        framed(1, FIXED.pack(1, 0, 0, 0, 0, NAN, 1, 1)),
        framed(1, FIXED.pack(1, 0, 0, 0, 0, 1.0, 1 << 63, 1)),
        framed(2, bytes(22)),
        framed(2, struct.pack("<BHdQI", 0, 0, float("inf"), 1, 1)),
        framed(3, bytes(17)),
        framed(3, struct.pack("<dd", 1.0, NAN)),
        framed(4, bytes(8)),
        framed(4, struct.pack("<dB", 1.0, 3)),
        framed(5, struct.pack("<dB", 1.0, 5)),
        framed(5, struct.pack("<dB", NAN, 0)),
        struct.pack("<BI", 1, capture.MAX_BODY + 1),
    ],
)
def test_records_that_no_worker_writes_are_damage(record: bytes) -> None:
    reader = Reader()
    before = build(some()[:3])
    assert reader.feed(before + record + build(some())) == some()[:3]
    assert reader.damaged
    assert reader.offset == len(before)


def with_head(text: bytes, length: int | None = None) -> bytes:
    return capture.MAGIC + struct.pack("<I", len(text) if length is None else length) + text


PLAIN = head()._asdict()


@pytest.mark.parametrize(
    "data",
    [
        b"no capture",
        b"SABAKCAP2\n",
        with_head(b"", capture.MAX_BODY + 1),
        with_head(b""),
        with_head(b"\xff"),
        with_head(b"[" * 60_000),
        with_head(b"[]"),
        with_head(json.dumps(PLAIN | {"more": 1}).encode()),
        with_head(json.dumps({**PLAIN, "kind": "window"}).encode()),
        with_head(json.dumps({**PLAIN, "kind": []}).encode()),
        with_head(json.dumps({**PLAIN, "mono": "1"}).encode()),
        with_head(json.dumps({**PLAIN, "mono": True}).encode()),
        with_head(json.dumps({**PLAIN, "wall_ms": NAN}).encode()),
        with_head(json.dumps({**PLAIN, "wall_ms": -1}).encode()),
        with_head(json.dumps({name: PLAIN[name] for name in PLAIN if name != "track"}).encode()),
    ],
)
def test_what_is_no_capture_is_refused(data: bytes) -> None:
    with pytest.raises(BadCapture):
        Reader().feed(data)


def test_a_hint_may_be_absent() -> None:
    reader = Reader()
    plain = {name: PLAIN[name] for name in PLAIN if name != "codec_hint"}
    reader.feed(with_head(json.dumps(plain).encode()))
    assert reader.head == head()


@given(
    st.integers(1, 3), st.integers(0, 2), st.booleans(), st.booleans(), st.booleans(), st.binary(max_size=99)
)
def test_what_the_hot_path_writes_is_the_same(
    role: int, layer: int, marker: bool, key: bool, start: bool, payload: bytes
) -> None:
    packet = Packet(70_000, 0xFFFFFFFF, marker, payload, 12.5)
    packet.key, packet.start = key, start
    begun = capture.packet_head(role, layer, "H264", 3, packet)
    flags = capture.MARKER * marker | capture.KEY * key | capture.START * start
    record = Rtp(role, layer, "H264", flags, 3, 12.5, 70_000, 0xFFFFFFFF, payload)
    assert begun + payload + capture.check(begun, payload) == capture.encode(record)


def test_what_is_too_long_is_not_written() -> None:
    longest = Stream("opus").sound(0.0, bytes(capture.MAX_PAYLOAD))
    assert Reader().feed(build([longest])) == [longest]
    with pytest.raises(ValueError, match="record"):
        capture.encode(longest._replace(payload=bytes(capture.MAX_PAYLOAD + 1)))
    with pytest.raises(ValueError, match="head"):
        capture.encode_head(head(person="x" * capture.MAX_BODY))
