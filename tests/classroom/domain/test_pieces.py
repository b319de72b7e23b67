"""A mapping in pieces is a dict that never changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.domain.pieces import Pieces

STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "drop"]), st.integers(0, 300), st.integers()), max_size=400
)


@settings(deadline=None)
@given(STEPS)
def test_it_is_like_a_dict(steps: list[tuple[str, int, int]]) -> None:
    model: dict[int, int] = {}
    pieces: Pieces[int, int] = Pieces()
    for what, key, value in steps:
        before, was = pieces, dict(model)
        if what == "put":
            model[key] = value
            pieces = pieces.put(key, value)
        else:
            model.pop(key, None)
            pieces = pieces.drop(key)
        assert dict(before) == was
    assert list(pieces.items()) == list(model.items())
    assert list(pieces.each()) == list(model.values())
    assert pieces.first() == next(iter(model), None)
    assert len(pieces) == len(model)
    assert pieces == model == Pieces.of(model.items())


def test_it_holds_more_than_one_piece_in_order() -> None:
    pieces = Pieces.of((number, -number) for number in range(1000))
    assert list(pieces) == list(range(1000))
    assert pieces[0] == 0
    assert pieces.get(999) == -999
    assert pieces.get(1000) is None
    assert 1000 not in pieces
    with pytest.raises(KeyError):
        pieces[1000]


def test_a_change_keeps_the_place() -> None:
    pieces = Pieces.of((number, "old") for number in range(200)).put(3, "new")
    assert list(pieces)[3] == 3
    assert pieces[3] == "new"
    assert len(pieces) == 200


def test_an_empty_piece_goes() -> None:
    pieces = Pieces.of([("a", 1)]).drop("a")
    assert list(pieces) == []
    assert pieces == Pieces()


def test_it_can_be_read_in_a_failure() -> None:
    assert repr(Pieces.of([("a", 1)])) == "Pieces.of([('a', 1)])"
