"""Accounts: who may make whom, signing in and out, and what happens to those who guess."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from classroom.content import accounts as module
from classroom.content.accounts import IDLE_MS, LONGEST_MS, TOUCH_MS, SignedIn
from classroom.content.refusals import (
    LastAdministrator,
    LoginThrottled,
    LoginWrong,
    MustChange,
    Taken,
    WeakPassword,
)
from classroom.domain.errors import BadMessage, NotAllowed, NotFound, Refused
from classroom.domain.roles import Role
from classroom.store.people import People
from classroom.store.rows import Person
from tests.support.people import NOW, Services

CHIEF = Person("chief", "", "", Role.ADMINISTRATOR, "", False, None, 0)
GOOD = "тоо башында кар"


async def made(
    desk: Services, login: str = "aibek", role: Role = Role.STUDENT, password: str = GOOD
) -> Person:
    created = await desk.accounts.create(
        CHIEF, login=login, name="Айбек", role=role, now=NOW, password=password, must_change=False
    )
    assert created.password is None
    return created.person


async def enter(desk: Services, login: str = "aibek", password: str = GOOD, now: int = NOW) -> SignedIn:
    return await desk.accounts.sign_in(login, password, address="10.0.0.1", agent="Firefox", now=now)


async def test_a_new_account_signs_in_with_the_password_that_was_made_up(desk: Services) -> None:
    created = await desk.accounts.create(
        CHIEF, login=" Айбек.Т ", name=" Айбек  Т ", role=Role.STUDENT, now=NOW
    )
    assert (created.person.login, created.person.name, created.person.must_change) == (
        "айбек.т",
        "Айбек Т",
        True,
    )
    assert created.password is not None
    signed = await enter(desk, "АЙБЕК.Т", created.password)
    assert signed.person == created.person
    assert await desk.accounts.recall(signed.secret, NOW) == (signed.person, signed.session)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"login": "x"}, BadMessage),
        ({"login": "two words"}, BadMessage),
        ({"login": "x" * 65}, BadMessage),
        ({"login": "x" * 100_000}, BadMessage),
        ({"name": " "}, BadMessage),
        ({"name": "x" * 81}, BadMessage),
        ({"role": Role.GUEST}, BadMessage),
        ({"role": Role.ASSISTANT}, BadMessage),
        ({"language": "de"}, BadMessage),
        ({"password": "aibek123"}, WeakPassword),
        ({"login": "taken"}, Taken),
        ({"login": "TAKEN"}, Taken),
    ],
)
async def test_what_no_account_is_made_from(
    desk: Services, change: dict[str, object], refusal: type[Refused]
) -> None:
    await desk.person("taken")
    values: dict[str, object] = {"login": "aibek", "name": "Айбек", "role": Role.STUDENT, "password": GOOD}
    with pytest.raises(refusal):
        await desk.accounts.create(CHIEF, now=NOW, **(values | change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("actor", "role", "allowed"),
    [
        (Role.ADMINISTRATOR, Role.ADMINISTRATOR, True),
        (Role.ADMINISTRATOR, Role.COORDINATOR, True),
        (Role.COORDINATOR, Role.TEACHER, True),
        (Role.COORDINATOR, Role.STUDENT, True),
        (Role.COORDINATOR, Role.COORDINATOR, False),
        (Role.COORDINATOR, Role.ADMINISTRATOR, False),
        (Role.TEACHER, Role.STUDENT, False),
        (Role.STUDENT, Role.STUDENT, False),
    ],
)
async def test_who_makes_and_changes_whom(desk: Services, actor: Role, role: Role, allowed: bool) -> None:
    by = await desk.person("by", actor)
    await desk.person("chief", Role.ADMINISTRATOR)
    old = await desk.person("old", role)
    actions: list[Callable[[], Awaitable[object]]] = [
        lambda: desk.accounts.create(by, login="new", name="Нур", role=role, now=NOW, password=GOOD),
        lambda: desk.accounts.edit(by, old.id, name="Нур", role=role, language="ru", now=NOW),
        lambda: desk.accounts.edit(by, old.id, name="Нур", role=Role.STUDENT, language="", now=NOW),
        lambda: desk.accounts.reset_password(by, old.id, now=NOW, password=GOOD),
        lambda: desk.accounts.disable(by, old.id, NOW),
        lambda: desk.accounts.enable(by, old.id, NOW),
    ]
    for act in actions:
        if allowed:
            await act()
        else:
            with pytest.raises(NotAllowed):
                await act()


async def test_a_coordinator_cannot_raise_anybody_above_themselves(desk: Services) -> None:
    by = await desk.person("by", Role.COORDINATOR)
    student = await desk.person("student")
    with pytest.raises(NotAllowed):
        await desk.accounts.edit(by, student.id, name="X", role=Role.ADMINISTRATOR, language="", now=NOW)
    with pytest.raises(NotAllowed):
        await desk.accounts.edit(by, by.id, name="X", role=Role.ADMINISTRATOR, language="", now=NOW)


async def test_the_last_administrator_stays_even_when_two_remove_one_another(desk: Services) -> None:
    one = await desk.person("one", Role.ADMINISTRATOR)
    two = await desk.person("two", Role.ADMINISTRATOR)
    for _ in range(10):
        results = await asyncio.gather(
            desk.accounts.disable(one, two.id, NOW),
            desk.accounts.edit(two, one.id, name="Бир", role=Role.TEACHER, language="", now=NOW),
            return_exceptions=True,
        )
        assert sorted(type(result).__name__ for result in results) == ["LastAdministrator", "Person"]
        await desk.accounts.enable(CHIEF, two.id, NOW)
        await desk.accounts.edit(CHIEF, one.id, name="Бир", role=Role.ADMINISTRATOR, language="", now=NOW)
    await desk.accounts.disable(CHIEF, two.id, NOW)
    with pytest.raises(LastAdministrator):
        await desk.accounts.disable(one, one.id, NOW)


async def test_wrong_unknown_and_disabled_are_one_answer(desk: Services) -> None:
    person = await made(desk)
    await desk.accounts.disable(CHIEF, person.id, NOW)
    for login, password in (("aibek", GOOD), ("aibek", "wrong"), ("nobody", GOOD), ("not a login", GOOD)):
        with pytest.raises(LoginWrong):
            await enter(desk, login, password)


async def test_a_login_that_does_not_exist_is_verified_as_well(
    desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []
    verify = desk.passwords.verify

    async def spy(hashed: str | None, password: str) -> bool:
        seen.append(hashed)
        return await verify(hashed, password)

    monkeypatch.setattr(desk.passwords, "verify", spy)
    with pytest.raises(LoginWrong):
        await enter(desk, "nobody")
    assert seen == [None]


async def test_guessing_is_slowed_even_for_the_right_password(desk: Services) -> None:
    await made(desk)
    for _ in range(5):
        with pytest.raises(LoginWrong):
            await enter(desk, password="wrong")
    with pytest.raises(LoginThrottled) as caught:
        await enter(desk)
    assert caught.value.retry_after == 1000
    assert await enter(desk, now=NOW + 1000)


async def test_getting_it_right_forgives_the_mistakes_before(desk: Services) -> None:
    await made(desk)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(LoginWrong):
                await enter(desk, password="wrong")
        assert await enter(desk)


async def test_an_old_hash_is_replaced_by_a_stronger_one(
    desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(desk)
    monkeypatch.setattr(desk.passwords, "is_outdated", lambda hashed: True)
    before = await People(desk.database).credentials("aibek")
    await enter(desk)
    after = await People(desk.database).credentials("aibek")
    assert before is not None
    assert after is not None
    assert before[1] != after[1]
    assert await enter(desk)


async def test_a_session_lives_while_it_is_used_but_not_for_ever(desk: Services) -> None:
    await made(desk)
    signed = await enter(desk)
    assert await desk.accounts.recall(signed.secret, NOW + IDLE_MS - 1) is not None
    now = NOW + IDLE_MS - 1
    while (found := await desk.accounts.recall(signed.secret, now)) is not None:
        assert found[1].seen_at == now
        now += IDLE_MS - 1
    assert NOW + LONGEST_MS <= now < NOW + LONGEST_MS + IDLE_MS
    assert await desk.accounts.purge(now) == 1


async def test_last_seen_is_written_once_an_hour(desk: Services) -> None:
    await made(desk)
    signed = await enter(desk)
    writes = desk.database.figures().writes
    await desk.accounts.recall(signed.secret, NOW + TOUCH_MS - 1)
    assert desk.database.figures().writes == writes
    await desk.accounts.recall(signed.secret, NOW + TOUCH_MS)
    assert desk.database.figures().writes == writes + 1


@pytest.mark.parametrize("secret", ["", "made up", "x" * 100_000, "\ud800", "я"])
async def test_a_made_up_cookie_is_nobodys(desk: Services, secret: str) -> None:
    assert await desk.accounts.recall(secret, NOW) is None
    await desk.accounts.sign_out(secret)


async def test_signing_out_here_and_everywhere(desk: Services) -> None:
    await made(desk)
    one, two, three = [await enter(desk) for _ in range(3)]
    assert len(await desk.accounts.sessions(one.person, NOW)) == 3
    await desk.accounts.sign_out(one.secret)
    assert await desk.accounts.recall(one.secret, NOW) is None
    assert await desk.accounts.recall(two.secret, NOW) is not None
    await desk.accounts.sign_out_everywhere(two.person)
    assert await desk.accounts.recall(three.secret, NOW) is None


async def test_browsers_of_one_person_are_bounded(desk: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SESSIONS", 2)
    await made(desk)
    signed = [await enter(desk, now=NOW + n) for n in range(3)]
    alive = [await desk.accounts.recall(one.secret, NOW + 5) is not None for one in signed]
    assert alive == [False, True, True]


async def test_changing_ones_password_keeps_this_browser_only(desk: Services) -> None:
    await made(desk)
    here, there = await enter(desk), await enter(desk)
    person = here.person
    new = "кыштын эртеңи"
    with pytest.raises(LoginWrong):
        await desk.accounts.change_password(person, current="wrong", new=new, keep=here.secret, now=NOW)
    for weak in ("short", GOOD):
        with pytest.raises(WeakPassword):
            await desk.accounts.change_password(person, current=GOOD, new=weak, keep=here.secret, now=NOW)
    await desk.accounts.change_password(person, current=GOOD, new=new, keep=here.secret, now=NOW)
    assert await desk.accounts.recall(here.secret, NOW) is not None
    assert await desk.accounts.recall(there.secret, NOW) is None
    with pytest.raises(LoginWrong):
        await enter(desk)
    assert await enter(desk, password=new)


async def test_somebody_elses_password_has_to_be_changed_first(desk: Services) -> None:
    await made(desk, role=Role.TEACHER)
    found = (await desk.accounts.find(CHIEF, "aibek"))[0]
    old = await enter(desk)
    reset = await desk.accounts.reset_password(CHIEF, found.id, now=NOW)
    assert await desk.accounts.recall(old.secret, NOW) is None
    assert reset.password is not None
    signed = await enter(desk, password=reset.password)
    assert signed.person.must_change
    for act in (desk.accounts.get(signed.person, found.id), desk.schedule.mine(signed.person, NOW)):
        with pytest.raises(MustChange):
            await act
    person = await desk.accounts.change_password(
        signed.person, current=reset.password, new=GOOD, keep=signed.secret, now=NOW
    )
    recalled = await desk.accounts.recall(signed.secret, NOW)
    assert recalled is not None
    assert recalled[0] == person
    assert await desk.accounts.get(person, found.id) == person


async def test_disabling_ends_sessions_and_is_undone(desk: Services) -> None:
    person = await made(desk)
    signed = await enter(desk)
    assert (await desk.accounts.disable(CHIEF, person.id, NOW)).disabled_at == NOW
    assert (await desk.accounts.disable(CHIEF, person.id, NOW + 5)).disabled_at == NOW
    assert await desk.accounts.recall(signed.secret, NOW) is None
    assert await desk.accounts.enable(CHIEF, person.id, NOW) == person
    assert await desk.accounts.recall(signed.secret, NOW) is None
    assert await enter(desk)
    with pytest.raises(NotAllowed):
        await desk.schedule.mine(replace(person, disabled_at=NOW), NOW)


async def test_the_list_is_sorted_searched_and_paged(desk: Services) -> None:
    for login, name in (("u1", "Ңур"), ("u2", "Нур"), ("u3", "Өмүр"), ("u4", "Омар"), ("u5", "айгүл")):
        await desk.person(login, name=name)
    names = [person.name for person in await desk.accounts.find(CHIEF)]
    assert names == ["айгүл", "Нур", "Ңур", "Омар", "Өмүр"]
    assert [person.name for person in await desk.accounts.find(CHIEF, "омур")] == ["Өмүр"]
    assert [person.name for person in await desk.accounts.find(CHIEF, "U4")] == ["Омар"]
    assert await desk.accounts.find(CHIEF, "%") == []
    paged: list[Person] = []
    while page := await desk.accounts.find(CHIEF, after=paged[-1].id if paged else "", limit=2):
        paged += page
    assert [person.name for person in paged] == names
    with pytest.raises(BadMessage):
        await desk.accounts.find(CHIEF, limit=201)


async def test_who_sees_whom(desk: Services) -> None:
    student, other = await desk.person("one"), await desk.person("two")
    assert await desk.accounts.get(student, student.id) == student
    with pytest.raises(NotFound):
        await desk.accounts.get(student, other.id)
    with pytest.raises(NotFound):
        await desk.accounts.get(CHIEF, "u_none")
    with pytest.raises(NotAllowed):
        await desk.accounts.find(student)
    with pytest.raises(NotFound):
        await desk.accounts.disable(CHIEF, "u_none", NOW)


async def test_ones_language_is_remembered(desk: Services) -> None:
    student = await desk.person("one")
    assert (await desk.accounts.choose_language(student, "ky")).language == "ky"
    assert (await desk.accounts.get(student, student.id)).language == "ky"
    with pytest.raises(BadMessage):
        await desk.accounts.choose_language(student, "kk")


async def test_ones_own_wish_undoes_nothing_that_was_decided_meanwhile(
    desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, now = await made(desk), NOW + 5
    get = People.get

    async def disabled_meanwhile(people: People, wanted: str) -> Person | None:
        found = await get(people, wanted)
        monkeypatch.setattr(People, "get", get)
        await desk.accounts.edit(CHIEF, wanted, name="Нур", role=Role.STUDENT, language="", now=NOW)
        await desk.accounts.disable(CHIEF, wanted, now)
        return found

    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: desk.accounts.choose_language(person, "ru"),
        lambda: desk.accounts.edit(CHIEF, person.id, name="Нур", role=Role.STUDENT, language="ru", now=NOW),
    ]
    for act in acts:
        await desk.accounts.enable(CHIEF, person.id, NOW)
        monkeypatch.setattr(People, "get", disabled_meanwhile)
        await act()
        kept = await desk.accounts.get(CHIEF, person.id)
        assert (kept.disabled_at, kept.name, kept.language) == (now, "Нур", "ru")
    assert await desk.accounts.disabled_since(now) == [person.id]
    assert await desk.accounts.disabled_since(now + 1) == []
