"""A viewer's line gets bad: what is let go, what is sent again, and what is missing without a mechanism."""

import pytest

from signaling.core import rtcp, rtcp_writer
from signaling.core.bandwidth import START_BPS
from signaling.core.model import Limits, Mechanism, Wish
from signaling.core.source import Layer
from signaling.core.subscriber import Subscriber
from tests.support.media_room import RoomPair


class Class:
    """A teacher who speaks and shows, and Anna, who watches the largest layer."""

    def __init__(self, *without: Mechanism) -> None:
        self.pair = RoomPair(limits=Limits(without=frozenset(without)))
        self.teacher = self.pair.publisher("teacher")
        self.anna = self.pair.viewer("anna")
        self.pair.room.wish("anna", {"teacher camera": Wish(720)}, self.pair.now)
        self.run(0.5)

    @property
    def leg(self) -> Subscriber:
        found = self.pair.room._peers["anna"].subscriber
        assert found is not None
        return found

    @property
    def video(self) -> int:
        return self.pair.video_ssrc("teacher camera")

    def run(self, seconds: float) -> list[int]:
        """Let time pass; return the layers of the pictures that Anna got."""
        before = len(self.anna.pictures(self.video)) if self.pair.slots else 0
        for step in range(round(seconds / 0.02)):
            self.pair.send("teacher", [self.teacher.speak(self.pair.now)])
            if step % 2 == 0:
                self.pair.send("teacher", self.teacher.show(self.pair.now, size=600))
            self.pair.tick()
        return [layer for layer, _, _, _ in self.anna.pictures(self.video)[before:]]

    def widen(self, bps: int) -> None:
        self.leg.bandwidth.budget = bps
        self.leg.bandwidth.tried = True
        self.leg.bandwidth.probe.next_at = self.pair.now + 1000

    def ask_again(self, numbers: list[int]) -> int:
        """Return how many packets come again."""
        before = self.leg.retransmitted
        self.pair.report("anna", "subscriber", [rtcp_writer.build_nack(1, self.video, numbers)])
        return self.leg.retransmitted - before

    def lately(self, count: int) -> list[int]:
        highest = self.anna.streams[self.video].highest
        return list(range(highest - count + 1, highest + 1))


def test_a_layer_far_beyond_the_line_is_let_go_before_the_next_one_is_there() -> None:
    school = Class()
    school.widen(5_000_000)
    assert set(school.run(4.0)) >= {2}
    lane = next(lane for _, lane in school.leg.lanes if lane.flow is not None)
    school.teacher.key_requests = 0
    school.widen(250_000)
    school.leg.allocate_at = school.pair.now
    school.pair.tick()
    assert lane.flow is None
    assert lane.afresh
    assert school.ask_again(school.lately(3)) == 0  # nobody waits for these any more
    shown = school.run(1.0)
    assert set(shown) == {0}
    assert school.teacher.key_requests == 1  # and no past of seconds was sent
    assert len(shown) >= 15
    assert not lane.afresh


def test_a_little_too_much_goes_on_until_the_key_frame() -> None:
    school = Class()
    school.widen(5_000_000)
    school.run(4.0)
    lane = next(lane for _, lane in school.leg.lanes if lane.flow is not None)
    school.widen(int(school.leg.media_bps * 0.8))
    school.leg.allocate_at = school.pair.now
    school.pair.lose_upstream = lambda packet: True  # The teacher's answer takes a while.
    school.pair.tick()
    assert lane.flow is not None
    assert lane.falling
    wanted = school.leg.on_key_frame_request(rtcp.KeyFrameRequest(0, school.video))
    assert isinstance(wanted, Layer)
    assert wanted.index < lane.flow.layer.index  # of the layer that is coming, not of the one that goes
    assert school.ask_again(school.lately(3)) == 0
    school.pair.lose_upstream = lambda packet: False
    assert school.run(2.0)[-1] == 1


def test_a_short_past_may_be_shown_at_once() -> None:
    school = Class()
    school.widen(5_000_000)
    school.run(4.0)
    for layer in school.teacher.video["camera"]:
        layer.key = True  # Chromium makes key frames of all layers at a time.
    school.run(0.1)
    asked = school.teacher.key_requests
    school.widen(250_000)
    school.leg.allocate_at = school.pair.now
    assert school.run(0.1)[-1] == 0
    assert school.teacher.key_requests == asked


def test_what_comes_again_has_to_fit_a_full_line() -> None:
    school = Class()
    school.widen(5_000_000)
    school.run(4.0)
    assert school.ask_again(school.lately(60)) == 60  # 290 kbit, of half of what is sent
    school.widen(school.leg.media_bps)
    school.run(1.0)
    line = school.leg.bandwidth
    line.congested_at = school.pair.now
    assert 10 <= school.ask_again(school.lately(100)) <= max(60_000, line.budget / 10) / 8 / 600 + 1
    line.congested_at = None
    line.on_round_trip(0.05, school.pair.now, 0, school.pair.now)
    school.run(1.0)
    assert line.flowing
    assert school.ask_again(school.lately(80)) >= 60  # no queue: what was lost was lost by chance


def test_a_layer_that_is_switched_on_again_is_young() -> None:
    school = Class()
    layer = school.pair.room._peers["teacher"].sources["camera"].layers[0]
    assert layer is not None
    began = layer.begun_at
    school.run(1.0)
    assert layer.begun_at == began
    school.pair.tick(2.0)
    school.run(0.1)
    assert layer.begun_at > began + 2.0


