"""Courses, enrolments, classes, invitations and the way in, over HTTP: a term in one school."""

from typing import Any

import pytest

from classroom import clock
from classroom.domain.roles import Role
from classroom.web.ice import IceServer
from tests.classroom.web.conftest import School, Visitor

HOUR = 3600 * 1000


def course_of(teacher: Visitor) -> dict[str, Any]:
    return {
        "academic_year": 2026,
        "semester": 1,
        "discipline": "Алгебра",
        "group": "М-21",
        "control": "exam",
        "teacher": teacher.id,
    }


def class_in(course: str | None, **more: object) -> dict[str, object]:
    starts = clock.now_ms() + 24 * HOUR
    return {
        "title": "Матрицалар",
        "starts_at": starts,
        "duration": HOUR,
        "language": "ky",
        "course": course,
        **more,
    }


@pytest.fixture
async def course(administrator: Visitor, teacher: Visitor, student: Visitor) -> str:
    made = await administrator.do("POST", "/api/courses", course_of(teacher))
    await administrator.do("POST", f"/api/courses/{made['id']}/people", {"people": ["student"]})
    return str(made["id"])


async def test_courses(administrator: Visitor, teacher: Visitor, student: Visitor, course: str) -> None:
    shown = await student.get(f"/api/courses/{course}")
    assert (shown["discipline"], shown["teacher_name"]) == ("Алгебра", "Teacher")
    assert [c["id"] for c in await student.get("/api/courses")] == [course]
    assert [c["id"] for c in await administrator.get("/api/courses?scope=all&query=алг")] == [course]
    assert await student.refused("GET", "/api/courses?scope=all") == "not_allowed"
    assert await administrator.refused("POST", "/api/courses", course_of(teacher)) == "taken"
    changed = course_of(teacher) | {"group": "М-22"}
    assert (await administrator.do("PUT", f"/api/courses/{course}", changed))["group"] == "М-22"
    await administrator.do("PUT", f"/api/courses/{course}/archived", {"archived": True})
    assert await student.get("/api/courses") == []
    assert [c["id"] for c in await student.get("/api/courses?archived=true")] == [course]


async def test_enrolments(administrator: Visitor, teacher: Visitor, student: Visitor, course: str) -> None:
    path = f"/api/courses/{course}/people"
    (found,) = await teacher.get(path)
    assert (found["person"], found["role"]) == (student.id, "student")
    assert await teacher.refused("POST", path, {"people": ["nobody"]}) == "not_found"
    assert await student.refused("POST", path, {"people": ["student"], "role": "assistant"}) == "not_allowed"
    assert (await teacher.do("POST", path, {"people": [student.id], "role": "assistant"}))[0][
        "role"
    ] == "assistant"
    await teacher.do("DELETE", f"{path}/{student.id}")
    assert await teacher.get(path) == []


async def test_a_planned_class(teacher: Visitor, student: Visitor, stranger: Visitor, course: str) -> None:
    planned = await teacher.do(
        "POST", "/api/classes", class_in(course, settings={"lobby": True, "locks": ["chat"]})
    )
    told = {"lobby": True, "moderated": False, "locks": ["chat"], "recording": "on", "publish": True}
    assert planned["settings"] == told
    for person, role in ((teacher, "teacher"), (student, "student")):
        mine = await person.get("/api/classes")
        assert [(c["planned"]["id"], c["role"]) for c in mine["next"]] == [(planned["id"], role)]
    assert (await student.get(f"/api/courses/{course}/classes"))["next"]
    path = f"/api/classes/{planned['id']}"
    assert (await student.get(path))["planned"]["title"] == "Матрицалар"
    assert await student.refused("PUT", path, class_in(course)) == "not_allowed"
    assert (await teacher.do("PUT", path, class_in(course, title="Вектор")))["title"] == "Вектор"
    assert await student.refused("POST", f"{path}/admission", {}) == "too_early"
    assert (await teacher.do("DELETE", path))["state"] == "cancelled"
    assert await teacher.refused("POST", f"{path}/admission", {}) == "closed"
    assert await stranger.refused("GET", path) == "unauthorized"


