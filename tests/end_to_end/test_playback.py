"""
A class is held, recorded, ended, and watched: what is seen and heard at known moments is what was then.

The teacher sends a clock that is seen and heard (tests/support/clock.js): every moment of the recording says
when it was.
"""

import asyncio
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.support import clock, held
from tests.support.browser import until
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(180)]

LIPS_MS = 40
LATE_MS = 250  # From the camera to the server: encoding, sending; a busy machine takes its time.

# Where every element with sound or picture is now, and whether it runs.
PLACES = """
() => [...document.querySelectorAll("audio, video")].filter((one) => one.readyState > 1)
  .map((one) => ({ kind: one.localName, at: one.currentTime * 1000, paused: one.paused }))
"""
# Listens to the sound of the page for some seconds: [place in the class (ms), loudness] fifty times a second.
LISTEN = """
async (seconds) => {
  const sounding = [...document.querySelectorAll("audio")].find((one) => one.readyState > 1);
  const context = new AudioContext();
  const ear = context.createAnalyser();
  ear.fftSize = 1024;
  const stream = sounding.captureStream();
  context.createMediaStreamSource(stream).connect(ear);
  await context.resume();
  const heard = [], samples = new Float32Array(ear.fftSize);
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    ear.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    heard.push([sounding.currentTime * 1000, Math.sqrt(power)]);
    await new Promise((done) => setTimeout(done, 20));
  }
  return heard;
}
"""


class Watcher:
    """Somebody before the page of a recording."""

    def __init__(self, page: Page, started_at: int) -> None:
        self.page = page
        self.started_at = started_at

    async def look(self) -> tuple[float, float] | None:
        """Return where the player is, and by how much its picture is behind what the class was then (ms)."""
        found = await held.shown(self.page)
        if found is None:
            return None
        seen, at = found
        return at, clock.apart((self.started_at + at) % clock.TURN_MS, seen)

    async def late(self) -> float:
        """Return by how much the picture is behind what the class was then (ms)."""
        found = await self.look()
        assert found is not None
        return found[1]

    async def time(self) -> float:
        """Return where the player is (ms)."""
        found = await self.look()
        assert found is not None
        return found[0]

    async def shows_then(self, t: int) -> None:
        """Wait until the picture of moment `t` is there, standing or running."""
        seen: list[Any] = []

        async def right() -> bool:
            seen[:] = [await self.look()]
            return seen[0] is not None and abs(seen[0][1]) < LATE_MS and abs(seen[0][0] - t) < 3000

        try:
            await until(right, 10, f"the picture of {t} ms")
        except AssertionError as error:
            raise AssertionError(f"{error}: {seen}") from None


async def test_a_class_is_watched_as_it_was(server: Server, browser: Browser) -> None:
    teacher = await held.signed_in(browser, server, held.TEACHER)
    await clock.install(teacher)
    student = await held.signed_in(browser, server, held.STUDENT)
    class_id = await held.start_class(teacher, server)
    speaks = await held.enter(teacher, server, class_id, "Teacher")
    listens = await held.enter(student, server, class_id, "Student")
    await speaks.mark("mic").click()
    await speaks.mark("camera").click()
    await until(listens.moving_pictures, 15, "the student sees the teacher")
    async with held.beside(server, class_id) as second:
        await listens.write("биринчи")
        await held.rest(4)
        await listens.ask("Эмне үчүн?")
        assert (await second.command("cpause001", "recording.pause"))["ok"]
        await speaks.write("жашыруун")
        await held.rest(3)
        assert (await second.command("cresume01", "recording.resume"))["ok"]
        await held.rest(4)
        await speaks.write("акыркы")
        assert (await second.command("cmark0001", "recording.mark", label="Корутунду"))["ok"]
        await held.rest(3)
        assert (await second.command("cclose001", "lifecycle.close"))["ok"]
    found = await held.ready(student, server, class_id, 5)
    await until(lambda: _stored(server, found["id"]), 10, "the package is in the store")
    parts = held.kept(server, found["id"])
    _check_files(server, found, parts)
    await _check_page(await student.new_page(), server, found)


async def _stored(server: Server, recording: str) -> bool:
    return any((server.data / "objects" / "recordings" / recording).glob("manifest-*.json"))


