"""Token buckets: bursts pass, floods wait, time gives back, memory is bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.gateway_limits import Buckets, Limits, Rate


def test_a_burst_passes_and_then_one_waits() -> None:
    buckets = Buckets(Rate(2, 3))
    assert [buckets.take("a", 10.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert buckets.take("b", 10.0) == 0.0


def test_time_gives_tokens_back_up_to_the_burst() -> None:
    buckets = Buckets(Rate(2, 3))
    for _ in range(3):
        buckets.take("a", 0.0)
    assert buckets.take("a", 0.25) == pytest.approx(0.25)
    assert buckets.take("a", 0.5) == 0.0
    assert [buckets.take("a", 1000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_asking_takes_nothing() -> None:
    buckets = Buckets(Rate(1, 1))
    assert buckets.wait("a", 0.0) == 0.0
    assert buckets.take("a", 0.0) == 0.0
    assert buckets.wait("a", 0.0) == 1.0
    assert buckets.wait("a", 0.0) == 1.0


def test_a_clock_that_stands_gives_nothing() -> None:
    buckets = Buckets(Rate(1, 1))
    assert buckets.take("a", 5.0) == 0.0
    assert buckets.take("a", 4.0) == 1.0


def test_invented_keys_do_not_fill_the_memory() -> None:
    buckets = Buckets(Rate(1, 2), max_keys=16)
    for number in range(1000):
        buckets.take(f"key {number}", 0.0)
    assert len(buckets) <= 16
    assert buckets.take("key 999", 0.0) == 0.0
    assert buckets.take("key 999", 0.0) == 1.0


@given(st.lists(st.floats(0, 10), max_size=60))
def test_never_more_than_the_burst_and_the_rate_allow(pauses: list[float]) -> None:
    buckets, now, taken = Buckets(Rate(2, 5)), 0.0, 0
    for pause in pauses:
        now += pause
        taken += buckets.take("a", now) == 0.0
        assert taken <= 5 + 2 * now + 1e-6


def test_the_limits_name_every_event_of_the_wire() -> None:
    assert set(Limits().events) == {"command", "signal", "media", "history", "resume"}
