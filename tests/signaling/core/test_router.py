"""A whole room, in bytes: what a viewer gets while people come, speak, switch and leave."""

from dataclasses import replace
from itertools import pairwise

import pytest

from signaling.core import rtcp, rtcp_writer
from signaling.core.model import Limits, PairsGrown, SlotsBound, SpeakersChanged, Wish
from tests.support.media_room import FakeViewer, RoomPair


def consecutive(viewer: FakeViewer, ssrc: int) -> None:
    assert viewer.missing(ssrc) == []


def check_pictures(viewer: FakeViewer, ssrc: int, *, temporal: bool = False) -> list[int]:
    """Every picture follows the one before or is a switch; ids and timestamps only go up. Returns layers."""
    consecutive(viewer, ssrc)
    pictures = viewer.pictures(ssrc)
    for before, after in pairwise(pictures):
        assert after[2] == (before[2] + 1) & 0x7FFF
        assert 0 < (after[3] - before[3]) & 0xFFFFFFFF < 90_000
        if after[0] == before[0]:
            assert after[1] == before[1] + 1 or (temporal and after[1] > before[1])
    return [layer for layer, _, _, _ in pictures]


def test_sound_and_picture_reach_everybody_but_the_sender() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    viewers = [pair.viewer(name) for name in ("anna", "boris")]
    own = pair.viewer("teacher")
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    audio, video = pair.audio_ssrc("teacher microphone"), pair.video_ssrc("teacher camera")
    for viewer in viewers:
        assert len(viewer.streams[audio].packets) >= 48
        consecutive(viewer, audio)
        assert check_pictures(viewer, video)[0] == 0
        assert len(viewer.pictures(video)) >= 23
    assert own.streams == {}


def test_who_measures_no_line_is_told_what_it_may_send() -> None:
    """The word follows what is lost: 20 % of the packets here, from the third second on."""
    pair = RoomPair(seed=11)
    teacher = pair.publisher("teacher")
    numbered = teacher.sections()
    bare = [replace(s, extensions=replace(s.extensions, transport_cc=None), remb=True) for s in numbered]
    pair.room.publish("teacher", bare, pair.now)
    told: list[int] = []
    for step in range(400):
        pair.lose_upstream = lambda packet, step=step: step > 150 and teacher.transport % 5 == 0
        pair.send("teacher", [teacher.speak(pair.now), *teacher.show(pair.now, size=1000)])
        for packet in pair.tick():
            found = rtcp.parse(packet.packet) if packet.leg == "publisher" else []
            told += [report.bps for report in found if isinstance(report, rtcp.Remb)]
            assert not any(isinstance(report, rtcp.TransportFeedback) for report in found)
    assert len(told) >= 7
    assert told[2] >= 4_000_000 * 0.99
    assert told[-1] < told[2] * 0.9
    pair.room.publish("teacher", numbered, pair.now)
    pair.run(1.1)
    assert not [p for p in pair.tick() if p.packet[1] == 206]


def test_nothing_before_the_gate_is_ever_shown() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher", kinds=())
    anna = pair.viewer("anna")
    pair.run(0.5, speaking=["teacher"], showing=["teacher"])
    assert anna.streams == {}
    hidden = max(layer.picture for layer in teacher.video["camera"][:1])
    pair.room.gate("teacher", "camera", "t", pair.now)
    pair.run(1.5, speaking=["teacher"], showing=["teacher"])
    video = pair.video_ssrc("t")
    assert all(picture > hidden for layer, picture, _, _ in anna.pictures(video) if layer == 0)
    assert anna.streams.keys() - anna.repairs.keys() == {video}
    pair.room.gate("teacher", "camera", None, pair.now)
    before = len(anna.streams[video].packets)
    pair.run(0.5, speaking=["teacher"], showing=["teacher"])
    assert len(anna.streams[video].packets) == before


