"""A viewer behind a narrow line, simulated: sound survives, pictures fit, and a wide line is used."""

import pytest

from signaling.core.bandwidth import MAX_BPS, MIN_BPS, PATIENCE_S, STALE_S, START_BPS, Bandwidth
from signaling.core.model import Wish
from signaling.core.probing import FIRST_S, PROBE_S, SETTLE_S
from tests.support.lossy_link import LossyLink
from tests.support.media_room import RoomPair


def watch(bps: int, seconds: float, *, remb: bool) -> tuple[RoomPair, LossyLink, list[list[int]]]:
    """Return the layers of the pictures of each second; q, h, f cost 160, 480 and 960 kbit/s."""
    pair = RoomPair()
    teacher = pair.publisher("teacher")
    anna = pair.viewer("anna")
    link = LossyLink(pair, anna, bps, remb=remb)
    pair.lose = link.lose
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    shown: list[list[int]] = []
    for _ in range(round(seconds)):
        video = pair.video_ssrc("teacher camera") if pair.slots else 0
        before = len(anna.pictures(video))
        for step in range(50):
            pair.send("teacher", [teacher.speak(pair.now)])
            if step % 2 == 0:
                pair.send("teacher", teacher.show(pair.now, size=720))
            if step == 10:
                pair.report("teacher", "publisher", teacher.reports(pair.now))
            pair.tick()
            link.report()
        video = pair.video_ssrc("teacher camera")
        shown.append([layer for layer, _, _, _ in anna.pictures(video)[before:]])
    return pair, link, shown


@pytest.mark.parametrize("remb", [True, False])
def test_300_kbit_keeps_sound_and_a_small_picture(remb: bool) -> None:
    pair, link, shown = watch(300_000, 60, remb=remb)
    sound = pair.audio_ssrc("teacher microphone")
    assert link.dropped.get(sound, 0) <= 0.03 * 50 * 60
    late = shown[10:]
    assert sum(0 in layers and len(layers) > 15 for layers in late) >= 0.85 * len(late)
    assert sum(delay > 0.25 for delay in link.delays) <= 0.1 * len(link.delays)


@pytest.mark.parametrize("remb", [True, False])
def test_a_megabit_shows_the_middle_layer(remb: bool) -> None:
    _, link, shown = watch(900_000, 60, remb=remb)
    late = shown[10:]
    assert sum(1 in layers and len(layers) > 15 for layers in late) >= 0.8 * len(late)
    assert sum(delay > 0.25 for delay in link.delays) <= 0.15 * len(link.delays)


@pytest.mark.parametrize("remb", [True, False])
def test_a_wide_line_is_used_within_seconds(remb: bool) -> None:
    _, link, shown = watch(20_000_000, 12, remb=remb)
    assert set(shown[-1]) == {2}
    assert link.dropped == {}
    assert min(second for second, layers in enumerate(shown) if 2 in layers) <= 8


# --- the witnesses, one by one --------------------------------------------------------------------------


def line(*, rtt: float | None = None) -> Bandwidth:
    made = Bandwidth(0.0)
    made.budget = 1_000_000
    made.tried = True
    if rtt is not None:
        made.on_round_trip(rtt, 0.1, 500_000, 0.2)
    return made


def test_loss_is_cut_to_what_arrived() -> None:
    found = line()
    found.on_loss(0.05, 1_000_000, 1.0)
    found.on_loss(0.0, 1_000_000, 2.0)
    assert found.budget == 1_000_000
    found.on_loss(0.2, 800_000, 3.0)
    assert found.budget == 720_000
    found.on_loss(0.2, 700_000, 3.5)  # speaks of the time before
    assert found.budget == 720_000
    found.on_loss(0.6, 700_000, 5.0)  # so much is no accident
    assert found.budget == 252_000
    found.on_loss(0.5, 100_000, 5.3)  # of the 700 000 that were sent before
    assert found.budget == 252_000
    found.on_loss(0.9, 100_000, 5.5)  # so soon nothing is believed that leaves no picture at all
    assert found.budget == 150_000
    for second in range(10, 20):
        found.on_loss(1.0, 100_000, second)
    assert found.budget == MIN_BPS


def test_loss_without_a_queue_may_be_radio() -> None:
    found = line(rtt=0.05)
    for step, loss in enumerate((0.15, 0.24, 0.05, 0.24, 0.1, 0.2, 0.14)):
        found.on_loss(loss, 1_000_000, 1.0 + step / 4)
    assert found.flowing
    assert found.budget == 1_000_000
    for step in range(4):
        found.on_loss(0.24, 1_000_000, 4.0 + step / 4)
    assert found.budget == 880_000  # but not so much for long
    found = line(rtt=0.05)
    found.on_round_trip(0.14, 1.1, 1_000_000, 1.3)  # a queue, too short to be acted on by itself
    found.on_loss(0.15, 1_000_000, 1.4)
    assert found.budget == 925_000


