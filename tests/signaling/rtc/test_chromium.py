"""
Chromium publishes and Chromium watches, through a real worker process.

What counts is what the browser itself measured: pictures decoded, sound with energy in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from signaling.control import LegState, NewOffer, SlotsChanged
from signaling.core.model import Kind, Wish
from signaling.supervisor import MediaPool
from tests.support.media import Told

pytestmark = pytest.mark.browser

KINDS: dict[str, Kind] = {"0": "microphone", "1": "camera"}
PAGE = "<!doctype html><html><body></body></html>"

# The microphone and a camera in three sizes, as the class page publishes them.
PUBLISH = """async () => {
  window.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const video = { width: 1280, height: 720 };
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video });
  pc.addTransceiver(media.getAudioTracks()[0], { direction: "sendonly" });
  pc.addTransceiver(media.getVideoTracks()[0], { direction: "sendonly", sendEncodings: [
    { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150000 },
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 450000 },
    { rid: "f", maxBitrate: 1500000 } ] });
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}"""
RESTART = "async () => { await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));" \
    " return pc.localDescription.sdp; }"  # fmt: skip
ANSWERED = "sdp => pc.setRemoteDescription({ type: 'answer', sdp })"
OFFERED = """async sdp => {
  if (!window.pc) {
    window.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    pc.ontrack = ({ track }) => {
      const element = document.createElement(track.kind);
      element.autoplay = true;
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
    };
  }
  await pc.setRemoteDescription({ type: "offer", sdp });
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}"""
MEASURE = """async () => {
  const found = { state: pc.connectionState, frames: 0, height: 0, energy: 0, freezes: 0, pairs: 0 };
  for (const row of (await pc.getStats()).values()) {
    if (row.type === "candidate-pair" && row.nominated) found.pairs += 1;
    if (row.type !== "inbound-rtp" || !row.packetsReceived) continue;
    if (row.kind === "audio") found.energy += row.totalAudioEnergy;
    else {
      found.frames += row.framesDecoded; found.height = row.frameHeight; found.freezes += row.freezeCount;
    }
  }
  return found;
}"""


async def empty_page(browser: Browser) -> Page:
    context = await browser.new_context(permissions=["camera", "microphone"])
    page = await context.new_page()
    await page.route("**/*", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    await page.goto("http://localhost/")
    return page


async def publish(pool: MediaPool, page: Page) -> None:
    offer = await page.evaluate(PUBLISH)
    await page.evaluate(ANSWERED, await pool.publish("room", "ann", offer, KINDS))
    await pool.gate("room", "ann", "microphone", "ann/mic", False)
    await pool.gate("room", "ann", "camera", "ann/cam", False)


async def subscribe(pool: MediaPool, page: Page) -> None:
    offer, _, _ = await pool.subscribe("room", "bob")
    await pool.answer("room", "bob", await page.evaluate(OFFERED, offer))


async def bound(told: Told, tracks: set[str]) -> None:
    """Wait until these tracks are in slots: a slow browser lets a tick pass before each gate."""
    after = 0
    while True:
        event = await told.wait(SlotsChanged, after)
        if {track for track in event.slots.values() if track} == tracks:
            return
        after = told.events.index(event, after) + 1


async def until(page: Page, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Measure `page` until `condition` holds."""
    while True:
        found: dict[str, Any] = await page.evaluate(MEASURE)
        if condition(found):
            return found
        await asyncio.sleep(0.1)  # The browser has no event for a frame that was decoded.


async def more_of_both(page: Page) -> None:
    """Wait until pictures and sound go on from where they are."""
    before = await page.evaluate(MEASURE)
    await until(page, lambda now: now["frames"] > before["frames"] + 5 and now["energy"] > before["energy"])


async def test_picture_and_sound_go_through_and_layers_follow_the_wish(
    pool: MediaPool, told: Told, browser: Browser
) -> None:
    teacher, student = await empty_page(browser), await empty_page(browser)
    async with asyncio.timeout(60):
        await publish(pool, teacher)
        await subscribe(pool, student)
        await told.wait(LegState("room", "bob", "subscriber", "connected"))
        await bound(told, {"ann/mic", "ann/cam"})
        for height in (720, 180, 360, 720):
            await pool.wish("room", "bob", "everything", {"ann/cam": Wish(height)})
            await until(student, lambda now, height=height: now["height"] == height)  # type: ignore[misc]
            await more_of_both(student)
        await pool.wish("room", "bob", "sound", {})
        await until_still(student)
        await pool.gate("room", "ann", "camera", None, False)
    (worker,) = (await pool.stats())["workers"]
    assert worker["forwarded"] > 100
    assert set(worker["dropped"]) <= {"early"}


async def until_still(page: Page) -> None:
    """Wait until pictures have stopped while sound goes on."""
    while True:
        before = await page.evaluate(MEASURE)
        now = await until(page, lambda now, before=before: now["energy"] > before["energy"])  # type: ignore[misc]
        if now["frames"] == before["frames"]:
            return


async def test_both_legs_survive_an_ice_restart(pool: MediaPool, told: Told, browser: Browser) -> None:
    teacher, student = await empty_page(browser), await empty_page(browser)
    async with asyncio.timeout(60):
        await publish(pool, teacher)
        await subscribe(pool, student)
        await more_of_both(student)
        ports = (await pool.stats())["workers"][0]["legs"]
        again = await teacher.evaluate(RESTART)
        await teacher.evaluate(ANSWERED, await pool.publish("room", "ann", again, KINDS))
        await subscribe(pool, student)
        await more_of_both(student)
        (worker,) = (await pool.stats())["workers"]
    assert worker["legs"] == ports == 2
    assert not [event for event in told.events if isinstance(event, LegState) and event.state != "connected"]


async def test_a_room_that_grows_offers_again(pool: MediaPool, told: Told, browser: Browser) -> None:
    teacher, student = await empty_page(browser), await empty_page(browser)
    async with asyncio.timeout(60):
        await publish(pool, teacher)
        await subscribe(pool, student)
        await more_of_both(student)
        for number in range(5):
            await pool.gate("room", f"guest{number}", "microphone", f"guest{number}/mic", False)
        offer = await told.wait(NewOffer)
        assert offer.peer == "bob"
        assert len(offer.slots) == 16
        await pool.answer("room", "bob", await student.evaluate(OFFERED, offer.sdp))
        await more_of_both(student)


async def test_a_new_page_takes_the_place_of_the_old_one(
    pool: MediaPool, told: Told, browser: Browser
) -> None:
    teacher, student = await empty_page(browser), await empty_page(browser)
    async with asyncio.timeout(60):
        await publish(pool, teacher)
        await subscribe(pool, student)
        await more_of_both(student)
        again = await empty_page(browser)
        await subscribe(pool, again)
        await more_of_both(again)
        fresh = await empty_page(browser)
        await publish(pool, fresh)
        await more_of_both(again)
        await until(student, lambda now: now["state"] != "connected")
    assert (await pool.stats())["workers"][0]["legs"] == 2
