"""Who goes where, and what the workers of a room have to do for one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signaling.core import seats as module
from signaling.core.seats import ALONE, Mirrored, Seats, Span

ALL = (0, 1)


def sit(seats: Seats, room: str, *peers: str, running: tuple[int, ...] = ALL) -> list[int]:
    return [seats.place(room, peer, running).worker for peer in peers]


def test_a_room_fills_its_home_and_then_spans() -> None:
    seats = Seats(spread=2)
    assert sit(seats, "r", "a", "b", "c", "d", "e", "a") == [0, 0, 1, 1, 0, 0]
    assert seats.shards("r") == (0, 1)
    assert sorted(seats.here("r", 1)) == ["c", "d"]
    assert seats.here("r", 7) == seats.here("other", 0) == ()


def test_rooms_go_to_the_least_busy_worker() -> None:
    seats = Seats()
    assert sit(seats, "big", "a", "b", "c") == [0, 0, 0]
    assert sit(seats, "small", "a") == [1]
    assert sit(seats, "smaller", "a") == [1]
    assert sit(seats, "big", "d") == [0]
    assert list(seats.spans("big")) == [(0, ALONE)]


def test_a_worker_far_busier_than_another_gets_no_more_of_a_room() -> None:
    seats = Seats(spread=3)
    assert sit(seats, "grows", "a") == [0]
    assert sit(seats, "too", "a", "b", running=(0,)) == [0, 0]
    assert sit(seats, "grows", "b") == [0]
    assert sit(seats, "grows", "c") == [1]


def test_a_home_that_is_away_gets_nobody() -> None:
    seats = Seats(spread=2)
    assert sit(seats, "r", "a") == [0]
    assert sit(seats, "r", "b", running=(1,)) == [1]


def test_one_worker_is_enough_for_everybody() -> None:
    seats = Seats(spread=1)
    assert sit(seats, "r", "a", "b", "c", running=(1,)) == [1, 1, 1]
    assert list(seats.spans("r")) == [(1, ALONE)]


def test_whoever_has_an_open_gate_is_mirrored_everywhere_else() -> None:
    seats = Seats(spread=1)
    sit(seats, "r", "ann", "bob", "cat", running=(0, 1, 2))
    key = seats.place("r", "ann", ALL).key
    seats.gate("r", "ann", "camera", "t", False)
    assert {span.mirrors for _, span in seats.spans("r")} == {()}
    seats.published("r", "ann", {"camera": ("q", "h")})
    seats.published("r", "bob", {"camera": ("",)})
    seats.gate("r", "ann", "microphone", "m", True)
    ann = Mirrored("ann", key, 0, {"camera": ("q", "h")}, {"camera": ("t", False), "microphone": ("m", True)})
    assert dict(seats.spans("r")) == {
        0: Span((1, 2), {"ann": key}, ()),
        1: Span((0, 2), {}, (ann,)),
        2: Span((0, 1), {}, (ann,)),
    }
    seats.gate("r", "ann", "microphone", None, False)
    seats.gate("r", "ann", "camera", None, False)
    assert dict(seats.spans("r"))[1] == Span((0, 2))


def test_a_lost_worker_takes_its_own_people_and_the_next_becomes_home() -> None:
    seats = Seats(spread=1)
    sit(seats, "r", "ann", "bob", "cat", running=(0, 1, 2))
    sit(seats, "s", "dan", running=(0,))
    seats.published("r", "ann", {"camera": ("",)})
    seats.gate("r", "ann", "camera", "t", False)
    before = seats.place("r", "ann", ALL).key
    assert seats.lose(0) == {"r": ("ann",), "s": ("dan",)}
    assert seats.lose(0) == {}
    assert seats.shards("r") == (1, 2)
    assert seats.shards("s") == ()
    assert dict(seats.spans("r")) == {1: Span((2,)), 2: Span((1,))}
    back = seats.place("r", "ann", (1, 2))
    assert back.worker in (1, 2)
    assert back.key != before


def test_what_is_said_of_somebody_who_left_is_forgotten() -> None:
    seats = Seats()
    seats.published("r", "ann", {})
    seats.gate("r", "ann", "camera", "t", False)
    assert seats.close("r", "ann") is None
    sit(seats, "r", "ann", "bob")
    seats.gate("r", "ann", "camera", "t", False)
    seat = seats.find("r", "ann")
    assert seat is not None
    assert seats.close("r", "ann") is seat
    assert seats.close("r", "ann") is None
    assert seats.find("r", "ann") is None
    assert list(seats.spans("nowhere")) == []
    assert seats.close("r", "bob") is not None
    assert list(seats.spans("r")) == []


def test_keys_go_round_within_four_octets() -> None:
    seats = Seats()
    seats._keys = 0xFFFFFFFE
    assert [seats.place("r", peer, ALL).key for peer in "abc"] == [0xFFFFFFFF, 1, 2]
    assert module.SPREAD == 100


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("sit", "close", "publish", "gate", "shut", "lose")),
        st.sampled_from("rs"),
        st.sampled_from("abcdef"),
        st.sampled_from((0, 1, 2)),
    ),
    max_size=40,
)


@given(STEPS)
def test_parts_fit_one_another_whatever_happens(steps: list[tuple[str, str, str, int]]) -> None:
    """Who is fed by one is mirrored by all others under the same key, and by nobody else."""
    seats = Seats(spread=2)
    for what, room, peer, worker in steps:
        match what:
            case "sit":
                seats.place(room, peer, {0, 1, 2} - {worker})
            case "close":
                seats.close(room, peer)
            case "publish":
                seats.published(room, peer, {"camera": ("",)})
            case "gate":
                seats.gate(room, peer, "camera", f"{peer} camera", False)
            case "shut":
                seats.gate(room, peer, "camera", None, False)
            case _:
                seats.lose(worker)
        for name in "rs":
            spans = dict(seats.spans(name))
            assert tuple(spans) == seats.shards(name)
            for number, span in spans.items():
                assert {number, *span.shards} == set(spans)
                mirrored = {found.peer: (found.key, found.owner) for found in span.mirrors}
                for other in span.shards:
                    for fed, key in spans[other].feeds.items():
                        assert mirrored.pop(fed) == (key, other)
                assert not mirrored
    assert sum(seats._load.values()) == sum(len(room.seats) for room in seats._rooms.values())
