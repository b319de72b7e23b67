"""The demo: made once, told once, completed when a start was killed, and it works."""

import pytest
from sqlalchemy import delete

from classroom.content import demo
from classroom.domain.roles import Role
from classroom.store.tables import classes
from tests.support.people import NOW, Services


async def test_it_is_made_once_and_everybody_gets_in(desk: Services) -> None:
    made = await demo.make(desk.database, desk.passwords, NOW)
    assert [login.role for login in made.logins] == [Role.TEACHER, Role.STUDENT, Role.STUDENT]
    entered = []
    for login in made.logins:
        assert login.password is not None
        signed = await desk.accounts.sign_in(login.login, login.password, address="", agent="", now=NOW)
        assert not signed.person.must_change
        entered.append(await desk.admission.by_person(signed.person, made.class_id, NOW + 10**11))
        assert len((await desk.schedule.mine(signed.person, NOW)).now) == 1
    assert [one.role for one in entered] == [login.role for login in made.logins]
    assert len({one.person for one in entered}) == 3
    again = await demo.make(desk.database, desk.passwords, NOW)
    assert [login.login for login in again.logins] == [login.login for login in made.logins]
    assert [login.password for login in again.logins] == [None] * 3


async def test_a_start_that_was_killed_is_completed(desk: Services) -> None:
    first = await demo.make(desk.database, desk.passwords, NOW)
    await desk.database.write(lambda connection: connection.execute(delete(classes)) and None)
    second = await demo.make(desk.database, desk.passwords, NOW)
    assert all(login.password is not None for login in second.logins)
    assert {login.password for login in first.logins}.isdisjoint(login.password for login in second.logins)
    assert await desk.schedule.find("demo") is not None


@pytest.mark.parametrize(
    ("now", "year", "semester"),
    [(1_788_220_800_000, 2026, 1), (1_798_761_600_000, 2026, 2), (1_785_000_000_000, 2025, 2)],
    ids=["September 2026", "January 2027", "July 2026"],
)
async def test_the_course_is_of_this_academic_year(
    desk: Services, now: int, year: int, semester: int
) -> None:
    await demo.make(desk.database, desk.passwords, now)
    planned = await desk.schedule.find("demo")
    assert planned is not None
    assert planned.course is not None
    chief = await desk.person("chief", Role.ADMINISTRATOR)
    course = await desk.courses.get(chief, planned.course)
    assert (course.academic_year, course.semester) == (year, semester)
