from hypothesis import given
from hypothesis import strategies as st

from signaling.core.bitrate import RateMeter


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
