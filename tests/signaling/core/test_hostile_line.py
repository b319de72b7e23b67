"""
The rewriter under everything that a line and a viewer do at once: loss, reordering, copies, pictures left
out, switches between sources, and counters that wrap on the way out.

The oracle is slow and knows nothing of spans: it keeps every packet that went out and compares all of them.
"""

import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.core.rewriter import MAX_SPANS, Rewriter

START = 65_400  # the outgoing number wraps in every example


@dataclass(frozen=True)
class Sent:
    """A packet of a source: its picture and its place in it."""

    source: int
    number: int
    picture: int
    temporal: int
    start: bool
    tl0: int

    @property
    def timestamp(self) -> int:
        return (self.source + 1 << 24) + 3_000 * self.picture


@dataclass
class Line:
    """A viewer's line by seed. `loss` and `swaps` are shares."""

    seed: int
    loss: float
    swaps: float
    copies: float
    limit: int
    rewriter: Rewriter[int] = field(default_factory=lambda: Rewriter(-1, START))
    out: dict[int, tuple[Sent, int, int]] = field(default_factory=dict)  # index: (packet, timestamp, id)
    came: set[Sent] = field(default_factory=set)
    """What was sent, or left out in time."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def source(self, source: int) -> list[Sent]:
        """Return some pictures in three temporal layers, the first a key frame."""
        number, tl0 = self.chance.randrange(70_000, 200_000), self.chance.randrange(1 << 20)
        packets = []
        for picture in range(self.chance.randrange(2, 25)):
            temporal = (0, 2, 1, 2)[picture % 4]
            tl0 += temporal == 0
            for position in range(self.chance.randrange(1, 4)):
                packets.append(Sent(source, number, picture, temporal, position == 0, tl0))
                number += 1
        return packets

    def disturbed(self, packets: list[Sent]) -> list[Sent]:
        """Lose, swap and copy, but for the first packet: a switch happens at one that came."""
        found = [packets[0]] + [each for each in packets[1:] if self.chance.random() >= self.loss]
        for at in range(1, len(found) - 1):
            if self.chance.random() < self.swaps:
                other = min(at + self.chance.randrange(1, 6), len(found) - 1)
                found[at], found[other] = found[other], found[at]
        for at in range(len(found) - 1, 0, -1):
            if self.chance.random() < self.copies:
                found.insert(min(at + self.chance.randrange(1, 8), len(found)), found[at])
        return found

    def carry(self, source: int) -> None:
        """Switch to a source, and send what comes of it."""
        for position, packet in enumerate(self.disturbed(self.source(source))):
            if position == 0:
                # One picture later than what was sent last, as the flow does it.
                shift = self.rewriter.last_timestamp + 3_000 - packet.timestamp
                self.rewriter.switch(source, packet.number, shift, self.picture_id(packet), packet.tl0)
            self.take(packet)

    @staticmethod
    def picture_id(packet: Sent) -> int:
        return 1_000 * packet.source + packet.picture

    def take(self, packet: Sent) -> None:
        rewriter, number = self.rewriter, packet.number
        unwanted = packet.temporal > self.limit
        if unwanted and rewriter.skip_picture(number, packet.timestamp, packet.start):
            self.came.add(packet)
            return
        span = rewriter.take(number, packet.timestamp, self.picture_id(packet), packet.tl0)
        if span is None:
            # A copy; or others overtook it, and its place in a picture that was left out stays open.
            assert packet in self.came or rewriter.left_out(packet.timestamp)
            return
        self.came.add(packet)
        assert span.source == packet.source
        timestamp, picture = (
            packet.timestamp + span.timestamp_shift,
            self.picture_id(packet) + span.picture_shift,
        )
        entry = (packet, timestamp, picture)
        assert self.out.setdefault(number + span.shift, entry) == entry, "one number, two packets"

    def check(self) -> None:
        """Compare everything that went out."""
        sent = sorted(self.out.items())
        assert len({packet for packet, _, _ in self.out.values()}) == len(sent), "one packet, two numbers"
        for (index, (before, then, one)), (following, (after, now, other)) in pairwise(sent):
            assert (before.source, before.number) < (after.source, after.number), "the order is the source's"
            same = (before.source, before.picture) == (after.source, after.picture)
            assert (now == then) is same
            assert now >= then
            assert (other == one) if same else (other - one in range(1, 60)), "picture ids go up"
            if before.source == after.source:
                # No hole but for packets that did not come.
                lost = sum(
                    1
                    for number in range(before.number + 1, after.number)
                    if number not in self.numbers(before.source)
                )
                assert following - index - 1 <= lost
        for index, (packet, _, _) in self.out.items():
            found = self.rewriter.reverse(index & 0xFFFF)
            if found is None:
                assert len(self.rewriter._spans) >= MAX_SPANS // 2
            else:
                assert (found[0].source, found[1]) == (packet.source, packet.number)

    def numbers(self, source: int) -> set[int]:
        return {packet.number for packet in self.came if packet.source == source}


SHARES = st.sampled_from([0.0, 0.0, 0.05, 0.3])


@settings(max_examples=200)
@given(st.integers(0, 1 << 32), SHARES, SHARES, SHARES, st.integers(0, 2), st.integers(1, 6))
def test_whatever_a_line_does(
    seed: int, loss: float, swaps: float, copies: float, limit: int, switches: int
) -> None:
    line = Line(seed, loss, swaps, copies, limit)
    for source in range(switches):
        line.carry(source)
        line.check()


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_on_a_good_line_nothing_is_missing(limit: int) -> None:
    line = Line(limit, 0.0, 0.0, 0.0, limit)
    for source in range(6):
        line.carry(source)
    line.check()
    assert sorted(line.out) == list(range(START, START + len(line.out)))
    assert all(packet.temporal <= limit for packet, _, _ in line.out.values())
    ids = [picture for _, _, picture in (line.out[index] for index in sorted(line.out))]
    assert {later - earlier for earlier, later in pairwise(ids)} <= {0, 1}
