"""
People in real browsers. Each has a context (or a whole browser) of their own with a fake camera and
microphone.

What is asserted is what the browser itself counts (getStats of every RTCPeerConnection of the page), so a
picture that is drawn but never decoded, or sound that is silence, does not pass.
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, Playwright

CHROMIUM = os.environ.get("SABAK_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # Ten pictures a second: four people encode and decode on two cores.
    "--use-fake-device-for-media-stream=fps=10", "--use-fake-ui-for-media-stream",
]  # fmt: skip

# Remembers every connection of the page, so that a test can ask it for statistics.
REMEMBER_CONNECTIONS = """
window.__connections = [];
window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
  construct(target, args) { const made = new target(...args); window.__connections.push(made); return made; },
});
"""

# One row for each incoming or outgoing RTP stream of all connections that still live.
READ_STREAMS = """
async () => {
  const rows = [];
  for (const connection of window.__connections) {
    if (connection.connectionState === "closed") continue;
    for (const row of (await connection.getStats()).values())
      if (row.type === "inbound-rtp" || row.type === "outbound-rtp") rows.push({ ...row });
  }
  return rows;
}
"""

# The pair of candidates that each connection sends by, with its protocol.
READ_PAIRS = """
async () => {
  const rows = [];
  for (const connection of window.__connections) {
    if (connection.connectionState === "closed") continue;
    const stats = await connection.getStats();
    const pairs = [...stats.values()].filter((row) => row.type === "candidate-pair");
    const chosen = [...stats.values()].find((row) => row.type === "transport")?.selectedCandidatePairId;
    const pair = stats.get(chosen) ?? pairs.find((row) => row.selected);
    if (!pair) continue;
    const [local, remote] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
    rows.push({ state: pair.state, local: { ...local }, remote: { ...remote } });
  }
  return rows;
}
"""


@dataclass
class Person:
    """One person and the page they look at."""

    name: str
    page: Page
    context: BrowserContext
    console: list[str] = field(default_factory=list)

    def mark(self, name: str) -> Locator:
        """Return what carries the stable mark `name`."""
        return self.page.locator(f'[data-test="{name}"]')

    async def join(self) -> None:
        """Go from the page before joining into the class."""
        await self.mark("join").click()
        await self.mark("leave").wait_for()

    async def open_panel(self, name: str) -> None:
        """Open one of the side panels: chat, questions, people."""
        tab = self.mark(f"tab-{name}")
        if await tab.get_attribute("aria-selected") != "true":
            await tab.click()

    async def write(self, text: str) -> None:
        await self.open_panel("chat")
        await self.mark("chat-text").fill(text)
        await self.mark("chat-send").click()

    async def ask(self, text: str) -> None:
        await self.open_panel("questions")
        await self.mark("question-text").fill(text)
        await self.mark("question-send").click()

    async def texts(self, mark: str) -> list[str]:
        return await self.mark(mark).all_inner_texts()

    async def streams(self, kind: str, media: str) -> list[dict[str, Any]]:
        """Return getStats rows; kind: inbound-rtp or outbound-rtp; media: audio or video."""
        rows: list[dict[str, Any]] = await self.page.evaluate(READ_STREAMS)
        return [row for row in rows if row["type"] == kind and row["kind"] == media]

    async def pairs(self) -> list[dict[str, Any]]:
        """Return local and remote candidate of the pair that each living connection uses."""
        rows: list[dict[str, Any]] = await self.page.evaluate(READ_PAIRS)
        return rows

    async def decoded(self) -> int:
        """Return how many video frames were decoded in all."""
        return sum(row.get("framesDecoded", 0) for row in await self.streams("inbound-rtp", "video"))

    async def moving_pictures(self) -> int:
        """Return how many incoming video streams decode new frames within a second."""
        before = {r["id"]: r.get("framesDecoded", 0) for r in await self.streams("inbound-rtp", "video")}
        await asyncio.sleep(1)  # A rate needs two readings; nothing is waited for.
        after = {r["id"]: r.get("framesDecoded", 0) for r in await self.streams("inbound-rtp", "video")}
        return sum(1 for key, count in after.items() if count > before.get(key, 0))

    async def sounding(self) -> int:
        """Return how many incoming audio streams gain energy within a second."""
        before = {r["id"]: r.get("totalAudioEnergy", 0) for r in await self.streams("inbound-rtp", "audio")}
        await asyncio.sleep(1)
        after = {r["id"]: r.get("totalAudioEnergy", 0) for r in await self.streams("inbound-rtp", "audio")}
        return sum(1 for key, energy in after.items() if energy > before.get(key, 0))


async def until(condition: Callable[[], Any], timeout: float = 20, what: str = "") -> None:
    """Wait until the awaitable that `condition` makes is true; fail with `what` after `timeout` seconds."""
    try:
        async with asyncio.timeout(timeout):
            while not await condition():  # noqa: ASYNC110  A browser has no event to wait for.
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"did not happen within {timeout} s: {what}") from None


@contextlib.asynccontextmanager
async def chromium(play: Playwright, *more: str, executable: str | Path = CHROMIUM) -> AsyncIterator[Browser]:
    """Start a Chromium with fake devices and a fresh profile; it ends with the block."""
    browser = await play.chromium.launch(executable_path=str(executable), headless=True, args=[*FLAGS, *more])
    try:
        yield browser
    finally:
        await browser.close()


async def enter(browser: Browser, name: str, link: str, **context_options: Any) -> Person:
    """Open `link` for a new person, up to the page before joining."""
    options = {"locale": "en-GB", "permissions": ["camera", "microphone"], **context_options}
    context = await browser.new_context(**options)
    await context.add_init_script(REMEMBER_CONNECTIONS)
    page = await context.new_page()
    person = Person(name, page, context)
    page.on("console", lambda message: person.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: person.console.append(f"pageerror: {error}"))
    await page.goto(link)
    await person.mark("join").wait_for()
    return person