def test_a_round_trip_that_grows_is_a_queue() -> None:
    found = line(rtt=0.05)
    found.on_round_trip(0.24, 1.0, 800_000, 1.1)
    assert found.doubtful
    found.on_round_trip(0.24, 1.0, 800_000, 1.3)  # the same report, answered again
    assert found.budget == 1_000_000
    found.on_round_trip(0.10, 2.0, 800_000, 2.1)
    assert not found.doubtful
    found.on_round_trip(0.24, 3.0, 800_000, 3.1)
    found.on_round_trip(0.24, 3.3, 800_000, 3.4)
    assert found.budget == 680_000
    found.on_round_trip(0.40, 3.6, 600_000, 3.7)  # it has to drain first
    assert found.budget == 680_000
    found.on_round_trip(0.40, 5.0, 600_000, 5.1)  # one that is so long is enough
    assert found.budget == 510_000
    for second in range(40, 50):  # another way, longer from now on
        found.on_round_trip(0.40, second, 500_000, second)
    assert found.budget == 510_000


def test_one_very_long_round_trip_is_enough() -> None:
    found = line(rtt=0.05)
    found.on_round_trip(0.29, 1.0, 800_000, 1.3)
    assert found.budget == 1_000_000
    found = line(rtt=0.05)
    found.on_round_trip(0.30, 1.0, 800_000, 1.3)
    assert found.budget == 680_000


def test_remb_is_believed_when_it_falls() -> None:
    found = line()
    found.on_remb(300_000, 800_000, 1.0, 1.0)  # the first one is only behind
    for step in range(1, 30):
        found.on_remb(int(300_000 * 1.08**step), 9_000_000, 1.0, 1.0 + step)
    assert found.budget == 1_000_000
    found.on_remb(400_000, 800_000, 1.0, 40.0)
    assert found.budget == 400_000
    assert found.congested_at == 40.0
    found.on_remb(700_000, 600_000, 1.0, 40.5)  # still speaks of the time before
    assert found.budget == 400_000
    found.on_remb(900_000, 600_000, 1.0, 42.0)
    assert found.budget == 750_000  # a quarter more than was sent
    found.on_remb(800_000, 700_000, 1.2, 44.0)
    assert found.budget == 960_000  # and what belongs to it on the line
    found.on_remb(500_000, 700_000, 1.2, 46.0)
    assert found.budget == 600_000


def test_a_low_remb_that_stands_still_says_nothing_and_none_is_boundless() -> None:
    found = line()
    for step in range(20):
        found.on_remb(200_000, 800_000, 1.0, step / 2)
    assert found.budget == 1_000_000
    found.on_remb(0, 800_000, 1.0, 11.0)
    assert found.budget == MIN_BPS
    found.on_remb(1 << 80, 1 << 70, 1.0, 20.0)
    assert found.budget == MAX_BPS


def test_probes_lead_up() -> None:
    found = line(rtt=0.05)
    assert found.asks  # a second look before the first probe
    assert found.padding(9_000_000, 500_000, 0.02, 0.2 + FIRST_S / 2) == 0
    assert found.padding(900_000, 500_000, 0.02, 1.0) == 0  # enough already
    found.asks = False
    assert found.padding(9_000_000, 500_000, 0.02, 1.0) == 1_500_000 * 0.02 / 8
    found.probe.owed -= 5_000  # packets are larger than that
    assert found.padding(9_000_000, 500_000, 0.02, 1.02) == 2 * 3_750 - 5_000
    assert found.padding(9_000_000, 500_000, 0.02, 1.0 + PROBE_S) == 0
    assert found.asks
    found.on_round_trip(0.05, 1.0 + PROBE_S, 1_000_000, 1.3)
    assert found.budget == 2_000_000
    found.on_loss(0.4, 1_000_000, 3.0)  # What was gained did not hold,
    assert found.probe.next_at == 3.0 + PATIENCE_S  # so it is not tried again soon.


def test_a_probe_is_no_reason_to_send_less() -> None:
    found = line(rtt=0.05)
    found.on_remb(900_000, 800_000, 1.0, 0.5)
    found.padding(9_000_000, 800_000, 0.02, 1.0)
    found.on_remb(700_000, 800_000, 1.0, 1.2)
    assert found.budget == 1_000_000
    assert found.probe.until is None
    found.padding(9_000_000, 800_000, 0.02, 9.0)
    found.on_loss(0.5, 800_000, 9.1)  # but loss is
    assert found.budget == 360_000
    assert found.probe.until is None


