"""
One class on two media workers: all see and hear one another, and a worker that dies takes only its own.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.browser import Person, enter, until
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    running = Server(tmp_path / "data", environment={"SABAK_WORKERS": "2", "SABAK_MEDIA_SPREAD": "2"})
    await running.start("--rtc-port", "0")
    yield running
    await running.close()


def workers(server: Server) -> dict[int, int]:
    """Return the process of each worker by its number."""
    found = {}
    for pid in server.worker_pids():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        found[int(words[words.index(b"--number") + 1])] = pid
    return found


async def ports(people: list[Person]) -> list[set[int]]:
    """Return where the connections of each lead."""
    return [{pair["remote"]["port"] for pair in await person.pairs()} for person in people]


async def connections(person: Person) -> int:
    """Return how many were ever made."""
    return int(await person.page.evaluate("window.__connections.length"))


async def watching(person: Person, pictures: int, sounds: int) -> None:
    async def all_there() -> bool:
        seen, heard = await asyncio.gather(person.moving_pictures(), person.sounding())
        return seen >= pictures and heard >= sounds

    await until(all_there, 40, f"{person.name} sees {pictures} and hears {sounds}")


async def linked(person: Person) -> bool:
    return bool(await person.pairs())


async def test_a_class_on_two_workers(server: Server, browser: Browser) -> None:
    async def bring(role: str, name: str) -> Person:
        person = await enter(browser, name, await server.link(role, name))
        await person.join()
        await until(lambda: linked(person), what=f"{name} is connected")
        return person

    teacher = await bring("teacher", "Teacher")
    near, far, speaker = [await bring("student", name) for name in ("Near", "Far", "Speaker")]
    for device in ("mic", "camera"):
        await teacher.mark(device).click()
    await speaker.mark("hand").click()
    await teacher.open_panel("people")
    await teacher.mark("allow-stage").first.click()
    await until(speaker.mark("mic").is_enabled, what="the student may speak")
    for device in ("mic", "camera"):
        await speaker.mark(device).click()
    everybody = [(teacher, 1, 1), (near, 2, 2), (far, 2, 2), (speaker, 1, 1)]
    await asyncio.gather(*(watching(*each) for each in everybody))
    home, same, other, theirs = await ports([teacher, near, far, speaker])
    assert home == same
    assert other == theirs
    assert not home & other

    before = [await connections(person) for person, *_ in everybody]
    decoded = await near.decoded()
    os.kill(workers(server)[1], signal.SIGKILL)
    await teacher.write("still here")
    await watching(near, 1, 1)
    assert await near.decoded() > decoded
    await asyncio.gather(*(watching(*each) for each in everybody))
    after = [await connections(person) for person, *_ in everybody]
    assert after[:2] == before[:2], "the teacher's worker lives: nothing is negotiated there"
    assert all(now > then for now, then in zip(after[2:], before[2:], strict=True))
    for person, *_ in everybody:
        await person.open_panel("chat")
        assert any("still here" in text for text in await person.texts("chat-message"))
        assert [line for line in person.console if line.startswith("pageerror")] == []
