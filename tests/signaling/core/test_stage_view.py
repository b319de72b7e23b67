"""The stage: what somebody gets who has one picture and one sound, in bytes."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest

from signaling.core import rtcp_writer
from signaling.core.model import Kind, SpeakersChanged, Wish
from tests.support.browser_rtcp import build_fir
from tests.support.media_room import FakePublisher, FakeViewer, RoomPair

EVERYTHING: tuple[Kind, ...] = ("microphone", "camera", "screen", "screen_audio")


class Hall(RoomPair):
    """A room whose watchers are asked what came last."""

    def seen(self, viewer: FakeViewer) -> str | None:
        """Whose picture came in the last moment: "teacher camera", say."""
        return self._last(viewer, self.room.stage().video_ssrc)

    def heard(self, viewer: FakeViewer) -> str | None:
        return self._last(viewer, self.room.stage().audio_ssrc)

    def _last(self, viewer: FakeViewer, ssrc: int) -> str | None:
        views = [s.subscriber for s in self.room.stats(self.now) if s.peer == viewer.name]
        assert views[0] is not None
        flowing = [lane.flow for lane in self._lanes(viewer) if lane.ssrc == ssrc and lane.flow is not None]
        return flowing[0].layer.source.track if flowing else None

    def _lanes(self, viewer: FakeViewer) -> list[object]:
        subscriber = self.room._peers[viewer.name].subscriber
        return [] if subscriber is None else list(subscriber.all_lanes())

    def share(self, name: str, seconds: float, *, sound: bool, speaking: Iterable[str] = ()) -> None:
        """Run with a shared screen, and the sound of a film."""
        for step in range(round(seconds / 0.02)):
            packets = [self.publishers[name].speak(self.now, kind="screen_audio")] if sound else []
            if step % 2 == 0:
                packets += self.publishers[name].show(self.now, "screen")
            self.send(name, packets)
            for speaker in speaking:
                self.send(speaker, [self.publishers[speaker].speak(self.now)])
            self.tick()


def check(viewer: FakeViewer, hall: Hall) -> None:
    """Nothing is missing, and no counter goes back, whoever was shown."""
    stage = hall.room.stage()
    for ssrc in viewer.streams:
        assert viewer.missing(ssrc) == []
    for before, after in pairwise(viewer.pictures(stage.video_ssrc)):
        assert after[2] == (before[2] + 1) & 0x7FFF
        assert 0 < (after[3] - before[3]) & 0xFFFFFFFF < 180_000


def test_a_watcher_sees_and_hears_the_teacher() -> None:
    hall = Hall()
    hall.publisher("teacher")
    anna, boris = hall.watcher("anna"), hall.viewer("boris")
    hall.run(1.0, speaking=["teacher"], showing=["teacher"])
    stage = hall.room.stage()
    assert set(anna.streams) <= {stage.audio_ssrc, stage.video_ssrc, stage.video_rtx_ssrc}
    assert len(anna.streams[stage.audio_ssrc].packets) >= 48
    assert len(anna.pictures(stage.video_ssrc)) >= 22
    assert stage.video_ssrc not in boris.streams
    check(anna, hall)


def test_a_cached_key_frame_answers_at_once() -> None:
    hall = Hall()
    teacher = hall.publisher("teacher")
    hall.viewer("boris")
    hall.run(0.5, speaking=["teacher"], showing=["teacher"])
    asked = teacher.key_requests
    anna = hall.watcher("anna")
    hall.tick()
    assert anna.pictures(hall.room.stage().video_ssrc)
    assert teacher.key_requests == asked


def test_watchers_share_what_is_made_for_them() -> None:
    hall = Hall()
    teacher = hall.publisher("teacher")
    viewers = [hall.watcher(name) for name in ("anna", "boris", "chyngyz")]
    hall.run(1.0, speaking=["teacher"], showing=["teacher"], remb=5_000_000)
    forwards = hall.room.on_rtp("teacher", teacher.speak(hall.now), hall.now)
    assert [[target.handle for target in forward.targets] for forward in forwards] == [viewers]


def test_a_stage_keeps_its_numbers() -> None:
    hall = Hall()
    assert hall.room.stage() is hall.room.stage()
    numbers = [hall.room.stage().audio_ssrc, hall.room.stage().video_ssrc, hall.room.stage().video_rtx_ssrc]
    others = {ssrc for n in range(4) for ssrc in (hall.room.pair(n).audio_ssrc, hall.room.pair(n).video_ssrc)}
    assert len(set(numbers)) == 3
    assert not others & set(numbers)


def test_a_screen_comes_first_and_goes_again() -> None:
    hall = Hall()
    hall.publisher("teacher", EVERYTHING)
    hall.room.gate("teacher", "screen", None, hall.now)
    anna = hall.watcher("anna")
    hall.run(1.0, showing=["teacher"], remb=5_000_000)
    assert hall.seen(anna) == "teacher camera"
    hall.room.gate("teacher", "screen", "slides", hall.now)
    hall.run(1.5, showing=["teacher"], sharing=["teacher"], remb=5_000_000)
    assert hall.seen(anna) == "slides"
    hall.room.gate("teacher", "screen", None, hall.now)
    hall.run(1.5, showing=["teacher"], remb=5_000_000)
    assert hall.seen(anna) == "teacher camera"
    check(anna, hall)


def test_the_newest_screen_is_the_one_that_is_talked_about() -> None:
    hall = Hall()
    for name in ("teacher", "boris"):
        hall.publisher(name, ())
        hall.room.gate(name, "screen", name, hall.now)
        hall.tick()
    anna = hall.watcher("anna")
    hall.run(1.5, sharing=["teacher", "boris"], remb=5_000_000)
    assert hall.seen(anna) == "boris"


def test_who_speaks_is_seen_and_heard_and_stays_through_a_pause() -> None:
    hall = Hall()
    hall.publisher("teacher")
    hall.tick()
    hall.publisher("boris")
    anna = hall.watcher("anna")
    both = ["teacher", "boris"]
    hall.run(1.0, showing=both, remb=5_000_000)
    assert hall.seen(anna) == "teacher camera"  # was there first
    hall.run(2.0, speaking=["boris"], showing=both, remb=5_000_000)
    assert (hall.seen(anna), hall.heard(anna)) == ("boris camera", "boris microphone")
    hall.run(3.0, showing=both, remb=5_000_000)
    assert (hall.seen(anna), hall.heard(anna)) == ("boris camera", "boris microphone")
    hall.run(3.0, speaking=["teacher"], showing=both, remb=5_000_000)
    assert (hall.seen(anna), hall.heard(anna)) == ("teacher camera", "teacher microphone")
    check(anna, hall)


def test_who_speaks_without_a_camera_leaves_the_picture_as_it_is() -> None:
    hall = Hall()
    hall.publisher("teacher")
    hall.tick()
    hall.publisher("boris")
    hall.publisher("voice", ("microphone",))
    anna = hall.watcher("anna")
    both = ["teacher", "boris"]
    hall.run(2.0, speaking=["boris"], showing=both, remb=5_000_000)
    hall.run(3.0, speaking=["voice"], showing=both, remb=5_000_000)
    assert (hall.seen(anna), hall.heard(anna)) == ("boris camera", "voice microphone")
    hall.room.gate("boris", "camera", None, hall.now)
    hall.run(1.5, speaking=["voice"], showing=both, remb=5_000_000)
    assert hall.seen(anna) == "teacher camera"


def test_a_camera_that_died_gives_way_to_one_that_lives() -> None:
    hall = Hall()
    hall.publisher("teacher")
    hall.tick()
    hall.publisher("boris")
    anna = hall.watcher("anna")
    hall.run(1.0, showing=["teacher", "boris"], remb=5_000_000)
    assert hall.seen(anna) == "teacher camera"
    hall.run(2.5, showing=["boris"], speaking=["teacher"], remb=5_000_000)
    assert hall.seen(anna) == "boris camera"


def test_the_old_picture_stays_until_the_next_can_be_shown() -> None:
    hall = Hall()
    hall.publisher("teacher")
    hall.tick()
    boris = hall.publisher("boris")
    anna = hall.watcher("anna")
    both = ["teacher", "boris"]
    hall.run(8.0, speaking=["teacher"], showing=both, remb=5_000_000)  # the cache has no key frame any more
    video = hall.room.stage().video_ssrc
    boris.on_rtcp = lambda packet: []  # type: ignore[method-assign]
    before = len(anna.pictures(video))
    hall.run(3.0, speaking=["boris"], showing=both, remb=5_000_000)
    assert hall.heard(anna) == "boris microphone"
    assert hall.seen(anna) == "teacher camera"
    assert len(anna.pictures(video)) >= before + 70
    for layer in boris.video["camera"]:
        layer.key = True
    hall.run(0.1, speaking=["boris"], showing=both)
    assert hall.seen(anna) == "boris camera"
    check(anna, hall)


def test_a_film_is_heard_while_nobody_speaks() -> None:
    hall = Hall()
    hall.publisher("teacher", EVERYTHING)
    anna = hall.watcher("anna")
    hall.share("teacher", 2.0, sound=True)
    assert hall.heard(anna) == "teacher screen_audio"
    hall.share("teacher", 1.5, sound=True, speaking=["teacher"])
    assert hall.heard(anna) == "teacher microphone"
    hall.share("teacher", 1.6, sound=True)
    assert hall.heard(anna) == "teacher microphone"  # a pause to think
    hall.share("teacher", 2.0, sound=True)
    assert hall.heard(anna) == "teacher screen_audio"
    check(anna, hall)


def test_a_loud_answer_is_heard_before_the_stage_turns() -> None:
    """Sound changes as soon as the one who has it is silent; the picture is steadier."""
    hall = Hall()
    hall.publisher("teacher")
    hall.tick()
    hall.publisher("boris")
    anna = hall.watcher("anna")
    both = ["teacher", "boris"]
    hall.run(3.0, speaking=["teacher"], showing=both, remb=5_000_000)
    hall.events.clear()
    for _ in range(100):
        hall.run(0.02, speaking=["boris"], showing=both)
        changes = [event for event in hall.events if isinstance(event, SpeakersChanged)]
        if changes and [speaker.peer for speaker in changes[-1].speakers] == ["boris"]:
            break
    hall.run(0.02, speaking=["boris"], showing=both)
    assert hall.heard(anna) == "boris microphone"  # with the next packet
    assert hall.seen(anna) == "teacher camera"


def test_two_who_speak_at_once_do_not_take_turns() -> None:
    hall = Hall()
    for name in ("boris", "teacher"):
        hall.publisher(name)
    anna = hall.watcher("anna")
    hall.run(2.0, speaking=["teacher"])
    for _ in range(100):
        for name, level in (("boris", 19), ("teacher", 21)):
            hall.send(name, [hall.publishers[name].speak(hall.now, level=level)])
        hall.tick()
        assert hall.heard(anna) == "teacher microphone"


def test_a_key_frame_in_the_cache_is_not_waited_for() -> None:
    hall = Hall()
    hall.publisher("teacher")
    hall.tick()
    boris = hall.publisher("boris")
    anna = hall.watcher("anna")
    subscriber = hall.room._peers["anna"].subscriber
    assert subscriber is not None
    subscriber.bandwidth.budget = 100_000  # One of the smallest layer is not too long ago for the cache.
    subscriber.bandwidth.probe.next_at = hall.now + 100
    hall.run(4.0, speaking=["teacher"], showing=["teacher", "boris"])
    for layer in boris.video["camera"]:
        layer.key = True
    boris.on_rtcp = lambda packet: []  # type: ignore[method-assign]
    hall.run(3.0, speaking=["boris"], showing=["teacher", "boris"])
    assert hall.seen(anna) == "boris camera"
    check(anna, hall)


def test_who_tells_no_level_is_heard_when_nobody_measurably_speaks() -> None:
    hall = Hall()
    studio = publisher_without_levels(hall, "studio")
    hall.publisher("boris")
    anna = hall.watcher("anna")

    def run(seconds: float, speaking: Iterable[str]) -> None:
        for _ in range(round(seconds / 0.04)):
            hall.send("studio", [studio.speak(hall.now) for _ in range(2)])
            hall.run(0.04, speaking=speaking, showing=["studio", "boris"])

    run(1.0, [])
    assert (hall.seen(anna), hall.heard(anna)) == ("studio camera", "studio microphone")
    run(2.0, ["boris"])
    assert (hall.seen(anna), hall.heard(anna)) == ("boris camera", "boris microphone")
    run(3.5, [])
    assert (hall.seen(anna), hall.heard(anna)) == ("studio camera", "studio microphone")
    check(anna, hall)


def publisher_without_levels(hall: Hall, name: str) -> FakePublisher:
    made = hall.publisher(name)
    sections = [replace(s, extensions=replace(s.extensions, audio_level=None)) for s in made.sections()]
    hall.room.publish(name, sections, hall.now)
    return made


def test_nobody_watches_themselves() -> None:
    hall = Hall()
    hall.publisher("teacher")
    hall.publisher("boris")
    own = hall.watcher("teacher")
    hall.run(2.0, speaking=["teacher"], showing=["teacher", "boris"], remb=5_000_000)
    assert hall.seen(own) == "boris camera"
    assert hall.heard(own) == "boris microphone" or hall.heard(own) is None


@pytest.mark.parametrize(
    ("codecs", "streams"), [(("opus",), 1), (("VP8",), 1), (("opus", "H264"), 1), (("H264",), 0), ((), 0)]
)
def test_only_what_was_agreed_to_is_sent(codecs: tuple[str, ...], streams: int) -> None:
    hall = Hall()
    hall.publisher("teacher")
    anna = hall.watcher("anna", codecs)
    hall.run(1.0, speaking=["teacher"], showing=["teacher"])
    assert len(set(anna.streams) - {hall.room.stage().video_rtx_ssrc}) == streams


def test_a_picture_in_an_unknown_codec_gives_way_to_one_that_can_be_shown() -> None:
    hall = Hall()
    teacher = hall.publisher("teacher", ("camera",))
    sections = [replace(s, codecs=(replace(s.codecs[0], name="H264"),)) for s in teacher.sections()[1:2]]
    hall.room.publish("teacher", sections, hall.now)
    hall.tick()
    hall.publisher("boris")
    anna, everything = hall.watcher("anna", ("opus", "VP8")), hall.watcher("everything")
    hall.run(1.0, showing=["teacher", "boris"], remb=5_000_000)
    assert hall.seen(anna) == "boris camera"
    assert hall.seen(everything) in ("teacher camera", None)


def test_the_stage_is_wanted_large_and_the_others_small() -> None:
    hall = Hall()
    teacher, boris = hall.publisher("teacher"), hall.publisher("boris")
    anna = hall.watcher("anna")
    hall.run(8.0, speaking=["teacher"], showing=["teacher", "boris"], remb=8_000_000)
    assert teacher.wanted.get("camera", ("q", "h", "f")) == ("q", "h", "f")
    assert boris.wanted["camera"] == ("q",)
    assert anna.pictures(hall.room.stage().video_ssrc)[-1][0] == 2
    hall.room.wish("anna", {"teacher camera": Wish(180)}, hall.now)
    hall.run(7.0, speaking=["teacher"], showing=["teacher", "boris"], remb=8_000_000)
    assert anna.pictures(hall.room.stage().video_ssrc)[-1][0] == 0
    assert teacher.wanted["camera"] == ("q",)


def test_modes_hold_for_the_stage() -> None:
    hall = Hall()
    hall.publisher("teacher")
    anna = hall.watcher("anna")
    hall.room.mode("anna", "sound", hall.now)
    hall.run(1.0, speaking=["teacher"], showing=["teacher"])
    assert set(anna.streams) == {hall.room.stage().audio_ssrc}


def test_what_is_lost_comes_again_if_that_was_agreed() -> None:
    hall = Hall()
    hall.publisher("teacher")
    anna, plain = hall.watcher("anna"), hall.watcher("plain", repairs=False)
    stage = hall.room.stage()
    lost: list[int] = []

    def lose(viewer: FakeViewer, forward: object) -> bool:
        index = getattr(forward, "index", 0)
        wanted = getattr(forward, "ssrc", 0) == stage.video_ssrc and len(lost) < 2 and index % 7 == 0
        if wanted and viewer is anna:
            lost.append(index)
        return wanted and viewer is anna

    hall.run(0.5, showing=["teacher"])
    hall.lose = lose
    hall.run(0.6, showing=["teacher"])
    assert lost
    nack = rtcp_writer.build_nack(1, stage.video_ssrc, lost)
    hall.report("plain", "subscriber", [nack])
    assert stage.video_rtx_ssrc not in plain.streams
    hall.report("anna", "subscriber", [nack])
    assert anna.repaired == len(lost)
    assert anna.missing(stage.video_ssrc) == []


def test_a_request_for_a_key_frame_reaches_who_is_shown() -> None:
    hall = Hall()
    teacher = hall.publisher("teacher")
    hall.watcher("anna")
    hall.run(6.0, showing=["teacher"], remb=8_000_000)  # until it has climbed to the top
    stage = hall.room.stage()
    for request in (rtcp_writer.build_pli(1, stage.video_ssrc), build_fir(1, stage.video_ssrc, 1)):
        before = teacher.key_requests
        hall.report("anna", "subscriber", [request])
        hall.run(1.5, showing=["teacher"], remb=8_000_000)
        assert teacher.key_requests == before + 1


def test_a_watcher_that_comes_again_starts_afresh_and_one_that_left_is_gone() -> None:
    hall = Hall()
    hall.publisher("teacher")
    first = hall.watcher("anna")
    hall.run(0.5, speaking=["teacher"], showing=["teacher"])
    second = hall.watcher("anna")
    before = len(first.streams[hall.room.stage().audio_ssrc].packets)
    hall.run(0.5, speaking=["teacher"], showing=["teacher"])
    assert len(first.streams[hall.room.stage().audio_ssrc].packets) == before
    assert second.streams
    hall.room.leave("anna", hall.now)
    count = len(second.streams[hall.room.stage().audio_ssrc].packets)
    hall.run(0.2, speaking=["teacher"], showing=["teacher"])
    assert len(second.streams[hall.room.stage().audio_ssrc].packets) == count


def test_sender_reports_tell_one_clock_for_the_stage() -> None:
    hall = Hall()
    hall.publisher("teacher")
    anna = hall.watcher("anna")
    hall.run(3.0, speaking=["teacher"], showing=["teacher"])
    stage = hall.room.stage()
    assert {stage.audio_ssrc, stage.video_ssrc} <= set(anna.reports)
