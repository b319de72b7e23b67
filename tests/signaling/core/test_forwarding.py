"""Switching: timestamps, forks, temporal layers, and starts near the wrap."""

import random
import struct

import pytest

from signaling.core.cache import Packet
from signaling.core.codecs import parse_vp8
from signaling.core.forwarding import ADOPT_TO, Flow, attach, detach, replay, start
from signaling.core.model import Forward
from signaling.core.rtcp import SenderReport
from signaling.core.rtcp_writer import ntp
from signaling.core.source import Layer, Source
from signaling.core.subscriber import Lane
from tests.support.media_room import vp8_payload

RANDOM = random.Random(3).getrandbits


def lane(ssrc: int = 2) -> Lane:
    return Lane(object(), ssrc, 3, RANDOM)


def layer(source: Source, index: int) -> Layer:
    return Layer(source, index, "qhf"[index], 100 + index, "VP8")


def packet(
    number: int,
    timestamp: int,
    *,
    key: bool = False,
    arrival: float = 0.0,
    temporal: int = 0,
    picture: int = 5,
    start: bool = True,
    sync: bool = False,
) -> Packet:
    made = Packet(number, timestamp, True, vp8_payload(picture, key=key, temporal=temporal), arrival)
    made.key, made.start, made.temporal, made.sync = key, start, temporal, sync
    made.picture_id, made.picture_id_at, made.tl0, made.tl0_at = picture, 2, 0, 4
    return made


def told(forward: Forward | None) -> tuple[int, int]:
    """(index, timestamp)."""
    assert forward is not None
    return forward.index, struct.unpack_from(">I", forward.header, 4)[0]


def begun(low: Layer, high: Layer, viewer: Lane) -> Flow:
    """`viewer` has seen one picture of `low` at 10.0 s and waits for `high`."""
    low.waiting.append(viewer)
    viewer.waiting = low
    first = packet(1000, 90_000, key=True, arrival=10.0)
    start(low, first, 10.0, RANDOM)
    assert viewer.flow is not None
    viewer.flow.carry(first, 10.0)
    high.waiting.append(viewer)
    viewer.waiting = high
    return viewer.flow


@pytest.mark.parametrize(("lead", "expected"), [(0.040, 3600), (0.0, 1), (-0.05, 1)])
def test_layers_of_one_source_are_aligned_by_their_reports(lead: float, expected: int) -> None:
    source = Source("teacher", "camera")
    low, high, viewer = layer(source, 0), layer(source, 1), lane()
    low.sender_report(SenderReport(100, ntp(500.0), 90_000, 0, 0), 10.0)
    high.sender_report(SenderReport(101, ntp(500.0), 7_000_000, 0, 0), 10.0)
    old = begun(low, high, viewer)
    key = packet(5, 7_000_000 + int(lead * 90_000), key=True, arrival=10.3)
    start(high, key, 10.3, RANDOM)
    assert viewer.flow is not None
    assert viewer.flow is not old
    assert told(viewer.flow.carry(key, 10.3))[1] == 90_000 + expected
    assert viewer.flow.stretch == expected - int(lead * 90_000)
    assert low.flows == []


def test_a_switch_far_back_is_refused_once() -> None:
    source = Source("teacher", "camera")
    low, high, viewer = layer(source, 0), layer(source, 1), lane()
    low.sender_report(SenderReport(100, ntp(500.0), 90_000, 0, 0), 10.0)
    high.sender_report(SenderReport(101, ntp(500.0), 7_000_000, 0, 0), 10.0)
    old = begun(low, high, viewer)
    key = packet(5, 7_000_000 - 9000, key=True, arrival=10.02)
    start(high, key, 10.02, RANDOM)
    assert viewer.flow is old
    assert high.waiting == [viewer]
    assert high.key_wanted
    again = packet(9, 7_000_000 - 8000, key=True, arrival=10.03)
    start(high, again, 10.03, RANDOM)
    assert viewer.flow is not None
    assert viewer.flow is not old
    assert told(viewer.flow.carry(again, 10.03))[1] == 90_001
    assert not viewer.refused


