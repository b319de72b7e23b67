"""Looks upwards: when they are taken, and what a round trip says of them."""

import pytest

from signaling.core.probing import FAILED_MOST_S, FAILED_S, FIRST_S, PROBE_S, REST_S, SETTLE_S, Probe


def test_a_short_round_trip_means_that_the_rate_works() -> None:
    probe = Probe(0.0)
    assert probe.next_at == FIRST_S
    assert probe.answered(0.0, 0.05, 1.0, 1.0) == 0  # nothing was asked
    probe.begin(600_000, 1.0)
    assert probe.answered(0.0, 0.05, 1.1, 1.2) == 0  # asked before it had ended
    assert probe.answered(0.012, 0.05, 1.0 + PROBE_S, 1.4) == 600_000  # so much longer is chance
    assert probe.until is None
    assert probe.next_at == 1.4 + REST_S
    assert probe.settle(9.0) == 0


def test_a_queue_tells_what_was_carried() -> None:
    probe = Probe(0.0)
    probe.begin(600_000, 1.0)
    # It took twice as long as it should: half came through, and nine tenths of that are taken.
    assert probe.answered(PROBE_S + 0.01 + 0.005, 0.1, 1.3, 1.5) == pytest.approx(270_000, abs=1)
    assert probe.next_at == 1.5 + FAILED_S
    waits = []
    for _ in range(4):
        begin = probe.next_at
        probe.begin(600_000, begin)
        probe.failed(begin)
        waits.append(probe.next_at - begin)
    assert waits == pytest.approx([FAILED_S * 1.5, FAILED_S * 2.25, FAILED_MOST_S, FAILED_MOST_S])
    begin = probe.next_at
    probe.begin(600_000, begin)
    probe.answered(0.0, 0.1, begin + PROBE_S, begin + 0.3)
    probe.failed(begin + 1.0)
    assert probe.next_at == begin + 1.0 + FAILED_S  # a success forgives


def test_silence_is_consent() -> None:
    probe = Probe(0.0)
    probe.begin(600_000, 1.0)
    assert probe.recent(1.0 + PROBE_S)
    assert probe.settle(1.0 + PROBE_S + SETTLE_S - 0.01) == 0
    assert probe.settle(1.0 + PROBE_S + SETTLE_S) == 600_000
    assert not probe.recent(1.0 + PROBE_S + SETTLE_S)
