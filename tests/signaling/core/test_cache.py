from hypothesis import given
from hypothesis import strategies as st

from signaling.core.cache import REPLAY_BYTES, REPLAY_PACKETS, Packet, Ring


def packet(number: int, *, key: bool = False, size: int = 10) -> Packet:
    made = Packet(number, number * 3000, False, bytes(size), 0.0)
    made.key = key
    return made


@given(st.lists(st.integers(100, 160), max_size=100))
def test_keeps_the_newest_and_refuses_duplicates(numbers: list[int]) -> None:
    ring = Ring(16)
    kept: set[int] = set()
    for number in numbers:
        newest = max(kept, default=-1)
        expected = number not in kept and number > newest - 16
        assert ring.put(packet(number)) is expected
        kept.add(number)
        for candidate in range(90, 170):
            found = ring.get(candidate)
            assert (found is not None) == (candidate in kept and candidate > max(kept) - 16) or (
                found is not None and found.number == candidate
            )
    assert ring.newest == max(kept, default=-1)


def test_replay_from_the_newest_key_frame() -> None:
    ring = Ring(64)
    assert ring.since_key() == []
    for number in (10, 11, 13, 14, 16):
        ring.put(packet(number, key=number in (10, 13)))
    assert [found.number for found in ring.since_key()] == [13, 14, 16]
    ring.put(packet(12, key=True))
    assert ring.key_number == 13


def test_no_replay_when_too_long_too_big_or_gone() -> None:
    ring = Ring(512)
    ring.put(packet(1, key=True))
    for number in range(2, REPLAY_PACKETS + 1):
        ring.put(packet(number))
    assert len(ring.since_key()) == REPLAY_PACKETS
    ring.put(packet(REPLAY_PACKETS + 1))
    assert ring.since_key() == []
    big = Ring(512)
    big.put(packet(1, key=True, size=REPLAY_BYTES - 1_000))
    assert big.since_key()
    big.put(packet(2, size=1_001))
    assert big.since_key() == []
    short = Ring(4)
    short.put(packet(1, key=True))
    short.put(packet(5))
    assert short.since_key() == []


def test_clear_forgets_packets_but_not_numbers() -> None:
    ring = Ring(4)
    ring.put(packet(8, key=True))
    ring.clear()
    assert ring.get(8) is None
    assert ring.since_key() == []
    assert ring.newest == 8
