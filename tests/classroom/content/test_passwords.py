"""Passwords that others would guess are refused; the others are hashed beside the loop."""

import asyncio
from collections.abc import Iterator

import pytest

from classroom.content import passwords as module
from classroom.content.passwords import Passwords, check, make_up
from classroom.content.refusals import WeakPassword
from classroom.domain.errors import Unavailable


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 257,
        "11111111",
        "abababab",
        "password123",
        "Пароль2026",
        "qwertyuiop",
        "йцукенгш",
        "87654321",
        "ЗЩШГНЕКУ",
        "student2026",
        "aibek.t2026",
        "Токтогулов1",
        "сабак!!!1",
        "dear\ud800dear",
    ],
)
def test_weak_ones(password: str) -> None:
    with pytest.raises(WeakPassword):
        check(password, "aibek.t", "Айбек Токтогулов")


@pytest.mark.parametrize("password", ["correct horse", "тоо башында кар", "q7#mZ-2p", "x7Kp2mQ9" * 32])
def test_good_ones(password: str) -> None:
    check(password, "aibek", "Айбек")


def test_a_made_up_one_is_good_and_never_the_same() -> None:
    made = {make_up() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check(password, "aibek", "Айбек")


async def test_right_wrong_and_nobody(passwords: Passwords) -> None:
    hashed = await passwords.hash("тоо башында кар")
    assert await passwords.verify(hashed, "тоо башында кар")
    assert not await passwords.verify(hashed, "тоо башында кан")
    assert not await passwords.verify(None, "тоо башында кар")
    assert not await passwords.verify("no hash at all", "x")
    assert not await passwords.verify(hashed, "x" * 100_000)
    assert not await passwords.verify(hashed, "\ud800")
    assert "argon2id" in hashed


async def test_an_empty_password_is_nobodys_not_even_of_a_stolen_row(passwords: Passwords) -> None:
    hashed = await passwords.hash("")
    assert not await passwords.verify(hashed, "x" * 300)
    assert not await passwords.verify(None, "")


async def test_composed_and_decomposed_are_the_same(passwords: Passwords) -> None:
    hashed = await passwords.hash("жай\u0438\u0306 күн")
    assert await passwords.verify(hashed, "жай\u0439 күн")


async def test_nobody_costs_as_much_as_somebody(passwords: Passwords) -> None:
    hashed = await passwords.hash("x7Kp2mQ9")
    assert hashed.split("$")[:4] == module._NOBODY.split("$")[:4]
    assert len(hashed) == len(module._NOBODY)
    assert not passwords.is_outdated(hashed)
    assert passwords.is_outdated(hashed.replace("m=19456", "m=8192"))


async def test_too_many_at_once_are_refused(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    results = await asyncio.gather(*(passwords.hash(f"n{n}") for n in range(5)), return_exceptions=True)
    assert sum(isinstance(result, Unavailable) for result in results) == 2
    assert await passwords.hash("again")