def test_viewers_climb_together_and_share_one_packet() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    viewers = [pair.viewer(f"viewer {number}") for number in range(5)]
    for viewer in viewers:
        pair.room.wish(viewer.name, {"teacher camera": Wish(720)}, pair.now)
    pair.run(5.0, showing=["teacher"], remb=5_000_000)
    layers = check_pictures(viewers[0], pair.video_ssrc("teacher camera"))
    assert (layers[0], layers[-1]) == (0, 2)
    forwards = pair.room.on_rtp("teacher", pair.publishers["teacher"].show(pair.now)[-1], pair.now)
    assert [len(forward.targets) for forward in forwards] == [5]


def test_wishes_choose_the_layer_and_hiding_stops_it() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.run(3.0, showing=["teacher"], remb=5_000_000)
    video = pair.video_ssrc("teacher camera")
    assert set(check_pictures(anna, video)) == {0}
    pair.room.wish("anna", {"teacher camera": Wish(360)}, pair.now)
    pair.run(3.0, showing=["teacher"], remb=5_000_000)
    assert check_pictures(anna, video)[-1] == 1
    pair.room.wish("anna", {"teacher camera": Wish(720, visible=False)}, pair.now)
    count = len(anna.pictures(video))
    pair.run(1.0, showing=["teacher"], remb=5_000_000)
    assert len(anna.pictures(video)) == count
    pair.room.wish("anna", {"teacher camera": Wish(180)}, pair.now)
    pair.run(2.0, showing=["teacher"], remb=5_000_000)
    assert check_pictures_with_pause(anna, video)[-1] == 0


def check_pictures_with_pause(viewer: FakeViewer, ssrc: int) -> list[int]:
    consecutive(viewer, ssrc)
    pictures = viewer.pictures(ssrc)
    for before, after in pairwise(pictures):
        assert after[2] == (before[2] + 1) & 0x7FFF
        assert 0 < (after[3] - before[3]) & 0xFFFFFFFF < 1 << 31
    return [layer for layer, _, _, _ in pictures]


def test_joiner_sees_the_cached_key_frame_at_once() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(1.0, showing=["teacher"])
    requests = teacher.key_requests
    boris = pair.viewer("boris")
    pair.tick()
    video = pair.video_ssrc("teacher camera")
    assert len(boris.pictures(video)) >= 20
    pair.run(1.0, showing=["teacher"])
    check_pictures(boris, video)
    assert teacher.key_requests == requests
    forwards = pair.room.on_rtp("teacher", teacher.show(pair.now)[0], pair.now)
    assert [len(forward.targets) for forward in forwards] == [2]  # and shares the packets of the first


def test_late_joiner_gets_a_key_frame_by_one_request() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(10.0, showing=["teacher"])
    requests = teacher.key_requests
    late = [pair.viewer(f"late {number}") for number in range(20)]
    pair.run(1.0, showing=["teacher"])
    assert teacher.key_requests == requests + 1
    for viewer in late:
        assert len(check_pictures(viewer, pair.video_ssrc("teacher camera"))) > 20


@pytest.mark.parametrize(("height", "between", "most"), [(180, 0.02, 1), (720, 0.0, 2), (720, 0.02, 3)])
def test_twenty_who_come_together_cost_a_key_frame_a_layer(height: int, between: float, most: int) -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(height)}, pair.now)
    pair.run(8.0, showing=["teacher"], remb=5_000_000)
    requests = teacher.key_requests
    joiners = []
    for number in range(20):
        joiners.append(pair.viewer(f"joiner {number}"))
        pair.room.wish(joiners[-1].name, {"teacher camera": Wish(height)}, pair.now)
        pair.run(between, showing=["teacher"], remb=5_000_000)
    pair.run(0.12, showing=["teacher"], remb=5_000_000)
    video = pair.video_ssrc("teacher camera")
    assert all(joiner.pictures(video) for joiner in joiners)
    pair.run(4.0, showing=["teacher"], remb=5_000_000)
    assert {joiner.pictures(video)[-1][0] for joiner in joiners} == {0 if height == 180 else 2}
    assert teacher.key_requests - requests <= most


