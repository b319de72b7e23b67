"""
The player's engine in a real browser: real files of our muxers, sound and picture that have to stay together.

What is asserted is what the elements themselves tell: frames that were decoded, and where they play.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.support.browser import CHROMIUM, chromium, until
from tests.support.firefox import firefox
from tests.support.programs import need
from tests.support.recorded import NAME, Recorded, Site, broken_off, lesson, serving

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.asyncio(loop_scope="module")]

# Opens the player as a page does: the pictures are attached once it is known which there are.
OPEN = """
async ({ recording, start }) => {
  const { createPlayer } = await import("/static/js/protocol/playback/player.js");
  const began = performance.now();
  const player = (window.player = createPlayer({ recording, start }));
  window.videos = {};
  window.first = null;
  player.tracks.subscribe((tracks) => {
    for (const { id, kind } of tracks) {
      if (window.videos[id] || kind === "microphone" || kind === "screen_audio") continue;
      const video = (window.videos[id] = document.body.appendChild(document.createElement("video")));
      video.width = 320;
      const shown = () => (window.first ??= performance.now() - began);
      video.requestVideoFrameCallback(shown);
      player.attach(id, video);
    }
  });
  player.play();
}
"""
# Where every element is, against the clock (ms).
PLACES = """
() => {
  const all = [...document.querySelectorAll("audio, video")];
  return all.filter((one) => one.src && one.readyState > 0).map((one) => ({
    kind: one.localName, drift: one.currentTime * 1000 - player.now(), paused: one.paused,
    frames: one.getVideoPlaybackQuality?.().totalVideoFrames ?? 0, rate: one.playbackRate,
  }));
}
"""
TOGETHER = 40


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return lesson(30)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    need(CHROMIUM)
    async with (
        async_playwright() as play,
        chromium(play, "--autoplay-policy=no-user-gesture-required") as started,
    ):
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def site(recorded: Recorded) -> AsyncIterator[Site]:
    async with serving(recorded) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    context = await browser.new_context()
    opened = await context.new_page()
    opened.on("console", lambda message: print(message.type, message.text))
    opened.on("pageerror", lambda error: print("pageerror", error))
    await opened.goto(site.url)
    yield opened
    await context.close()


async def start(page: Page, at: int = 0) -> None:
    await page.evaluate(OPEN, {"recording": NAME, "start": at})


async def moved(page: Page, beyond: float) -> None:
    """Wait until the clock has come that far."""
    await until(lambda: page.evaluate(f"player.now() > {beyond}"), 20, f"the clock at {beyond}")


async def together(page: Page, playing: int) -> list[dict[str, Any]]:
    """Assert that `playing` elements play, and where the clock is; return them."""

    async def near() -> bool:
        places = [place for place in await page.evaluate(PLACES) if not place["paused"]]
        return len(places) == playing and all(abs(place["drift"]) < TOGETHER for place in places)

    await until(near, 4, f"{playing} elements together: {await page.evaluate(PLACES)}")
    places: list[dict[str, Any]] = [one for one in await page.evaluate(PLACES) if not one["paused"]]
    assert all(abs(place["drift"]) < TOGETHER for place in places), places
    return places


async def test_sound_and_picture_keep_together(page: Page, site: Site) -> None:
    await start(page)
    await moved(page, 5000)
    first = await together(page, 3)
    frames = sum(place["frames"] for place in first)
    assert frames >= 35
    await moved(page, 9000)
    # The second voice is silent now; nobody waits for it.
    await together(page, 2)
    await page.evaluate("player.seek(21_300)")
    await moved(page, 22_300)
    later = await together(page, 3)
    assert sum(place["frames"] for place in later) > frames
    assert site.at_once <= 2


async def test_a_pause_and_another_codec(browser: Browser) -> None:
    async with serving(broken_off()) as site:
        page = await browser.new_page()
        await page.goto(site.url)
        await start(page, 3500)
        await moved(page, 4000)
        await together(page, 2)
        assert await page.evaluate("videos.cam.videoWidth") == 320
        began: float = await page.evaluate("performance.now() - player.now()")
        await moved(page, 12_000)
        # Four seconds were gone over; what lies behind was there already.
        passed = await page.evaluate("performance.now() - player.now()") - began
        assert -4100 < passed < -2500, passed
        assert await page.evaluate("[player.jumped.value.from, player.jumped.value.to]") == [6000, 10_000]
        await together(page, 2)
        assert await page.evaluate("videos.cam.videoWidth") == 640
        await page.evaluate("player.seek(4500)")
        await moved(page, 4800)
        await together(page, 2)
        assert await page.evaluate("videos.cam.videoWidth") == 320
        await page.close()


async def test_twice_as_fast(page: Page) -> None:
    await start(page, 12_500)
    await page.evaluate("player.setRate(2)")
    await moved(page, 16_000)
    began: float = await page.evaluate("performance.now() - player.now() / 2")
    await moved(page, 22_000)
    assert abs(await page.evaluate("performance.now() - player.now() / 2") - began) < 200
    places = await together(page, 3)
    assert all(1.8 <= place["rate"] <= 2.2 for place in places)


async def test_a_slow_far_line(page: Page, site: Site) -> None:
    # What two voices and the small picture need is 180 kbit/s; with the best picture it is 310.
    site.line.bitrate, site.line.delay = 300_000, 0.25
    await start(page)
    await moved(page, 200)
    assert await page.evaluate("player.sizes.value") == {"cam": "small"}
    await moved(page, 5000)
    await together(page, 3)
    began: float = await page.evaluate("player.seek(14_000), performance.now()")
    await moved(page, 14_100)
    assert await page.evaluate("performance.now()") - began < 4000
    # A better line brings the better picture, and the clock does not stop for it.
    site.line.bitrate, site.line.delay = 0, 0
    await moved(page, 15_000)
    before: float = await page.evaluate("performance.now() - player.now()")
    await until(lambda: page.evaluate("videos.cam.videoWidth === 320"), 12, "the better picture")
    await together(page, 3)
    assert abs(await page.evaluate("performance.now() - player.now()") - before) < 50


async def test_a_line_that_is_cut_and_comes_back(page: Page, site: Site) -> None:
    site.line.bitrate = 600_000
    await start(page)
    await moved(page, 500)
    site.line.cut = True
    await until(lambda: page.evaluate("player.error.value === 'offline'"), 10, "the cut is noticed")
    left: float = await page.evaluate("player.buffered.value[0][1]")
    # It goes on with what it has, and then waits.
    await moved(page, left - 500)
    await until(lambda: page.evaluate("player.waiting.value"), 5, "waiting for the line")
    site.line.cut = False
    await moved(page, left + 1500)
    assert await page.evaluate("player.error.value") == ""
    await together(page, 3)


async def test_in_firefox(site: Site, tmp_path: Path) -> None:
    async with firefox(need("firefox-esr"), tmp_path / "profile") as fox:
        person = await fox.visit("S", site.url)

        async def moved(beyond: int) -> None:
            await until(
                lambda: person.evaluate(f"() => player.now() > {beyond}"), 20, f"the clock at {beyond}"
            )

        async def together(playing: int) -> int:
            async def near() -> bool:
                places = [place for place in await person.evaluate(PLACES) if not place["paused"]]
                return len(places) == playing and all(abs(one["drift"]) < TOGETHER for one in places)

            await until(near, 5, f"{playing} elements together: {await person.evaluate(PLACES)}")
            return sum(place["frames"] for place in await person.evaluate(PLACES))

        await person.evaluate(OPEN, {"recording": NAME, "start": 0})
        # Firefox fails what has sound alone on a machine without a loudspeaker, unless nobody is to hear it.
        await person.evaluate("() => void (player.muted.value = true)")
        await moved(5000)
        frames = await together(3)
        assert frames >= 30
        await person.evaluate("() => player.seek(13_500)")
        await moved(15_000)
        assert await together(3) > frames
