"""
What tests of pages with a made-up class share: sizes of windows, and how parts of a page are found.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page

from tests.support.reading import AXE, RUN_AXE

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
OpenPage = Callable[..., Awaitable[Page]]


def mark(page: Page, name: str) -> Any:
    return page.locator(f'[data-test="{name}"]')


async def violations(page: Page) -> list[Any]:
    """Return what axe finds on the page as it is."""
    await page.evaluate(AXE())
    found: list[Any] = await page.evaluate(RUN_AXE)
    return found


async def focused(page: Page) -> str:
    """Return what the focused element is called."""
    name: str = await page.evaluate(
        "(e => e.dataset.test || e.getAttribute('aria-label') || e.textContent)(document.activeElement)"
    )
    return name
