"""Accounts over HTTP."""

import pytest

from tests.classroom.web.conftest import PASSWORD, School, Visitor

NEW = {"login": "new", "name": "Жаңы", "role": "teacher", "password": PASSWORD}


async def test_making_and_reading(administrator: Visitor) -> None:
    status, made = await administrator.ask("POST", "/api/people", NEW)
    assert (status, made["password"], made["person"]["name"]) == (201, None, "Жаңы")
    assert await administrator.get(f"/api/people/{made['person']['id']}") == made["person"]
    assert [p["login"] for p in await administrator.get("/api/people?query=жаң")] == ["new"]
    assert await administrator.refused("POST", "/api/people", NEW) == "taken"


async def test_a_password_that_is_made_up_is_shown_once_and_works(
    school: School, administrator: Visitor
) -> None:
    made = await administrator.do("POST", "/api/people", {"login": "new", "name": "N", "role": "student"})
    browser = await school.visitor()
    seen = await browser.do("POST", "/api/session", {"login": "new", "password": made["password"]})
    assert seen["person"]["must_change"] is True


async def test_pages_of_a_list(administrator: Visitor) -> None:
    for number in range(5):
        await administrator.do("POST", "/api/people", NEW | {"login": f"p{number}", "name": f"P{number}"})
    first = await administrator.get("/api/people?query=p&limit=3")
    rest = await administrator.get(f"/api/people?query=p&limit=3&after={first[-1]['id']}")
    assert [p["login"] for p in first + rest] == [f"p{number}" for number in range(5)]


async def test_editing(administrator: Visitor, student: Visitor) -> None:
    body = {"name": "Renamed", "role": "teacher", "language": "ru"}
    changed = await administrator.do("PUT", f"/api/people/{student.id}", body)
    assert (changed["name"], changed["role"], changed["language"]) == ("Renamed", "teacher", "ru")


async def test_locking_ends_sessions_and_connections(
    school: School, administrator: Visitor, student: Visitor
) -> None:
    locked = await administrator.do("PUT", f"/api/people/{student.id}/disabled", {"disabled": True})
    assert locked["disabled_at"] is not None
    assert school.expelled == [student.id]
    assert (await student.get("/api/session"))["person"] is None
    opened = await administrator.do("PUT", f"/api/people/{student.id}/disabled", {"disabled": False})
    assert opened["disabled_at"] is None
    assert school.expelled == [student.id]


async def test_setting_a_password(administrator: Visitor, student: Visitor, stranger: Visitor) -> None:
    done = await administrator.do("POST", f"/api/people/{student.id}/password", {})
    assert await student.refused("GET", "/api/sessions") == "unauthorized"
    await stranger.do("POST", "/api/session", {"login": "student", "password": done["password"]})


async def test_the_last_administrator_stays(administrator: Visitor) -> None:
    path = f"/api/people/{administrator.id}/disabled"
    assert await administrator.refused("PUT", path, {"disabled": True}) == "last_administrator"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/people", None),
        ("POST", "/api/people", NEW),
        ("PUT", "/api/people/u_x", {"name": "x", "role": "administrator"}),
        ("POST", "/api/people/u_x/password", {}),
        ("PUT", "/api/people/u_x/disabled", {"disabled": True}),
    ],
)
async def test_others_may_not(
    teacher: Visitor, stranger: Visitor, method: str, path: str, body: object
) -> None:
    assert await teacher.refused(method, path, body) in ("not_allowed", "not_found")
    assert await stranger.refused(method, path, body) == "unauthorized"
