"""What happens around every request: ids, errors, headers, the line in the log."""

import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from classroom.domain.errors import TooFast
from classroom.store.errors import Overloaded
from classroom.web import guard
from classroom.web.metrics import HttpCounters
from classroom.web.middleware import Watch
from classroom.web.problems import Problem

Client = TestClient[web.Request, web.Application]
COUNTERS = web.AppKey("counters", HttpCounters)


async def fine(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="fine")


async def who(request: web.Request) -> web.StreamResponse:
    return web.Response(text=f"{request.remote} {request.scheme}")


async def part(request: web.Request) -> web.StreamResponse:
    kind = {"a.js": "text/javascript", "a.css": "text/css", "a.svg": "image/svg+xml"}[
        request.match_info["path"]
    ]
    return web.Response(body=b" ", content_type=kind)


async def echo(request: web.Request) -> web.StreamResponse:
    return web.Response(text=str(len(await request.read())))


async def socket(request: web.Request) -> web.StreamResponse:
    response = web.WebSocketResponse()
    await response.prepare(request)
    await response.close()
    return response


async def lost(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=404, text="lost", content_type="text/html")


def raising(error: Exception) -> web.RequestHandler:  # type: ignore[name-defined]
    async def handler(_request: web.Request) -> web.StreamResponse:
        raise error

    return handler


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    counters = HttpCounters()
    watch = Watch(guard.networks(("127.0.0.0/8", "::1")), "", lost, counters)

    @web.middleware
    async def middleware(request: web.Request, handler: object) -> web.StreamResponse:
        return await watch.around(request, handler)  # type: ignore[arg-type]

    app = web.Application(middlewares=[middleware], client_max_size=1000)
    app[COUNTERS] = counters
    app.on_response_prepare.append(watch.prepare)
    app.router.add_get("/fine", fine)
    app.router.add_post("/fine", fine)
    app.router.add_get("/who", who)
    app.router.add_get("/static/{path:.+}", part)
    app.router.add_post("/echo", echo)
    app.router.add_get("/socket", socket)
    app.router.add_get("/problem", raising(Problem("conflict", "twice")))
    app.router.add_get("/refused", raising(TooFast(retry_after=1500)))
    app.router.add_get("/down", raising(Overloaded("queue of 1000")))
    busy = web.HTTPServiceUnavailable(headers={"Retry-After": "5"})
    app.router.add_get("/busy", raising(busy))
    app.router.add_get("/bug", raising(RuntimeError("inner secret")))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_every_answer_wears_the_headers(client: Client) -> None:
    for path in ("/fine", "/nowhere", "/bug", "/api/nowhere"):
        answer = await client.get(path)
        for name, value in guard.HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["Content-Security-Policy"] == guard.BARE_POLICY
        assert answer.headers["Server"] == "Sabak"
        assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(("path", "bare"), [("a.js", True), ("a.css", True), ("a.svg", False)])
async def test_what_is_no_document_wears_only_what_concerns_it(client: Client, path: str, bare: bool) -> None:
    headers = (await client.get(f"/static/{path}")).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Server"] == "Sabak"
    assert ("Content-Security-Policy" not in headers) == bare
    assert ("Permissions-Policy" not in headers) == bare


async def test_a_websocket_wears_them_too_and_has_an_id(client: Client) -> None:
    async with client.ws_connect("/socket", headers={"X-Request-ID": "abcdefgh1"}) as connection:
        headers = connection._response.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-ID"] == "abcdefgh1"


async def test_https_behind_a_trusted_proxy(client: Client) -> None:
    headers = {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"}
    answer = await client.get("/who", headers=headers)
    assert await answer.text() == "203.0.113.5 https"
    assert answer.headers["Strict-Transport-Security"] == guard.STRICT_TRANSPORT


@pytest.mark.parametrize(
    ("given", "kept"), [("from-proxy_1234", True), ("short", False), ("line feed", False), ("x" * 65, False)]
)
async def test_request_ids(client: Client, given: str, kept: bool) -> None:
    found = (await client.get("/fine", headers={"X-Request-ID": given})).headers["X-Request-ID"]
    assert (found == given) is kept
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", found)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/problem", 409, "conflict"),
        ("/refused", 429, "too_fast"),
        ("/down", 503, "unavailable"),
        ("/bug", 500, "internal"),
        ("/nowhere", 404, "not_found"),
    ],
)
async def test_errors_are_problems_with_codes(client: Client, path: str, status: int, code: str) -> None:
    answer = await client.get(path)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    body = await answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert "secret" not in str(body)


async def test_waiting_helps_and_is_said_twice(client: Client) -> None:
    answer = await client.get("/refused")
    assert answer.headers["Retry-After"] == "2"
    assert (await answer.json())["retry_after"] == 1500


async def test_what_the_gateway_says_of_waiting_is_kept(client: Client) -> None:
    answer = await client.get("/busy")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert (await answer.json())["code"] == "unavailable"


async def test_wrong_methods_and_large_bodies(client: Client) -> None:
    answer = await client.delete("/fine")
    assert (answer.status, (await answer.json())["code"]) == (405, "bad_method")
    assert answer.headers["Allow"] == "GET,HEAD,POST"
    answer = await client.post("/echo", data=b"x" * 1001)
    assert (answer.status, (await answer.json())["code"]) == (413, "too_large")


async def test_a_lost_person_gets_a_page_and_a_program_gets_a_problem(client: Client) -> None:
    human = {"Accept": "text/html,*/*"}
    assert await (await client.get("/nowhere", headers=human)).text() == "lost"
    for path in ("/api/nowhere", "/static/nowhere.js", "/socket.io/nowhere"):
        assert (await client.get(path, headers=human)).content_type == "application/problem+json"


async def test_cross_site_requests_change_nothing(client: Client) -> None:
    answer = await client.post("/fine", headers={"Origin": "http://evil.example"})
    assert (answer.status, (await answer.json())["code"]) == (403, "cross_site")
    own = f"http://{client.host}:{client.port}"
    assert (await client.post("/fine", headers={"Origin": own})).status == 200


async def test_the_log_has_no_query(client: Client) -> None:
    with capture_logs() as lines:
        await client.get("/fine?token=secret", headers={"Cookie": "sabak=secret"})
        await client.get("/bug?token=secret")
    assert [line["path"] for line in lines if line["event"] == "request"] == ["/fine", "/bug"]
    assert "token" not in str(lines)
    assert lines[0]["status"] == 200


async def test_requests_are_counted_by_route(client: Client) -> None:
    await client.get("/fine")
    await client.get("/made/up/1")
    await client.get("/made/up/2")
    assert client.app is not None
    assert client.app[COUNTERS].requests == {("GET", "/fine", "200"): 1, ("GET", "unknown", "404"): 2}
