"""
Programs in a class: FFmpeg, GStreamer, aiortc and pages of another site send by WHIP and watch by WHEP, over
the real server and its media worker. Frames are counted where they were decoded.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import Enter
from tests.support.browser import REMEMBER_CONNECTIONS, Person, until
from tests.support.door_clients import PAGE, Aiortc, aiortc, elsewhere, ffmpeg, gstreamer, token_of
from tests.support.firefox import firefox
from tests.support.programs import need
from tests.support.server import Server
from tests.support.wire_client import WireClient

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    running = Server(tmp_path / "data")
    await running.start("--rtc-address", "")  # Firefox sends no media to a loopback address.
    yield running
    await running.close()


async def page_of_teacher(server: Server, http: aiohttp.ClientSession) -> WireClient:
    """Return a teacher who is in the class by the page's protocol: a program opens no class."""
    body = {"token": token_of(await server.link("teacher", "Teacher"))}
    async with http.post(f"{server.url}/api/classes/demo/admission", json=body) as answer:
        seat = (await answer.json())["seat"]
    client = await WireClient(server.url, http).connect(seat)
    await client.take("welcome")
    return client


async def visit(browser: Browser, name: str, address: str) -> Person:
    """Return somebody on a page of another site."""
    context = await browser.new_context(permissions=["camera", "microphone"])
    await context.add_init_script(REMEMBER_CONNECTIONS)
    page = await context.new_page()
    await page.goto(address)
    return Person(name, page, context)


async def key_from_page(teacher: Person) -> str:
    await teacher.mark("view").click()
    await teacher.mark("program").click()
    await teacher.mark("program-show").click()
    return await teacher.mark("program-key").input_value()


async def sees(person: Any, pictures: int, sounds: int | None = None) -> None:
    async def enough() -> bool:
        return await person.moving_pictures() == pictures and sounds in (None, await person.sounding())

    await until(enough, 30, f"{person.name} sees {pictures} pictures and hears {sounds} voices")


async def decodes(player: Aiortc) -> None:
    async with asyncio.timeout(20):
        await asyncio.gather(player.frames("video", 20), player.frames("audio", 50))


@pytest.mark.browser
async def test_programs_send_and_a_page_shows_them(server: Server, bring: Enter, tmp_path: Path) -> None:
    student = await bring("student", "Student")
    await student.join()
    url = f"{server.url}/whip/demo"
    studio, wall = [token_of(await server.link("teacher", name)) for name in ("Studio", "Lab")]
    async with ffmpeg(url, studio, tmp_path) as sender:
        await sees(student, 1, 1)
        async with gstreamer("publish", url, wall, "h264") as other:
            await other.tells("state", "connected")
            await sees(student, 2, 2)
            assert await student.mark("tile").count() >= 2
            sender.stop()
            await sees(student, 1, 1)
            assert await other.end() == 200

    # The teacher takes a key from the page, and is there twice: one person, one tile.
    teacher = await bring("teacher", "Teacher")
    await teacher.join()
    third = await aiortc(url, await key_from_page(teacher), sends=True)
    await sees(student, 1, 1)
    assert await student.texts("tile") == ["Teacher"]
    assert await third.end() == 200

    async def alone() -> bool:
        return await student.page.locator("video").count() == 0

    await until(alone, 10, "no picture is left")
    assert [line for line in student.console if line.startswith("pageerror")] == []


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_players_see_and_hear_a_program(server: Server, codec: str) -> None:
    async with aiohttp.ClientSession() as http:
        teacher = await page_of_teacher(server, http)
        lab, wall, hall = [token_of(await server.link("teacher", name)) for name in ("Lab", "Wall", "Hall")]
        async with gstreamer("publish", f"{server.url}/whip/demo", lab, codec) as sender:
            async with gstreamer("watch", f"{server.url}/whep/demo", wall, codec) as player:
                other = await aiortc(f"{server.url}/whep/demo", hall, sends=False)
                await decodes(other)
                async with asyncio.timeout(20):
                    await player.tells("video", 20)
                    await player.tells("audio", 50)
                assert await player.end() == 200
            assert await other.end() == 200
            assert await sender.end() == 200
        started = [event["data"]["kind"] for event in teacher.events if event["type"] == "stage.started"]
        assert sorted(started) == ["camera", "microphone"]
        await teacher.event("stage.stopped")
        await teacher.close()