def test_loss_on_the_way_in_is_repaired_for_everybody() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    count = 0

    def lose(packet: bytes) -> bool:
        nonlocal count
        count += 1
        return count % 17 == 0

    pair.run(6.0, showing=["teacher"], remb=5_000_000)
    pair.lose_upstream = lose
    pair.run(4.0, showing=["teacher"], remb=5_000_000)
    pair.lose_upstream = lambda packet: False
    pair.run(0.5, showing=["teacher"], remb=5_000_000)
    assert len(teacher.nacked) > 20
    assert anna.missing(pair.video_ssrc("teacher camera")) == []
    check_pictures(anna, pair.video_ssrc("teacher camera"))


def test_loss_on_the_way_out_is_repaired_from_the_ring() -> None:
    pair = RoomPair()
    pair.publisher("teacher", temporal=3)
    anna = pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    pair.run(1.0, showing=["teacher"], remb=5_000_000)
    video = pair.video_ssrc("teacher camera")
    count = 0

    def lose(viewer: FakeViewer, forward: object) -> bool:
        nonlocal count
        count += 1
        return count % 5 == 0 and getattr(forward, "ssrc", 0) == video

    pair.lose = lose
    for _ in range(40):
        pair.run(0.1, showing=["teacher"], remb=5_000_000)
        lost = anna.missing(video)
        if lost:
            pair.report("anna", "subscriber", [rtcp_writer.build_nack(1, video, lost)])
    pair.lose = lambda viewer, forward: False
    pair.run(0.1, showing=["teacher"])
    pair.report("anna", "subscriber", [rtcp_writer.build_nack(1, video, anna.missing(video) or [1])])
    assert anna.repaired > 30
    check_pictures(anna, video, temporal=True)


def test_slots_are_rebound_without_a_gap_and_grow_by_doubling() -> None:
    pair = RoomPair()
    names = [f"student {number}" for number in range(6)]
    anna = pair.viewer("anna")
    for name in names:
        pair.publisher(name)
    pair.run(1.0, speaking=names, showing=names)
    assert any(isinstance(event, PairsGrown) and event.pairs == 8 for event in pair.events)
    assert pair.room.pairs == 8
    pair.subscribe(anna)
    pair.run(1.0, speaking=names[:2], showing=names)
    assert len({pair.video_ssrc(f"{name} camera") for name in names}) == 6
    first = pair.video_ssrc("student 0 camera")
    pair.room.leave("student 0", pair.now)
    del pair.publishers["student 0"]
    pair.run(4.0, showing=names[1:])
    for name in ("x", "y", "z"):
        pair.publisher(name)
    pair.run(2.0, speaking=["x", "y", "z"], showing=["x", "y", "z"])
    reused = [name for name in ("x", "y", "z") if pair.video_ssrc(f"{name} camera") == first]
    assert len(reused) == 1
    check_pictures_with_pause(anna, first)
    for ssrc in anna.streams:
        assert anna.missing(ssrc) == []


def test_all_pairs_taken_a_speaker_replaces_the_silent() -> None:
    pair = RoomPair(limits=Limits(pairs=4, loudest=10))
    pair.viewer("anna")
    names = [f"student {number}" for number in range(5)]
    for name in names:
        pair.publisher(name)
    pair.run(1.0, speaking=names[:3])
    with pytest.raises(AssertionError):
        pair.audio_ssrc("student 4 microphone")
    pair.run(2.0, speaking=["student 4"])
    pair.audio_ssrc("student 4 microphone")
    with pytest.raises(AssertionError):
        pair.audio_ssrc("student 3 microphone")


def test_only_the_loudest_are_forwarded() -> None:
    pair = RoomPair()
    names = [f"student {number}" for number in range(4)]
    for name in names:
        pair.publisher(name, kinds=["microphone"])
    anna = pair.viewer("anna")
    pair.run(1.0, speaking=names)
    heard = [name for name in names if pair.audio_ssrc(f"{name} microphone") in anna.streams]
    assert len(heard) == 3
    for ssrc in anna.streams:
        assert anna.missing(ssrc) == []
    quiet = next(name for name in names if name not in heard)
    silent, others = heard[0], heard[1:]
    for _ in range(100):
        pair.send(silent, [pair.publishers[silent].speak(pair.now, level=127)])
        pair.send(quiet, [pair.publishers[quiet].speak(pair.now, level=15)])
        for name in others:
            pair.send(name, [pair.publishers[name].speak(pair.now)])
        pair.tick()
    assert len(anna.streams[pair.audio_ssrc(f"{quiet} microphone")].packets) > 40
    for ssrc in anna.streams:
        assert anna.missing(ssrc) == []


