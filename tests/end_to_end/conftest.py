"""Fixtures of the browser tests: a server, a browser, and a way in for each person."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

from tests.support.browser import CHROMIUM, Person, chromium, enter
from tests.support.programs import need
from tests.support.server import Server

Enter = Callable[[str, str], Awaitable[Person]]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    running = Server(tmp_path / "data")
    await running.start()
    yield running
    await running.close()


@pytest.fixture
async def play() -> AsyncIterator[Playwright]:
    need(CHROMIUM)
    async with async_playwright() as started:
        yield started


@pytest.fixture
async def browser(play: Playwright) -> AsyncIterator[Browser]:
    async with chromium(play) as started:
        yield started


@pytest.fixture
def bring(server: Server, browser: Browser) -> Enter:
    """Return a function that brings a person (role, name) to the page before joining."""

    async def bring_one(role: str, name: str) -> Person:
        return await enter(browser, name, await server.link(role, name))

    return bring_one