@pytest.mark.browser
async def test_pages_of_another_site_send_and_watch(server: Server, browser: Browser) -> None:
    async with aiohttp.ClientSession() as http, elsewhere() as address:
        teacher = await page_of_teacher(server, http)
        names = ("Camera", "Wall", "Hall")
        camera, wall, hall = [token_of(await server.link("teacher", name)) for name in names]
        sender = await visit(browser, "Camera", address)
        began = await sender.page.evaluate(
            PAGE, {"url": f"{server.url}/whip/demo", "token": camera, "sends": True}
        )
        assert (began["status"], began["told"]) == (201, 204)
        player = await visit(browser, "Wall", address)
        seen = await player.page.evaluate(
            PAGE, {"url": f"{server.url}/whep/demo", "token": wall, "sends": False}
        )
        assert (seen["status"], seen["told"]) == (201, 204)
        other = await aiortc(f"{server.url}/whep/demo", hall, sends=False)
        await sees(player, 1, 1)
        await decodes(other)

        # The network changed: both restart ICE, and go on.
        for person in (sender, player):
            again = await person.page.evaluate("() => window.program.restart()")
            assert again["status"] == 200
            assert again["etag"]
        await sees(player, 1, 1)

        for person in (player, sender):
            assert await person.page.evaluate("() => window.program.end()") == 200
        assert await other.end() == 200
        await teacher.event("stage.stopped")
        refused = await player.page.evaluate(
            PAGE, {"url": f"{server.url}/whep/demo", "token": "x", "sends": False}
        )
        assert (refused["status"], refused["said"]["code"]) == (401, "unauthorized")
        await teacher.close()


@pytest.mark.browser
async def test_firefox_watches(server: Server, tmp_path: Path) -> None:
    async with (
        aiohttp.ClientSession() as http,
        elsewhere() as address,
        firefox(need("firefox-esr"), tmp_path / "profile") as fox,
    ):
        teacher = await page_of_teacher(server, http)
        lab, wall = [token_of(await server.link("teacher", name)) for name in ("Lab", "Wall")]
        async with gstreamer("publish", f"{server.url}/whip/demo", lab, "vp8") as sender:
            await sender.tells("state", "connected")
            player = await fox.visit("Wall", address)
            seen = await player.evaluate(
                PAGE, {"url": f"{server.url}/whep/demo", "token": wall, "sends": False}
            )
            assert (seen["status"], seen["told"]) == (201, 204)
            await sees(player, 1, 1)
            assert await player.evaluate("() => window.program.end()") == 200
        await teacher.close()


async def test_a_killed_worker_ends_the_session_and_the_program_comes_back(server: Server) -> None:
    async with aiohttp.ClientSession() as http:
        teacher = await page_of_teacher(server, http)
        token = token_of(await server.link("teacher", "Desk"))
        sender = await aiortc(f"{server.url}/whip/demo", token, sends=True)
        before = {event["data"]["track"] for event in teacher.events if event["type"] == "stage.started"}
        for pid in server.worker_pids():
            os.kill(pid, signal.SIGKILL)
        await teacher.event("stage.stopped")
        async with http.get(sender.session, headers={"Authorization": f"Bearer {token}"}) as answer:
            assert answer.status == 404
        again = await aiortc(f"{server.url}/whip/demo", token, sends=True)
        player = await aiortc(f"{server.url}/whep/demo", token, sends=False)
        await decodes(player)
        after = {event["data"]["track"] for event in teacher.events if event["type"] == "stage.started"}
        assert len(after - before) == 2
        await sender.connection.close()
        assert await player.end() == 200
        assert await again.end() == 200
        await teacher.close()
