"""
A class across browsers: the teacher in Firefox, a student in Chromium, each sees and hears the other.

The server is started as `make run` starts it, for this machine alone: Firefox sends no media to a loopback
address, so what is tested first is that it finds another way. One long test: Firefox starts slowly.
"""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Enter
from tests.support.browser import until
from tests.support.firefox import Firefox, FirefoxPerson, firefox
from tests.support.programs import need
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
async def fox(tmp_path: Path) -> AsyncIterator[Firefox]:
    async with firefox(need("firefox-esr"), tmp_path / "profile") as started:
        yield started


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    running = Server(tmp_path / "data")
    await running.start("--rtc-address", "")
    yield running
    await running.close()


async def sends(person: FirefoxPerson) -> list[str]:
    """Return the layers of pictures that grow, by their bytes."""
    return sorted(row["rid"] for row in await person.growing("outbound-rtp", "video", "bytesSent"))


async def receives(person: FirefoxPerson, pictures: int, sounds: int) -> bool:
    return (await person.moving_pictures(), await person.sounding()) == (pictures, sounds)


async def test_firefox_teaches_and_listens(fox: Firefox, bring: Enter, server: Server) -> None:
    student = await bring("student", "Chromium")
    teacher = await fox.enter("Firefox", await server.link("teacher", "Firefox"))
    await teacher.join()
    await student.join()

    await teacher.click("mic")
    await teacher.click("camera")
    await until(student.moving_pictures, 40, "the student sees the teacher")
    await until(student.sounding, 40, "the student hears the teacher")
    layers = {row["rid"] for row in await teacher.streams("outbound-rtp", "video") if row["mid"] == "1"}
    assert layers == {"q", "h", "f"}
    await teacher.click("screen")

    async def both_pictures() -> bool:
        return await student.moving_pictures() == 2

    await until(both_pictures, 40, "the student sees the screen, too")

    # What is switched off is not sent any more; Firefox would go on unless it is told.
    await teacher.click("screen")
    await teacher.click("camera")

    async def silence() -> bool:
        return await sends(teacher) == []

    await until(silence, 20, "nothing is sent for a camera and a screen that are off")

    # The other way round: the student speaks.
    await student.mark("hand").click()
    await teacher.click("tab-people")
    await teacher.click("allow-stage")
    await student.mark("mic").click()
    await student.mark("camera").click()
    await until(lambda: receives(teacher, 1, 1), 40, "the teacher sees and hears the student")
    await teacher.click("network")
    await teacher.click_on('.network input[value="sound"]')
    await until(lambda: receives(teacher, 0, 1), 20, "the teacher only hears the student")

    await teacher.reload()
    await teacher.join()
    await until(lambda: receives(teacher, 0, 1), 40, "the choice outlives a new start of the page")

    before = set(server.worker_pids())
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    async def replaced() -> bool:
        return len(server.worker_pids()) == len(before) and before.isdisjoint(server.worker_pids())

    await until(replaced, 20, "a killed worker is replaced")
    await until(lambda: receives(teacher, 0, 1), 40, "and heard through again, without a click")
    assert teacher.console == []
    assert [line for line in student.console if line.startswith("pageerror")] == []
