"""Class time of journal entries, also when somebody sets the wall clock."""

from hypothesis import given
from hypothesis import strategies as st

from classroom.content.recording_clock import ClassClock
from classroom.recording.manifest import Tick

START = 1_790_000_000_000


def ticks(*pairs: tuple[int, int]) -> tuple[Tick, ...]:
    return tuple(Tick(wall=START + wall, t=t) for wall, t in pairs)


def test_without_ticks_the_start_is_what_counts() -> None:
    clock = ClassClock(START)
    assert [clock.at(START + wall) for wall in (0, 700, 600, 900)] == [0, 700, 700, 900]
    assert ClassClock(START).at(START - 5) == 0


def test_a_clock_that_runs_as_it_should_is_the_difference() -> None:
    clock = ClassClock(START, ticks((0, 0), (5000, 5000), (10_000, 10_000)))
    assert [clock.at(START + wall) for wall in (1, 4999, 5000, 7777, 65_000)] == [1, 4999, 5000, 7777, 65_000]


def test_an_hour_that_the_clock_is_set_forward_is_none_of_the_class() -> None:
    hour = 3_600_000
    clock = ClassClock(START, ticks((0, 0), (hour + 5000, 5000), (hour + 10_000, 10_000)))
    assert [clock.at(START + wall) for wall in (2000, hour + 4900, hour + 7000)] == [2000, 5000, 7000]


def test_a_minute_that_passes_twice_is_told_apart_by_the_order() -> None:
    clock = ClassClock(START, ticks((60_000, 60_000), (65_000, 65_000), (5000, 65_000), (10_000, 70_000)))
    walls = (61_000, 64_000, 8000, 61_000)
    assert [clock.at(START + wall) for wall in walls] == [61_000, 64_000, 68_000, 121_000]


def test_before_the_first_tick_it_counts_back() -> None:
    clock = ClassClock(START, ticks((3000, 3100), (8000, 8100)))
    assert [clock.at(START + wall) for wall in (1000, 3000)] == [1100, 3100]


def test_more_ticks_change_nothing_that_was_answered() -> None:
    clock = ClassClock(START)
    assert clock.at(START + 9000) == 9000
    clock.take(ticks((0, 0), (5000, 5100), (9500, 9600)))
    assert clock.at(START + 9600) == 9700


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(-9000, 9000)), max_size=8),
    st.lists(st.integers(-20_000, 90_000), max_size=30),
)
def test_it_never_goes_backwards_whatever_the_clock_did(
    steps: list[tuple[int, int]], walls: list[int]
) -> None:
    t = wall = 0
    found = [(0, 0)]
    for forward, jump in steps:
        t, wall = t + forward, wall + forward + jump
        found.append((wall, t))
    clock = ClassClock(START, ticks(*found))
    answers = [clock.at(START + each) for each in walls]
    assert answers == sorted(answers)
    assert all(answer >= 0 for answer in answers)
