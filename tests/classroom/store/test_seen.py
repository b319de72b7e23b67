"""Bits of what was seen: nothing gets lost, and counting everybody is adding one by one."""

from hypothesis import given
from hypothesis import strategies as st

from classroom.store import seen
from classroom.store.seen import LONGEST_MS, SPAN_MS

HOUR = 3600_000
bitmaps = st.binary(max_size=40)


def test_a_span_counts_when_more_than_half_of_it_was_seen() -> None:
    assert seen.parts(seen.mark([(0, 5000)], HOUR)) == [(0, 5000)]
    assert seen.parts(seen.mark([(2499, 10_000)], HOUR)) == [(0, 10_000)]
    assert seen.parts(seen.mark([(2500, 7499)], HOUR)) == []
    assert seen.parts(seen.mark([(2500, 7500)], HOUR)) == [(5000, 10_000)]
    assert seen.mark([], HOUR) == b""


def test_the_end_counts_however_short_its_span_is() -> None:
    assert seen.parts(seen.mark([(9000, 11_000)], 11_000)) == [(10_000, 15_000)]
    assert seen.parts(seen.mark([(9000, 10_001)], 10_001)) == [(10_000, 15_000)]


def test_what_is_not_in_the_recording_was_not_seen() -> None:
    assert seen.mark([(20_000, 30_000), (-9000, -1), (8000, 3000)], 10_000) == b""
    assert seen.parts(seen.mark([(-(10**15), 10**15)], 10_000)) == [(0, 10_000)]
    assert seen.mark([(0, 10**15)], -5) == b""
    assert len(seen.mark([(0, 10**15)], 10**15)) == LONGEST_MS // SPAN_MS // 8


@given(bitmaps)
def test_parts_say_all(bitmap: bytes) -> None:
    found = seen.parts(bitmap)
    assert int.from_bytes(seen.mark(found, LONGEST_MS), "little") == int.from_bytes(bitmap, "little")
    edges = [edge for part in found for edge in part]
    assert edges == sorted(set(edges))


@given(bitmaps, bitmaps)
def test_both_is_either(one: bytes, other: bytes) -> None:
    together = seen.both(one, other)
    assert seen.both(other, one) == together
    assert seen.both(together, one) == together
    assert seen.heat([together]) == [min(n, 1) for n in seen.heat([one, other])]


@given(st.lists(bitmaps, max_size=20))
def test_heat_is_a_count(everybody: list[bytes]) -> None:
    counts = [0] * 320
    for bitmap in everybody:
        for start, end in seen.parts(bitmap):
            for span in range(start // SPAN_MS, end // SPAN_MS):
                counts[span] += 1
    while counts and not counts[-1]:
        counts.pop()
    assert seen.heat(everybody) == counts
