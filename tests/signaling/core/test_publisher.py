"""Learning SSRCs, and what a publisher leg refuses."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.cache import Packet
from signaling.core.model import ExtensionIds, Kind, KnownSsrc, Limits, MediaSection, ReceivedCodec
from signaling.core.publisher import PublisherLeg
from signaling.core.source import Source
from tests.support.media_room import EXTENSIONS, rtp_packet, vp8_payload

OPUS = (ReceivedCodec("opus", 109),)
VIDEO = (ReceivedCodec("VP8", 120, 124), ReceivedCodec("H264", 126, 127))
CAMERA = MediaSection("1", "camera", VIDEO, EXTENSIONS, ("q", "h", "f"))
MICROPHONE = MediaSection("0", "microphone", OPUS, EXTENSIONS)


class Leg:
    def __init__(self, *sections: MediaSection, limits: Limits | None = None) -> None:
        self.leg = PublisherLeg(limits or Limits(), 0.0)
        self.sources: dict[Kind, Source] = {
            section.kind: Source("teacher", section.kind) for section in sections
        }
        self.leg.negotiate(sections, self.sources)
        self.now = 0.0

    def video(
        self,
        ssrc: int,
        sequence: int = 1,
        *,
        rid: str = "",
        mid: str = "1",
        payload_type: int = 120,
        payload: bytes | None = None,
        padding: int = 0,
        repaired_rid: str = "",
    ) -> tuple[int, int] | str:
        """(layer index, number) of what became of a packet, or why it was dropped."""
        before = self.leg.dropped.copy()
        packet = rtp_packet(
            payload_type,
            sequence,
            9000,
            ssrc,
            vp8_payload(sequence, key=True) if payload is None else payload,
            mid=mid.encode(),
            rid=rid.encode(),
            repaired_rid=repaired_rid.encode(),
            padding=padding,
        )
        return self.outcome(packet, before)

    def outcome(self, packet: bytes, before: object = None) -> tuple[int, int] | str:
        counted = self.leg.dropped.copy()
        found = self.leg.receive(packet, self.now)
        if found is None:
            reasons = self.leg.dropped - counted
            return next(iter(reasons), "nothing")
        return found[0].index, found[1].number - 65536


def test_layers_are_learnt_by_rid_and_then_by_ssrc() -> None:
    leg = Leg(CAMERA, MICROPHONE)
    assert leg.video(10, 5, rid="q") == (0, 5)
    assert leg.video(12, 7, rid="f") == (2, 7)
    assert leg.video(12, 8, mid="") == (2, 8)
    assert leg.video(10, 6, mid="") == (0, 6)
    assert leg.leg.layer(12) is leg.sources["camera"].layers[2]
    assert leg.leg.layer(99) is None
    assert leg.leg.begun


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        ({"ssrc": 1, "mid": ""}, "unknown_ssrc"),
        ({"ssrc": 1, "mid": "9"}, "unknown_ssrc"),
        ({"ssrc": 1}, "unknown_ssrc"),  # simulcast without rid
        ({"ssrc": 1, "rid": "x"}, "unknown_ssrc"),
        ({"ssrc": 1, "rid": "q", "payload_type": 96}, "payload_type"),
        ({"ssrc": 1, "repaired_rid": "q", "payload_type": 124}, "early_rtx"),
        ({"ssrc": 1, "rid": "q", "payload": b"\x90"}, "payload"),
    ],
)
def test_what_is_dropped(packet: dict[str, Any], reason: str) -> None:
    assert Leg(CAMERA).video(**packet) == reason


def test_section_without_rids() -> None:
    leg = Leg(MediaSection("1", "camera", VIDEO, EXTENSIONS))
    assert leg.video(1, 5) == (0, 5)
    assert leg.video(1, 6, payload_type=99) == "payload_type"
    payload = struct.pack(">H", 4) + vp8_payload(3)
    assert leg.video(2, 1, payload_type=124, payload=payload) == (0, 4)


def test_known_ssrcs_stand_in_for_missing_extensions() -> None:
    firefox = MediaSection(
        "1",
        "camera",
        VIDEO,
        ExtensionIds(),
        ("q", "h"),
        (KnownSsrc(70, 71), KnownSsrc(80, 81), KnownSsrc(90)),
    )
    leg = Leg(firefox)
    assert leg.video(80, 3, mid="") == (1, 3)
    assert leg.video(70, 4, mid="") == (0, 4)
    payload = struct.pack(">H", 2) + vp8_payload(3)
    assert leg.video(81, 1, mid="", payload_type=124, payload=payload) == (1, 2)
    assert leg.video(90, 3, mid="") == "unknown_ssrc"
    named = Leg(MediaSection("1", "camera", VIDEO, EXTENSIONS, ("q", "h"), (KnownSsrc(70, 71),)))
    assert named.video(70, 4) == (0, 4)  # a mid, but no rid


def test_a_payload_type_tells_a_section_that_said_nothing_else() -> None:
    bare = MediaSection("1", "camera", VIDEO, ExtensionIds())
    leg = Leg(bare, MediaSection("0", "microphone", OPUS, ExtensionIds()))
    assert leg.video(10, 5, mid="") == (0, 5)
    assert leg.video(11, 1, mid="", payload_type=124, payload=struct.pack(">H", 4) + vp8_payload(4)) == (0, 4)
    assert leg.outcome(rtp_packet(109, 7, 0, 12, b"sound")) == (0, 7)
    assert leg.video(13, 9, mid="", payload_type=99) == "unknown_ssrc"


@pytest.mark.parametrize(
    "sections",
    [
        pytest.param([CAMERA], id="layers"),
        pytest.param([MediaSection("1", "camera", VIDEO, EXTENSIONS, (), (KnownSsrc(77),))], id="SSRCs"),
        pytest.param(
            [
                MediaSection(mid, kind, VIDEO, ExtensionIds())
                for mid, kind in (("1", "camera"), ("2", "screen"))
            ],
            id="two of a type",
        ),
    ],
)
def test_a_payload_type_alone_tells_nothing_otherwise(sections: list[MediaSection]) -> None:
    assert Leg(*sections).video(10, 5, mid="") == "unknown_ssrc"


def test_a_rate_is_told_to_those_who_ask_and_do_not_number_their_packets() -> None:
    def wants(extensions: ExtensionIds, remb: bool) -> bool:
        return Leg(MediaSection("1", "camera", VIDEO, extensions, remb=remb)).leg.wants_rate

    assert wants(ExtensionIds(), True)
    assert not wants(ExtensionIds(), False)
    assert not wants(EXTENSIONS, True)


def test_repairs() -> None:
    leg = Leg(CAMERA)
    leg.video(10, 100, rid="q")
    leg.video(10, 103, rid="q", payload=vp8_payload(103))
    lost = struct.pack(">H", 101) + vp8_payload(101)
    repair: dict[str, Any] = {"repaired_rid": "q", "payload_type": 124}
    assert leg.video(20, 1, payload=lost, **repair) == (0, 101)
    assert leg.video(20, 2, payload=lost, mid="", payload_type=124) == "duplicate"
    assert leg.video(20, 3, payload=b"", padding=200, mid="", payload_type=124) == "nothing"
    assert leg.video(20, 3, payload=b"ab", mid="", payload_type=124) == "nothing"
    assert leg.video(20, 3, payload=lost, mid="", payload_type=99) == "payload_type"
    assert leg.video(20, 3, payload=lost, mid="", payload_type=127) == "early_rtx"  # of another codec
    assert leg.video(20, 4, payload=struct.pack(">H", 40_000) + b"x", mid="", payload_type=124) == "late"
    late = struct.pack(">H", 102) + vp8_payload(102)
    assert leg.video(21, 1, payload=late, **repair) == (0, 102)  # RTX went on under another SSRC
    layer = leg.sources["camera"].layers[0]
    assert layer is not None
    assert (layer.rtx_ssrc, layer.missing.recovered) == (21, 2)


def test_padding_has_a_number_and_no_payload() -> None:
    leg = Leg(CAMERA)
    leg.video(10, 100, rid="q")
    assert leg.video(10, 101, payload=b"", padding=100) == (0, 101)
    layer = leg.sources["camera"].layers[0]
    assert layer is not None
    assert layer.ring.get(65536 + 101) is None
    assert len(layer.missing) == 0


def test_duplicates_and_what_is_too_old() -> None:
    leg = Leg(CAMERA)
    leg.video(10, 1000, rid="q")
    assert leg.video(10, 1000) == "duplicate"
    assert leg.video(10, 400) == "late"
    assert leg.video(10, 600) == (0, 600)
    assert leg.video(10, 401) == (0, 401 + 65536)  # two in a row: the sender began anew


def test_another_ssrc_or_codec_replaces_the_layer() -> None:
    leg = Leg(CAMERA)
    leg.video(10, 1, rid="q")
    leg.video(20, 1, payload=struct.pack(">H", 0) + vp8_payload(1), payload_type=124, repaired_rid="q")
    first = leg.sources["camera"].layers[0]
    leg.video(11, 1, rid="q")
    second = leg.sources["camera"].layers[0]
    assert leg.leg.replaced == [first]
    assert leg.leg.layer(10) is None
    assert leg.video(20, 9, mid="", payload_type=124) == "unknown_ssrc"
    assert leg.video(11, 2, payload_type=126, payload=b"\x67\x42\x00") == (0, 2)
    third = leg.sources["camera"].layers[0]
    assert leg.leg.replaced == [first, second]
    assert third is not None
    assert third.codec == "H264"
    kept = third.ring.get(65536 + 2)
    assert kept is not None
    assert kept.key


def test_ssrc_flood() -> None:
    leg = Leg(CAMERA, limits=Limits(ssrcs=4))
    assert [leg.video(ssrc, rid="q") for ssrc in range(1, 7)] == [(0, 1)] * 4 + ["ssrc_flood"] * 2
    assert len(leg.leg._streams) == 1
    assert (
        leg.video(4, 2, payload_type=126, payload=b"\x67\x42\x00") == "ssrc_flood"
    )  # a codec is a layer too
    payload = struct.pack(">H", 0) + vp8_payload(1)
    assert leg.video(9, 1, payload_type=124, payload=payload, repaired_rid="q") == "ssrc_flood"
    leg.now = 10.0
    assert leg.video(20, rid="q") == (0, 1)


def test_too_much_is_dropped_for_the_rest_of_the_second() -> None:
    leg = Leg(CAMERA, limits=Limits(receive_pps=3))
    outcomes = [leg.video(10, sequence, rid="q") for sequence in range(1, 6)]
    assert outcomes == [(0, 1), (0, 2), (0, 3), "rate", "rate"]
    leg.now = 1.0
    assert leg.video(10, 6) == (0, 6)
    fast = Leg(CAMERA, limits=Limits(receive_bps=3000))
    assert [fast.video(10, sequence, rid="q") for sequence in (1, 2, 3)] == [(0, 1), "rate", "rate"]


def test_narrow_picture_ids_are_widened_and_unwrapped() -> None:
    leg = Leg(CAMERA)
    ids = []
    for sequence, narrow in enumerate([126, 127, 0, 1, 127], 100):
        payload = bytes((0x90, 0x80, narrow)) + b"\x11" + bytes(9)
        assert leg.video(10, sequence, rid="q", payload=payload) == (0, sequence)
        layer = leg.sources["camera"].layers[0]
        assert layer is not None
        packet = layer.ring.get(65536 + sequence)
        assert packet is not None
        assert len(packet.payload) == len(payload) + 1
        ids.append(packet.picture_id)
    assert [found - ids[0] for found in ids] == [0, 1, 2, 3, 1]


def test_vp8_without_counters() -> None:
    leg = Leg(CAMERA)
    assert leg.video(10, 1, rid="q", payload=b"\x10\x11" + bytes(9)) == (0, 1)


def h264(leg: Leg, sequence: int, timestamp: int, payload: bytes) -> Packet:
    head = rtp_packet(126, sequence, timestamp, 10, payload, mid=b"1", rid=b"q")
    found = leg.leg.receive(head, 0.0)
    assert found is not None
    return found[1]


def test_where_a_viewer_of_h264_may_begin() -> None:
    leg = Leg(CAMERA)
    sets, picture = b"\x67\x42\xc0\x1f\xda\x01\x40\x16\xe8\x40", b"\x65\x88\x80"  # 720 lines
    assert not h264(leg, 1, 0, picture).key  # nobody could decode it
    assert h264(leg, 2, 3000, sets).key
    layer = leg.sources["camera"].layers[0]
    assert layer is not None
    assert layer.height == 720
    assert layer.parameter_sets == b""
    assert not h264(leg, 3, 3000, b"\x68\xce").key
    assert layer.parameter_sets.endswith(b"\x00\x02\x68\xce")
    assert not h264(leg, 4, 3000, picture).key  # it began with its SPS
    assert not h264(leg, 5, 6000, b"\x41\x9a").key
    bare = h264(leg, 6, 9000, picture)
    assert bare.key
    assert bare.bare
    assert layer.ring.key_number == bare.number
    assert not h264(leg, 7, 9000, b"\x65\x08").key  # another slice of it
    again = h264(leg, 8, 12_000, b"\x67\x42\xc0")  # what cannot be read changes no height
    assert again.key
    assert not again.bare
    assert layer.height == 720


def test_a_count_of_key_frames_does_not_reach_viewers() -> None:
    leg = Leg(CAMERA)
    payload = b"\x90\xf0\x80\x05\x09\x63" + vp8_payload(1, key=True)[6:]
    assert leg.video(10, 5, rid="q", payload=payload) == (0, 5)
    layer = leg.sources["camera"].layers[0]
    assert layer is not None
    kept = layer.ring.get(65536 + 5)
    assert kept is not None
    assert kept.payload[:6] == b"\x90\xe0\x80\x05\x09\x60"
    assert (kept.temporal, kept.sync, kept.tl0_at, kept.key) == (1, True, 4, True)


def test_loudness() -> None:
    leg = Leg(MICROPHONE)
    assert leg.leg.loudness is None
    assert leg.outcome(rtp_packet(109, 1, 0, 5, b"sound", mid=b"0", audio_level=b"\x9e")) == (0, 1)
    assert leg.leg.loudness == 30
    head = struct.pack(">BBHIIHH", 0x90, 109, 2, 0, 5, 0x1000, 1) + b"\x01\x00\x00\x00"  # no byte of level
    assert leg.outcome(head + b"sound") == (0, 2)
    assert leg.leg.loudness is None
    mute = Leg(MediaSection("0", "microphone", OPUS, ExtensionIds(mid=4)))
    assert mute.outcome(rtp_packet(109, 1, 0, 5, b"sound", mid=b"0", audio_level=b"\x9e")) == (0, 1)
    assert mute.leg.loudness is None


def test_negotiating_again_keeps_what_did_not_change() -> None:
    leg = Leg(CAMERA, MICROPHONE)
    leg.video(10, 1, rid="q")
    leg.outcome(rtp_packet(109, 1, 0, 5, b"sound", mid=b"0"))
    camera = leg.sources["camera"].layers[0]
    changed = MediaSection("0", "microphone", (ReceivedCodec("opus", 111),), EXTENSIONS)
    leg.leg.negotiate([CAMERA, changed], leg.sources)
    assert leg.leg.layer(10) is camera
    assert leg.leg.layer(5) is None
    assert [layer.ssrc for layer in leg.leg.replaced] == [5]
    assert leg.outcome(rtp_packet(111, 2, 0, 5, b"sound", mid=b"0")) == (0, 2)


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=20))
def test_anything_is_taken_or_counted(packets: list[tuple[bool, bytes]]) -> None:
    leg = Leg(CAMERA, MICROPHONE)
    leg.video(10, 1, rid="q")
    leg.video(20, 1, payload=struct.pack(">H", 0) + vp8_payload(1), payload_type=124, repaired_rid="q")
    for extended, data in packets:
        for ssrc, payload_type in ((10, 120), (10, 126), (20, 124), (30, 109), (31, 120)):
            first = 0x90 if extended else 0x80
            packet = struct.pack(">BBHII", first, payload_type, 3, 0, ssrc) + (
                b"\x10\x00" if extended else b""
            )
            leg.leg.receive(packet + data, 1.0)
    assert len(leg.leg._streams) <= Limits().ssrcs
