"""The gateway with real sockets: honest clients are served, hostile ones are cut off, nobody else notices."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import msgpack
import pytest
from aiohttp import web

from signaling import gateway_socket
from signaling.gateway import Denied, Gateway, Limits, Link, event_frame
from signaling.gateway_limits import Rate
from signaling.gateway_link import MAX_WAITING
from tests.support.wire_client import Refused, WireClient


class Echo:
    """A handler that lets in whoever says so and answers with what it got."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.left: list[Link] = []
        self.gate = asyncio.Event()
        self.changed = asyncio.Condition()

    async def connect(self, link: Link, auth: object) -> None:
        if auth == "fail":
            raise RuntimeError("a defect")
        if auth != "please":
            raise Denied({"ok": False, "code": "unauthorized"})
        link.person = "somebody"
        self.links.append(link)
        link.send(event_frame("welcome", {"upto": 0, "state": {}}))

    async def receive(self, link: Link, event: str, data: object) -> dict[str, object] | None:
        if data == "fail":
            raise RuntimeError("a defect")
        if event == "media":
            await self.gate.wait()
        return None if event == "signal" else {"ok": True, "event": event, "data": data}

    def disconnected(self, link: Link) -> None:
        self.left.append(link)


class Stage:
    """A gateway that serves, and clients of it."""

    def __init__(self, gateway: Gateway, handler: Echo, url: str, session: aiohttp.ClientSession) -> None:
        self.gateway, self.handler, self.url, self.session = gateway, handler, url, session

    async def open(self) -> WireClient:
        return await WireClient(self.url, self.session).open()

    async def join(self) -> WireClient:
        client = await self.open()
        await client.greet("please")
        await client.take("welcome")
        return client

    async def settled(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - nothing announces that a connection is forgotten
                await asyncio.sleep(0.005)


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
async def stage(limits: Limits) -> AsyncIterator[Stage]:
    handler = Echo()
    gateway = Gateway(handler, limits=limits)
    app = web.Application()
    gateway.attach(app)
    runner = web.AppRunner(app, handler_cancellation=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield Stage(gateway, handler, f"http://127.0.0.1:{runner.addresses[0][1]}", session)
        await gateway.close()
    await runner.cleanup()
    assert not gateway.links, "no connection may be remembered"
    assert not gateway._by_sid
    assert not gateway._addresses
    assert not gateway._server.eio.sockets
    assert not gateway._server.environ
    assert not any(gateway._server.manager.rooms.values())
    assert {link.id for link in handler.left} == {link.id for link in handler.links}


async def test_an_honest_client_is_answered(stage: Stage) -> None:
    async with await stage.join() as client:
        assert await client.call("command", {"a": 1}) == {"ok": True, "event": "command", "data": {"a": 1}}
        assert await client.call("signal", {}) == {"ok": True}
        await client.emit("command", 1)
        assert (await client.call("history", None))["data"] is None
    await stage.settled(lambda: len(stage.handler.left) == 1)
    assert stage.handler.left[0].goodbye


async def test_the_answer_to_connecting_comes_before_everything_else(stage: Stage) -> None:
    socket = await stage.session.ws_connect(f"{stage.url}/socket.io/?EIO=4&transport=websocket")
    assert (await socket.receive_str())[0] == "0"
    await socket.send_bytes(msgpack.packb({"type": 0, "nsp": "/", "data": "please"}))
    assert msgpack.unpackb(await socket.receive_bytes())["type"] == 0
    assert msgpack.unpackb(await socket.receive_bytes())["data"][0] == "welcome"
    await socket.close()


async def test_no_frame_is_compressed(stage: Stage) -> None:
    url = f"{stage.url}/socket.io/?EIO=4&transport=websocket"
    socket = await stage.session.ws_connect(url, compress=15)
    assert not socket.compress, "a deflate window for each connection is a quarter of a megabyte"
    await socket.close()


@pytest.mark.parametrize(
    ("auth", "code"), [("no", "unauthorized"), (None, "unauthorized"), ("fail", "unavailable")]
)
async def test_a_refused_connect_says_why(stage: Stage, auth: Any, code: str) -> None:
    client = await stage.open()
    with pytest.raises(Refused) as caught:
        await client.greet(auth)
    assert caught.value.refusal == {"ok": False, "code": code}
    await client.close()


async def test_a_broken_line_is_no_goodbye(stage: Stage) -> None:
    client = await stage.join()
    await client.cut()
    await stage.settled(lambda: len(stage.handler.left) == 1)
    assert not stage.handler.left[0].goodbye


async def test_a_defect_is_answered_and_counted(stage: Stage) -> None:
    async with await stage.join() as client:
        assert await client.call("command", "fail") == {"ok": False, "code": "unavailable"}
        assert (await client.call("command", "fine"))["ok"]
    assert stage.gateway.counters.failures == 1


@pytest.mark.parametrize("arguments", [(), (1, 2)])
async def test_a_call_has_one_argument(stage: Stage, arguments: tuple[Any, ...]) -> None:
    async with await stage.join() as client:
        assert await client.call("command", *arguments) == {"ok": False, "code": "bad_message"}
        assert await client.call("unheard_of", 1) == {"ok": False, "code": "bad_message"}


HOSTILE: dict[str, Callable[[WireClient], Any]] = {
    "no msgpack": lambda client: client.send_bytes(b"\xc1"),
    "an undefined of JavaScript": lambda client: client.emit("command", msgpack.ExtType(0, b"\0")),
    "bytes": lambda client: client.emit("command", b"bytes"),
    "another namespace": lambda client: client.send_packet({"type": 0, "nsp": "/admin", "data": None}),
    "an acknowledgement": lambda client: client.send_packet({"type": 3, "nsp": "/", "data": [], "id": 0}),
    "a reserved name": lambda client: client.emit("disconnect", "transport close"),
    "our own word": lambda client: client.emit("malformed", "spoofed"),
    "deep": lambda client: client.send_bytes(b"\x91" * 60_000),
    "too long": lambda client: client.send_bytes(b"\xda" + bytes(65 * 1024)),
    "text of the protocol": lambda client: client.send_text('42["command",{}]'),
    "deep JSON in text": lambda client: client.send_text("4" + "[" * 50_000),
    "base64": lambda client: client.send_text("b!!!!"),
    "an empty text": lambda client: client.send_text(""),
    "an empty frame": lambda client: client.send_bytes(b""),
    "an unknown engine packet": lambda client: client.send_text("9"),
    "an upgrade": lambda client: client.send_text("5"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_packet_ends_its_connection_alone(stage: Stage, name: str) -> None:
    async with await stage.join() as other:
        client = await stage.join()
        # msgpack of the client's own encoder has no extension types: go by the other library
        packed = HOSTILE[name]
        if name == "an undefined of JavaScript":
            data = ["command", msgpack.ExtType(0, b"\0")]
            await client.send_bytes(msgpack.packb({"type": 2, "nsp": "/", "data": data}))
        else:
            await packed(client)
        async with asyncio.timeout(5):
            await client.ended.wait()
        assert (await other.call("command", 1))["ok"]
        await client.close()
    assert stage.gateway.counters.failures == 0


async def test_hostile_bytes_before_connecting(stage: Stage) -> None:
    client = await stage.open()
    await client.emit("command", 1)
    await client.send_bytes(b"\xc1")
    await client.greet("please")
    await client.take("welcome")
    assert (await client.call("command", 1))["ok"]
    await client.close()


async def test_a_second_connect_is_refused_and_the_first_goes_on(stage: Stage) -> None:
    async with await stage.join() as client:
        await client.send_packet({"type": 0, "nsp": "/", "data": "please"})
        assert (await client.call("command", 1))["ok"]
    assert len(stage.handler.links) == 1


async def test_whoever_does_not_connect_is_sent_away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_socket, "CONNECT_WAIT", 0.05)
    client = await stage.open()
    async with asyncio.timeout(5):
        await client.ended.wait()
    assert stage.gateway.counters.violations == {"connect_timeout": 1}
    await client.close()


@pytest.mark.parametrize("limits", [Limits(events={**Limits().events, "command": Rate(1, 2)})])
async def test_too_many_calls_of_a_person_wait(stage: Stage) -> None:
    async with await stage.join() as client, await stage.join() as tab:
        assert (await client.call("command", 1))["ok"]
        assert (await tab.call("command", 1))["ok"]
        refusal = await client.call("command", 1)
        assert (refusal["ok"], refusal["code"]) == (False, "too_fast")
        assert 0 < refusal["retry_after"] <= 1000
        assert (await client.call("history", 1))["ok"], "other calls have buckets of their own"


@pytest.mark.parametrize("limits", [Limits(messages=Rate(1, 20))])
async def test_a_flood_is_cut(stage: Stage) -> None:
    client = await stage.join()
    with contextlib.suppress(ConnectionError):
        for _ in range(100):
            await client.emit("nothing", 1)
    async with asyncio.timeout(5):
        await client.ended.wait()
    assert stage.gateway.counters.violations == {"flood": 1}
    await client.close()


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        (Limits(connects=Rate(0.1, 1)), 429),
        (Limits(refused=Rate(0.1, 1)), 429),
        (Limits(per_address=1), 503),
        (Limits(connections=1), 503),
    ],
)
async def test_an_address_has_bounds(stage: Stage, limits: Limits, status: int) -> None:
    client = await stage.open()
    if limits.refused.burst == 1:
        with pytest.raises(Refused):
            await client.greet("no")
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await stage.open()
    assert caught.value.status == status
    assert caught.value.headers is not None
    assert int(caught.value.headers["Retry-After"]) > 0
    await client.close()


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("EIO=4&transport=polling", {}, 400),
        ("EIO=3&transport=websocket", {}, 400),
        ("EIO=4&transport=websocket&sid=abc", {}, 400),
        ("", {}, 400),
        ("EIO=4&transport=websocket", {}, 426),
        ("EIO=4&transport=websocket", {"Upgrade": "websocket", "Connection": "upgrade"}, 426),
        ("EIO=4&transport=websocket", {"Origin": "https://elsewhere.example"}, 403),
    ],
)
async def test_only_websocket_handshakes_of_our_own_page(
    stage: Stage, query: str, headers: dict[str, str], status: int
) -> None:
    async with stage.session.get(f"{stage.url}/socket.io/?{query}", headers=headers) as response:
        assert response.status == status
    assert not stage.gateway._server.eio.sockets, "a handshake that fails leaves nothing behind"