def _check_files(server: Server, found: dict[str, Any], parts: list[held.Kept]) -> None:
    manifest, media = held.package(server, found["id"])
    assert manifest["complete"]
    (gap,) = [one for one in manifest["gaps"] if one["why"] == "paused"]
    assert 2500 < gap["end"] - gap["start"] < 6000
    assert {part.kind for part in parts} == {"microphone", "camera"}
    for part in parts:
        told = held.probe(media / part.segment["file"])
        lasts = float(told["format"]["duration"]) * 1000
        assert abs(lasts - part.segment["duration"]) < 50, part.segment
        assert len(part.late) > 3, part.segment
        assert abs(median(part.late)) < LATE_MS
    assert held.lips(parts) <= LIPS_MS


async def _check_page(page: Page, server: Server, found: dict[str, Any]) -> None:
    watcher = Watcher(page, found["started_at"])
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    end = found["duration"]
    await page.goto(f"{server.url}/recording/{found['id']}?t={(end - 9000) // 1000}s")
    await watcher.shows_then(end - 9000)
    texts = page.locator('[data-test="chat-message"]')
    assert [one for one in await texts.all_inner_texts() if "акыркы" in one] == [], "not written yet"
    assert any("биринчи" in one for one in await texts.all_inner_texts())
    await _check_playing(page, watcher)
    await page.goto(f"{server.url}/recording/{found['id']}?t={(end - 1000) // 1000}s")
    await watcher.shows_then(end - 1000)
    await until(lambda: _has(texts, "акыркы"), 5, "the last message, at its time")
    assert not await _has(texts, "жашыруун"), "written in a pause"
    assert troubles == []


async def _play(page: Page) -> None:
    """Wait until it plays by itself, or press a key where the browser wants one before it lets sound out."""
    runs = "[...document.querySelectorAll('audio')].some((one) => !one.paused)"
    stands = "navigator.mediaSession.playbackState === 'paused'"
    await until(lambda: page.evaluate(f"{runs} || {stands}"), 5, "it plays, or stands")
    if await page.evaluate(stands):
        await page.keyboard.press("k")
        await until(lambda: page.evaluate(runs), 5, "it plays")


async def _check_playing(page: Page, watcher: Watcher) -> None:
    await _play(page)
    heard: list[list[float]] = await page.evaluate(LISTEN, 3)
    loud = max(level for _, level in heard)
    assert loud > 0.05, "tones are heard"
    begins = [at for (_, before), (at, level) in pairwise(heard) if level > loud / 2 >= before]
    offsets = [(watcher.started_at + at + 500) % 1000 - 500 for at in begins]
    assert len(offsets) >= 2
    assert abs(median(offsets)) < LATE_MS, offsets
    places: list[dict[str, Any]] = await page.evaluate(PLACES)
    sound = [one["at"] for one in places if one["kind"] == "audio"]
    picture = [one["at"] for one in places if one["kind"] == "video"]
    assert abs(median(sound) - median(picture)) <= LIPS_MS, places
    assert abs(await watcher.late()) < LATE_MS


async def _has(texts: Any, word: str) -> bool:
    return any(word in one for one in await texts.all_inner_texts())


async def test_who_comes_late_begins_at_the_beginning_and_catches_up(
    server: Server, browser: Browser
) -> None:
    teacher = await held.signed_in(browser, server, held.TEACHER)
    await clock.install(teacher)
    student = await held.signed_in(browser, server, held.STUDENT)
    class_id = await held.start_class(teacher, server)
    speaks = await held.enter(teacher, server, class_id, "Teacher")
    await speaks.mark("mic").click()
    await speaks.mark("camera").click()
    await speaks.write("башында")
    await held.rest(14)
    (found,) = await held.api(student, server, "GET", f"classes/{class_id}/recordings")
    assert found["state"] == "recording"
    page = await student.new_page()
    watcher = Watcher(page, found["started_at"])
    await page.goto(f"{server.url}/recording/{found['id']}?t=3s")
    await watcher.shows_then(3000)
    began, at = asyncio.get_running_loop().time(), await watcher.time()
    await _play(page)
    await page.keyboard.press(">")
    await page.keyboard.press(">")
    await page.keyboard.press(">")
    await page.keyboard.press(">")

    async def behind() -> float:
        now: float = await page.evaluate("Date.now()")
        return now - watcher.started_at - await watcher.time()

    first = await behind()

    async def caught_up() -> bool:
        return await behind() < 10_000 and await behind() < first

    await until(caught_up, 30, "nearer to the class than before, and within ten seconds")
    passed = asyncio.get_running_loop().time() - began
    assert await watcher.time() - at > passed * 1000, "faster than the class"
    assert abs(await watcher.late()) < LATE_MS
