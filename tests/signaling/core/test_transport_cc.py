import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import rtcp, transport_cc
from signaling.core.rtcp import MalformedRtcp
from signaling.core.transport_cc import ArrivalLog

TICK = 0.00025


def read(packets: list[bytes]) -> dict[int, float | None]:
    """All rounds of feedback as {number: arrival}, later rounds correcting earlier ones."""
    told: dict[int, float | None] = {}
    for data in packets:
        (found,) = rtcp.parse(data)
        assert isinstance(found, rtcp.TransportFeedback)
        feedback = transport_cc.parse(found.body)
        for offset, arrival in enumerate(feedback.arrivals):
            told[(feedback.base + offset) & 0xFFFF] = arrival
    return told


@given(
    st.integers(0, 65535),
    st.lists(st.tuples(st.integers(1, 30), st.floats(0, 0.5), st.booleans()), min_size=1, max_size=120),
)
def test_every_arrival_is_told_to_a_tick(first: int, steps: list[tuple[int, float, bool]]) -> None:
    log = ArrivalLog()
    packets: list[bytes] = []
    sent: dict[int, float] = {}
    number, now = first, 100.0
    for skip, wait, report in steps:
        log.add(number & 0xFFFF, now)
        sent[number & 0xFFFF] = now
        if report:
            packets += log.build(1, 2)
        number += skip
        now += wait
    packets += log.build(1, 2)
    told = read(packets)
    assert {key: value for key, value in told.items() if value is not None}.keys() == sent.keys()
    for key, arrival in sent.items():
        value = told[key]
        assert value is not None
        assert abs(value - arrival) < 2 * TICK
    assert log.build(1, 2) == []


def test_late_packet_is_told_in_the_next_round() -> None:
    log = ArrivalLog()
    log.add(10, 1.0)
    log.add(12, 1.01)
    first = log.build(1, 2)
    assert read(first)[11] is None
    log.add(11, 1.02)
    second = read(log.build(1, 2))
    assert second[11] == pytest.approx(1.02, abs=TICK)
    assert second[12] == pytest.approx(1.01, abs=TICK)


def test_rounds_are_numbered() -> None:
    log = ArrivalLog()
    rounds = []
    for number in range(3):
        log.add(number, 1.0)
        (data,) = log.build(1, 2)
        rounds.append(transport_cc.parse(data[12:]).round)
    assert rounds == [0, 1, 2]


def test_replay_does_not_change_the_arrival() -> None:
    log = ArrivalLog()
    log.add(5, 1.0)
    log.add(5, 2.0)
    assert read(log.build(1, 2)) == {5: pytest.approx(1.0, abs=TICK)}


def test_jump_starts_afresh_and_history_is_bounded() -> None:
    log = ArrivalLog()
    log.add(1, 1.0)
    log.add(30_000, 1.0)
    assert set(read(log.build(1, 2))) == {30_000}
    for number in range(transport_cc.HISTORY + 10):
        log.add((30_000 + number) & 0xFFFF, 1.0)
    assert len(log._arrivals) == transport_cc.HISTORY
    packets = log.build(1, 2)
    assert all(len(packet) < 1400 for packet in packets)
    assert len(packets) > 1


def test_a_long_silence_takes_two_packets() -> None:
    log = ArrivalLog()
    log.add(1, 1.0)
    log.add(2, 20.0)
    packets = log.build(1, 2)
    assert len(packets) == 2
    assert read(packets) == {1: pytest.approx(1.0, abs=TICK), 2: pytest.approx(20.0, abs=TICK)}


def test_forgotten_arrivals_end_the_round() -> None:
    log = ArrivalLog()
    log.add(1, 1.0)
    log._next = 65_538
    log._highest = 65_540
    assert log.build(1, 2) == []


@pytest.mark.parametrize(
    "body",
    [
        b"1234567",
        struct.pack(">HHI", 1, 5, 0),
        struct.pack(">HHIH", 1, 5, 0, 0x2000),
        struct.pack(">HHIH", 1, 1, 0, 0x2001),
        struct.pack(">HHIH", 1, 1, 0, 0x6001),
        struct.pack(">HHIHB", 1, 1, 0, 0x4001, 0),
    ],
)
def test_malformed(body: bytes) -> None:
    with pytest.raises(MalformedRtcp):
        transport_cc.parse(body)


@given(st.binary(max_size=64))
def test_anything_is_read_or_refused(body: bytes) -> None:
    try:
        found = transport_cc.parse(body)
    except MalformedRtcp:
        return
    assert len(found.arrivals) <= 65535
