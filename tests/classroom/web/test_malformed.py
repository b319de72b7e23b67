"""Bytes that are no HTTP, and bodies that end early: answered, counted, and not in the log."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from classroom.web import malformed
from classroom.web.metrics import HttpCounters


@pytest.fixture
def counters() -> HttpCounters:
    return HttpCounters()


@pytest.fixture
async def server(counters: HttpCounters) -> AsyncIterator[TestServer]:
    async def fine(_request: web.Request) -> web.Response:
        return web.Response(text="fine")

    app = web.Application()
    app.router.add_get("/", fine)
    with malformed.counted(counters):
        async with TestServer(app) as server:
            yield server


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /?token=geheim HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
)
async def test_strangers(
    server: TestServer, counters: HttpCounters, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(raw)
    assert b" 400 " in (await reader.read()).partition(b"\r\n")[0]
    writer.close()
    assert "geheim" not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_they_are_counted(server: TestServer, counters: HttpCounters) -> None:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    await reader.read()
    writer.close()
    assert counters.malformed == 1


def test_what_else_is_said_passes(counters: HttpCounters, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("aiohttp.server")
    with malformed.counted(counters):
        logger.warning("disk on fire")
        logger.error("defect", exc_info=RuntimeError("ours"))
    assert [record.message for record in caplog.records] == ["disk on fire", "defect"]
    assert counters.malformed == 0
    assert logger.filters == []
