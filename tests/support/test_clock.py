"""The clock of the tests is read as it was shown, and never where there is none."""

import math

import numpy as np

from tests.support import clock


def _picture(time: int) -> np.ndarray:
    drawn = np.full((360, 640), 90, dtype=np.uint8)
    for place in range(clock.CELLS):
        bit = time >> (clock.CELLS - 1 - place) & 1
        left, right = int(place * 640 / 24), int((place + 1) * 640 / 24)
        drawn[:60, left:right] = 235 * bit
        drawn[60:120, left:right] = 235 * (1 - bit)
    return drawn


def test_a_picture_tells_its_time() -> None:
    for time in (0, 1, 0x5A5A5A, 2**24 - 1):
        assert clock.read(_picture(time)) == time * clock.STEP_MS


def test_half_a_picture_tells_none() -> None:
    torn = _picture(12345)
    torn[60:120] = 128
    torn[:60] = 128
    assert clock.read(torn) is None


def test_tones_tell_when_they_begin_and_which_they_are() -> None:
    sound = np.zeros(clock.RATE * 3)
    for second in (1, 2):
        start = second * clock.RATE
        for sample in range(int(clock.RATE * 0.06)):
            sound[start + sample] = 0.4 * math.sin(2 * math.pi * (500 + 100 * second) * sample / clock.RATE)
    assert clock.beeps(sound) == [clock.Beep(1.0, 1), clock.Beep(2.0, 2)]
    assert clock.beeps(np.zeros(clock.RATE)) == []


def test_times_on_the_circle() -> None:
    assert clock.apart(20, clock.TURN_MS - 20) == 40
    assert clock.apart(clock.TURN_MS - 20, 20) == -40
