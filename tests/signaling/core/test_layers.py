import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.layers import OTHER, SCREEN, SPEAKER, TRUST, Candidate, Step, allocate, enough


def track(key: int, priority: int, *rates: int) -> Candidate:
    return Candidate(key, priority, tuple(Step(layer, 2, rate) for layer, rate in enumerate(rates)))


CANDIDATES = st.lists(
    st.tuples(st.sampled_from([SCREEN, SPEAKER, OTHER]), st.lists(st.integers(1, 500), max_size=4)),
    max_size=8,
).map(lambda found: [track(key, priority, *sorted(rates)) for key, (priority, rates) in enumerate(found)])


@given(st.integers(-100, 3000), CANDIDATES)
def test_never_over_budget_and_nobody_paused_while_base_layers_fit(
    budget: int, candidates: list[Candidate]
) -> None:
    chosen = allocate(budget, candidates)
    assert chosen.keys() == {candidate.key for candidate in candidates}
    spent = sum(step.bps for step in chosen.values() if step is not None)
    bases = [candidate.steps[0].bps for candidate in candidates if candidate.steps]
    assert spent <= max(budget, 0) or (spent <= max(2 * budget, 0) and spent in bases)
    base = sum(candidate.steps[0].bps for candidate in candidates if candidate.steps)
    if base <= budget:
        assert all(chosen[candidate.key] is not None for candidate in candidates if candidate.steps)
    for candidate in candidates:  # and what is left is too little for anybody's next step
        step = chosen[candidate.key]
        if step is not None and step is not candidate.steps[-1]:
            following = candidate.steps[candidate.steps.index(step) + 1]
            assert following.bps - step.bps > budget - spent or following.bps == step.bps


def test_screen_first_then_speaker_then_others() -> None:
    candidates = [
        track(1, OTHER, 100, 400, 1500),
        track(2, SPEAKER, 100, 400, 1500),
        track(3, SCREEN, 200, 1000),
    ]

    def layers(budget: int) -> list[int | None]:
        found = allocate(budget, candidates)
        return [step.layer if (step := found[key]) is not None else None for key in (3, 2, 1)]

    assert layers(99) == [None, None, None]
    assert layers(100) == [0, None, None]  # the most important base layer, for half of the price
    assert layers(199) == [0, None, None]
    assert layers(300) == [0, 0, None]
    assert layers(400) == [0, 0, 0]
    assert layers(1200) == [1, 0, 0]
    assert layers(1500) == [1, 1, 0]
    assert layers(1800) == [1, 1, 1]
    assert layers(4000) == [1, 2, 2]


def test_nobody_goes_without_a_picture_on_a_line_that_nobody_knows() -> None:
    only, other = track(1, SPEAKER, 4000), track(2, OTHER, 4000)
    assert allocate(500, [only, other])[1] is None
    trusted = allocate(500, [only, other], TRUST)
    assert trusted[1] is not None
    assert trusted[2] is None
    assert allocate(499, [only, other], TRUST)[1] is None


def test_equals_climb_together() -> None:
    candidates = [track(1, OTHER, 100, 300, 900), track(2, OTHER, 100, 300, 900)]
    found = allocate(1000, candidates)
    assert [step.layer if step else None for step in found.values()] == [1, 1]


@pytest.mark.parametrize(
    ("heights", "wished", "expected"),
    [
        ((180, 360, 720), 180, 0),
        ((180, 360, 720), 200, 0),
        ((180, 360, 720), 240, 1),
        ((180, 360, 720), 2000, 2),
        ((0, 0, 0), 360, 1),
        ((0, 0), 300, 0),  # two layers are the upper two
        ((0,), 4000, 0),
        ((1080,), 1, 0),
        ((176, 0, 0), 190, 0),
    ],
)
def test_enough(heights: tuple[int, ...], wished: int, expected: int) -> None:
    assert enough(heights, wished) == expected
