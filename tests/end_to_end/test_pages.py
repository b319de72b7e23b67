"""
Every page, in every language, light and dark, at two widths: no accessibility violation, nothing sticks out,
no untranslated string, no error in the console.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.end_to_end.conftest import Enter
from tests.support.browser import Person, until
from tests.support.server import ROOT, Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """
async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .map(v => ({ id: v.id, nodes: v.nodes.map(n => n.html).slice(0, 3) }))
"""
LOCALES = {"ky": "ky", "ru": "ru-RU", "en": "en-GB"}


async def violations(page: Page) -> list[dict[str, Any]]:
    await page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = await page.evaluate(RUN_AXE)
    return found


async def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    wide: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


async def check(page: Page) -> None:
    assert await violations(page) == [], page.url
    assert await sideways(page) <= 0, page.url


def login_of(server: Server, login: str) -> str:
    """Return the password that the demo printed for `login`."""
    text = server.log.read_text() + server.output
    for line in text.splitlines():
        words = line.split()
        if login in words:
            return words[words.index(login) + 1]
    raise AssertionError(f"no login {login} in:\n{text}")