async def test_our_own_page_may_connect(stage: Stage) -> None:
    client = WireClient(stage.url, stage.session)
    await client.open({"Origin": stage.url})
    await client.close()


async def test_calls_apart_do_not_hold_up_the_others(stage: Stage) -> None:
    async with await stage.join() as client:
        calls = [asyncio.create_task(client.call("media", number)) for number in range(10)]
        assert (await client.call("command", 1))["ok"], "while media waits, commands are answered"
        refused, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert {call.result()["code"] for call in refused} == {"too_fast"}
        stage.handler.gate.set()
        answers = await asyncio.gather(*calls)
        assert [answer["data"] for answer in answers if answer["ok"]] == list(range(9))


async def test_a_call_apart_ends_with_its_connection(stage: Stage) -> None:
    client = await stage.join()
    call = asyncio.create_task(client.call("media", 1))
    await client.call("command", 1)
    await client.close()
    with pytest.raises(ConnectionResetError):
        await call
    await stage.settled(lambda: len(stage.handler.left) == 1)


async def test_a_reader_that_does_not_read_is_cut_at_the_bound(stage: Stage) -> None:
    client = await stage.join()
    client.pause()
    link, frame, worst = stage.handler.links[0], event_frame("x", "y" * 8000), 0
    async with asyncio.timeout(20):
        while link.send(frame):
            worst = max(worst, link.waiting)
            await asyncio.sleep(0)
    assert worst <= MAX_WAITING
    assert stage.gateway.counters.slow == 1
    assert not link.offer(frame, 1000)
    await stage.settled(lambda: len(stage.handler.left) == 1)
    await client.cut()


