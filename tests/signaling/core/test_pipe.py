"""Records between workers: there and back, and whatever else may come."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import pipe
from signaling.core.cache import Packet
from signaling.core.model import KINDS, CodecName, Kind
from signaling.core.pipe import Ask, HeightWish, MalformedPipeError, Outbox, Piped, Report, parse
from signaling.core.source import Layer, Source


def layer_of(kind: Kind = "camera", index: int = 2, codec: CodecName = "VP8", ssrc: int = 99) -> Layer:
    return Layer(Source("ann", kind), index, "f", ssrc, codec)


def all_of_them() -> bytes:
    layer = layer_of()
    layer.sr_ntp, layer.sr_timestamp, layer.sr_at = 4e9 + 0.25, 0xFFFFFFFF, 12.5
    packet = Packet(70_000, 0xFFFFFFFF, True, b"payload", 1.0)
    return b"".join(
        (
            pipe.packet_head(7, layer, packet, 45, 7, replay=True) + packet.payload,
            pipe.packet_head(7, layer, packet, None, 0, replay=False),
            pipe.report(7, layer, -3.5),
            pipe.ask(7, layer, 3, cached=True),
            pipe.wish(0xFFFFFFFF, "screen", 3, 1_000_000),
        )
    )


PLACE = pipe.place("camera", 2, "VP8")


def test_records_come_out_as_they_went_in() -> None:
    flags = pipe.MARKER | pipe.REPLAY
    assert list(parse(all_of_them())) == [
        Piped(7, PLACE, flags, 45, 99, 0xFFFFFFFF, 70_000, b"payload"),
        Piped(7, PLACE, pipe.MARKER, pipe.UNTOLD, 99, 0xFFFFFFFF, 70_000, b""),
        Report(7, PLACE, 99, 0xFFFFFFFF, 4e9 + 0.25, 12.5, -3.5),
        Ask(7, PLACE, 3, True),
        HeightWish(0xFFFFFFFF, pipe.place("screen"), 3, 0xFFFF),
    ]


@given(st.sampled_from(KINDS), st.integers(0, 2), st.sampled_from(pipe.CODECS))
def test_a_place_is_kind_layer_and_codec(kind: Kind, index: int, codec: CodecName) -> None:
    place = pipe.place_of(layer_of(kind, index, codec))
    assert 0 <= place <= 255
    assert (pipe.kind_at(place), pipe.index_at(place), pipe.codec_at(place)) == (kind, index, codec)


def test_what_is_cut_off_is_refused_after_what_was_whole() -> None:
    whole = all_of_them()
    ends = {0}
    at = 0
    for record in parse(whole):
        at += len(record.payload) + 26 if isinstance(record, Piped) else 0
        at += {Report: 40, Ask: 10, HeightWish: 11}.get(type(record), 0)
        ends.add(at)
    assert at == len(whole)
    for length in range(len(whole)):
        if length in ends:
            list(parse(whole[:length]))
        else:
            with pytest.raises(MalformedPipeError):
                list(parse(whole[:length]))


@pytest.mark.parametrize("data", [b"\0", b"\5" * 40, b"\3\xf0" + bytes(8), b"\1\0\0\0" + b"\xff" * 22])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedPipeError):
        list(parse(data))


@given(st.binary(max_size=200))
def test_nothing_but_refusals_comes_of_noise(data: bytes) -> None:
    with contextlib.suppress(MalformedPipeError):
        list(parse(data))


def test_an_outbox_packs_what_waits_and_drops_what_is_too_much() -> None:
    box = Outbox()
    assert (len(box), box.first()) == (0, None)
    chance = random.Random(3)
    records = [bytes(chance.randrange(200, 1500)) for _ in range(100)]
    for record in records:
        box.add(record[:26], record[26:])
    assert len(box) == sum(map(len, records))
    sent = b""
    count = 0
    while (datagram := box.first()) is not None:
        whole = b"".join(datagram)
        assert len(whole) <= pipe.DATAGRAM
        sent += whole
        count += 1
        box.sent()
    assert sent == b"".join(records)
    assert count == -(-len(sent) // pipe.DATAGRAM)
    for _ in range(600):
        box.add(b"small")
    parts = []
    while (datagram := box.first()) is not None:
        parts.append(len(datagram))
        box.sent()
    assert len(parts) == 3
    assert max(parts) <= pipe.MOST_PARTS
    for _ in range(pipe.WAITING // 1000 + 5):
        box.add(bytes(1000))
    assert pipe.WAITING - 1000 < len(box) <= pipe.WAITING
    assert box.dropped == 5
