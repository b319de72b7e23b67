"""What the program tells workers of a shared room, whatever happens to them meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from signaling.control import (
    AnyRequest,
    Event,
    LegState,
    MediaLink,
    SetSpan,
    SlotsChanged,
    SpeakersChanged,
    WorkerDied,
)
from signaling.seating import Seating


class Link:
    """Stands for a MediaLink; its own tests are elsewhere."""

    def __init__(self) -> None:
        self.posted: list[SetSpan] = []

    def post(self, make: Callable[[int], AnyRequest]) -> None:
        request = make(len(self.posted) + 1)
        assert isinstance(request, SetSpan)
        self.posted.append(request)


class Desk:
    def __init__(self) -> None:
        self.links: dict[int, Link | None] = {0: Link(), 1: Link(), 2: Link()}
        self.told: list[Event] = []
        self.seating = Seating(1, lambda number: cast(MediaLink | None, self.links[number]), self.told.append)

    def sit(self, *peers: str) -> None:
        running = [number for number, link in self.links.items() if link is not None]
        for peer in peers:
            self.seating.place("r", peer, running)

    def show(self, peer: str, track: str | None = "t") -> None:
        seat = self.seating.find("r", peer)
        assert seat is not None
        self.seating.published("r", peer, seat, {"camera": ("",)})
        self.seating.gated("r", peer, seat, "camera", track, False)

    def news(self, number: int) -> list[tuple[tuple[int, ...], list[str], list[str]]]:
        """Return what a worker was told since: shards, fed, mirrored."""
        link = self.links[number]
        assert link is not None
        posted, link.posted = link.posted, []
        return [(s.shards, sorted(s.feeds), [found.peer for found in s.mirrors]) for s in posted]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_room_on_one_worker_needs_no_words(desk: Desk) -> None:
    desk.sit("ann")
    desk.show("ann")
    desk.seating.hear(0, SpeakersChanged("r", {"ann": 1.0}, "ann"))
    assert desk.seating.close("r", "ann") is not None
    assert [desk.news(number) for number in range(3)] == [[], [], []]
    assert desk.told == [SpeakersChanged("r", {"ann": 1.0}, "ann")]
    assert desk.seating._posted == desk.seating._speaking == {}


def test_each_is_told_its_part_once(desk: Desk) -> None:
    desk.sit("ann")
    desk.show("ann")
    desk.sit("bob")
    assert desk.news(0) == [((1,), ["ann"], [])]
    assert desk.news(1) == [((0,), [], ["ann"])]
    desk.show("ann")
    assert desk.news(0) == desk.news(1) == []
    desk.show("bob", "u")
    assert desk.news(0) == [((1,), ["ann"], ["bob"])]
    assert desk.news(1) == [((0,), ["bob"], ["ann"])]
    desk.show("ann", None)
    assert desk.news(0) == [((1,), [], ["bob"])]
    desk.seating.close("r", "bob")
    assert desk.news(0) == [((), [], [])]
    assert desk.news(1)[-1] == ((), [], [])
    assert desk.seating._posted == {}
    assert desk.seating.close("r", "bob") is None


def test_a_death_in_the_middle_leaves_the_others_right(desk: Desk) -> None:
    desk.sit("ann", "bob")
    desk.show("ann")
    desk.links[1] = None  # It has died, and nobody has taken note of it yet.
    desk.show("ann", "another")
    desk.sit("cat")
    seat = desk.seating.find("r", "bob")
    assert seat is not None
    desk.news(0)
    desk.news(2)
    desk.seating.lose(1)
    assert desk.told == [WorkerDied(1, {"r": ("bob",)})]
    assert desk.news(0) == [((2,), ["ann"], [])]
    assert desk.news(2) == [((0,), [], ["ann"])]
    desk.seating.published("r", "bob", seat, {"camera": ("",)})
    desk.seating.gated("r", "bob", seat, "camera", "late", False)
    assert desk.seating.find("r", "bob") is None
    desk.links[1] = Link()
    desk.sit("bob")
    assert desk.news(1) == [((0, 2), [], ["ann"])]
    assert desk.news(0) == [((2, 1), ["ann"], [])]
    new = desk.seating.find("r", "bob")
    assert new is not None
    desk.seating.published("r", "bob", new, {"camera": ("",)})
    desk.seating.gated("r", "bob", seat, "camera", "of the old seat", False)
    assert desk.news(0) == []
    desk.sit("dan")
    last = desk.seating.find("r", "dan")
    assert last is not None
    desk.seating.gated("r", "dan", last, "camera", "v", False)
    desk.seating.published("r", "dan", seat, {"camera": ("",)})
    assert not any(mirrored.peer == "dan" for mirrored in dict(desk.seating._seats.spans("r"))[1].mirrors)


def test_slots_are_those_of_one_workers_peers(desk: Desk) -> None:
    desk.sit("ann", "bob")
    desk.seating.hear(1, SlotsChanged("r", 3, {"v0": "t"}))
    desk.seating.hear(0, LegState("r", "ann", "publisher", "lost"))
    assert desk.told == [
        SlotsChanged("r", 3, {"v0": "t"}, ("bob",)),
        LegState("r", "ann", "publisher", "lost"),
    ]


def test_the_home_speaks_and_its_heir_after_it(desk: Desk) -> None:
    ann, bob = SpeakersChanged("r", {"ann": 1.0}, "ann"), SpeakersChanged("r", {"bob": 1.0}, "bob")
    desk.sit("ann", "bob", "cat")
    desk.seating.hear(0, ann)
    desk.seating.hear(1, bob)
    desk.seating.hear(2, ann)
    assert desk.told == [ann]
    desk.seating.lose(0)
    assert desk.told == [ann, WorkerDied(0, {"r": ("ann",)}), bob]
    desk.seating.close("r", "bob")
    assert desk.told[-1] == ann, "although it is alone now"
    desk.seating.close("r", "cat")
    assert len(desk.told) == 4
    desk.seating.hear(2, ann)
    assert len(desk.told) == 4
    desk.sit("ann", "bob")
    desk.seating.close("r", "ann")
    assert desk.told[-1] == SpeakersChanged("r", {}, None), "the heir has heard nobody yet"