def test_reports_that_cannot_be_true_and_other_sources_go_by_the_clock_on_the_wall() -> None:
    source, other = Source("teacher", "camera"), Source("student", "camera")
    for reported, target in ((True, layer(source, 1)), (False, layer(other, 1))):
        low, viewer = layer(source, 0), lane()
        low.sender_report(SenderReport(100, ntp(500.0), 90_000, 0, 0), 10.0)
        if reported:
            target.sender_report(SenderReport(101, ntp(900.0), 7_000_000, 0, 0), 10.0)
        begun(low, target, viewer)
        key = packet(5, 7_000_000, key=True, arrival=10.5)
        start(target, key, 10.5, RANDOM)
        assert viewer.flow is not None
        assert told(viewer.flow.carry(key, 10.5))[1] == 90_000 + 45_000


def test_two_of_three_climb_and_share() -> None:
    source = Source("teacher", "camera")
    low, high = layer(source, 0), layer(source, 1)
    lanes = [lane() for _ in range(3)]
    low.waiting += lanes
    for viewer in lanes:
        viewer.waiting = low
    first = packet(1000, 0, key=True, arrival=1.0)
    start(low, first, 1.0, RANDOM)
    assert len(low.flows) == 1
    low.flows[0].carry(first, 1.0)
    for viewer in lanes[:2]:
        viewer.waiting = high
        high.waiting.append(viewer)
    key = packet(7, 0, key=True, arrival=1.1)
    start(high, key, 1.1, RANDOM)
    assert [flow.lanes for flow in high.flows] == [lanes[:2]]
    assert low.flows[0].lanes == [lanes[2]]
    assert low.flows[0].targets == [lanes[2].target]
    second = packet(1001, 3000, arrival=1.1, picture=6)
    assert told(low.flows[0].carry(second, 1.1))[0] == told(high.flows[0].carry(key, 1.1))[0]
    snapshots = {id(viewer.rewriter) for viewer in lanes[:2] if not detach(viewer)}  # type: ignore[func-returns-value]
    assert len(snapshots) == 1  # they may share again
    assert high.flows == []
    assert lanes[0].counts() == (2, len(first.payload) + len(key.payload))


def test_temporal_layers_are_left_out_and_climbed_into_at_sync() -> None:
    source = Source("teacher", "camera")
    low, viewer = layer(source, 0), lane()
    flow = begun(low, layer(source, 1), viewer)
    flow.limit = flow.temporal = 0
    first = told(flow.carry(packet(1001, 1, picture=6), 1.0))[0]
    assert flow.carry(packet(1002, 2, temporal=2, picture=7), 1.0) is None
    assert flow.carry(packet(1003, 3, temporal=1, picture=8), 1.0) is None
    flow.limit = 2
    assert flow.carry(packet(1004, 4, temporal=2, picture=9), 1.0) is None
    climbed = flow.carry(packet(1005, 5, temporal=1, picture=10, sync=True), 1.0)
    assert told(climbed)[0] == first + 1
    assert climbed is not None
    descriptor = parse_vp8(bytes(climbed.payload))
    assert descriptor is not None
    assert descriptor.picture_id == 7
    assert flow.temporal == 1
    flow.carry(packet(1006, 6, key=True, picture=11), 1.0)
    assert flow.temporal == 2


def ring(layer: Layer, first: int, count: int) -> None:
    for number in range(first, first + count):
        layer.ring.put(packet(number, number * 3000, key=number == first, picture=number % 30_000))


@pytest.mark.parametrize(("offset", "shared"), [(0, True), (65536, True), (ADOPT_TO, False)])
def test_who_comes_later_joins_who_is_there_already(offset: int, shared: bool) -> None:
    source = Source("teacher", "camera")
    low, first, second = layer(source, 0), lane(), lane()
    low.waiting = [first]
    start(low, packet(70_000, 1, key=True, picture=5), 1.0, lambda bits: offset)
    assert first.flow is not None
    first.flow.carry(packet(70_000, 1, key=True, picture=5), 1.0)
    low.waiting = [second]
    start(low, packet(70_001, 2, key=True, picture=6), 1.0, lambda bits: 17)
    assert (second.flow is first.flow) is shared
    assert second.flow is not None
    sent = second.flow.carry(packet(70_001, 2, key=True, picture=6), 1.0)
    assert sent is not None
    assert 0 <= sent.index - second.target.index_base < ADOPT_TO
    assert sent.header[2:4] == ((sent.index - second.target.index_base) & 0xFFFF).to_bytes(2)
    assert second.counts()[0] == 1


