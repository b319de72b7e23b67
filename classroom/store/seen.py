"""
Which parts of a recording somebody saw: a bit for every five seconds, the first one lowest. Pure.

A class of two hours is 180 octets, so it is written as a whole each time, and both of what two windows of
one person saw is one OR.
"""

from collections.abc import Iterable

SPAN_MS = 5000
LONGEST_MS = 24 * 3600_000  # Nothing is recorded for longer than a day: 2,160 octets.


def mark(parts: Iterable[tuple[int, int]], duration: int) -> bytes:
    """
    Return the bits of what lies in `parts` (ms, each from and up to), as far as the recording goes.

    A span counts when more than half of it was seen, the last one when its beginning was.
    """
    last = min(max(duration, 0), LONGEST_MS)
    bits = 0
    for start, end in parts:
        start, end = max(start, 0), min(end, last)
        first = (start + SPAN_MS // 2) // SPAN_MS
        behind = (end + SPAN_MS // 2) // SPAN_MS if end < last else -(-last // SPAN_MS)
        if behind > first and end > start:
            bits |= ((1 << (behind - first)) - 1) << first
    return _octets(bits)


def both(one: bytes, other: bytes) -> bytes:
    """Return what was seen in either."""
    return _octets(int.from_bytes(one, "little") | int.from_bytes(other, "little"))


def parts(seen: bytes) -> list[tuple[int, int]]:
    """Return what was seen as parts (ms, from and up to), in order, none touching the next."""
    bits = int.from_bytes(seen, "little")
    found: list[tuple[int, int]] = []
    at = 0
    while bits:
        unseen = (bits & -bits).bit_length() - 1
        bits >>= unseen
        length = (~bits & (bits + 1)).bit_length() - 1
        bits >>= length
        start = at + unseen
        at = start + length
        found.append((start * SPAN_MS, at * SPAN_MS))
    return found


def heat(everybody: Iterable[bytes]) -> list[int]:
    """
    Return how many saw each span.

    Counters stand upright: plane k holds bit k of all of them, so a person is a few additions of long
    numbers and not a loop over spans. A thousand people who saw two hours take milliseconds.
    """
    planes: list[int] = []
    for seen in everybody:
        carry = int.from_bytes(seen, "little")
        for place, plane in enumerate(planes):
            planes[place], carry = plane ^ carry, plane & carry
        if carry:
            planes.append(carry)
    length = max((plane.bit_length() for plane in planes), default=0)
    return [sum((plane >> span & 1) << place for place, plane in enumerate(planes)) for span in range(length)]


def _octets(bits: int) -> bytes:
    return bits.to_bytes(-(-bits.bit_length() // 8), "little")
