"""The adapter: strict bodies and queries, who is asking, and types as the single source."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from classroom.config import Settings
from classroom.content.accounts import Accounts
from classroom.domain.roles import Role
from classroom.store.rows import Person, Session
from classroom.web import cookies, problems
from classroom.web.endpoint import MAX_BODY, Answer, Call, Endpoint
from classroom.web.fields import Body, Line, Time
from classroom.web.parts import PARTS, Parts
from classroom.web.problems import Problem

Client = TestClient[web.Request, web.Application]
ANN = Person("u_ann", "ann", "Ann", Role.TEACHER, "", False, None, 0)


class Note(Body, frozen=True):
    text: Line
    at: Time = 0


class Page(Body, frozen=True):
    limit: int = 10
    deep: bool = False


async def echo(call: Call[Note, Page]) -> Note:
    """Return the note."""
    return Note(
        text=f"{call.path('id')} {call.actor.name} {call.body.text} {call.query.limit}", at=call.body.at
    )


async def nothing(call: Call[None, None]) -> None:
    """Do nothing."""


async def bake(call: Call[None, None]) -> Answer[list[str]]:
    """Set a cookie."""
    return Answer([call.secret or ""], cookies.write("fresh", max_age=60, secure=call.secure))


async def erase(_call: Call[None, None]) -> Answer[None]:
    """Delete the cookie."""
    return Answer(None, cookies.erase(secure=False))


ECHO = Endpoint("POST", "/api/echo/{id}", echo, "Echo", status=201)
TABLE = (
    ECHO,
    Endpoint("DELETE", "/api/nothing", nothing, "Nothing"),
    Endpoint("GET", "/api/bake", bake, "Bake", public=True),
    Endpoint("GET", "/api/erase", erase, "Erase", public=True),
)


class OnePerson(Accounts):
    """Accounts in which one cookie means Ann. The adapter asks nothing else of them."""

    def __init__(self) -> None:
        pass

    async def recall(self, secret: str, now: int) -> tuple[Person, Session] | None:
        seen = {"ann's": 0, "ann's-old": now}  # the second has just been prolonged
        return (ANN, Session("s", ANN.id, 0, seen[secret], now + 5000, "")) if secret in seen else None


@web.middleware
async def refuse(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        return await handler(request)  # type: ignore[no-any-return]
    except Problem as problem:
        return problems.response(problem)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    unused: Any = None
    app = web.Application(middlewares=[refuse], client_max_size=MAX_BODY)
    app[PARTS] = Parts(
        Settings(),
        OnePerson(),
        unused,
        unused,
        unused,
        unused,
        unused,
        unused,
        lambda _person: None,
        doors=unused,
        lines=unused,
        library=unused,
        recorded=unused,
    )
    for endpoint in TABLE:
        app.router.add_route(endpoint.method, endpoint.route, endpoint.serve)
    async with TestClient(TestServer(app), cookies={"sabak": "ann's"}) as client:
        yield client


def test_the_annotations_are_the_source() -> None:
    assert (ECHO.body, ECHO.query, ECHO.answer) == (Note, Page, Note)
    assert [(e.body, e.query, e.answer) for e in TABLE[1:3]] == [(None, None, None), (None, None, list[str])]
    assert TABLE[3].answer is None


async def test_a_typed_call_and_back(client: Client) -> None:
    answer = await client.post("/api/echo/x1?limit=3", json={"text": "hello", "at": 5})
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "no-store")
    assert await answer.json() == {"text": "x1 Ann hello 3", "at": 5}
    assert (await client.delete("/api/nothing")).status == 204


@pytest.mark.parametrize("identifier", ["1x", "x" * 65, "ж", "x.y", "x%20y"])
async def test_a_path_takes_only_ids(client: Client, identifier: str) -> None:
    assert (await client.post(f"/api/echo/{identifier}", json={"text": "x"})).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"text": 1}',
        b'{"text": "a", "more": 1}',
        b'{"text": "a\\u0000b"}',
        b'{"text": "a\\nb"}',
        b'{"text": "\\ud800"}',
        b'{"text": "\xff"}',
        b'{"text": "a", "at": -1}',
        b'{"text": "a", "at": 9007199254740992}',
        b'{"text": "a", "at": 1e400}',
        b'{"text": "a", "at": 1.5}',
        b'{"text": "a", "at": true}',
        b'{"text": "' + b"a" * 301 + b'"}',
        b"[" * 30_000,
        b'{"more": ' + b"[" * 30_000,
    ],
)
async def test_bad_bodies_are_bad_messages(client: Client, body: bytes) -> None:
    answer = await client.post("/api/echo/x", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, (await answer.json())["code"]) == (400, "bad_message")


async def test_a_detail_names_the_place_and_never_the_value(client: Client) -> None:
    answer = await client.post("/api/echo/x", json={"text": {"password": "geheim"}})
    detail = (await answer.json())["detail"]
    assert "$.text" in detail
    assert "geheim" not in detail


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_forms_are_no_json(client: Client, kind: str) -> None:
    answer = await client.post("/api/echo/x", data=b'{"text": "a"}', headers={"Content-Type": kind})
    assert (answer.status, (await answer.json())["code"]) == (415, "bad_type")


async def test_compressed_bodies_are_not_unpacked(client: Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for body in (gzip.compress(b'{"text": "a"}'), b"no gzip"):
        answer = await client.post("/api/echo/x", data=body, headers=headers)
        assert answer.status == 415


async def test_a_body_that_is_announced_too_long_is_not_waited_for(client: Client) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = "POST /api/echo/x HTTP/1.1\r\nHost: x\r\nCookie: sabak=ann's\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {MAX_BODY + 1}\r\n\r\n{{".encode())
    assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_body_that_ends_early_hurts_nobody(client: Client) -> None:
    _, writer = await asyncio.open_connection(client.host, client.port)
    head = "POST /api/echo/x HTTP/1.1\r\nHost: x\r\nCookie: sabak=ann's\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    assert (await client.post("/api/echo/x", json={"text": "a"})).status == 201


@pytest.mark.parametrize("query", ["limit=x", "limit=1&limit=2", "other=1", "deep=perhaps", "limit="])
async def test_queries_are_as_strict(client: Client, query: str) -> None:
    answer = await client.post(f"/api/echo/x?{query}", json={"text": "a"})
    assert (answer.status, (await answer.json())["code"]) == (400, "bad_message")


@pytest.mark.parametrize("cookie", ["", "bob's", "x" * (cookies.MAX_LENGTH + 1)])
async def test_strangers_are_sent_away_before_their_body_is_read(client: Client, cookie: str) -> None:
    client.session.cookie_jar.clear()
    answer = await client.post("/api/echo/x", data=b"not json", cookies={"sabak": cookie})
    assert (answer.status, (await answer.json())["code"]) == (401, "unauthorized")
    assert (await client.get("/api/bake", cookies={"sabak": cookie})).status == 200


async def test_cookies_have_all_their_flags(client: Client) -> None:
    baked = (await client.get("/api/bake")).headers["Set-Cookie"]
    assert baked == "sabak=fresh; HttpOnly; Max-Age=60; Path=/; SameSite=Lax"
    erased = (await client.get("/api/erase")).headers["Set-Cookie"]
    assert "Max-Age=0" in erased
    assert "sabak=" in erased


async def test_a_cookie_lives_on_with_its_session(client: Client) -> None:
    assert "Set-Cookie" not in (await client.delete("/api/nothing")).headers
    answer = await client.delete("/api/nothing", cookies={"sabak": "ann's-old"})
    assert answer.headers["Set-Cookie"] == "sabak=ann's-old; HttpOnly; Max-Age=5; Path=/; SameSite=Lax"
    erased = await client.get("/api/erase", cookies={"sabak": "ann's-old"})
    assert "Max-Age=0" in erased.headers["Set-Cookie"]


def test_over_https_a_cookie_is_bound_to_its_host() -> None:
    response = web.Response()
    cookies.write("x", max_age=1, secure=True)(response)
    (cookie,) = response.cookies.values()
    assert cookie.OutputString() == "__Host-sabak=x; HttpOnly; Max-Age=1; Path=/; SameSite=Lax; Secure"


def test_answers_are_frozen_values() -> None:
    with pytest.raises(AttributeError):
        Note(text="a").text = "b"  # type: ignore[misc]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"text": "a", "x": 1}, Note)


async def test_a_body_that_never_comes_holds_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.web.endpoint.BODY_WAIT", 0.01)

    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with asyncio.timeout(5):
        answer = await client.post("/api/echo/x1", data=drip(), headers={"Content-Type": "application/json"})
        assert answer.status == 408