async def test_a_class_that_starts_now(
    school: School, teacher: Visitor, student: Visitor, course: str
) -> None:
    body = {"title": "Суроо-жооп", "language": "ru", "course": course}
    started = await teacher.do("POST", "/api/classes/now", body)
    path = f"/api/classes/{started['id']}/admission"
    seats = {}
    for person, role in ((teacher, "teacher"), (student, "student")):
        seats[role] = await person.do("POST", path, {})
        assert seats[role]["person"] == {"id": person.id, "name": role.title(), "role": role}
        info = {"id": started["id"], "title": "Суроо-жооп", "language": "ru", "recording": "on"}
        assert seats[role]["class"] == info
        assert seats[role]["ice_servers"] == []
    seat = school.desk.seats.read(seats["student"]["seat"], clock.now_ms())
    assert (seat.class_id, seat.person, seat.role) == (started["id"], student.id, Role.STUDENT)


async def test_those_who_have_no_business_there(
    school: School, teacher: Visitor, stranger: Visitor, course: str
) -> None:
    started = await teacher.do("POST", "/api/classes/now", {"title": "X", "language": "ky", "course": course})
    path = f"/api/classes/{started['id']}/admission"
    other = await school.person("other", Role.STUDENT)
    assert await other.refused("POST", path, {}) == "not_found"
    assert await stranger.refused("POST", path, {}) == "unauthorized"
    assert await stranger.refused("POST", path, {"token": "join.made.up"}) == "unauthorized"
    assert await stranger.refused("POST", path, {"invitation": "made-up", "name": "x"}) == "unauthorized"
    assert await stranger.refused("POST", path, {"invitation": "x", "token": "y"}) == "bad_message"
    assert await other.refused("POST", "/api/classes/nowhere/admission", {}) == "not_found"
    assert await other.refused("POST", "/api/classes/now", {"title": "X", "language": "ky"}) == "not_allowed"


async def test_join_tokens(school: School, teacher: Visitor, stranger: Visitor, course: str) -> None:
    started = await teacher.do("POST", "/api/classes/now", {"title": "X", "language": "ky", "course": course})
    now = clock.now_ms()
    token = school.desk.seats.issue_token(started["id"], Role.GUEST, "Конок", now)
    path = f"/api/classes/{started['id']}/admission"
    assert (await stranger.do("POST", path, {"token": token}))["person"]["name"] == "Конок"
    late = school.desk.seats.issue_token(started["id"], Role.GUEST, "Конок", now - 2 * HOUR, life=HOUR)
    assert await stranger.refused("POST", path, {"token": late}) == "unauthorized"
    elsewhere = school.desk.seats.issue_token("demo", Role.GUEST, "Конок", now)
    assert await stranger.refused("POST", path, {"token": elsewhere}) == "unauthorized"


async def test_invitations(teacher: Visitor, student: Visitor, stranger: Visitor, course: str) -> None:
    started = await teacher.do("POST", "/api/classes/now", {"title": "X", "language": "ky", "course": course})
    path = f"/api/classes/{started['id']}"
    body = {"expires_at": clock.now_ms() + HOUR, "max_uses": 5}
    assert await student.refused("POST", f"{path}/invitations", body) == "not_allowed"
    link = await teacher.do("POST", f"{path}/invitations", body)
    assert await teacher.get(f"{path}/invitations") == [link]
    opened = await stranger.do("POST", "/api/invitations/peek", {"code": link["code"]})
    assert (opened["class_id"], opened["title"], opened["role"]) == (started["id"], "X", "guest")
    assert opened["recording"] == "on"
    claim = {"invitation": link["code"], "name": "Меймен"}
    seat = await stranger.do("POST", f"{path}/admission", claim)
    assert (seat["person"]["name"], seat["person"]["role"]) == ("Меймен", "guest")
    assert await stranger.refused("POST", f"{path}/admission", claim | {"name": " "}) == "bad_message"
    assert await student.refused("DELETE", f"/api/invitations/{link['invitation']['id']}") in (
        "not_allowed",
        "not_found",
    )
    await teacher.do("DELETE", f"/api/invitations/{link['invitation']['id']}")
    assert await stranger.refused("POST", f"{path}/admission", claim) == "unauthorized"
    assert await stranger.refused("POST", "/api/invitations/peek", {"code": link["code"]}) == "unauthorized"


def test_an_ice_server_is_what_browsers_expect() -> None:
    import msgspec

    assert msgspec.to_builtins(IceServer(("stun:a",))) == {"urls": ("stun:a",)}