def test_a_late_packet_is_no_beginning_of_a_running_flow() -> None:
    source = Source("teacher", "camera")
    low, first, second = layer(source, 0), lane(), lane()
    low.waiting = [first]
    start(low, packet(70_000, 1, key=True, picture=5), 1.0, lambda bits: 0)
    assert first.flow is not None
    first.flow.carry(packet(70_003, 4, key=True, picture=8), 1.0)
    low.waiting = [second]
    start(low, packet(70_002, 3, key=True, picture=7), 1.0, lambda bits: 0)
    assert second.flow is not first.flow


def test_a_forward_keeps_the_targets_it_was_made_with() -> None:
    source = Source("teacher", "camera")
    low, first, second = layer(source, 0), lane(), lane()
    low.waiting = [first]
    start(low, packet(70_000, 1, key=True, picture=5), 1.0, lambda bits: 0)
    assert first.flow is not None
    sent = first.flow.carry(packet(70_000, 1, key=True, picture=5), 1.0)
    again = first.flow.carry(packet(70_001, 1, picture=5), 1.0)
    assert sent is not None
    assert again is not None
    assert sent.targets is again.targets
    attach(second, first.flow)
    assert list(sent.targets) == [first.target]
    joined = first.flow.carry(packet(70_002, 1, picture=5), 1.0)
    assert joined is not None
    assert list(joined.targets) == [first.target, second.target]
    detach(first)
    assert list(joined.targets) == [first.target, second.target]


@pytest.mark.parametrize(("offset", "shared"), [(0, True), (ADOPT_TO, False)])
def test_joiners_adopt_a_flow_unless_its_numbers_are_close_to_the_wrap(offset: int, shared: bool) -> None:
    source = Source("teacher", "camera")
    low = layer(source, 0)
    ring(low, 70_000, 10)
    seen, joiner = lane(), lane()
    low.waiting.append(seen)
    seen.waiting = low
    assert len(replay(low, 1.0, lambda bits: offset)) == 10
    low.waiting.append(joiner)
    joiner.waiting = low
    forwards = replay(low, 1.0, lambda bits: 17)
    assert len(forwards) == 10
    assert all(list(forward.targets) == [joiner.target] for forward in forwards)
    indices = [forward.index - joiner.target.index_base for forward in forwards]
    assert indices == list(range(indices[0], indices[0] + 10))
    assert 0 <= indices[0] < ADOPT_TO
    assert (joiner.flow is seen.flow) is shared
    assert joiner.counts()[0] == 10


def test_replay_is_for_those_who_show_nothing() -> None:
    source = Source("teacher", "camera")
    low, high, viewer = layer(source, 0), layer(source, 1), lane()
    begun(low, high, viewer)
    ring(high, 70_000, 3)
    assert replay(high, 10.1, RANDOM) == []
    assert high.waiting == [viewer]
    newcomer = lane()
    high.waiting.append(newcomer)
    newcomer.waiting = high
    assert len(replay(high, 10.1, RANDOM)) == 3
    assert high.waiting == [viewer]
    empty = layer(source, 2)
    empty.waiting.append(lane())
    assert replay(empty, 10.1, RANDOM) == []


def test_a_layer_that_came_back_is_climbed_to_with_its_own_key_frame() -> None:
    source = Source("teacher", "camera")
    low, high = layer(source, 0), layer(source, 1)
    lanes = [lane(), lane(), lane()]
    old = begun(low, high, lanes[0])
    attach(lanes[1], old)
    attach(lanes[2], old)
    for viewer in lanes[1:]:
        high.waiting.append(viewer)
        viewer.waiting = high
    lanes[2].refused = True  # waits for a key frame that stretches less
    high.ring.put(packet(70_000, 5_000_000, key=True, arrival=9.95, picture=9))
    high.ring.put(packet(70_001, 5_000_000, arrival=9.95, picture=9))
    forwards = replay(high, 10.04, RANDOM)
    assert [len(forward.targets) for forward in forwards] == [2, 2]
    assert told(forwards[0])[1] == 90_001  # after what they saw last
    assert high.waiting == [lanes[2]]
    assert old.lanes == [lanes[2]]


