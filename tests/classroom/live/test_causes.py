"""What is believed of lines, for how long, and who is the cause."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from classroom.live.causes import COMMON_FROM, FALL, RISE, Cause, LineState, Standing, Steady, cause
from classroom.live.line_problems import BAD, GOOD, WEAK, Name, Problem
from tests.support.lines import down


def run(steady: Steady, *seen: int, start: float = 0.0, step: float = 2.0) -> list[int]:
    return [steady.update(level, start + index * step) for index, level in enumerate(seen)]


def test_a_problem_is_believed_at_its_third_sight() -> None:
    assert run(Steady(), 1, 1, 1) == [0, 0, 1]
    assert run(Steady(), 2, 2, 2) == [0, 0, 2]
    assert run(Steady(), 1, 0, 1, 1, 0, 1, 1) == [0] * 7
    assert run(Steady(0.0), 2) == [2]


def test_a_problem_that_gets_worse_is_weak_first() -> None:
    assert run(Steady(), 1, 1, 2, 1, 2, 2, 2) == [0, 0, 1, 1, 1, 1, 2]


def test_a_problem_goes_when_it_stays_away() -> None:
    steady = Steady()
    run(steady, 2, 2, 2)
    assert run(steady, 0, 0, 0, 0, start=6.0) == [2, 2, 2, 0]
    steady = Steady()
    run(steady, 2, 2, 2)
    assert run(steady, 1, 1, 1, 1, 1, start=6.0) == [2, 2, 2, 1, 1]
    assert run(steady, 0, 0, 1, 0, 0, 0, 0, start=16.0) == [1, 1, 1, 1, 1, 1, 0]


@given(st.lists(st.integers(0, 2), max_size=60), st.floats(0.5, 3))
def test_nothing_flaps(seen: list[int], step: float) -> None:
    steady = Steady()
    believed = run(steady, *seen, step=step)
    changes = [at * step for at, (a, b) in enumerate(itertools.pairwise([0, *believed])) if a != b]
    rises = [at * step for at, (a, b) in enumerate(itertools.pairwise([0, *believed])) if b > a]
    assert all(at >= RISE for at in rises[:1])
    for one, other in itertools.pairwise(changes):
        assert other - one > 0
    for at, level in enumerate(believed):
        long = int(max(RISE, FALL) // step) + 2
        last = seen[max(0, at - long + 1) : at + 1]
        if len(last) == long and len(set(last)) == 1:
            assert level == last[0], "what is so for long is believed"


def states(*names: Name, level: int = BAD, inherits: bool = False) -> LineState:
    """Return a line of which these problems are believed."""
    state = LineState()
    for now in (0.0, 2.0, 4.0, 20.0):
        state.update({name: Problem(name, level) for name in names}, now, int(now * 1000))
        if inherits:
            state.inherit(down(loss=0.1, inherited=0.1), now)
    return state


def test_a_line_remembers_since_when_and_the_newest_numbers() -> None:
    state = LineState()
    for at, loss in enumerate((0.1, 0.2, 0.3, 0.4)):
        state.update({"down.loss": Problem("down.loss", BAD, loss=loss)}, at * 2.0, 1000 + at)
    known = state.believed["down.loss"]
    assert (known.since, known.problem) == (1002, Problem("down.loss", BAD, loss=0.4))
    state.update({"down.loss": Problem("down.loss", WEAK, loss=0.05)}, 8.0, 2000)
    assert state.believed["down.loss"].problem == Problem("down.loss", BAD, loss=0.05), "bad until FALL"
    for now in (10.0, 12.0, 14.0):
        state.update({}, now, 2000)
    assert (state.level, [known.since for known in state.told()]) == (WEAK, [1002])
    state.update({}, 16.0, 2000)
    assert (state.level, state.told()) == (GOOD, [])


def test_problems_are_told_in_order_and_a_line_that_is_away_has_no_others() -> None:
    assert [known.problem.name for known in states("delay", "up.loss").told()] == ["up.loss", "delay"]
    assert [known.problem.name for known in states("delay", "lost").told()] == ["lost"]
    assert [known.problem.name for known in states("lost", "blocked").told()] == ["blocked"]


def test_what_is_inherited_is_no_more_than_what_is_missing() -> None:
    state = LineState()
    for now in (0.0, 2.0, 4.0, 6.0):
        state.inherit(down(loss=0.01, inherited=0.5), now)
    assert state.inherits == GOOD
    for now in (8.0, 10.0, 12.0):
        state.inherit(down(loss=0.5, inherited=0.1), now)
    assert state.inherits == BAD
    for now in (14.0, 16.0, 18.0, 20.0):
        state.inherit(None, now)
    assert state.inherits == GOOD
    assert state.level == GOOD, "it is not this line"


def crowd(count: int, state: LineState | None = None, gets: str = "t/cam") -> list[Standing]:
    return [Standing(f"u_{n}", state or LineState(), gets=frozenset((gets,))) for n in range(count)]


TEACHER = frozenset(("t/cam", "t/mic"))


def test_all_is_well() -> None:
    assert cause([]) is None
    assert cause(crowd(30)) is None


def test_a_sender_whom_nobody_hears_well_is_the_cause() -> None:
    missing = states(inherits=True)
    teacher = Standing("t", states("up.loss"), sends=TEACHER)
    class_ = [teacher, *crowd(25)[23:], *crowd(23, missing)]
    assert cause(class_) == Cause("publisher", 23, 25, "t")
    twice = [*class_, Standing("u_0", LineState(), gets=TEACHER)]
    assert cause(twice) == Cause("publisher", 23, 25, "t"), "people are counted, not pages"
    phone = [*class_, Standing("t", missing, gets=TEACHER)]
    assert cause(phone) == Cause("publisher", 23, 25, "t"), "nobody is their own audience"


def test_the_sender_whom_most_miss_is_the_cause() -> None:
    missing = states(inherits=True)
    one = Standing("t", states("up.loss"), sends=TEACHER)
    other = Standing("v", states("up.loss"), sends=frozenset(("v/cam",)))
    class_ = [one, other, *crowd(3, missing), Standing("u_9", missing, gets=frozenset(("t/cam", "v/cam")))]
    assert cause(class_) == Cause("publisher", 4, 4, "t")


def test_a_sender_whom_nobody_misses_is_one_of_the_weak() -> None:
    teacher = Standing("t", states("up.loss", level=WEAK), sends=TEACHER)
    assert cause([teacher, *crowd(25)]) == Cause("viewers", 1, 26)
    assert cause([teacher]) == Cause("viewers", 1, 1)


def test_some_weak_lines_are_their_own() -> None:
    weak = crowd(3, states("down.loss"))
    assert cause([*weak, *crowd(25)]) == Cause("viewers", 3, 25)


def test_most_lines_at_once_are_a_common_one() -> None:
    weak = crowd(COMMON_FROM, states("down.loss"))
    assert cause(weak) == Cause("common", COMMON_FROM, COMMON_FROM)
    assert cause(weak[1:]) == Cause("viewers", COMMON_FROM - 1, COMMON_FROM - 1), "three may be chance"
    away = [Standing(one.person, one.state, measured=False) for one in weak]
    assert cause(away) == Cause("common", COMMON_FROM, COMMON_FROM)
