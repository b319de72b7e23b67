from hypothesis import given
from hypothesis import strategies as st

from signaling.core.bitrate import (
    FAILED_BACKOFF_S,
    FIRST_PROBE_S,
    MIN_BPS,
    PROBE_S,
    SETTLE_S,
    STALE_S,
    START_BPS,
    Bandwidth,
    RateMeter,
)


@given(st.lists(st.tuples(st.floats(0, 0.4), st.integers(0, 1500)), max_size=60))
def test_meter_counts_the_last_second(arrivals: list[tuple[float, int]]) -> None:
    meter = RateMeter()
    now = 10.0
    seen: list[tuple[float, int]] = []
    for wait, size in arrivals:
        now += wait
        meter.add(size, now)
        seen.append((now, size))
        newest = sum(size for at, size in seen if now - at < 0.9)
        oldest = sum(size for at, size in seen if now - at < 1.0001)
        assert newest * 8 <= meter.bps(now) <= oldest * 8
    assert meter.bps(now + 1.1) == 0


def test_meter_survives_a_clock_that_goes_back() -> None:
    meter = RateMeter()
    meter.add(100, 10.0)
    assert meter.bps(9.0) == 0


def test_loss_loop() -> None:
    line = Bandwidth(0.0)
    line.on_loss(0.0, START_BPS, 1.0)
    assert line.budget == int(START_BPS * 1.05)
    line.on_loss(0.0, START_BPS, 1.1)  # too soon after the last
    line.on_loss(0.0, 1000, 2.0)  # next to nothing was sent: proves nothing
    line.on_loss(0.05, START_BPS, 3.0)  # in between: keep
    assert line.budget == int(START_BPS * 1.05)
    line.on_loss(0.2, 500_000, 4.0)
    assert line.budget == 450_000
    line.on_loss(0.2, 450_000, 5.0)  # still speaks of the time before
    assert line.budget == 450_000
    line.on_loss(0.5, 400_000, 6.0)  # so much is no accident
    assert line.budget == 200_000
    line.on_loss(0.3, 0, 8.0)
    assert line.budget == 140_000
    for second in range(10, 20):
        line.on_loss(1.0, 100_000, 2 * second)
    assert line.budget == MIN_BPS


def test_a_round_trip_that_grows_is_a_queue() -> None:
    line = Bandwidth(0.0)
    line.on_round_trip(0.05, 500_000, 1.0)
    line.on_round_trip(0.20, 500_000, 2.0)
    line.on_round_trip(0.30, 500_000, 3.0)
    line.on_round_trip(0.10, 500_000, 4.0)
    line.on_round_trip(0.30, 500_000, 5.0)
    assert line.budget == START_BPS
    line.on_round_trip(0.30, 500_000, 6.0)
    assert line.budget == 425_000
    line.on_round_trip(0.30, 425_000, 6.5)
    line.on_round_trip(0.30, 425_000, 7.0)  # the queue has to drain first
    assert line.budget == 425_000
    for second in range(40, 50):  # another way, longer from now on
        line.on_round_trip(0.30, 400_000, second)
    assert line.budget == 425_000


def test_what_a_probe_gained_has_to_hold() -> None:
    line = Bandwidth(0.0)
    now = probe_through(line, 5_000_000, FIRST_PROBE_S)
    line.on_loss(0.3, 1_000_000, now + 2.0)
    assert line.budget == 700_000
    assert line.next_probe_at >= now + 2.0 + FAILED_BACKOFF_S
    line.on_loss(0.3, 1_000_000, now + 30.0)
    assert line.next_probe_at < now + 30.0 + 2 * FAILED_BACKOFF_S


def test_remb_leads_up_and_brakes_when_it_does_not_recover() -> None:
    line = Bandwidth(0.0)
    line.on_remb(900_000, 500_000, 1.0)
    assert line.budget == 900_000
    line.on_remb(50_000_000, 500_000, 2.0)
    assert line.budget == 1_800_000  # at most twice
    line.on_remb(1_000_000, 1_700_000, 3.0)  # fell below what is sent
    assert line.budget == 1_000_000
    assert line.congested_at == 3.0


def test_a_low_remb_that_grows_is_only_behind() -> None:
    line = Bandwidth(0.0)
    remb = 310_000
    line.on_remb(remb, 200_000, 0.5)
    for second in range(1, 8):
        remb = int(remb * 1.08)
        line.on_remb(remb, 700_000, second)
    assert line.budget == START_BPS
    line.on_remb(remb, 700_000, 8.0)
    assert line.budget == START_BPS
    line.on_remb(remb, 700_000, 9.0)
    assert line.budget == remb


def test_first_remb_alone_is_no_brake_and_zero_is_bounded() -> None:
    line = Bandwidth(0.0)
    line.on_remb(0, 600_000, 1.0)
    assert line.budget == START_BPS
    line.on_remb(0, 600_000, 2.0)
    assert line.budget == MIN_BPS
    line.on_remb(1 << 80, 0, 3.0)
    assert line.budget == 2 * MIN_BPS


def probe_through(line: Bandwidth, wanted: int, now: float) -> float:
    """Run one probe to its end; the time after it."""
    assert line.probe(wanted, 100_000, 0.02, now) > 0
    now += PROBE_S
    assert line.probe(wanted, 100_000, 0.02, now) == 0
    now += SETTLE_S
    line.tick(now)
    return now


def test_probes_double_what_is_known_to_work() -> None:
    line = Bandwidth(0.0)
    assert line.probe(5_000_000, 100_000, 0.02, FIRST_PROBE_S / 2) == 0
    assert line.probe(START_BPS, 100_000, 0.02, FIRST_PROBE_S) == 0  # enough already
    now = probe_through(line, 5_000_000, FIRST_PROBE_S)
    assert line.budget == 2 * START_BPS
    assert line.probe(5_000_000, 100_000, 0.02, now) == 0  # a moment's rest
    now = probe_through(line, 1_300_000, now + 1.0)
    assert line.budget == 1_430_000


def test_a_failed_probe_is_not_repeated_soon() -> None:
    line = Bandwidth(0.0)
    assert line.probe(2_000_000, 500_000, 0.02, 1.0) > 0
    line.on_loss(0.3, 900_000, 1.4)
    assert line.budget == int(START_BPS * 0.7)
    assert line.probe(2_000_000, 500_000, 0.02, 1.5) == 0
    assert line.probe(2_000_000, 500_000, 0.02, 1.4 + FAILED_BACKOFF_S - 0.1) == 0
    assert line.probe(2_000_000, 500_000, 0.02, 1.4 + FAILED_BACKOFF_S) > 0
    line.on_loss(0.3, 900_000, 11.0)
    assert line.next_probe_at >= 11.0 + 2 * FAILED_BACKOFF_S


def test_silence_forgets() -> None:
    line = Bandwidth(0.0)
    line.on_remb(900_000, 500_000, 1.0)
    line.tick(1.0 + STALE_S + 0.1)
    assert line.remb is None
    assert line.budget == START_BPS