def test_speakers_are_told() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    pair.run(2.0, speaking=["teacher"])
    told = [event for event in pair.events if isinstance(event, SpeakersChanged)]
    assert told[-1].dominant == "teacher"
    assert [speaker.peer for speaker in told[-1].speakers] == ["teacher"]
    pair.room.muted("teacher", "microphone", True, pair.now)
    pair.run(1.0, speaking=["teacher"])
    assert [event for event in pair.events if isinstance(event, SpeakersChanged)][-1].speakers == ()


def test_modes() -> None:
    pair = RoomPair()
    pair.publisher("teacher", kinds=("microphone", "camera", "screen"))
    anna = pair.viewer("anna")
    pair.run(1.0, speaking=["teacher"], showing=["teacher"], sharing=["teacher"], remb=5_000_000)
    camera, screen = pair.video_ssrc("teacher camera"), pair.video_ssrc("teacher screen")
    sound = pair.audio_ssrc("teacher microphone")

    def counts(mode: str) -> list[bool]:
        pair.room.mode("anna", mode, pair.now)  # type: ignore[arg-type]
        before = [len(anna.streams[ssrc].packets) for ssrc in (sound, screen, camera)]
        pair.run(2.0, speaking=["teacher"], showing=["teacher"], sharing=["teacher"], remb=5_000_000)
        after = [len(anna.streams[ssrc].packets) for ssrc in (sound, screen, camera)]
        return [b > a for a, b in zip(before, after, strict=True)]

    assert counts("slides") == [True, True, False]
    assert counts("sound") == [True, False, False]
    assert counts("text") == [False, False, False]
    assert counts("everything") == [True, True, True]
    for ssrc in (sound, screen, camera):
        consecutive(anna, ssrc)


def test_muted_is_held_back_without_a_gap_or_a_new_slot() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    version = max(event.version for event in pair.events if isinstance(event, SlotsBound))
    audio, video = pair.audio_ssrc("teacher microphone"), pair.video_ssrc("teacher camera")
    pair.room.muted("teacher", "microphone", True, pair.now)
    pair.room.muted("teacher", "camera", True, pair.now)
    before = len(anna.streams[audio].packets), len(anna.pictures(video))
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    assert (len(anna.streams[audio].packets), len(anna.pictures(video))) == before
    pair.room.muted("teacher", "microphone", False, pair.now)
    pair.room.muted("teacher", "camera", False, pair.now)
    pair.run(2.0, speaking=["teacher"], showing=["teacher"])
    assert len(anna.streams[audio].packets) > before[0] + 90
    consecutive(anna, audio)
    check_pictures_with_pause(anna, video)
    assert len(anna.pictures(video)) > before[1] + 20
    assert max(event.version for event in pair.events if isinstance(event, SlotsBound)) == version


