"""Signing in and out over HTTP."""

import re

from tests.classroom.web.conftest import PASSWORD, School, Visitor


async def test_nobody(stranger: Visitor) -> None:
    assert await stranger.get("/api/session") == {"person": None, "permissions": []}


async def test_somebody(teacher: Visitor) -> None:
    seen = await teacher.get("/api/session")
    assert (seen["person"]["login"], seen["person"]["role"]) == ("teacher", "teacher")
    assert "classes.plan" in seen["permissions"]
    assert "people.manage" not in seen["permissions"]


async def test_the_cookie(school: School, stranger: Visitor, teacher: Visitor) -> None:
    answer = await stranger.client.post("/api/session", json={"login": "teacher", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert re.fullmatch(r"sabak=\S+; HttpOnly; Max-Age=\d+; Path=/; SameSite=Lax", cookie)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_wrong_passwords_are_never_told_apart(stranger: Visitor, teacher: Visitor) -> None:
    for login in ("teacher", "nobody"):
        assert (
            await stranger.refused("POST", "/api/session", {"login": login, "password": "x"}) == "login.wrong"
        )


async def test_guessing_is_slowed_down(stranger: Visitor, teacher: Visitor) -> None:
    for _ in range(30):
        status, data = await stranger.ask("POST", "/api/session", {"login": "teacher", "password": "x"})
        if status == 429:
            assert data["code"] == "login.throttled"
            assert data["retry_after"] > 0
            return
    raise AssertionError("thirty guesses in a row")


async def test_signing_out_ends_the_session_and_not_only_the_cookie(teacher: Visitor) -> None:
    jar = teacher.client.session.cookie_jar
    cookies = {cookie.key: cookie.value for cookie in jar}
    await teacher.do("DELETE", "/api/session")
    assert (await teacher.get("/api/session"))["person"] is None
    assert list(jar) == []
    answer = await teacher.client.get("/api/session", cookies=cookies)
    assert (await answer.json())["person"] is None
    await teacher.do("DELETE", "/api/session")


async def test_changing_ones_password_signs_other_browsers_out(school: School, teacher: Visitor) -> None:
    other = await school.visitor()
    await other.do("POST", "/api/session", {"login": "teacher", "password": PASSWORD})
    assert len(await teacher.get("/api/sessions")) == 2
    body = {"current": "wrong", "new": "another long password"}
    assert await teacher.refused("PUT", "/api/session/password", body) == "login.wrong"
    assert (
        await teacher.refused("PUT", "/api/session/password", {"current": PASSWORD, "new": "x"})
    ) == "weak_password"
    await teacher.do("PUT", "/api/session/password", body | {"current": PASSWORD})
    assert (await teacher.get("/api/session"))["person"]["login"] == "teacher"
    assert (await other.get("/api/session"))["person"] is None


async def test_signing_out_everywhere(school: School, teacher: Visitor) -> None:
    other = await school.visitor()
    await other.do("POST", "/api/session", {"login": "teacher", "password": PASSWORD})
    await other.do("DELETE", "/api/sessions")
    assert await teacher.refused("GET", "/api/sessions") == "unauthorized"


async def test_the_language(teacher: Visitor) -> None:
    assert (await teacher.do("PUT", "/api/session/language", {"language": "ky"}))["person"][
        "language"
    ] == "ky"
    assert await teacher.refused("PUT", "/api/session/language", {"language": "de"}) == "bad_message"


async def test_another_sites_page_signs_nobody_in(stranger: Visitor, teacher: Visitor) -> None:
    answer = await stranger.client.post(
        "/api/session",
        json={"login": "teacher", "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert (answer.status, (await answer.json())["code"]) == (403, "cross_site")
    assert "Set-Cookie" not in answer.headers