def test_a_key_frame_of_long_ago_is_no_way_up() -> None:
    source = Source("teacher", "camera")
    low, high, viewer = layer(source, 0), layer(source, 1), lane()
    low.sender_report(SenderReport(100, ntp(500.0), 90_000, 0, 0), 10.0)
    high.sender_report(SenderReport(101, ntp(500.0), 7_000_000, 0, 0), 10.0)
    old = begun(low, high, viewer)
    high.ring.put(packet(70_000, 7_000_000 - 9000, key=True, arrival=9.9, picture=9))  # 0.1 s before
    assert replay(high, 9.99, RANDOM) == []
    assert replay(high, 10.1, RANDOM) == []
    assert viewer.flow is old
    assert high.waiting == [viewer]
    assert not viewer.refused  # nobody was asked for another one


def h264(number: int, payload: bytes, *, key: bool = False, bare: bool = False) -> Packet:
    made = Packet(number, 9000, False, payload, 10.0)
    made.key, made.bare = key, bare
    return made


SETS = b"\x78\x00\x04\x67\x42\x00\x1f\x00\x02\x68\xce"


@pytest.mark.parametrize("cached", [True, False])
def test_parameter_sets_go_before_a_key_frame_that_has_none(cached: bool) -> None:
    found = Layer(Source("studio", "camera"), 0, "", 100, "H264")
    found.parameter_sets = SETS
    lanes = [lane(), lane()]
    found.waiting += lanes
    for viewer in lanes:
        viewer.waiting = found
    before = h264(69_999, b"\x41end of the picture before")
    key, rest = h264(70_000, b"\x7c\x85\x88", key=True, bare=True), h264(70_001, b"\x7c\x45more")
    for kept in (before, key, rest):
        found.ring.put(kept)
    if cached:
        forwards = replay(found, 10.0, RANDOM)
        flow = found.flows[0]
    else:
        forwards = start(found, key, 10.0, RANDOM)
        flow = found.flows[0]
        forwards += [forward for sent in (key, rest) if (forward := flow.carry(sent, 10.0)) is not None]
    assert [bytes(forward.payload) for forward in forwards] == [SETS, key.payload, rest.payload]
    numbers = [told(forward) for forward in forwards]
    assert numbers == [(numbers[0][0] + step, numbers[0][1]) for step in range(3)]
    assert all(len(forward.targets) == 2 for forward in forwards)
    assert flow.carry(before, 10.0) is None  # its number is not the one that the sets have
    again = lanes[0].again(numbers[0][0] & 0xFFFF, 10.1, 0.05)
    assert again is not None
    assert again.payload == (numbers[0][0] & 0xFFFF).to_bytes(2) + SETS
    assert told(again)[1] == numbers[0][1]
    assert lanes[0].again(numbers[0][0] & 0xFFFF, 10.1, 0.05) is None  # not twice within a round trip
    assert lanes[0].again(numbers[0][0] - 1 & 0xFFFF, 10.1, 0.05) is None
    late = lanes[1].again(numbers[1][0] & 0xFFFF, 10.1, 0.05)
    assert late is not None
    assert late.payload[2:] == key.payload
    assert lanes[0].counts() == (3, len(SETS) + len(key.payload) + len(rest.payload))
    joiner = lane()
    found.waiting.append(joiner)
    joiner.waiting = found
    joined = replay(found, 10.2, RANDOM)
    assert bytes(joined[0].payload) == SETS
    assert len(joined) == 3


def test_those_with_the_same_past_share_a_replay() -> None:
    source = Source("teacher", "camera")
    low, high = layer(source, 0), layer(source, 1)
    lanes = [lane(), lane()]
    flow = begun(low, high, lanes[0])
    attach(lanes[1], flow)
    for viewer in lanes:
        viewer.stop_waiting()
        detach(viewer)
        detach(viewer)
        high.waiting.append(viewer)
        viewer.waiting = high
    ring(high, 70_000, 4)
    forwards = replay(high, 11.0, RANDOM)
    assert [len(forward.targets) for forward in forwards] == [2] * 4
    timestamps = [told(forward)[1] for forward in forwards]
    assert timestamps[0] > 90_000
    assert timestamps == sorted(timestamps)


def test_payload_is_shared_where_nothing_changes() -> None:
    source = Source("teacher", "camera")
    low, viewer = layer(source, 0), lane()
    flow = begun(low, layer(source, 1), viewer)
    sent = packet(1001, 5, picture=6)
    forward = flow.carry(sent, 10.0)
    assert forward is not None
    assert forward.payload is sent.payload
    assert flow.carry(packet(100, 5), 10.0) is None
