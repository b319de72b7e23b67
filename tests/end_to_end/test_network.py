"""
Whose network is bad: a real class in which one house has a bad line, and what each of the two is told.

The loss is on one way of one line. The server has to tell it from what it looks like at the other end.
"""

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Playwright

from tests.support.browser import CHROMIUM, Person, chromium, enter, until
from tests.support.link import LineHouse, Way, line
from tests.support.programs import need
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.alone]

LOSS = 0.12  # Beyond every threshold, and little enough for the rest of the page to go on.


@contextlib.asynccontextmanager
async def lesson(
    play: Playwright, path: Path, home: LineHouse, far: str
) -> AsyncIterator[tuple[Person, Person]]:
    """Hold a class of a teacher who sends and a student who watches; `far` is in the house."""
    need("ip")
    need(CHROMIUM)
    server = Server(path / "data", host=home.host)
    await server.start()
    trusted = f"--unsafely-treat-insecure-origin-as-secure={server.url}"
    inside = home.program(path, shutil.which(CHROMIUM) or CHROMIUM)
    try:
        async with (
            chromium(play, trusted) as near_browser,
            chromium(play, trusted, executable=inside) as far_browser,
        ):
            found = []
            for role in ("teacher", "student"):
                browser = far_browser if role == far else near_browser
                person = await enter(browser, role.title(), await server.link(role, role.title()))
                await person.join()
                found.append(person)
            teacher, student = found
            await teacher.mark("camera").click()
            await teacher.mark("mic").click()
            await until(lambda: decodes(student), 30, "the student sees the teacher")
            yield teacher, student
    finally:
        await server.close()


async def decodes(person: Person) -> bool:
    return await person.decoded() > 0


async def line_is(person: Person, *words: str) -> bool:
    label = await person.mark("network").get_attribute("aria-label") or ""
    return label.rpartition(": ")[2] in words


async def test_a_student_who_loses_packets_is_told_and_so_is_the_teacher(
    play: Playwright, tmp_path: Path
) -> None:
    async with line() as home, lesson(play, tmp_path, home, "student") as (teacher, student):
        await home.set(down=Way(loss=LOSS))
        await until(lambda: line_is(student, "weak", "bad"), 25, "the student's line is not good")
        await student.mark("network").click()
        await student.mark("own-line").get_by_text("lost on your line").wait_for()
        assert await line_is(teacher, "good")

        await teacher.open_panel("people")
        await teacher.mark("weak-mark").click()
        row = teacher.mark("weak-line").filter(has_text="hears and sees you with gaps")
        await row.wait_for()
        assert (await row.inner_text()).startswith("Student ")
        assert "that is not your line" in await teacher.mark("weak-cause").inner_text()
        # Browsers are told of the worst viewer's loss, for the sound's sake; people are told of their own.
        figures = teacher.page.locator(".network-figures > div", has_text="Lost on the way").locator("dd")
        assert float((await figures.inner_text()).rstrip("%")) < 3


async def test_a_teacher_whose_packets_are_lost_is_told_that_it_is_their_line(
    play: Playwright, tmp_path: Path
) -> None:
    async with line() as home, lesson(play, tmp_path, home, "teacher") as (teacher, student):
        # Far away and very bad: on a short way repairs hide most of it, and then nobody misses anything.
        await home.set(up=Way(loss=2.5 * LOSS, delay_ms=100), down=Way(delay_ms=100))
        await until(lambda: line_is(teacher, "weak", "bad"), 25, "the teacher's line is not good")
        await teacher.page.keyboard.press("n")
        await teacher.mark("own-line").get_by_text("of what you send is lost on your line").wait_for()
        cause = teacher.mark("weak-cause").get_by_text("Your own line is the cause: 1 out of 1")
        await cause.wait_for(timeout=20_000)

        await student.mark("network").click()
        await student.mark("own-line").get_by_text("lost on somebody else's line").wait_for()
        assert await line_is(student, "good")
