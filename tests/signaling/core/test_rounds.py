"""What a room does by the clock, where a whole class in bytes does not get to."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from signaling.core import rtcp_writer
from signaling.core.model import LayersWanted, Limits, SlotsBound, Wish
from signaling.core.rounds import MIN_TURNS
from signaling.core.router import Room
from tests.support.media_room import RoomPair


def test_ssrcs_are_unique_even_if_chance_repeats_itself() -> None:
    numbers: Iterator[int] = iter([0, 7, 7, 8, 8, 8, 9, *range(10, 30)])
    room = Room(random_bits=lambda bits: next(numbers), now=0.0)
    found = [
        ssrc
        for number in range(room.pairs)
        for ssrc in (
            room.pair(number).audio_ssrc,
            room.pair(number).video_ssrc,
            room.pair(number).video_rtx_ssrc,
        )
    ]
    assert len(set(found)) == len(found) == 12
    assert 0 not in found


def test_an_outage_upstream_is_mended_by_a_key_frame() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(3.0, showing=["teacher"])
    before = teacher.key_requests
    teacher.video["camera"][0].sequence += 300
    pair.run(1.0, showing=["teacher"])
    assert teacher.key_requests == before + 1
    assert teacher.nacked == []


def test_a_full_room_gets_its_reports_in_datagrams() -> None:
    pair = RoomPair()
    names = [f"student {number}" for number in range(24)]
    for name in names:
        pair.publisher(name)
    anna = pair.viewer("anna")
    sizes: list[int] = []
    for _ in range(8):
        for name in names:
            pair.send(name, [pair.publishers[name].speak(pair.now)])
            pair.send(name, pair.publishers[name].show(pair.now)[:1])
            pair.report(name, "publisher", pair.publishers[name].reports(pair.now))
        for _ in range(10):
            sizes += [len(found.packet) for found in pair.tick() if found.leg == "subscriber"]
    assert max(sizes) < 1300
    assert len(anna.reports) >= 24


def test_viewers_take_turns() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    viewers = [pair.viewer(f"viewer {number}") for number in range(2 * MIN_TURNS)]
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    audio, video = pair.audio_ssrc("teacher microphone"), pair.video_ssrc("teacher camera")
    for viewer in viewers:
        assert len(viewer.streams[audio].packets) > 40
        assert len(viewer.pictures(video)) > 18


def test_a_reopened_gate_asks_for_everything_again() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(7.0, showing=["teacher"])
    assert teacher.wanted["camera"] == ("q",)
    pair.room.gate("teacher", "camera", None, pair.now)
    pair.room.gate("teacher", "camera", "again", pair.now)
    pair.tick()
    told = [event for event in pair.events if isinstance(event, LayersWanted)]
    assert told[-1].rids == ("q", "h", "f")


def test_wishes_before_there_is_a_leg_and_after_it_is_gone() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    pair.room.wish("anna", {"teacher camera": Wish(360)}, pair.now)
    pair.room.mode("anna", "everything", pair.now)
    anna = pair.viewer("anna")
    pair.run(3.0, showing=["teacher"], remb=5_000_000)
    assert anna.pictures(pair.video_ssrc("teacher camera"))[-1][0] == 1
    pair.room.unsubscribe("anna", pair.now)
    pair.report("anna", "subscriber", [rtcp_writer.build_pli(1, 1)])
    pair.run(0.2, showing=["teacher"])


def test_wishes_are_bounded() -> None:
    pair = RoomPair(limits=Limits(wishes=2))
    pair.room.wish("anna", {str(number): Wish(100) for number in range(9)}, pair.now)
    assert len(pair.room._peers["anna"].wishes) == 2


def test_a_publisher_that_goes_while_somebody_waits_for_a_picture() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    for layer in teacher.video["camera"]:
        layer.key = False  # nothing to begin with
    anna = pair.viewer("anna")
    for _ in range(5):
        pair.send("teacher", teacher.show(pair.now))
        pair.tick()
        for layer in teacher.video["camera"]:
            layer.key = False  # and deaf to requests
    pair.room.unpublish("teacher", pair.now)
    pair.room.unpublish("teacher", pair.now)
    pair.tick()
    assert anna.streams == {}
    pair.room.publish("teacher", teacher.sections(), pair.now)
    pair.run(1.0, showing=["teacher"])
    assert len(anna.pictures(pair.video_ssrc("teacher camera"))) > 10


def test_a_screen_that_waits_for_a_pair_is_no_speaker() -> None:
    pair = RoomPair(limits=Limits(pairs=1))
    pair.publisher("teacher", kinds=("microphone", "screen"))
    pair.run(1.0, speaking=["teacher"], sharing=["teacher"])
    bound = [event for event in pair.events if isinstance(event, SlotsBound)]
    assert dict(bound[-1].tracks) == {"a0": "teacher microphone", "v0": None}
    pair.publisher("student")
    pair.run(2.0, speaking=["teacher", "student"])  # nobody silent to replace
    assert pair.audio_ssrc("teacher microphone")


def test_a_viewer_behind_a_narrow_line_gets_fewer_pictures_a_second() -> None:
    pair = RoomPair()
    pair.publisher("teacher", temporal=3)
    anna, boris = pair.viewer("anna"), pair.viewer("boris")
    watch(pair, 4.0)
    subscriber = pair.room._peers["anna"].subscriber
    assert subscriber is not None
    subscriber.bandwidth.budget = 64_000  # 12 for sound; the whole base layer costs 150
    subscriber.bandwidth.probe.next_at = pair.now + 100
    watch(pair, 1.0)
    video = pair.video_ssrc("teacher camera")
    before = len(anna.pictures(video)), len(boris.pictures(video))
    watch(pair, 2.0)
    after = len(anna.pictures(video)), len(boris.pictures(video))
    assert after[1] - before[1] == 50
    assert 12 <= after[0] - before[0] <= 25  # a quarter or a half of them
    assert anna.missing(video) == []
    subscriber.bandwidth.budget = 5_000_000
    watch(pair, 2.0)
    assert len(anna.pictures(video)) - after[0] >= 40
    assert anna.missing(video) == []


def watch(pair: RoomPair, seconds: float) -> None:
    """Sound, and pictures of 700 octets a packet."""
    for step in range(round(seconds / 0.02)):
        pair.send("teacher", [pair.publishers["teacher"].speak(pair.now)])
        if step % 2 == 0:
            pair.send("teacher", pair.publishers["teacher"].show(pair.now, size=700))
        pair.tick()


def follow(pair: RoomPair, seconds: float, name: str = "teacher") -> float:
    """Let `name` switch layers on and off as it is told; return when a layer last came on."""
    began = pair.now
    came = 0.0
    while pair.now < began + seconds - 0.001:
        pair.run(0.04, showing=[name], remb=5_000_000)
        wanted = pair.publishers[name].wanted.get("camera", ("q", "h", "f"))
        for rid, layer in zip(("q", "h", "f"), pair.publishers[name].video["camera"], strict=True):
            if (rid in wanted) != layer.on:
                layer.on = layer.key = rid in wanted
                came = pair.now if layer.on else came
    return came


PHASES = pytest.mark.parametrize("phase", [0.0, 0.16, 0.32, 0.4])  # of what is done twice a second


@PHASES
def test_a_wish_for_more_brings_a_layer_back_in_the_blink_of_an_eye(phase: float) -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    follow(pair, 6.0)
    pair.room.wish("anna", {"teacher camera": Wish(180)}, pair.now)
    follow(pair, 7.0 + phase)
    assert teacher.wanted["camera"] == ("q",)
    requests, asked_at = teacher.key_requests, pair.now
    video = pair.video_ssrc("teacher camera")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    assert follow(pair, 0.2) - asked_at < 0.06
    assert anna.pictures(video)[-1][0] == 2
    assert teacher.key_requests == requests  # its first picture was a key frame anyway
    timestamps = [timestamp for _, _, _, timestamp in anna.pictures(video)]
    assert all(0 < after - before <= 4 * 3600 for before, after in pairwise(timestamps))


def test_a_wish_for_more_of_what_one_may_not_see_is_not_told() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    pair.viewer("anna")
    pair.room.mode("anna", "sound", pair.now)
    follow(pair, 6.0)
    assert teacher.wanted["camera"] == ()
    pair.events.clear()
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    follow(pair, 1.0)
    assert [event for event in pair.events if isinstance(event, LayersWanted)] == []
    pair.room.mode("anna", "everything", pair.now)
    pair.tick()
    assert teacher.wanted["camera"] == ("q", "h", "f")


@PHASES
def test_a_layer_that_is_stopped_is_left_within_a_second(phase: float) -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    pair.run(6.0 + phase, showing=["teacher"], remb=5_000_000)
    video = pair.video_ssrc("teacher camera")
    assert anna.pictures(video)[-1][0] == 2
    teacher.video["camera"][2].on = False  # its line became too narrow for it
    pair.run(1.0, showing=["teacher"], remb=5_000_000)
    before = len(anna.pictures(video))
    pair.run(0.2, showing=["teacher"], remb=5_000_000)
    assert {layer for layer, *_ in anna.pictures(video)[before:]} == {1}
    assert len(anna.pictures(video)) > before


def test_a_screen_begins_at_its_best() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher", ["screen"])
    anna = pair.viewer("anna")
    pair.run(0.2, sharing=["teacher"])
    video = pair.video_ssrc("teacher screen")
    assert anna.pictures(video)[-1][0] == 1
    assert teacher.key_requests == 0
    boris = pair.viewer("boris")
    pair.run(0.1, sharing=["teacher"])
    assert {layer for layer, *_ in boris.pictures(video)} == {1}
