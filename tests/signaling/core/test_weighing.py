"""Reports of few packets are put together before they count."""

import pytest

from signaling.core.weighing import LATEST_S, PACKETS, LineLoss


def test_few_packets_are_waited_for() -> None:
    line = LineLoss(0.0)
    assert line.add(5, 1.0, 0.0, 0.2) is None
    assert line.add(PACKETS - 6, 0.0, 0.0, 0.4) is None
    assert line.add(1, 1.0, 0.0, 0.6) == pytest.approx(2 / PACKETS)
    assert line.share == pytest.approx(2 / PACKETS / 4)
    assert line.add(PACKETS - 1, 9.0, 0.0, 0.7) is None  # anew
    assert line.add(PACKETS, 99.0, 0.0, 0.8) == 1.0  # a lie


def test_after_a_while_half_as_many_have_to_do() -> None:
    line = LineLoss(0.0)
    assert line.add(PACKETS // 2, 1.0, 0.0, LATEST_S) is None
    assert line.add(1, 0.0, 0.0, LATEST_S) == pytest.approx(1 / 13)


def test_what_never_came_to_us_is_no_fault_of_the_line() -> None:
    line = LineLoss(0.0)
    assert line.add(100, 10.0, 10.0, 0.1) == 0.0
    assert line.add(100, 19.0, 10.0, 0.2) == pytest.approx(0.1)
    assert line.add(100, 5.0, 500.0, 0.3) == 0.0