async def test_a_large_frame_may_exceed_the_bound_once(stage: Stage) -> None:
    client = await stage.join()
    client.pause()
    link = stage.handler.links[0]
    large = event_frame("state", "z" * 40 * MAX_WAITING)
    assert link.send(large, large=True)
    assert link.limit > MAX_WAITING
    assert link.send(event_frame("x", 1)), "what follows counts from there"
    assert not link.offer(event_frame("signal", 1), 16 * 1024), "signals are dropped for a reader that lags"
    assert stage.gateway.counters.dropped == 1
    client.resume()
    assert await client.take("state") == "z" * 40 * MAX_WAITING
    await client.take("x")
    await stage.settled(lambda: link.limit == MAX_WAITING)
    await client.close()


@pytest.mark.parametrize(("code", "stays_away"), [("removed", True), ("slow", False), ("shutdown", False)])
async def test_a_bye_says_whether_to_come_back(stage: Stage, code: str, stays_away: bool) -> None:
    client = await stage.join()
    link = stage.handler.links[0]
    link.bye(code)
    link.bye("again")
    assert not link.send(event_frame("x", 1))
    assert await client.take("bye") == {"code": code}
    async with asyncio.timeout(5):
        await client.ended.wait()
    assert client.sent_away == stays_away
    await client.close()


async def test_closing_tells_everybody(stage: Stage) -> None:
    clients = [await stage.join() for _ in range(3)]
    await stage.gateway.close()
    for client in clients:
        assert await client.take("bye") == {"code": "shutdown"}
        await client.close()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await stage.open()


async def test_the_heartbeat_ends_who_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_socket, "PING_EVERY", 0.1)
    monkeypatch.setattr(gateway_socket, "PING_WAIT", 0.1)
    handler = Echo()
    gateway = Gateway(handler)
    app = web.Application()
    gateway.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        stage = Stage(gateway, handler, f"http://127.0.0.1:{runner.addresses[0][1]}", session)
        client = await stage.join()
        client.pause()
        await stage.settled(lambda: len(handler.left) == 1)
        assert not gateway.links
        await client.cut()
        await gateway.close()
    await runner.cleanup()
