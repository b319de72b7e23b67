"""One real worker, what it tells, and a Chromium that plays sound without being asked to."""

from collections.abc import AsyncIterator, Callable

import pytest
from playwright.async_api import Browser, async_playwright

from signaling.supervisor import MediaPool, PoolSettings
from tests.support.browser import chromium
from tests.support.media import Told


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def pool(told: Told) -> AsyncIterator[MediaPool]:
    made = MediaPool(PoolSettings(addresses=("127.0.0.1",), port=0, workers=1), told)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def browser(need: Callable[..., str]) -> AsyncIterator[Browser]:
    flags = ["--autoplay-policy=no-user-gesture-required"]
    async with async_playwright() as play, chromium(play, *flags, executable=need("chromium")) as made:
        yield made
