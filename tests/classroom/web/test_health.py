"""Health: what is asked, what is answered, and that a stuck part does not make the answer stick."""

import asyncio
import shutil
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from classroom.web import health
from classroom.web.health import Health, Part


async def fine() -> str:
    return ""


async def down() -> str:
    return "no connection"


async def broken() -> str:
    raise OSError("disk on fire")


async def stuck() -> str:
    await asyncio.Event().wait()
    return ""


async def test_all_well() -> None:
    report = await Health({"a": fine, "b": fine}).report()
    assert report.ready
    assert report.parts == {"a": Part(True), "b": Part(True)}


async def test_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIMEOUT_S", 0.01)
    report = await Health({"a": fine, "b": down, "c": broken, "d": stuck}).report()
    assert not report.ready
    assert report.parts["a"].ok
    assert report.parts["b"] == Part(False, "no connection")
    assert report.parts["c"] == Part(False, "OSError: disk on fire")
    assert "no answer" in report.parts["d"].reason


async def test_draining_is_not_ready_but_alive() -> None:
    checked = Health({"a": fine})
    asked = make_mocked_request("GET", "/readyz")
    assert (await checked.ready(asked)).status == 200
    checked.drain()
    answer = await checked.ready(asked)
    assert answer.status == 503
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    assert msgspec.json.decode(answer.body)["parts"]["server"] == {"ok": False, "reason": "shutting down"}
    assert (await checked.live(asked)).status == 200


async def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    check = health.disk(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=health.ENOUGH_DISK))
    assert await check() == ""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5 << 20))
    assert await check() == "5 MB left in the data directory"
