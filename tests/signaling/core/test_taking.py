"""What is taken of a source: layers, roles, epochs, and the key frames that are asked for."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import rtcp, rtcp_writer, taking
from signaling.core.cache import Packet
from signaling.core.capture import (
    BEST,
    BOTH,
    KEY,
    MARKER,
    MAX_PAYLOAD,
    SMALL,
    START,
    Clock,
    Mark,
    Reader,
    Record,
    Rtp,
    Sender,
    check,
    encode_head,
)
from signaling.core.model import CodecName, Kind, LayersWanted, Wish
from signaling.core.source import Layer, Source
from signaling.core.taking import Taker
from tests.support.captures import head
from tests.support.media_room import FakePublisher, RoomPair, rtp_packet, vp8_payload

CAM = "teacher camera"


def drained(taker: Taker) -> list[Record]:
    """Return what was taken since the last time, as a reader gets it."""
    parts, _ = taker.drain()
    data = b"".join(
        begun if payload is None else begun + payload + check(begun, payload) for begun, payload in parts
    )
    reader = Reader()
    records = reader.feed(encode_head(head()) + data)
    assert reader.offset == len(encode_head(head()) + data)
    return records


def packets(records: list[Record]) -> list[Rtp]:
    return [record for record in records if isinstance(record, Rtp)]


def marks(records: list[Record]) -> list[str]:
    return [record.what for record in records if isinstance(record, Mark)]


def roles(records: list[Record]) -> dict[int, set[int]]:
    """Return as what each layer was taken."""
    found: dict[int, set[int]] = defaultdict(set)
    for packet in packets(records):
        found[packet.layer].add(packet.role)
    return dict(found)


def best(records: list[Record]) -> list[Rtp]:
    return [packet for packet in packets(records) if packet.role & BEST]


def camera(**others: object) -> tuple[RoomPair, FakePublisher]:
    pair = RoomPair()
    return pair, pair.publisher("teacher", **others)  # type: ignore[arg-type]


def layer_of(pair: RoomPair, index: int, kind: Kind = "camera") -> Layer:
    found = pair.room._peers["teacher"].sources[kind].layers[index]
    assert found is not None
    return found


# --- layers ---------------------------------------------------------------------------------------------


def test_the_highest_layer_is_the_best_and_the_lowest_the_small_one() -> None:
    pair, _ = camera()
    pair.run(1.0, showing=["teacher"])
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    assert taker.codec_hint == "VP8"
    pair.run(1.0, showing=["teacher"])
    records = drained(taker)
    assert roles(records) == {0: {SMALL}, 2: {BEST}}
    for layer, count in ((0, 25), (2, 150)):
        numbers = [packet.number for packet in packets(records) if packet.layer == layer]
        assert numbers == list(range(numbers[0], numbers[0] + count))
    assert {packet.codec for packet in packets(records)} == {"VP8"}
    assert {packet.epoch for packet in packets(records)} == {0}
    assert marks(records) == []
    assert drained(taker) == []


def test_flags_and_payloads_are_as_the_engine_knows_them() -> None:
    pair, teacher = camera(rids=("",))
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.send("teacher", teacher.show(pair.now))
    teacher.video["camera"][0].key = True
    sent = [
        vp8_payload(7, key=True, layer=0, size=10),
        vp8_payload(7, start=False, size=10),
        vp8_payload(7, start=False, size=10),
    ]
    layer = teacher.video["camera"][0]
    for index, payload in enumerate(sent):
        layer.sequence += 1
        data = rtp_packet(120, layer.sequence, 1234, layer.ssrc, payload, marker=index == 2, padding=5)
        pair.send("teacher", [data])
    found = packets(drained(taker))[1:]
    assert [packet.flags for packet in found] == [START | KEY, 0, MARKER]
    assert [packet.payload for packet in found] == sent
    assert {(packet.timestamp, packet.arrival, packet.role) for packet in found} == {(1234, pair.now, BOTH)}


def test_sound_has_one_layer_and_needs_no_key_frames() -> None:
    pair, teacher = camera()
    taker = pair.room.record("teacher", "microphone", "teacher microphone", pair.now)
    assert taker.codec_hint is None
    pair.run(10.0, speaking=["teacher"], reports=False)
    found = packets(drained(taker))
    assert len(found) == 500
    assert {(packet.role, packet.codec) for packet in found} == {(BOTH, "opus")}
    assert teacher.key_requests == 0


def test_whoever_speaks_is_taken_though_only_the_loudest_are_forwarded() -> None:
    pair = RoomPair()
    names = [f"s{number}" for number in range(5)]
    for name in names:
        pair.publisher(name)
    takers = [pair.room.record(name, "microphone", f"{name} microphone", pair.now) for name in names]
    pair.run(2.0, speaking=names)
    assert [len(packets(drained(taker))) for taker in takers] == [100] * 5


def test_best_climbs_at_the_key_frame_of_each_layer_that_comes() -> None:
    pair, teacher = camera()
    for layer in teacher.video["camera"][1:]:
        layer.on = False
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(1.0, showing=["teacher"])
    assert roles(drained(taker)) == {0: {BOTH}}
    for index in (1, 2):
        teacher.video["camera"][index].on = True
        pair.run(1.0, showing=["teacher"])
        higher = [packet for packet in packets(drained(taker)) if packet.arrival > pair.now - 0.9]
        assert {(packet.layer, packet.role) for packet in higher} == {(0, SMALL), (index, BEST)}


def test_a_climb_begins_with_the_key_frame() -> None:
    source, layers = bare("camera", 2)
    taker = Taker(source, "track", 0.0)
    send(taker, layers[0], 100, key=True)
    send(taker, layers[1], 500)
    send(taker, layers[1], 501, key=True)
    send(taker, layers[0], 101)
    found = [(packet.layer, packet.number, packet.role) for packet in packets(drained(taker))]
    assert found == [(0, 100, BOTH), (1, 501, BEST), (0, 101, SMALL)]


def test_a_layer_whose_key_frame_was_missed_is_asked_for_another() -> None:
    pair, teacher = camera()
    high = teacher.video["camera"][2]
    high.on = False
    pair.run(1.0, showing=["teacher"])
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(1.0, showing=["teacher"])
    high.on, high.key = True, False
    drained(taker)
    requests = teacher.key_requests
    pair.run(1.0, showing=["teacher"])
    assert teacher.key_requests == requests + 1
    records = drained(taker)
    assert roles(records) == {0: {SMALL}, 1: {BEST}, 2: {BEST}}
    assert next(packet for packet in best(records) if packet.layer == 2).flags == KEY | START


def test_best_falls_at_a_key_frame_that_is_asked_for_and_climbs_again_later() -> None:
    pair, teacher = camera()
    pair.run(1.0, showing=["teacher"])
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(1.0, showing=["teacher"])
    high = teacher.video["camera"][2]
    high.on = False
    drained(taker)
    requests = teacher.key_requests
    pair.run(2.0, showing=["teacher"])
    records = drained(taker)
    assert teacher.key_requests == requests + 1
    assert roles(records) == {0: {SMALL}, 1: {BEST}}
    found = best(records)
    assert found[0].flags == KEY | START
    assert found[0].arrival < pair.now - 1.0
    high.on = high.key = True
    fell_at = found[0].arrival
    pair.run(8.0, showing=["teacher"])
    climbed = next(packet for packet in best(drained(taker)) if packet.layer == 2)
    assert climbed.flags == KEY | START
    assert fell_at + taking.CLIMB_AFTER_S <= climbed.arrival < fell_at + taking.CLIMB_AFTER_S + 0.3


def test_best_falls_to_the_lowest_layer_and_that_is_both_again() -> None:
    pair, teacher = camera()
    pair.run(1.0, showing=["teacher"])
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    for layer in teacher.video["camera"][1:]:
        layer.on = False
    pair.run(2.0, showing=["teacher"])
    records = packets(drained(taker))
    lowest = [packet.role for packet in records if packet.layer == 0]
    assert {packet.layer for packet in records} == {0}
    turn = lowest.index(BOTH)
    assert lowest == [SMALL] * turn + [BOTH] * (len(lowest) - turn)
    numbers = [packet.number for packet in records]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_layer_that_pauses_and_goes_on_before_a_key_frame_came_stays_the_best() -> None:
    pair, _ = camera()
    pair.run(1.0, showing=["teacher"])
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.lose_upstream = lambda packet: True
    pair.run(2.0)
    pair.lose_upstream = lambda packet: False
    pair.run(1.0, showing=["teacher"])
    assert roles(drained(taker)) == {0: {SMALL}, 2: {BEST}}


def test_what_is_late_has_the_role_of_its_number() -> None:
    """Packets of either side of a climb, sent again after it, go where they belong."""
    source, layers = bare("camera", 2)
    taker = Taker(source, "track", 0.0)
    send(taker, layers[0], 100, key=True)
    send(taker, layers[0], 102)
    send(taker, layers[1], 500, key=True, at=0.1)
    send(taker, layers[1], 499, at=0.2)
    send(taker, layers[0], 101, at=0.2)
    send(taker, layers[0], 103, at=0.2)
    send(taker, layers[1], 501, at=0.2)
    found = [(packet.layer, packet.number, packet.role) for packet in packets(drained(taker))]
    assert found == [
        (0, 100, BOTH),
        (0, 102, BOTH),
        (1, 500, BEST),
        (0, 101, BOTH),
        (0, 103, SMALL),
        (1, 501, BEST),
    ]


def test_nothing_climbs_at_a_key_frame_that_comes_too_late() -> None:
    source, layers = bare("camera", 2)
    taker = Taker(source, "track", 0.0)
    send(taker, layers[0], 100, key=True)
    send(taker, layers[1], 498)
    send(taker, layers[1], 501)
    send(taker, layers[1], 500, key=True)
    assert roles(drained(taker)) == {0: {BOTH}}


def test_a_key_frame_of_a_middle_layer_changes_nothing() -> None:
    source, layers = bare("camera", 3)
    taker = Taker(source, "track", 0.0)
    send(taker, layers[2], 100, key=True)
    send(taker, layers[1], 100, key=True)
    send(taker, layers[0], 100, key=True)
    assert roles(drained(taker)) == {0: {SMALL}, 2: {BEST}}


# --- other layers in their places -----------------------------------------------------------------------


def test_another_ssrc_is_another_epoch_in_the_same_role() -> None:
    pair, teacher = camera()
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(1.0, showing=["teacher"])
    drained(taker)
    for layer in teacher.video["camera"]:
        layer.ssrc += 100
        layer.key = True
    requests = teacher.key_requests
    pair.run(1.0, showing=["teacher"])
    records = packets(drained(taker))
    assert {(packet.layer, packet.role, packet.epoch) for packet in records} == {(0, SMALL, 1), (2, BEST, 1)}
    assert teacher.key_requests == requests


def test_a_leg_that_is_negotiated_anew_goes_on_in_the_same_capture() -> None:
    pair, _ = camera()
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(1.0, showing=["teacher"])
    drained(taker)
    pair.room.unpublish("teacher", pair.now)
    pair.tick()
    anew = FakePublisher("teacher", 9, rids=("",))
    pair.publishers["teacher"] = anew
    pair.room.publish("teacher", anew.sections(), pair.now)
    pair.run(1.0, showing=["teacher"])
    records = packets(drained(taker))
    assert {(packet.layer, packet.role, packet.epoch) for packet in records} == {(0, BOTH, 1)}
    assert len(records) == 25


def test_a_layer_that_was_negotiated_away_does_not_hold_the_best() -> None:
    source, layers = bare("camera", 3)
    taker = Taker(source, "track", 0.0)
    send(taker, layers[2], 100, key=True)
    for gone in ([layers[0], layers[1], None], [layers[0], layers[1]]):
        source.layers = list(gone)
        taker.tick(taking.LOOK_S * 2)
    send(taker, layers[1], 7, at=0.3)
    assert roles(drained(taker)) == {2: {BEST}, 1: {BEST}}


def test_a_capture_after_another_begins_with_epoch_zero() -> None:
    pair, teacher = camera(rids=("",))
    first = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(0.5, showing=["teacher"])
    teacher.video["camera"][0].ssrc += 100
    pair.run(0.5, showing=["teacher"])
    second = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(0.5, showing=["teacher"])
    assert {packet.epoch for packet in packets(drained(first))} == {0, 1}
    assert {packet.epoch for packet in packets(drained(second))} == {0}
    pair.room.stop_recording("teacher", "camera")
    pair.run(0.5, showing=["teacher"])
    assert drained(first) == drained(second) == []
    pair.room.stop_recording("teacher", "camera")
    pair.room.stop_recording("teacher", "screen")
    pair.room.stop_recording("nobody", "camera")


# --- gates ----------------------------------------------------------------------------------------------


def test_nothing_is_taken_of_what_is_muted() -> None:
    pair, teacher = camera()
    pair.room.muted("teacher", "camera", True, pair.now)
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(1.0, showing=["teacher"])
    records = drained(taker)
    assert (packets(records), marks(records)) == ([], ["muted"])
    requests = teacher.key_requests
    pair.room.muted("teacher", "camera", False, pair.now)
    pair.run(1.0, showing=["teacher"])
    records = drained(taker)
    assert marks(records) == ["unmuted"]
    assert isinstance(records[0], Mark)
    assert roles(records) == {0: {SMALL}, 2: {BEST}}
    assert teacher.key_requests == requests + 2
    pair.room.muted("teacher", "camera", True, pair.now)
    pair.run(1.0, showing=["teacher"])
    assert packets(drained(taker)) == []
    assert teacher.key_requests == requests + 2


def test_nothing_is_taken_through_a_closed_gate_or_under_another_name() -> None:
    pair, _ = camera()
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.room.gate("teacher", "camera", None, pair.now)
    pair.run(0.5, showing=["teacher"])
    pair.room.gate("teacher", "camera", "another", pair.now)
    pair.run(0.5, showing=["teacher"])
    records = drained(taker)
    assert (packets(records), marks(records)) == ([], ["muted"])
    pair.room.gate("teacher", "camera", CAM, pair.now)
    pair.run(0.5, showing=["teacher"])
    records = drained(taker)
    assert marks(records) == ["unmuted"]
    assert packets(records)


# --- key frames -----------------------------------------------------------------------------------------


def asked(kind: Kind, seconds: float) -> float:
    """Return how many key frames of each layer are asked for in so many seconds of a capture."""
    pair, teacher = camera(kinds=("camera", "screen"))
    send_as = {"showing": ["teacher"]} if kind == "camera" else {"sharing": ["teacher"]}
    pair.run(1.0, **send_as)  # type: ignore[arg-type]
    taker = pair.room.record("teacher", kind, f"teacher {kind}", pair.now)
    pair.run(0.5, **send_as)  # type: ignore[arg-type]
    assert teacher.key_requests == 2  # at once
    pair.run(seconds, **send_as)  # type: ignore[arg-type]
    keys = [packet.arrival for packet in packets(drained(taker)) if packet.flags & KEY and packet.layer == 0]
    gaps = [later - earlier for earlier, later in pairwise(keys)]
    every = taking.KEY_EVERY_S if kind == "camera" else taking.SCREEN_KEY_EVERY_S
    assert all(every <= gap < every + 0.3 for gap in gaps)
    return (teacher.key_requests - 2) / 2


def test_a_key_frame_is_asked_for_when_none_came_for_a_while() -> None:
    assert asked("camera", 20.5) == 5
    assert asked("screen", 20.5) == 2


def test_who_sends_key_frames_is_not_asked() -> None:
    pair, teacher = camera(rids=("",))
    pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(1.0, showing=["teacher"])
    requests = teacher.key_requests
    for _ in range(10):
        teacher.video["camera"][0].key = True
        pair.run(1.0, showing=["teacher"])
    assert teacher.key_requests == requests


def test_what_was_lost_for_good_is_mended_by_a_key_frame() -> None:
    pair, teacher = camera(rids=("",))
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(1.0, showing=["teacher"])
    requests = teacher.key_requests
    layer = teacher.video["camera"][0]
    lost = layer.sequence + 1
    again = teacher._again
    teacher._again = lambda nack: []  # type: ignore[method-assign]
    pair.lose_upstream = lambda packet: packet[2:4] == (lost & 0xFFFF).to_bytes(2, "big")
    began = pair.now
    pair.run(2.0, showing=["teacher"])
    assert teacher.key_requests == requests + 1
    keys = [packet.arrival for packet in packets(drained(taker)) if packet.flags & KEY]
    assert began + taking.REPAIR_S < keys[-1] < began + taking.REPAIR_S + 0.3
    # What is sent again needs none.
    teacher._again = again  # type: ignore[method-assign]
    lost = layer.sequence + 1
    pair.lose_upstream = lambda packet: (
        packet[1] & 0x7F == 120 and packet[2:4] == (lost & 0xFFFF).to_bytes(2, "big")
    )
    pair.run(2.0, showing=["teacher"])
    assert teacher.key_requests == requests + 1
    numbers = [packet.number for packet in packets(drained(taker))]
    assert sorted(numbers) == list(range(min(numbers), max(numbers) + 1))
    assert numbers != sorted(numbers)


def test_an_outage_is_mended_by_a_key_frame_and_holes_are_bounded() -> None:
    source, layers = bare("camera", 1)
    layer = layers[0]
    taker = Taker(source, "track", 0.0)
    send(taker, layer, 100, key=True)
    send(taker, layer, 101 + taking.MAX_HOLES)
    assert layer.taken is not None
    assert len(layer.taken.holes) == taking.MAX_HOLES
    taker.tick(0.1)
    assert not layer.key_wanted
    send(taker, layer, 103 + taking.MAX_HOLES, at=0.1)
    assert layer.taken.holes == {}
    taker.tick(0.2)
    assert layer.key_wanted
    layer.key_wanted = False
    send(taker, layer, 110 + taking.MAX_HOLES, key=True, at=0.3)
    assert layer.taken.holes == {}
    taker.tick(0.4)
    assert not layer.key_wanted


def test_what_is_missing_before_a_key_frame_is_not_missed() -> None:
    source, layers = bare("camera", 1)
    taker = Taker(source, "track", 0.0)
    send(taker, layers[0], 100, key=True)
    send(taker, layers[0], 102)
    send(taker, layers[0], 103, key=True, at=0.3)
    send(taker, layers[0], 105, at=0.3)
    taker.tick(0.7)
    assert not layers[0].key_wanted
    taker.tick(0.9)
    assert layers[0].key_wanted
    layers[0].key_wanted = False
    send(taker, layers[0], 108, at=1.0)
    send(taker, layers[0], 106, key=True, at=1.1)  # late, and the one behind it is missing still
    taker.tick(1.6)
    assert layers[0].key_wanted


def test_all_layers_are_wanted_while_a_capture_runs() -> None:
    pair, teacher = camera()
    viewer = pair.viewer("anna")
    pair.room.wish(viewer.name, {CAM: Wish(100)}, pair.now)
    pair.run(7.0, showing=["teacher"], remb=5_000_000)
    assert teacher.wanted["camera"] == ("q",)
    pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(0.1, showing=["teacher"], remb=5_000_000)
    assert teacher.wanted["camera"] == ("q", "h", "f")
    pair.events.clear()
    pair.run(8.0, showing=["teacher"], remb=5_000_000)
    assert not any(isinstance(event, LayersWanted) for event in pair.events)
    pair.room.stop_recording("teacher", "camera")
    pair.run(8.0, showing=["teacher"], remb=5_000_000)
    assert teacher.wanted["camera"] == ("q",)


# --- what else is written -------------------------------------------------------------------------------


def test_reports_of_layers_that_are_taken_are_written() -> None:
    pair, teacher = camera()
    pair.run(1.0, showing=["teacher"])
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.run(0.04, showing=["teacher"], reports=False)
    known = [record for record in drained(taker) if isinstance(record, Sender)]
    assert {record.layer for record in known} == {0, 2}
    pair.now += 0.5
    pair.report("teacher", "publisher", teacher.reports(pair.now))
    records = [record for record in drained(taker) if isinstance(record, Sender)]
    assert {record.layer for record in records} == {0, 2}
    assert {(record.arrival, record.ntp) for record in records} == {
        (pair.now, rtcp_writer.ntp(pair.now + 1000))
    }
    for early, late in zip(
        sorted(known, key=lambda r: r.layer), sorted(records, key=lambda r: r.layer), strict=True
    ):
        elapsed = (late.ntp - early.ntp) / 4294967296
        assert (late.timestamp - early.timestamp) & 0xFFFFFFFF == pytest.approx(elapsed * 90_000, abs=2)
        assert early.arrival < late.arrival
    pair.room.muted("teacher", "camera", True, pair.now)
    drained(taker)
    pair.report("teacher", "publisher", teacher.reports(pair.now))
    assert drained(taker) == []


def test_a_report_before_the_first_packet_is_not_written() -> None:
    source, layers = bare("camera", 1)
    taker = Taker(source, "track", 0.0)
    taker.on_report(layers[0], rtcp.SenderReport(1, 1, 1, 1, 1), 0.0)
    send(taker, layers[0], 100, key=True)
    taker.on_report(layers[0], rtcp.SenderReport(1, 5 << 32, 7, 1, 1), 0.5)
    assert drained(taker)[1:] == [Sender(0, 0, 0.5, 5 << 32, 7)]


def test_padding_is_written_empty() -> None:
    pair, teacher = camera(rids=("",))
    taker = pair.room.record("teacher", "camera", CAM, pair.now)
    pair.send("teacher", teacher.show(pair.now))
    layer = teacher.video["camera"][0]
    layer.sequence += 1
    pair.send("teacher", [rtp_packet(120, layer.sequence, 1, layer.ssrc, b"", padding=50)])
    pair.send("teacher", teacher.show(pair.now))
    found = packets(drained(taker))
    assert [packet.number - found[0].number for packet in found] == [0, 1, 2]
    assert (found[1].payload, found[1].flags) == (b"", 0)


def test_parameter_sets_that_came_before_are_written_before_a_picture_that_lacks_them() -> None:
    source, layers = bare("camera", 2, codec="H264")
    for layer in layers:
        layer.parameter_sets = b"sets"
    taker = Taker(source, "track", 0.0)
    send(taker, layers[0], 100, at=0.1)
    send(taker, layers[0], 101, key=True, bare=True, at=0.1)
    send(taker, layers[1], 700, key=True, bare=True, at=0.2)
    send(taker, layers[1], 701, at=0.2)
    found = [
        (packet.layer, packet.number, packet.role, packet.flags, packet.payload)
        for packet in packets(drained(taker))
    ]
    assert found == [
        (0, 99, BOTH, START, b"sets"),
        (0, 100, BOTH, START, b"p"),
        (0, 101, BOTH, START | KEY, b"p"),
        (1, 699, BEST, START | KEY, b"sets"),
        (1, 700, BEST, START | KEY, b"p"),
        (1, 701, BEST, START, b"p"),
    ]
    source.muted = True
    taker.look(0.3)
    source.muted = False
    taker.look(0.4)
    send(taker, layers[1], 800, key=True, at=0.5)  # with its own
    assert [packet.number for packet in packets(drained(taker))] == [800]


def test_the_lowest_layer_gets_its_sets_again_when_it_becomes_the_best() -> None:
    source, layers = bare("camera", 2, codec="H264")
    taker = Taker(source, "track", 0.0)
    send(taker, layers[1], 700, key=True)
    send(taker, layers[0], 100)
    layers[0].parameter_sets = b"sets"
    layers[0].highest, layers[0].last_at = 101, 5.0
    taker.tick(5.0)
    assert layers[0].key_wanted
    send(taker, layers[0], 101, key=True, bare=True, at=5.1)
    found = [(packet.layer, packet.number, packet.role) for packet in packets(drained(taker))]
    assert found == [(1, 700, BEST), (0, 100, SMALL), (0, 100, BEST), (0, 101, BOTH)]
    layers[1].parameter_sets = b"sets"
    send(taker, layers[1], 800, key=True, bare=True, at=5.1 + taking.CLIMB_AFTER_S)
    found = [(packet.layer, packet.number, packet.role) for packet in packets(drained(taker))]
    assert found == [(1, 799, BEST), (1, 800, BEST)]


def test_what_nobody_fetches_is_thrown_away_and_told() -> None:
    source, layers = bare("camera", 1)
    layer = layers[0]
    taker = Taker(source, "track", 0.0)
    taker.refill(3 * (taking.PART_OCTETS + 1))
    for number in range(100, 106):
        send(taker, layer, number, key=number == 100)
    assert (taker.full, taker.thrown, taker.room) == (True, 3, 0)
    parts, octets = taker.drain()
    assert (len(parts), octets) == (4, 3 * (taking.PART_OCTETS + 1))
    taker.refill(taking.ROOM // 2 - 1)
    send(taker, layer, 106)
    assert marks(drained(taker)) == []
    taker.refill(taking.ROOM // 2)
    taker.tick(1.0)
    assert layer.key_wanted
    send(taker, layer, 107, key=True)
    taker.note(Clock(1.0, 2.0))
    assert [type(record) for record in drained(taker)] == [Rtp, Clock]
    assert taker.thrown == 4


def test_a_payload_that_no_reader_takes_is_thrown_away() -> None:
    source, layers = bare("camera", 1)
    taker = Taker(source, "track", 0.0)
    packet = Packet(100, 0, False, bytes(MAX_PAYLOAD + 1), 0.0)
    taker.take(layers[0], packet)
    assert [type(record) for record in drained(taker)] == [Mark]


# --- whatever a publisher does --------------------------------------------------------------------------

STEP = st.tuples(
    st.sampled_from(["packet", "key", "padding", "tick", "mute", "replace", "negotiate", "drain", "report"]),
    st.integers(0, 2),
    st.integers(-3, 200),
)


@given(st.lists(STEP, max_size=120), st.sampled_from(["VP8", "H264"]))
def test_whatever_comes_is_taken_once_and_in_bounds(
    steps: list[tuple[str, int, int]], codec: CodecName
) -> None:
    source, layers = bare("camera", 3, codec)
    taker = Taker(source, "track", 0.0)
    taker.refill(20 * taking.PART_OCTETS)
    sent: dict[tuple[int, int], set[int]] = defaultdict(set)
    records: list[Record] = []
    now = 0.0
    for what, index, jump in steps:
        now += 0.04
        layer = source.layers[index] if index < len(source.layers) else None
        if what in ("packet", "key", "padding") and layer is not None and taker.open:
            number = max(layer.highest + jump, 1)
            key = (id(layer), index)
            if number in sent[key]:
                continue
            sent[key].add(number)
            packet = Packet(number, number * 90, False, b"" if what == "padding" else b"p", now)
            packet.key = packet.start = what == "key"
            layer.highest, layer.last_at = max(layer.highest, number), now
            taker.take(layer, packet)
            assert layer.taken is not None
            assert len(layer.taken.holes) <= taking.MAX_HOLES
        elif what == "tick":
            now += jump / 100
            taker.tick(now)
        elif what == "mute":
            source.muted = not source.muted
            taker.look(now)
        elif what == "replace" and layer is not None:
            fresh = Layer(source, index, layer.rid, layer.ssrc + 10, codec)
            layers.append(fresh)  # Two that live one after the other may have the same id.
            source.layers[index] = fresh
        elif what == "negotiate":
            source.layers = [None] * (index + 1) if jump % 2 else list(layers[: index + 1])
        elif what == "report" and layer is not None:
            taker.on_report(layer, rtcp.SenderReport(1, 1 << 40, 1, 1, 1), now)
        elif what == "drain":
            records += drained(taker)
            taker.refill(taking.ROOM)
    records += drained(taker)
    found = [(packet.layer, packet.epoch, packet.number) for packet in packets(records) if packet.payload]
    assert len(found) == len(set(found))
    took = [record.what for record in records if isinstance(record, Mark) and record.what != "overflow"]
    assert took == ["muted", "unmuted"] * (len(took) // 2) + ["muted"] * (len(took) % 2)


# --- help -----------------------------------------------------------------------------------------------


def bare(kind: Kind, count: int, codec: CodecName = "VP8") -> tuple[Source, list[Layer]]:
    """Return a source that is open as "track", and its layers, of which nothing came yet."""
    source = Source("ann", kind)
    source.track = "track"
    source.rids = tuple("qhf"[:count])
    layers = [Layer(source, index, source.rids[index], index + 1, codec) for index in range(count)]
    source.layers = list(layers)
    return source, layers


def send(
    taker: Taker, layer: Layer, number: int, *, key: bool = False, bare: bool = False, at: float = 0.0
) -> None:
    """Let a packet of one octet come."""
    packet = Packet(number, number * 90, False, b"p", at)
    packet.key, packet.bare = key, bare
    layer.highest, layer.last_at = max(layer.highest, number), at
    taker.take(layer, packet)
