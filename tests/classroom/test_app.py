"""The composition root: a whole server inside the test, with a real media worker and real sockets."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from classroom import app, clock, config
from classroom.app import Service
from classroom.cli.desk import OPERATOR
from classroom.config import Settings
from classroom.domain.roles import Role
from classroom.store.errors import Unusable
from classroom.web.pages import Pages
from classroom.web.site import Site
from signaling.supervisor import PoolError
from tests.support.redis import Server as Redis

Client = TestClient[web.Request, web.Application]
PAGE = '<script type="importmap">{"imports": {}}</script><!-- preload -->'


@asynccontextmanager
async def running(tmp_path: Path, **values: Any) -> AsyncIterator[tuple[Service, Client]]:
    static, data = tmp_path / "static", tmp_path / "data"
    for folder in (static, data):
        folder.mkdir(exist_ok=True)
    for name in ("index.html", "class.html", "playback.html"):
        (static / name).write_text(PAGE)
    settings = config.resolved(Settings(data=data, rtc_port=0, workers=1, **values))
    site = Site(static)
    async with (
        app.running(settings, site, Pages(static, site)) as service,
        TestClient(TestServer(service.application)) as client,
    ):
        yield service, client


async def parts(client: Client) -> dict[str, Any]:
    answer = await client.get("/readyz")
    body = await answer.json()
    assert body["ready"] is (answer.status == 200)
    return dict(body["parts"])


async def until(client: Client, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    async with asyncio.timeout(20):
        # There is no event for "a health check has changed its mind".
        while not wanted(seen := await parts(client)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return seen


async def test_all_parts_are_ready(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, client):
        assert await parts(client) == {
            name: {"ok": True} for name in ("database", "bus", "classes", "media", "recorder", "jobs", "disk")
        }
        assert (await client.get("/healthz")).status == 200


async def test_draining_is_told(tmp_path: Path) -> None:
    async with running(tmp_path) as (service, client):
        service.drain()
        assert (await parts(client))["server"]["reason"] == "shutting down"


async def test_a_worker_that_dies_is_told_and_replaced(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, client):
        text = await (await client.get("/metrics")).text()
        assert 'sabak_media_up{worker="0"} 1.0' in text
        (worker,) = [pid for pid in _children(os.getpid()) if "signaling.worker" in _command(pid)]
        os.kill(worker, signal.SIGKILL)
        seen = await until(client, lambda parts: not parts["media"]["ok"])
        assert seen["media"]["reason"] == "1 of 1 media workers are away"
        await until(client, lambda parts: parts["media"]["ok"])


async def test_a_recorder_that_dies_is_started_again(tmp_path: Path) -> None:
    async with running(tmp_path):

        async def recorder(other_than: int = 0) -> int:
            async with asyncio.timeout(20):
                while True:  # There is no event for a process that another one has started.
                    for pid in _children(os.getpid()):
                        if pid != other_than and "classroom.recording" in _command(pid):
                            return pid
                    await asyncio.sleep(0.05)

        first = await recorder()
        os.kill(first, signal.SIGKILL)
        assert await recorder(other_than=first) != first
        assert (tmp_path / "data" / "spool").is_dir()
    assert not any("classroom.recording" in _command(pid) for pid in _children(os.getpid()))


async def test_metrics_are_of_all_parts(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, client):
        await client.get("/healthz")
        text = await (await client.get("/metrics")).text()
        for name in (
            "sabak_classes",
            "sabak_database_writes_total",
            "sabak_media_legs",
            "sabak_recorder_up",
            "sabak_http_requests_total",
        ):
            assert f"\n{name}" in text
        answer = await client.get("/metrics", headers={"X-Forwarded-For": "8.8.8.8"})
        assert answer.status == 404


async def test_a_class_over_a_socket(tmp_path: Path) -> None:
    async with running(tmp_path) as (service, client):
        seat = await _seat(service, client)
        async with client.ws_connect("/socket.io/?EIO=4&transport=websocket") as socket:
            assert (await socket.receive_str()).startswith("0{")
            auth = b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\x82\xa1v\x01\xa4seat" + _text(seat)
            await socket.send_bytes(auth)
            heard = b""
            async with asyncio.timeout(10):
                while b"welcome" not in heard:
                    heard += await socket.receive_bytes()
            await client.server.app.shutdown()  # type: ignore[attr-defined]
            async with asyncio.timeout(10):
                while b"bye" not in heard:
                    heard += await socket.receive_bytes()
            assert b"shutdown" in heard


async def test_another_sites_page_gets_no_socket(tmp_path: Path) -> None:
    async with running(tmp_path, public_url="https://school.kg") as (_, client):
        path = "/socket.io/?EIO=4&transport=websocket"
        for origin, status in (("https://evil.example", 403), ("https://school.kg", 101)):
            headers = {
                "Origin": origin,
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            }
            answer = await client.get(path, headers=headers)
            assert answer.status == status
            answer.close()


@pytest.mark.redis
async def test_news_go_over_redis(tmp_path: Path, redis_server: Redis) -> None:
    async with running(tmp_path, redis_url=redis_server.url) as (_, client):
        await until(client, lambda parts: bool(parts["bus"]["ok"]))
        redis_server.kill()
        seen = await until(client, lambda parts: not parts["bus"]["ok"])
        assert "not connected" in seen["bus"]["reason"]
        assert (await client.get("/healthz")).status == 200


async def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        async with running(tmp_path, database_url=f"sqlite:///{tmp_path}/no/such/folder/x.db"):
            pass


async def test_a_media_port_that_was_taken_meanwhile_leaves_nothing_running(tmp_path: Path) -> None:
    before = _children(os.getpid())
    with pytest.raises(PoolError):
        async with running(tmp_path, rtc_bind=("203.0.113.1",)):
            pass
    assert _children(os.getpid()) == before


async def _seat(service: Service, client: Client) -> str:
    now = clock.now_ms()
    made = await service.desk.accounts.create(
        OPERATOR, login="ann", name="Ann", role=Role.TEACHER, must_change=False, now=now
    )
    planned = await service.desk.schedule.start_now(made.person, title="Х", language="ky", now=now)
    token = service.desk.seats.issue_token(planned.id, Role.GUEST, "Bob", now)
    answer = await client.post(f"/api/classes/{planned.id}/admission", json={"token": token})
    return str((await answer.json())["seat"])


def _text(value: str) -> bytes:
    """msgpack's str 16 of `value`: the test speaks the wire by itself."""
    return b"\xda" + len(value).to_bytes(2, "big") + value.encode()


def _children(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
