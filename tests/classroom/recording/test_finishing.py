"""Manifests of what captures have given: their tracks, their clock, and the gaps."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.recording import finishing
from classroom.recording.finishing import Taken
from classroom.recording.manifest import Ended, Gap, Segment, Tick
from tests.support.spools import heading, spooled

STARTED = spooled().started_at


def segment(name: str, start: int, duration: int) -> Segment:
    return Segment(
        id=name,
        file=f"{name}.webm",
        mime='audio/webm; codecs="opus"',
        codec="opus",
        size="best",
        start=start,
        duration=duration,
    )


def taken(number: int, *stretches: tuple[int, int], **values: object) -> Taken:
    """Return what capture `number` gave: a segment for each stretch of class time."""
    segments = tuple(
        segment(f"{number:06d}b{count}", start, end - start) for count, (start, end) in enumerate(stretches)
    )
    end = max((end for _, end in stretches), default=0)
    plain = {
        "number": number,
        "head": heading(kind="microphone"),
        "segments": segments,
        "clock": (),
        "lost": (),
        "begin": min((start for start, _ in stretches), default=0),
        "end": end,
        "shown": end,
        "over": "stopped",
    }
    return Taken(**(plain | values))  # type: ignore[arg-type]


def covers(found: Segment) -> Iterator[tuple[int, int]]:
    yield found.start, found.start + found.duration


def gaps(
    *parts: Taken, duration: int = 100_000, pauses: Iterable[tuple[int, int]] = ()
) -> list[tuple[str, int, int]]:
    paused = tuple(Gap(start=start, end=end, why="paused") for start, end in pauses)
    ended = Ended(ended_at=STARTED + duration, duration=duration, reason="ended", gaps=paused)
    found = finishing.complete(spooled(), parts, ended, covers)
    return [(gap.why, gap.start, gap.end) for gap in found.gaps]


def test_tracks_are_in_the_order_of_their_beginning_and_so_are_their_segments() -> None:
    parts = (
        taken(3, (50, 60), head=heading(kind="camera", track="a")),
        taken(2, (20, 30), (5, 9), head=heading(kind="microphone", track="b")),
        taken(1, head=heading(kind="microphone", track="c")),
        taken(4, (70, 80), head=heading(kind="microphone", track="b")),
    )
    found = finishing.so_far(spooled(), parts)
    assert [(track.id, track.kind, [each.start for each in track.segments]) for track in found.tracks] == [
        ("b", "microphone", [5, 20, 70]),
        ("a", "camera", [50]),
    ]
    assert (found.duration, found.complete, found.version) == (80, False, 0)


def test_it_is_as_long_as_said_or_as_what_there_is() -> None:
    for said, expected in ((70_000, 80_000), (90_000, 90_000)):
        ended = Ended(ended_at=0, duration=said, reason="ended")
        found = finishing.complete(spooled(), [taken(1, (0, 80_000))], ended, covers)
        assert (found.duration, found.complete, found.version) == (expected, True, 1)


def test_the_clock_is_told_where_it_went_otherwise() -> None:
    steady = tuple(Tick(wall=STARTED + t, t=t) for t in (10, 5_010))
    stepped = (Tick(wall=STARTED + 7_000, t=7_019), Tick(wall=STARTED + 60_000, t=9_000))
    found = finishing.so_far(spooled(), [taken(1, clock=stepped), taken(2, clock=steady)])
    assert [(tick.wall - STARTED, tick.t) for tick in found.clock] == [(0, 0), (60_000, 9_000)]


def test_pauses_are_gaps_and_end_with_the_recording() -> None:
    assert gaps(pauses=((5_000, 6_000), (99_000, 200_000), (5_500, 7_000), (8, 8))) == [
        ("paused", 5_000, 7_000),
        ("paused", 99_000, 100_000),
    ]


@pytest.mark.parametrize("why", ["disk_full", "disk_slow", "failed", "damaged", "torn"])
def test_what_a_capture_lost_at_its_end_is_a_gap_until_the_next(why: str) -> None:
    cut = taken(1, (0, 10_000), over=why)
    assert gaps(cut) == [("lost", 10_000, 100_000)]
    assert gaps(cut, taken(2, (30_000, 40_000))) == [("lost", 10_000, 30_000)]
    other = taken(2, (20_000, 25_000), head=heading(kind="camera", track="other"))
    assert gaps(cut, other) == [("lost", 10_000, 20_000)]
    again = taken(3, (30_000, 40_000))
    assert gaps(cut, other, again) == [("lost", 10_000, 20_000), ("lost", 25_000, 30_000)]
    before = taken(2, (0, 5_000), begin=5_000)
    assert gaps(cut, before) == [("lost", 10_000, 100_000)]


@pytest.mark.parametrize("why", ["stopped", "gone", "bad", ""])
def test_an_end_in_good_order_is_no_gap(why: str) -> None:
    assert gaps(taken(1, (0, 10_000), over=why)) == []


def test_what_another_track_has_is_no_gap_and_neither_is_next_to_nothing() -> None:
    lost = taken(
        1, (0, 10_000), lost=((10_000, 20_000), (40_000, 40_199), (50_000, 50_200), (60_000, 60_000))
    )
    other = taken(2, (12_000, 15_000), (19_900, 30_000), head=heading(track="other"))
    assert gaps(lost, other) == [
        ("lost", 10_000, 12_000),
        ("lost", 15_000, 19_900),
        ("lost", 50_000, 50_200),
    ]
    assert gaps(lost, other, pauses=((9_000, 60_000),)) == [("paused", 9_000, 60_000)]


stretches = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6)


@given(lost=stretches, there=stretches, pauses=stretches)
def test_a_moment_is_in_one_gap_at_most_and_in_the_right_one(
    lost: list[tuple[int, int]], there: list[tuple[int, int]], pauses: list[tuple[int, int]]
) -> None:
    def scaled(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return [(start * 1_000, end * 1_000) for start, end in found]

    def has(found: list[tuple[int, int]], second: int) -> bool:
        return any(start <= second < end for start, end in found)

    parts = [taken(1, *(each for each in scaled(there) if each[0] < each[1]), lost=tuple(scaled(lost)))]
    found = gaps(*parts, duration=60_000, pauses=tuple(scaled(pauses)))
    for second in range(60):
        kinds = [why for why, start, end in found if start <= second * 1_000 < end]
        if has(pauses, second):
            assert kinds == ["paused"]
        elif has(lost, second) and not has(there, second):
            assert kinds == ["lost"]
        else:
            assert kinds == []