def test_reports_put_sound_and_picture_on_one_clock() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    pair.run(6.0, speaking=["teacher"], showing=["teacher"], remb=5_000_000)
    audio, video = pair.audio_ssrc("teacher microphone"), pair.video_ssrc("teacher camera")
    pair.send("teacher", [teacher.speak(pair.now)])
    pair.send("teacher", teacher.show(pair.now))

    def capture(ssrc: int, rate: int) -> float:
        report = anna.reports[ssrc]
        stream = anna.streams[ssrc]
        timestamp = stream.packets[stream.highest][0]
        ticks = (timestamp - report.timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
        return report.ntp / 4294967296 + ticks / rate

    assert capture(audio, 48_000) == pytest.approx(capture(video, 90_000), abs=0.002)
    assert capture(audio, 48_000) == pytest.approx(pair.now, abs=0.002)


def test_unused_layers_are_told_after_a_while_and_come_back_at_once() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(4.0, showing=["teacher"])
    assert teacher.wanted == {}
    pair.run(2.5, showing=["teacher"])
    assert dict(teacher.wanted) == {"camera": ("q",)}
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    pair.run(0.6, showing=["teacher"])
    assert dict(teacher.wanted) == {"camera": ("q", "h", "f")}
    pair.room.unsubscribe("anna", pair.now)
    pair.run(7.0, showing=["teacher"])
    assert dict(teacher.wanted) == {"camera": ()}


def test_a_narrow_line_keeps_sound_and_a_small_picture() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    pair.run(3.0, speaking=["teacher"], showing=["teacher"], remb=5_000_000)
    video, audio = pair.video_ssrc("teacher camera"), pair.audio_ssrc("teacher microphone")
    assert check_pictures(anna, video)[-1] == 2
    for bps in (150_000, 100_000, 70_000, 60_000):
        pair.report("anna", "subscriber", [rtcp_writer.build_remb(1, bps, [])])
        pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    sound = len(anna.streams[audio].packets)
    assert check_pictures(anna, video)[-1] == 0
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    assert len(anna.streams[audio].packets) >= sound + 49
    pair.report("anna", "subscriber", [rtcp_writer.build_remb(1, 0, [])] * 5)
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    assert len(anna.streams[audio].packets) >= sound + 98


def test_a_reconnected_viewer_starts_afresh_and_a_publisher_continues() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    anna = pair.viewer("anna")
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    audio, video = pair.audio_ssrc("teacher microphone"), pair.video_ssrc("teacher camera")
    again = FakeViewer("anna")
    pair.subscribe(again)
    pair.run(1.0, speaking=["teacher"], showing=["teacher"])
    assert len(again.streams[audio].packets) > 45
    check_pictures(again, video)
    pair.room.unpublish("teacher", pair.now)
    pair.run(0.5, speaking=["teacher"], showing=["teacher"])
    pair.publishers["teacher"] = type(pair.publishers["teacher"])("teacher", 77)
    pair.room.publish("teacher", pair.publishers["teacher"].sections(), pair.now)
    before = len(again.streams[audio].packets)
    pair.run(2.0, speaking=["teacher"], showing=["teacher"])
    assert len(again.streams[audio].packets) > before + 90
    consecutive(again, audio)
    check_pictures_with_pause(again, video)
    assert len(anna.streams[audio].packets) < 60


def test_statistics_and_garbage() -> None:
    pair = RoomPair()
    pair.publisher("teacher")
    pair.viewer("anna")
    pair.run(1.0, speaking=["teacher"], showing=["teacher"], remb=1_000_000)
    pair.send("teacher", [b"", b"\x80" * 5, bytes(12), b"\x80\x60" + bytes(10)])
    pair.send("nobody", [b"x"])
    pair.report("teacher", "publisher", [b"", b"\x80\xc8\0\x01abcd"])
    pair.report("anna", "subscriber", [b"garbage"])
    pair.report("nobody", "subscriber", [b"garbage"])
    pair.room.leave("nobody", pair.now)
    pair.room.unsubscribe("teacher", pair.now)
    pair.room.unpublish("anna", pair.now)
    stats = {found.peer: found for found in pair.room.stats(pair.now)}
    teacher, anna = stats["teacher"], stats["anna"]
    assert teacher.receive_bps > 10_000
    assert teacher.dropped == {"malformed": 3, "unknown_ssrc": 1, "rtcp": 2}
    assert [
        layer.rid for source in teacher.sources if source.kind == "camera" for layer in source.layers
    ] == [
        "q",
        "h",
        "f",
    ]
    assert anna.subscriber is not None
    assert anna.subscriber.remb_bps is not None
    assert anna.subscriber.packets > 50
    assert {view.track for view in anna.subscriber.views} == {"teacher microphone", "teacher camera"}
    assert anna.dropped == {"rtcp": 1}
    pair.room.leave("anna", pair.now)
    pair.room.leave("teacher", pair.now)
    assert pair.room.stats(pair.now) == []
    pair.run(1.0)
