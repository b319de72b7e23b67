"""
Counters that wrap: RTP sequence numbers, timestamps, VP8 picture ids.

Inside the engine every counter is extended (an int that never wraps); the wire's few bits are taken off
at the edge only. This is what keeps comparisons in the rest of the code plain `<`.
"""


def unwrap(reference: int, value: int, bits: int = 16) -> int:
    """
    Return the extended counter nearest to `reference` whose low `bits` bits are `value`.

    Exactly half a turn ahead counts as behind (RFC 1982 leaves it open). The result may be negative when
    `reference` is small: a packet older than the first one.
    """
    size = 1 << bits
    distance = (value - reference) & (size - 1)
    return reference + (distance if distance < size >> 1 else distance - size)


def signed32(difference: int) -> int:
    """Return the difference of two RTP timestamps as a signed number of clock ticks."""
    difference &= 0xFFFFFFFF
    return difference - 0x100000000 if difference & 0x80000000 else difference
