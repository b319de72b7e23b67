"""Guessing gets slower by login, by address, and by both; nobody can lock a teacher out for long."""

import pytest

from classroom.content import throttle
from classroom.content.throttle import ADDRESS, LOGIN, PAIR, Throttle, network

NOW = 1_790_000_000_000


def fail(counts: Throttle, times: int, login: str = "a", address: str = "10.0.0.1", now: int = NOW) -> None:
    for _ in range(times):
        assert counts.begin(login, address, now) == 0


def test_the_first_mistakes_are_free_then_each_doubles_the_pause() -> None:
    counts, now = Throttle(), NOW
    fail(counts, PAIR.free)
    for pause in (1, 2, 4, 8, 16, 32, 60, 60):
        assert counts.begin("a", "10.0.0.1", now) == pause * 1000
        assert counts.begin("a", "10.0.0.1", now + pause * 1000 - 1) == 1
        now += pause * 1000
        assert counts.begin("a", "10.0.0.1", now) == 0


def test_being_refused_is_not_counted() -> None:
    counts = Throttle()
    fail(counts, PAIR.free)
    assert {counts.begin("a", "10.0.0.1", NOW) for _ in range(100)} == {PAIR.first}


def test_a_thousand_at_once_gain_nothing() -> None:
    counts = Throttle()
    assert sum(counts.begin("a", "10.0.0.1", NOW) == 0 for _ in range(1000)) == PAIR.free


def test_success_takes_all_back() -> None:
    counts = Throttle()
    for _ in range(ADDRESS.free * 3):  # a whole campus that signs in from one address
        fail(counts, 1)
        counts.succeed("a", "10.0.0.1")


def test_one_address_with_many_logins_is_slowed() -> None:
    counts = Throttle()
    for n in range(ADDRESS.free):
        fail(counts, 1, login=f"u{n}")
    assert counts.begin("another", "10.0.0.1", NOW) == ADDRESS.first
    assert counts.begin("another", "10.0.0.2", NOW) == 0


def test_one_who_guesses_locks_no_campus_out() -> None:
    counts, now = Throttle(), NOW
    fail(counts, 1, login="known")
    counts.succeed("known", "10.0.0.1")
    for n in range(ADDRESS.free):
        fail(counts, 1, login=f"u{n}")
    for n in range(20):
        now += ADDRESS.most
        fail(counts, 1, login=f"v{n}", now=now)
    assert counts.begin("known", "10.0.0.1", now) == 0
    assert counts.begin("new", "10.0.0.1", now) == ADDRESS.most


def test_whoever_is_known_gives_no_attempts_back_that_they_did_not_take() -> None:
    counts = Throttle()
    for _ in range(ADDRESS.free * 2):
        fail(counts, 1, login="known")
        counts.succeed("known", "10.0.0.1")
    for n in range(ADDRESS.free):
        fail(counts, 1, login=f"u{n}")
    assert counts.begin("another", "10.0.0.1", NOW) > 0


def test_one_login_from_many_addresses_is_slowed_but_not_where_it_belongs() -> None:
    counts = Throttle()
    fail(counts, 1, address="10.9.9.9")
    counts.succeed("a", "10.9.9.9")
    for n in range(LOGIN.free):
        fail(counts, 1, address=f"10.0.1.{n}")
    assert counts.begin("a", "10.0.2.1", NOW) == LOGIN.first
    assert counts.begin("a", "10.9.9.9", NOW) == 0


def test_it_forgets() -> None:
    counts = Throttle()
    fail(counts, PAIR.free)
    assert counts.begin("a", "10.0.0.1", NOW) > 0
    fail(counts, PAIR.free, now=NOW + PAIR.forget)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_KEYS", 10)
    counts = Throttle()
    for n in range(50):
        fail(counts, 1, login=f"u{n}", address=f"10.0.0.{n}")
        counts.succeed(f"v{n}", f"10.0.1.{n}")
    assert len(counts._counts) == 10
    assert len(counts._known) == 10


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("", "?"),
        ("unix", "?"),
    ],
)
def test_what_counts_as_one_place(address: str, place: str) -> None:
    assert network(address) == place
