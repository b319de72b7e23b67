"""The order of packets: late, twice, missing, too many; and that nothing depends on the clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classroom.recording import frames
from classroom.recording.frames import Reorder
from signaling.core.capture import Rtp


def packet(number: int, arrival: float = 0.0, size: int = 10) -> Rtp:
    return Rtp(1, 0, "VP8", 0, 0, arrival, number, 0, bytes(size))


def numbers(found: list[Rtp]) -> list[int]:
    return [packet.number for packet in found]


def begun(at: int = 10) -> Reorder:
    """Return one that has begun: `at` is the next number."""
    order = Reorder()
    assert order.push(packet(at - 1)) == []
    assert numbers(order.wait(frames.BEGINNING_S)) == [at - 1]
    return order


def test_the_very_first_packets_may_have_overtaken_one_another() -> None:
    order = Reorder()
    assert order.push(packet(11)) == []
    assert order.push(packet(10, 0.01)) == []
    assert numbers(order.push(packet(12, 0.11))) == [10, 11, 12]
    assert order.push(packet(9, 0.12)) == []
    assert order.late == 1


def test_packets_in_order_go_straight_through() -> None:
    order = begun()
    assert [numbers(order.push(packet(n))) for n in (10, 11, 12)] == [[10], [11], [12]]


def test_what_comes_late_is_waited_for() -> None:
    order = begun()
    assert order.push(packet(12, 5.0)) == order.push(packet(11, 5.5)) == []
    assert numbers(order.push(packet(10, 5.99))) == [10, 11, 12]


def test_what_does_not_come_is_given_up_after_a_second() -> None:
    order = begun()
    assert order.push(packet(11, 5.0)) == order.push(packet(13, 5.5)) == order.wait(5.99) == []
    assert numbers(order.wait(6.0)) == [11]
    assert numbers(order.push(packet(12, 6.1))) == [12, 13]
    assert order.push(packet(10, 6.2)) == []
    assert order.late == 1


def test_doubles_are_dropped() -> None:
    order = begun()
    order.push(packet(10))
    order.push(packet(12))
    assert order.push(packet(10)) == order.push(packet(12)) == []
    assert order.late == 2


def test_only_so_much_waits() -> None:
    order = begun()
    for n in range(frames.MAX_KEPT):
        assert order.push(packet(11 + n)) == []
    assert len(order.push(packet(11 + frames.MAX_KEPT))) == frames.MAX_KEPT + 1
    order = begun()
    size = 60_000
    count = frames.MAX_KEPT_OCTETS // size
    for n in range(count):
        assert order.push(packet(11 + n, size=size)) == []
    assert len(order.push(packet(11 + count, size=size))) == count + 1


def test_flush_gives_all_and_goes_on_behind() -> None:
    order = begun()
    order.push(packet(12))
    order.push(packet(11))
    assert numbers(order.flush()) == [11, 12]
    assert order.flush() == []
    assert numbers(order.push(packet(13))) == [13]


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0, 0.3)), max_size=80))
def test_what_comes_out_ascends_and_is_what_came_in(came: list[tuple[int, float]]) -> None:
    order, now, out = Reorder(), 0.0, []
    for number, passed in came:
        now += passed
        out += order.push(packet(number, now))
        assert len(out) <= len(came)
    out += order.flush()
    assert numbers(out) == sorted(set(numbers(out)))
    assert len(out) + order.late == len(came)
