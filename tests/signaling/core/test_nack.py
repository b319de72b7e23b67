import pytest

from signaling.core.nack import (
    FIRST_DELAY_S,
    MAX_MISSING,
    MAX_RESENT,
    MAX_TRIES,
    RESENT_MEMORY,
    Missing,
    Resent,
)


def test_asks_after_a_moment_and_then_backs_off() -> None:
    missing = Missing()
    missing.gap(10, 13, now=0.0)
    assert missing.due(0.01, 0.1) == []
    assert missing.due(FIRST_DELAY_S, 0.1) == [10, 11, 12]
    assert missing.arrived(11)
    assert not missing.arrived(11)
    assert missing.recovered == 1
    assert missing.due(0.1, 0.1) == []
    assert missing.due(0.13, 0.1) == [10, 12]
    assert missing.due(0.24, 0.1) == []
    assert missing.due(0.26, 0.1) == [10, 12]


@pytest.mark.parametrize("rtt", [0.0, 0.05, 10.0])
def test_gives_up(rtt: float) -> None:
    missing = Missing()
    missing.gap(5, 6, now=0.0)
    asked = 0
    for step in range(1, 400):
        asked += len(missing.due(step * 0.02, rtt))
    assert asked == MAX_TRIES
    assert missing.given_up == 1
    assert len(missing) == 0


def test_an_earlier_gap_after_a_later_one_is_not_delayed() -> None:
    missing = Missing()
    missing.gap(5, 6, now=1.0)
    missing.due(1.02, 0.4)
    missing.gap(8, 9, now=1.03)
    assert missing.due(1.05, 0.4) == [8]
    assert missing.due(1.045, 0.4) == []


def test_an_outage_becomes_a_key_frame_request() -> None:
    missing = Missing()
    missing.gap(0, MAX_MISSING, now=0.0)
    assert missing.given_up == 0
    missing.gap(200, 201, now=0.0)
    assert missing.overflowed
    assert len(missing) == 0
    assert missing.given_up == MAX_MISSING + 1


def test_a_key_frame_makes_older_holes_uninteresting() -> None:
    missing = Missing()
    missing.gap(10, 20, now=0.0)
    missing.key_frame(15)
    assert missing.due(1.0, 0.1) == [15, 16, 17, 18, 19]


def test_not_twice_within_a_round_trip_and_three_times_at_most() -> None:
    resent = Resent()
    assert resent.allow(1, 0.0, 0.05)
    assert not resent.allow(1, 0.04, 0.05)
    assert resent.allow(1, 0.06, 0.05)
    assert not resent.allow(1, 0.15, 5.0)
    assert resent.allow(1, 0.2, 5.0)
    assert MAX_RESENT == 3
    assert not resent.allow(1, 9.0, 0.05)


def test_memory_is_bounded() -> None:
    resent = Resent()
    for index in range(RESENT_MEMORY + 50):
        assert resent.allow(index, 0.0, 0.1)
    assert len(resent._sent) == RESENT_MEMORY


def test_what_came_because_it_was_asked_for_is_repaired() -> None:
    missing = Missing()
    missing.gap(10, 13, 0.0)
    assert missing.arrived(10), "overtaken on its way"
    assert missing.due(FIRST_DELAY_S, 0.05) == [11, 12]
    assert missing.arrived(11)
    assert not missing.arrived(11)
    assert (missing.recovered, missing.repaired) == (2, 1)


@pytest.mark.parametrize("uptime", [2.0**power + 17.3 for power in range(4, 24)])
def test_the_first_time_is_always_allowed(uptime: float) -> None:
    for rtt in (0.05, 0.1, 0.3):
        assert Resent().allow(1, uptime, rtt)  # now - (now - 0.1) < 0.1, after some hours of a machine's life
