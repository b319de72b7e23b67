"""
The rewriter against an oracle that counts.

The oracle knows what was asked for (which numbers of which source were left out) and works out every
outgoing number by counting from the beginning of the source; it has no spans and no shifts.
"""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.core.rewriter import LATE_PACKETS, MAX_SPANS, Rewriter, Span

START = 5000


@dataclass
class Segment:
    source: str
    first: int
    base: int
    highest: int
    left_out: set[int] = field(default_factory=set)

    def index(self, number: int) -> int:
        return self.base + sum(1 for other in range(self.first, number) if other not in self.left_out)


class Oracle:
    def __init__(self) -> None:
        self.segments: list[Segment] = []

    def next_index(self) -> int:
        if not self.segments:
            return START
        last = self.segments[-1]
        return last.index(last.highest + 1)

    def switch(self, source: str, number: int) -> None:
        self.segments.append(Segment(source, number, self.next_index(), number - 1))


# A step is (action, size of the gap before it, how late): what arrives next.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "skip", "late", "switch"]),
        st.integers(0, 3),
        st.integers(1, 40),
    ),
    max_size=150,
)


@settings(max_examples=200)
@given(STEPS, st.integers(70_000, 1 << 30))
def test_contiguous_unique_and_reversible(steps: list[tuple[str, int, int]], first: int) -> None:
    rewriter: Rewriter[str] = Rewriter("none", START)
    oracle = Oracle()
    sent: dict[int, tuple[str, int]] = {}
    generation = 0

    def switch() -> None:
        nonlocal generation
        generation += 1
        source, number = f"source {generation}", first + 1000 * generation
        oracle.switch(source, number)
        rewriter.switch(source, number, 0, -1, 0)

    switch()
    for action, gap, late in steps:
        segment = oracle.segments[-1]
        number = segment.highest + 1 + gap
        if action == "switch":
            switch()
        elif action == "skip":
            rewriter.skip(number)
            segment.left_out.add(number)
            segment.highest = number
        else:
            if action == "late":
                number = segment.highest - late + 1
            span = rewriter.take(number, 0)
            if number < segment.first or number in segment.left_out:
                assert span is None
                continue
            assert span is not None
            assert span.source == segment.source
            index = number + span.shift
            assert index == segment.index(number)
            assert sent.setdefault(index, (segment.source, number)) == (segment.source, number)
            segment.highest = max(segment.highest, number)
        assert rewriter.next_index == oracle.next_index()
    for index, (source, number) in sent.items():
        found = rewriter.reverse(index & 0xFFFF)
        if found is None:
            assert len(rewriter._spans) >= MAX_SPANS // 2  # forgotten, never wrong
        else:
            assert (found[0].source, found[1]) == (source, number)


@dataclass(frozen=True)
class Picture:
    """A picture of `packets` packets in temporal layer `temporal`; `lost` of them never come."""

    packets: int
    temporal: int
    lost: frozenset[int]


PICTURES = st.lists(
    st.builds(
        Picture,
        st.integers(1, 4),
        st.integers(0, 2),
        st.one_of(st.just(frozenset()), st.frozensets(st.integers(0, 3), max_size=2)),
    ),
    max_size=60,
)


@settings(max_examples=200)
@given(PICTURES, st.integers(0, 2))
def test_pictures_are_left_out_whole_and_ids_stay_continuous(pictures: list[Picture], limit: int) -> None:
    rewriter: Rewriter[str] = Rewriter("none", START)
    rewriter.picture_id, rewriter.tl0 = 30, 7  # somebody else was shown before
    rewriter.switch("a", 70_000, 0, 500, 90)
    number, tl0 = 70_000, 89
    told: list[tuple[int, int, int]] = []  # index, picture id, source picture
    whole = True
    for offset, picture in enumerate(pictures):
        tl0 += picture.temporal == 0
        verdicts = set()
        for position in range(picture.packets):
            if position not in picture.lost:
                start = position == 0
                wanted = picture.temporal <= limit
                if not wanted and rewriter.skip_picture(number, 1000 + offset, start):
                    verdicts.add("left out")
                else:
                    verdicts.add("sent")
                    span = rewriter.take(number, 1000 + offset, 500 + offset, tl0)
                    assert span is not None
                    told.append((number + span.shift, 500 + offset + span.picture_shift, offset))
            else:
                whole = False
            number += 1
        assert len(verdicts) <= 1
    indices = [index for index, _, _ in told]
    assert indices == sorted(set(indices))
    ids: dict[int, int] = {}
    for _, picture_id, offset in told:
        assert ids.setdefault(offset, picture_id) == picture_id  # one id a picture
    assert len(set(ids.values())) == len(ids)
    if whole:
        assert indices == list(range(START, START + len(indices)))
        assert list(ids.values()) == list(range(31, 31 + len(ids)))
        assert all(pictures[offset].temporal <= limit for offset in ids)


