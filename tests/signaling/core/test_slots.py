from hypothesis import given
from hypothesis import strategies as st

from signaling.core.model import PairDescription
from signaling.core.slots import REST_S, Holder, Slots


def person(name: str) -> Holder:
    return Holder(name, "person")


def grown(limit: int = 24) -> Slots:
    slots = Slots(limit)
    grow(slots, 0.0)
    return slots


def grow(slots: Slots, now: float) -> int:
    missing = slots.missing()
    first = len(slots.pairs)
    slots.add(
        [PairDescription(f"a{n}", f"v{n}", f"pair{n}", 3 * n, 3 * n + 1, 3 * n + 2)
         for n in range(first, first + missing)], now
    )  # fmt: skip
    return missing


def test_grows_by_doubling_up_to_the_limit() -> None:
    slots = grown()
    sizes = []
    for number in range(30):
        slots.bind(person(str(number)), 0.0)
        if grow(slots, 0.0):
            sizes.append(len(slots.pairs))
    assert sizes == [8, 16, 24]
    assert [holder.peer for holder in slots.waiting] == ["24", "25", "26", "27", "28", "29"]
    assert len(grown(limit=2).pairs) == 2


def test_nobody_moves_and_a_returning_person_gets_the_old_pair() -> None:
    slots = grown()
    for name in "abc":
        slots.bind(person(name), 0.0)
    slots.bind(person("a"), 0.0)
    assert [slots.of(person(name)) for name in "abc"] == [0, 1, 2]
    slots.free(person("b"), 1.0)
    slots.free(person("b"), 1.0)
    assert slots.of(person("b")) is None
    slots.bind(person("b"), 1.1)
    assert slots.of(person("b")) == 1


def test_a_pair_rests_while_others_are_free() -> None:
    slots = grown()
    for name in "abc":
        slots.bind(person(name), 0.0)
    slots.free(person("a"), 10.0)
    slots.free(person("b"), 10.5)
    slots.bind(person("x"), 11.0)
    assert slots.of(person("x")) == 3
    slots.bind(person("y"), 11.0)  # none has rested: the one that is free longest
    assert slots.of(person("y")) == 0
    slots.bind(person("z"), 10.5 + REST_S)
    assert slots.of(person("z")) == 1


def test_those_who_wait_are_served_in_order() -> None:
    slots = grown(limit=4)
    for name in "abcdef":
        slots.bind(person(name), 0.0)
    slots.free(person("e"), 1.0)
    slots.free(person("b"), 1.0)
    assert slots.of(person("f")) == 1
    assert slots.waiting == []


def test_a_speaker_takes_the_place_of_the_silent() -> None:
    slots = grown(limit=4)
    for name in "abcdef":
        slots.bind(person(name), 0.0)
    slots.prefer(person("f"), person("c"), 1.0)
    assert slots.of(person("f")) == 2
    assert slots.waiting == [person("e"), person("c")]
    slots.prefer(person("nobody"), person("a"), 1.0)
    slots.prefer(person("e"), person("nobody"), 1.0)
    assert slots.waiting == [person("e"), person("c")]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12)), max_size=60))
def test_every_pair_has_one_holder(steps: list[tuple[bool, int]]) -> None:
    slots = grown(limit=8)
    wanted: set[Holder] = set()
    for now, (binds, number) in enumerate(steps):
        holder = person(str(number))
        if binds:
            wanted.add(holder)
            slots.bind(holder, now)
        else:
            wanted.discard(holder)
            slots.free(holder, now)
        grow(slots, now)
        bound = [pair.holder for pair in slots.pairs if pair.holder is not None]
        assert len(set(bound)) == len(bound)
        assert set(bound) | set(slots.waiting) == wanted
        assert not set(bound) & set(slots.waiting)
        assert not slots.waiting or len(bound) == 8
        for holder in bound:
            found = slots.of(holder)
            assert found is not None
            assert slots.pairs[found].holder == holder
