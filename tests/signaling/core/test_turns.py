"""Everybody in turn, a few at a time."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from signaling.core.turns import Turns


def test_everybody_has_one_turn_a_period() -> None:
    turns: Turns[int] = Turns(2.0, most=10)
    for item in range(150):
        turns.add(item)
    rounds = [turns.due(0.02) for _ in range(100)]
    assert Counter(item for found in rounds for item in found) == Counter(range(150))
    assert {len(found) for found in rounds} == {1, 2}


def test_one_alone_has_its_turn_too() -> None:
    turns: Turns[str] = Turns(2.0, most=10)
    assert turns.due(5.0) == []
    turns.add("ann")
    assert [tick for tick in range(200) if turns.due(0.02)] == [99, 199]


def test_a_long_ring_takes_longer_and_a_late_tick_makes_no_heap() -> None:
    turns: Turns[int] = Turns(2.0, most=3)
    for item in range(1000):
        turns.add(item)
    assert turns.due(60.0) == [0, 1, 2]
    assert turns.due(0.0) == []
    assert turns.due(0.02) == [3, 4, 5]


def test_who_has_gone_has_no_turn() -> None:
    turns: Turns[int] = Turns(1.0, most=10)
    for item in range(3):
        turns.add(item)
    turns.remove(0)
    turns.remove(7)
    assert len(turns) == 2
    assert turns.due(1.0) == [1, 2]
    turns.remove(1)
    turns.remove(2)
    assert turns.due(1.0) == []


@given(st.lists(st.one_of(st.floats(0, 3), st.integers(0, 20), st.none())))
def test_nobody_is_forgotten_or_doubled(steps: list[float | int | None]) -> None:
    turns: Turns[int] = Turns(2.0, most=5)
    present: set[int] = set()
    for step in steps:
        if step is None and present:
            turns.remove(present.pop())
        elif isinstance(step, int):
            turns.add(step)
            present.add(step)
        elif step is not None:
            found = turns.due(step)
            assert len(found) == len(set(found)) <= 5
            assert set(found) <= present
    assert len(turns) == len(present)
