"""Shares of loss: over enough packets, over not too long, and never outside of 0 to 1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.loss import (
    HALF_LIFE_S,
    LEAST,
    LOOK_S,
    STALE_S,
    LossWindow,
    ReportedLoss,
    beyond,
    together,
)


def window(*looks: tuple[int, float, float]) -> LossWindow:
    made = LossWindow()
    for expected, lost, now in looks:
        made.look(expected, lost, now)
    return made


def test_a_share_is_of_what_came_between_two_looks() -> None:
    assert window((1000, 500, 0.0)).share is None, "what was before the first look is unknown"
    found = window((1000, 500, 0.0), (1100, 510, 1.0))
    assert (found.share, found.expected, found.lost) == (0.1, 100, 10)
    found.look(1200, 510, 2.0)
    assert found.share == 5 / 150, "the newest counts most"


def test_looks_may_come_as_often_as_they_like() -> None:
    found = window((0, 0, 0.0), (100, 10, 1.0), (200, 100, 1.0 + LOOK_S / 2))
    assert found.share == 0.1


def test_few_packets_are_waited_for() -> None:
    found = window((0, 0, 0.0), (LEAST - 1, 9, 1.0))
    assert found.share is None
    found.look(LEAST, 10, 2.0)
    assert found.share == 10 / LEAST


def test_silence_makes_an_answer_stale() -> None:
    found = window((0, 0, 0.0), (100, 50, 1.0), (101, 50, 1.0 + STALE_S - 0.1))
    assert found.share == 0.5
    found.look(101, 50, 1.0 + STALE_S)
    assert (found.share, found.expected) == (None, 0)
    found.look(201, 50, 2.0 + STALE_S)
    assert found.share == 0.0, "what is stale is forgotten"


def test_a_late_packet_does_not_make_less_than_nothing() -> None:
    assert window((0, 0, 0.0), (100, 0, 1.0), (200, -5, 2.0)).share == 0.0
    assert window((0, 0, 0.0), (100, 10, 1.0), (200, 5, 2.0)).share == 5 / 150


def test_counters_that_begin_anew_are_a_beginning() -> None:
    found = window((0, 0, 0.0), (1000, 100, 1.0), (50, 50, 2.0))
    assert found.share == 0.1, "the old answer, until there is a new one"
    found.look(150, 60, 3.0)
    assert found.share == 60 / 600


def test_windows_together_count_by_packets() -> None:
    loud = window((0, 0, 0.0), (300, 30, 1.0))
    quiet = window((0, 0, 0.0), (100, 0, 1.0))
    assert together(loud, quiet, LossWindow()) == 30 / 400
    assert together(LossWindow()) is None
    assert together() is None


@pytest.mark.parametrize(
    ("share", "known", "own"),
    [(0.1, 0.0, 0.1), (0.1, 0.1, 0.0), (0.05, 0.1, 0.0), (0.19, 0.1, 0.1), (0.5, 1.0, 0.0)],
)
def test_what_was_missing_before_is_not_lost_again(share: float, known: float, own: float) -> None:
    assert beyond(share, known) == pytest.approx(own)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(-1e6, 1e6), st.floats(0, 5))))
def test_whatever_is_counted_a_share_is_a_share(looks: list[tuple[int, float, float]]) -> None:
    found, now = LossWindow(), 0.0
    for expected, lost, passed in looks:
        now += passed
        found.look(expected, lost, now)
        assert found.share is None or 0 <= found.share <= 1


def test_reports_fade() -> None:
    found = ReportedLoss()
    assert found.shares(0.0) is None
    found.add(LEAST - 1, 5, 5, 1.0)
    assert found.shares(1.0) is None, "too few to say"
    found = ReportedLoss()
    found.add(100, 20, 10, 1.0)
    assert found.shares(1.0) == (0.2, 0.1)
    found.add(100, 0, 0, 1.0 + HALF_LIFE_S)
    assert found.shares(2.0) == pytest.approx((10 / 150, 5 / 150))
    assert found.shares(1.0 + HALF_LIFE_S + STALE_S) is None


def test_more_than_all_cannot_have_been_missing() -> None:
    found = ReportedLoss()
    found.add(100, 100, 150, 1.0)
    assert found.shares(1.0) == (1.0, 1.0)
