"""What publishers are told that do not measure their line."""

import pytest

from signaling.core.uplink import MIN_BPS, START_BPS, UplinkRate

MOST = 4_000_000


def test_a_sender_that_follows_is_led_upwards_to_the_bound() -> None:
    rate = UplinkRate(MOST)
    assert rate.bps == START_BPS
    for _ in range(30):
        rate.update(0.0, rate.bps)
    assert rate.bps == MOST


def test_the_word_does_not_run_away_from_who_sends_little() -> None:
    rate = UplinkRate(MOST)
    for _ in range(30):
        rate.update(0.01, 300_000)
    assert rate.bps == START_BPS


def test_nobody_is_told_less_than_what_arrives_whole() -> None:
    rate = UplinkRate(MOST)
    rate.update(None, 2_500_000)
    assert rate.bps == 2_500_000
    rate.update(0.0, 9_000_000)
    assert rate.bps == MOST


@pytest.mark.parametrize("loss", [0.02, 0.05, 0.10])
def test_some_loss_changes_nothing(loss: float) -> None:
    rate = UplinkRate(MOST)
    rate.update(loss, 5_000_000)
    assert rate.bps == START_BPS


def test_loss_lowers_it_to_what_gets_through_and_not_below_sound() -> None:
    rate = UplinkRate(MOST)
    rate.update(0.2, 2_000_000)
    assert rate.bps == 900_000
    rate.update(0.2, 500_000)
    assert rate.bps == 450_000
    for _ in range(50):
        rate.update(0.9, 10_000)
    assert rate.bps == MIN_BPS