def switched() -> Rewriter[str]:
    rewriter: Rewriter[str] = Rewriter("none", START)
    rewriter.switch("a", 100_000, 0, 10, 20)
    return rewriter


def shift(span: Span[str] | None) -> int:
    assert span is not None
    return span.shift


def test_rest_of_a_picture_whose_beginning_was_sent_is_sent() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1, 10, 20)
    assert not rewriter.skip_picture(100_001, 1, False)
    assert not rewriter.skip_picture(100_003, 2, True)  # after a gap: nobody knows what was lost
    assert not rewriter.skip_picture(100_004, 2, False)
    assert not rewriter.skip_picture(100_000, 9, True)


def test_loss_inside_a_left_out_picture_leaves_no_gap() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1, 10, 20)
    assert rewriter.skip_picture(100_001, 2, True)
    assert rewriter.skip_picture(100_004, 2, False)
    assert rewriter.take(100_002, 2, 11, 20) is None
    assert 100_005 + shift(rewriter.take(100_005, 3, 12, 21)) == START + 1


def test_the_lost_end_of_a_left_out_picture_is_not_sent_when_it_comes() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1, 10, 20)
    assert rewriter.skip_picture(100_001, 2, True)
    assert 12 + rewriter.span.picture_shift == 11
    rewriter.take(100_003, 3, 12, 21)
    assert rewriter.take(100_002, 2, 11, 20) is None  # its picture id went to the next picture
    assert rewriter.left_out(2)
    assert rewriter.fork().left_out(2)
    assert not rewriter.left_out(3)
    for timestamp in range(100, 400, 2):
        number = rewriter.highest + 1
        rewriter.take(number, timestamp)
        rewriter.skip_picture(number + 1, timestamp + 1, True)
    assert not rewriter.left_out(2)


def test_switching_after_a_picture_was_left_out() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1, 10, 20)
    assert rewriter.skip_picture(100_001, 2, True)
    rewriter.switch("b", 7, 0, 300, 40)
    assert 300 + rewriter.span.picture_shift == 11


def test_a_long_outage_does_not_show() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1)
    assert 200_000 + shift(rewriter.take(200_000, 2)) == START + 1
    rewriter.skip(300_000)
    assert rewriter.next_index == START + 2
    assert 300_001 + shift(rewriter.take(300_001, 2)) == START + 2


def test_too_late_is_dropped() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1)
    rewriter.take(100_000 + LATE_PACKETS, 2)
    assert rewriter.take(100_000, 1) is None
    assert rewriter.take(100_001, 1) is not None
    rewriter.skip(100_002)
    assert rewriter.take(100_002, 1) is not None  # a late packet has its number already


def test_switching_twice_at_once_and_the_last_timestamp() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1000, 10, 20)
    before = rewriter.last_timestamp
    rewriter.switch("b", 7, 50, 300, 40)
    assert rewriter.last_timestamp == before
    rewriter.switch("c", 9, 70, 600, 50)
    span = rewriter.take(9, 2000, 600, 50)
    assert span is not None
    assert (9 + span.shift, 600 + span.picture_shift, 50 + span.tl0_shift) == (START + 1, 11, 21)
    assert rewriter.last_timestamp == 2070
    rewriter.switch("sound", 9, 0, -1, 0)
    assert rewriter.picture_id == -1


def test_forks_go_separate_ways() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1, 10, 20)
    other = rewriter.fork()
    assert other.skip_picture(100_001, 2, True)
    assert 100_001 + shift(rewriter.take(100_001, 2, 11, 20)) == START + 1
    assert 100_002 + shift(other.take(100_002, 3, 12, 20)) == START + 1
    assert other.reverse(START) == (other._spans[1], 100_000)
    assert rewriter.take(100_001, 2) is not None
    assert other.take(100_001, 2) is None


def test_reverse_of_what_was_never_sent() -> None:
    rewriter = switched()
    rewriter.take(100_000, 1)
    assert rewriter.reverse(START + 1) is None
    assert rewriter.reverse(START - 1) is None


def test_spans_are_bounded() -> None:
    rewriter = switched()
    for number in range(100_000, 100_000 + 4 * MAX_SPANS, 2):
        rewriter.take(number, 1)
        rewriter.skip(number + 1)
    assert len(rewriter._spans) <= MAX_SPANS
    assert rewriter.take(100_000 + 3 * MAX_SPANS, 1) is not None
    assert rewriter.take(100_000 + 4 * MAX_SPANS - LATE_PACKETS + 2, 1) is None