def test_trouble_after_a_gain_is_remembered_for_a_while() -> None:
    found = line(rtt=0.05)
    waits = []
    for begin in (10.0, 40.0, 170.0):
        found.padding(99_000_000, 0, 0.02, begin)
        found.on_round_trip(0.05, begin + PROBE_S, 0, begin + 0.3)
        found.on_loss(0.3, 500_000, begin + 2.0)
        waits.append(found.probe.next_at - begin - 2.0)
    assert waits == [PATIENCE_S, 2 * PATIENCE_S, PATIENCE_S]
    found.padding(99_000_000, 0, 0.02, 190.0)
    found.on_round_trip(0.05, 190.0 + PROBE_S, 0, 190.3)
    found.padding(99_000_000, 0, 0.02, 191.0)
    found.on_loss(0.3, 500_000, 191.2)  # It was the next look that was too much.
    assert found.probe.next_at < 191.2 + PATIENCE_S


def test_nobody_answers() -> None:
    found = line()
    found.padding(9_000_000, 0, 0.02, 2.0)
    found.tick(2.0 + PROBE_S + SETTLE_S)
    assert found.budget == 2_000_000
    found.on_remb(900_000, 500_000, 1.0, 4.0)
    found.tick(4.0 + STALE_S + 0.1)
    assert found.remb is None
    assert found.budget == START_BPS


def test_the_first_look_waits_for_a_line_at_rest() -> None:
    found = Bandwidth(0.0)
    assert found.padding(9_000_000, 0, 0.02, 0.9) == 0
    assert found.padding(9_000_000, 0, 0.02, 1.0) > 0  # Nobody answers: then without.
    found = Bandwidth(0.0)
    for at, rtt in ((0.5, 0.4), (0.8, 0.3), (1.1, 0.2), (1.4, 0.18)):  # the first picture is on its way
        assert found.padding(9_000_000, 0, 0.02, at) == 0
        found.asks = False
        found.on_round_trip(rtt, at - 0.1, 0, at)
        assert found.asks == (at < 1.4)
    assert found.padding(9_000_000, 0, 0.02, 1.5) > 0


def test_what_is_sent_on_trust_is_the_first_look() -> None:
    for queue, budget in ((0.0, 2_000_000), (0.25 + 0.01 + 0.0025, 900_000), (9.9, MIN_BPS)):
        found = Bandwidth(0.0)
        found.reach = 2_000_000
        found.on_round_trip(0.05, 0.1, 0, 0.2)
        assert found.padding(2_000_000, 0, 0.02, 1.0) == 0, "no copies besides"
        assert found.probe.bps == 2_000_000
        assert found.padding(2_000_000, 0, 0.02, 1.02) == 0
        found.on_round_trip(0.05 + queue, 1.0 + PROBE_S, 0, 1.5)
        assert found.tried
        assert found.budget == pytest.approx(budget, rel=0.01)


def test_a_joiner_sees_the_only_layer_there_is_at_once_and_goes_on_seeing_it() -> None:
    pair = RoomPair()
    teacher = pair.publisher("teacher", rids=("f",))

    def send() -> None:
        """Send 2 Mbit/s, more than a new line is believed to carry."""
        pair.send("teacher", [teacher.speak(pair.now)])
        pair.send("teacher", teacher.show(pair.now, size=5_000))

    for _ in range(100):
        send()
        pair.tick()
    anna = pair.viewer("anna")
    link = LossyLink(pair, anna, 10_000_000, remb=True)
    pair.lose = link.lose
    pair.room.wish("anna", {"teacher camera": Wish(720)}, pair.now)
    video = pair.video_ssrc("teacher camera")
    shown = []
    for _ in range(250):
        send()
        pair.tick()
        link.report()
        shown.append(len(anna.pictures(video)) if video in anna.streams else 0)
    assert shown[20] > 0, "within 400 ms"
    gaps = [later - before for before, later in zip(shown[20::10], shown[30::10], strict=False)]
    assert min(gaps) > 0, gaps


def test_the_first_look_is_at_what_was_guessed() -> None:
    for queue, budget in ((0.0, START_BPS), (0.25 + 0.01 + 0.0025, START_BPS * 0.45), (9.9, MIN_BPS)):
        found = Bandwidth(0.0)
        found.on_round_trip(0.05, 0.1, 0, 0.2)
        assert found.padding(200_000, 0, 0.02, 1.0) > 0  # also when no more is wanted
        assert found.probe.bps == 220_000
        found = Bandwidth(0.0)
        found.on_round_trip(0.05, 0.1, 0, 0.2)
        found.padding(9_000_000, 0, 0.02, 1.0)
        assert found.probe.bps == START_BPS
        assert not found.tried
        found.on_round_trip(0.05 + queue, 1.0 + PROBE_S, 0, 1.5)
        assert found.tried
        assert found.budget == pytest.approx(budget, rel=0.01)
    found = Bandwidth(0.0)
    found.on_loss(0.5, 500_000, 0.5)
    assert found.tried
