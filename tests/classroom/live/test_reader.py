"""One connection: what it gets next, and when it has to wait."""

from typing import cast

import pytest

from classroom.domain import room
from classroom.domain.entry import EVERYONE, SYSTEM, Entry
from classroom.domain.lifecycle import OpenClass
from classroom.domain.people import JoinClass, PersonJoined
from classroom.domain.roles import Role
from classroom.domain.room import Room
from classroom.live.follower import Follower
from classroom.live.reader import HOLD, LARGE, Reader, States
from classroom.store.bus import LocalBus
from classroom.store.journal import SqlJournal
from tests.support.live_readers import FakeLink, reader_of, sent


def link(reader: Reader) -> FakeLink:
    return cast(FakeLink, reader.link)


@pytest.fixture
def follower(journal: SqlJournal) -> Follower:
    """Give a class of three entries: opened, u_1 and u_2 joined."""
    state, entries = Room(), list[Entry]()
    for command in (
        OpenClass("Algebra", "ky"),
        JoinClass("u_1", "One", Role.STUDENT),
        JoinClass("u_2", "Two", Role.ASSISTANT),
    ):
        new = room.number(state, room.decide(state, command, SYSTEM, "", 1), "", 1)
        state = room.fold(state, new)
        entries.extend(new)
    return Follower("algebra", state, journal, LocalBus(), lambda _: None, entries)


def joined(seq: int) -> Entry:
    return Entry(seq, 1, f"u_{seq}", EVERYONE, PersonJoined(f"u_{seq}", "N", Role.STUDENT))


def test_whoever_waits_gets_nothing(follower: Follower) -> None:
    reader = reader_of("u_1", inside=False)
    assert not reader.lags(follower)
    assert reader.serve(follower, States(), 5)
    assert not sent(reader)


def test_a_welcome_with_the_state_then_events(follower: Follower) -> None:
    reader = reader_of("u_2", inside=False)
    reader.welcome(follower, 5, None)
    assert reader.serve(follower, States(), 5)
    ((name, data),) = sent(reader)
    assert (name, data["upto"], data["now"], data["v"]) == ("welcome", 3, 5, 1)
    assert data["person"] == {"id": "u_2", "name": "Name of u_2", "role": "assistant"}, (
        "the class's own record"
    )
    follower.take([joined(4), joined(5)])
    assert reader.lags(follower)
    assert reader.serve(follower, States(), 6)
    name, data = sent(reader)[-1]
    assert (name, data["after"], data["upto"], len(data["events"])) == ("events", 3, 5, 2)
    assert not reader.lags(follower)


def test_whoever_has_something_gets_the_rest(follower: Follower) -> None:
    reader = reader_of("u_1", inside=False)
    reader.welcome(follower, 5, 1)
    assert sent(reader)[0][1]["state"] is None
    assert reader.serve(follower, States(), 5)
    assert [event["seq"] for event in sent(reader)[1][1]["events"]] == [2, 3]
    reader.rewind(follower, 2)
    assert reader.serve(follower, States(), 5)
    assert [event["seq"] for event in sent(reader)[2][1]["events"]] == [3]
    reader.rewind(follower, 99)
    assert reader.serve(follower, States(), 5)
    assert sent(reader)[3][0] == "welcome"


def test_a_slow_line_is_not_filled_up(follower: Follower) -> None:
    reader = reader_of("u_1")
    link(reader).waiting = HOLD + 1
    assert not reader.serve(follower, States(), 5)
    assert not sent(reader)
    assert not link(reader).said
    link(reader).waiting = 0
    assert reader.serve(follower, States(), 5)
    assert sent(reader)


def test_a_line_that_lags_by_more_than_the_bound_is_cut(follower: Follower) -> None:
    reader = reader_of("u_1")
    reader.serve(follower, States(), 5)
    follower.take([joined(number) for number in range(4, 100)])
    link(reader).waiting, link(reader).limit = HOLD + 1, HOLD + 500
    assert not reader.serve(follower, States(), 5)
    assert link(reader).said == "slow"


def test_states_under_way_are_bounded(follower: Follower) -> None:
    states = States(limit=LARGE * 2)
    readers = [reader_of(f"u_{number}") for number in range(4)]
    for reader in readers:
        reader.serve(follower, states, 5)
        link(reader).waiting = LARGE + 1  # as if the state were large and the line slow
    assert [len(sent(reader)) for reader in readers] == [1, 1, 0, 0]
    assert states.sent == 2
    for reader in readers[2:]:
        link(reader).waiting = 0
    assert not readers[2].serve(follower, states, 5), "it waits for its turn"
    link(readers[0]).waiting = 0
    link(readers[1]).closed = True
    assert readers[2].serve(follower, states, 5)
    assert readers[3].serve(follower, states, 5)
