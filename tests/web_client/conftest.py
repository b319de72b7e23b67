"""
A made-up class in one browser for all tests of a module: each has a context, hence a storage, of its own.
"""

import functools
import http.server
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.support.browser import CHROMIUM, chromium
from tests.support.gallery import DESK, OpenPage
from tests.support.programs import need

ROOT = Path(__file__).parents[2]


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing: pytest's output is for tests."""


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    """Give the address under which the repository's files are served."""
    handler = functools.partial(_Files, directory=str(ROOT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def gallery(files: str) -> str:
    return f"{files}/tests/web_client/support/gallery.html"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    need(CHROMIUM)
    async with async_playwright() as play, chromium(play) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def show(gallery: str, browser: Browser) -> AsyncIterator[OpenPage]:
    """Give a function that opens a scene and, at the end, finds that no page threw."""
    thrown: list[str] = []

    async def open_page(scene: str, role: str = "student", **options: Any) -> Page:
        context = await browser.new_context(**({"locale": "en-GB", "viewport": DESK} | options))
        page = await context.new_page()
        page.on("pageerror", lambda error: thrown.append(str(error)))
        await page.goto(f"{gallery}?role={role}&scene={scene}")
        await page.locator("h1").first.wait_for()
        return page

    yield open_page
    for context in browser.contexts:
        await context.close()
    assert thrown == []