def fraction(school: Class) -> tuple[int, int]:
    """What the teacher is told of sound and of pictures."""
    told = {}
    for _ in range(60):
        for found in school.pair.tick():
            for report in rtcp.parse(found.packet) if found.leg == "publisher" else ():
                if isinstance(report, rtcp.ReceiverReport):
                    told.update({block.ssrc: block for block in report.blocks})
    sources = school.pair.room._peers["teacher"].sources
    sound, picture = sources["microphone"].layers[0], sources["camera"].layers[0]
    assert sound is not None
    assert picture is not None
    assert told[sound.ssrc].lost == told[picture.ssrc].lost == 0
    return told[sound.ssrc].fraction, told[picture.ssrc].fraction


@pytest.mark.parametrize("without", [(), ("redundancy",)])
def test_opus_is_told_what_the_worst_viewer_loses(without: tuple[Mechanism, ...]) -> None:
    school = Class(*without)
    assert fraction(school) == (0, 0)
    school.leg.line_loss.share = 0.05
    assert fraction(school) == ((0, 0) if without else (12, 0))
    school.leg.line_loss.share = 0.9
    assert fraction(school) == ((0, 0) if without else (38, 0))
    school.pair.room.mode("anna", "text", school.pair.now)
    assert fraction(school) == (0, 0)


def test_opus_is_told_what_came_at_the_second_try_as_well() -> None:
    school = Class()
    sound = school.pair.room._peers["teacher"].sources["microphone"].layers[0]
    assert sound is not None
    for number in range(200):
        if number % 10 != 3:
            school.pair.send("teacher", [school.teacher.speak(school.pair.now)])
        else:
            late = school.teacher.speak(school.pair.now)
            school.pair.send("teacher", [school.teacher.speak(school.pair.now)])
            school.pair.tick(0.06)  # It is asked for,
            school.pair.send("teacher", [late])  # and comes.
        school.pair.tick()
    assert sound.losses()[2] <= 1
    assert 15 <= fraction(school)[0] <= 30


def test_without_repairs_nothing_comes_again() -> None:
    school = Class("rtx")
    school.run(2.0)
    assert school.ask_again(school.lately(5)) == 0


def test_without_an_estimate_everything_is_sent() -> None:
    school = Class("estimate")
    for bps in (900_000, 100_000, 50_000):
        school.pair.report("anna", "subscriber", [rtcp_writer.build_remb(1, bps, [])])
        school.run(1.0)
    line = school.leg.bandwidth
    line.on_loss(0.9, 1_000_000, school.pair.now)
    line.on_round_trip(3.0, school.pair.now, 1_000_000, school.pair.now)
    line.tick(school.pair.now + 100)
    assert set(school.run(1.0)) == {2}


def test_without_probing_nothing_is_tried() -> None:
    school = Class("probing")
    school.run(5.0)
    assert school.leg.bandwidth.budget == START_BPS
    assert all(rtx not in school.anna.streams for rtx in school.anna.repairs)


def test_without_nack_the_teacher_is_not_asked() -> None:
    for without in ((), ("nack",)):
        school = Class(*without)
        lost = iter(range(10_000))
        school.pair.lose_upstream = lambda packet, lost=lost: next(lost) % 20 == 7  # type: ignore[misc]
        school.run(2.0)
        assert bool(school.teacher.nacked) is not bool(without)


def test_a_camera_keeps_to_its_smallest_layer_until_the_line_was_tried() -> None:
    school = Class("nack")
    school.leg.bandwidth.probe.next_at = school.pair.now + 1000
    assert set(school.run(3.0)) == {0}
    school.leg.bandwidth.tried = True
    assert school.run(1.0)[-1] == 1


def test_trouble_is_acted_on_at_once() -> None:
    school = Class()
    school.widen(5_000_000)
    school.run(4.0)
    school.pair.report("anna", "subscriber", [rtcp_writer.build_remb(1, 600_000, [])])
    school.run(0.1)
    school.leg.allocate_at = school.pair.now + 100
    school.pair.report("anna", "subscriber", [rtcp_writer.build_remb(1, 200_000, [])])
    assert set(school.run(1.0)[2:]) == {0}


def test_sound_is_counted_with_what_carries_it() -> None:
    school = Class()
    school.pair.room.wish("anna", {"teacher camera": Wish(720, visible=False)}, school.pair.now)
    school.run(2.0)
    sound = school.pair.room._peers["teacher"].sources["microphone"].layers[0]
    assert sound is not None
    assert school.leg.liked * 0.95 == pytest.approx(sound.bps(school.pair.now) * 1.4, rel=0.05)


def test_while_there_may_be_a_queue_reports_leave_sooner() -> None:
    school = Class()
    school.run(3.0)
    assert reports(school) <= 3
    line = school.leg.bandwidth
    line.on_round_trip(0.05, school.pair.now, 0, school.pair.now)
    line.on_round_trip(0.25, school.pair.now + 1, 0, school.pair.now)
    assert line.doubtful
    assert reports(school) >= 6


def reports(school: Class) -> int:
    """How often Anna is sent sender reports within two seconds."""
    count = 0
    for _ in range(100):
        school.pair.report("teacher", "publisher", school.teacher.reports(school.pair.now))
        count += any(found.leg == "subscriber" for found in school.pair.tick())
    return count


def test_a_rate_is_not_measured_over_one_picture() -> None:
    school = Class()
    school.run(2.0)
    school.leg.measure(school.pair.now)
    before = school.leg.media_bps
    assert before > 0
    school.pair.tick()
    school.leg.measure(school.pair.now)
    assert school.leg.media_bps == before
