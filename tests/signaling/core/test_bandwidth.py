"""A viewer behind a narrow line, simulated: sound survives, pictures fit, and a wide line is used."""

import pytest

from signaling.core.model import Wish
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
