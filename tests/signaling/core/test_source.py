import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import rtcp, rtcp_writer
from signaling.core.source import CLOCK_MEMORY_S, Clock, Layer, Source


def layer(codec: str = "VP8", kind: str = "camera") -> Layer:
    return Layer(Source("teacher", kind), 0, "q", 10, codec)  # type: ignore[arg-type]


@given(st.integers(0, 65535), st.lists(st.booleans(), min_size=1, max_size=200))
def test_report_counts_what_is_lost(first: int, arrived: list[bool]) -> None:
    arrived[0] = arrived[-1] = True
    found = layer()
    for offset, came in enumerate(arrived):
        if came:
            found.number((first + offset) & 0xFFFF, 0, 1.0)
    block = found.report_block(1.0)
    lost = arrived.count(False)
    assert block.lost == lost
    assert block.fraction == lost * 256 // len(arrived)
    assert block.highest == first + len(arrived) - 1
    assert found.report_block(1.0).fraction == 0
    assert rtcp.parse(rtcp_writer.build_rr(1, [block]))


def test_repaired_packets_are_not_lost_and_duplicates_do_not_go_below_zero() -> None:
    found = layer()
    for sequence in (10, 12, 11, 11, 11):
        found.number(sequence, 0, 1.0)
    assert found.report_block(1.0).lost == -2
    assert found.stats(1.0).lost == 0
    assert found.missing.recovered == 1


def test_jitter() -> None:
    found = layer()
    for sequence in range(100):
        found.number(sequence, 3000 * sequence, 1.0 + sequence / 30)
    assert found.jitter < 2
    for sequence in range(100, 200):
        found.number(sequence, 3000 * sequence, 1.0 + sequence / 30 + (0.01 if sequence % 2 else 0))
    assert found.stats(1.0).jitter_ms == pytest.approx(10, abs=1.5)


def test_last_report_and_delay() -> None:
    found = layer()
    found.number(1, 0, 1.0)
    assert found.capture_time(0) is None
    found.sender_report(rtcp.SenderReport(10, rtcp_writer.ntp(500.5), 90_000, 1, 1), 2.0)
    block = found.report_block(2.25)
    assert block.last_sr == (rtcp_writer.ntp(500.5) >> 16) & 0xFFFFFFFF
    assert block.delay == 65536 // 4
    assert found.capture_time(90_000 + 45_000) == 501.0
    assert found.capture_time(45_000) == 500.0


def test_liveness() -> None:
    found = layer()
    assert not found.live(1.0)
    found.number(1, 0, 1.0)
    found.last_at = 1.0
    assert found.live(1.9)
    assert not found.live(2.1)
    screen = layer(kind="screen")
    screen.number(1, 0, 1.0)
    screen.last_at = 1.0
    assert screen.live(3.9)


def test_clock_keeps_the_quickest_report_for_a_while() -> None:
    clock = Clock()
    clock.observe(100.0, 1.2)
    clock.observe(101.0, 2.1)
    assert clock.offset == pytest.approx(-98.9)
    clock.observe(102.0, 3.4)
    assert clock.offset == pytest.approx(-98.9)
    clock.observe(102.0 + CLOCK_MEMORY_S, 3.3 + CLOCK_MEMORY_S)
    assert clock.offset == pytest.approx(-98.7)


def test_groups() -> None:
    groups = {kind: Source("a", kind).group for kind in ("microphone", "camera", "screen", "screen_audio")}
    assert groups == {
        "microphone": "person",
        "camera": "person",
        "screen": "screen",
        "screen_audio": "screen",
    }
