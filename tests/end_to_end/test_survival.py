"""
What breaks in real schools: the network of one student, the server's process, the media worker.

After each, nobody clicks anything: the class goes on and nobody has missed a word.
"""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright

from tests.end_to_end.conftest import Enter
from tests.support.browser import CHROMIUM, Person, chromium, enter, until
from tests.support.network import house
from tests.support.programs import need
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

OUTAGE = 10.0  # Seconds without a network, as the specification of the class asks.


async def has_text(person: Person, mark: str, text: str) -> bool:
    return any(text in shown for shown in await person.texts(mark))


async def shows(person: Person, mark: str, text: str, timeout: float = 30) -> None:
    await until(lambda: has_text(person, mark, text), timeout, f"{person.name} reads {text!r}")


async def exactly_once(person: Person, texts: list[str]) -> None:
    shown = await person.texts("chat-message")
    found = [next((t for t in texts if t in line), None) for line in shown]
    assert [t for t in found if t is not None] == texts


@pytest.mark.network
async def test_a_student_without_network_for_ten_seconds_misses_nothing(
    play: Playwright, tmp_path: Path
) -> None:
    need("ip")
    need(CHROMIUM)
    async with house() as home:
        server = Server(tmp_path / "data", host=home.host)
        await server.start()
        trusted = f"--unsafely-treat-insecure-origin-as-secure={server.url}"
        chrome = shutil.which(CHROMIUM) or CHROMIUM
        try:
            async with (
                chromium(play, trusted) as here,
                chromium(play, trusted, executable=home.program(tmp_path, chrome)) as far,
            ):
                teacher = await enter(here, "Teacher", await server.link("teacher", "Teacher"))
                student = await enter(far, "Student", await server.link("student", "Student"))
                for person in (teacher, student):
                    await person.join()
                await teacher.mark("camera").click()
                await until(lambda: decodes(student), 30, "the student sees the teacher")
                await teacher.write("before")
                await shows(student, "chat-message", "before")

                await home.pull_cable()
                await student.write("written in the dark")
                for number in range(5):
                    await teacher.write(f"missed {number}")
                await teacher.ask("asked meanwhile")
                await asyncio.sleep(OUTAGE)  # The outage itself.
                await home.plug_cable()

                await shows(student, "chat-message", "missed 4")
                await teacher.open_panel("chat")
                await shows(teacher, "chat-message", "written in the dark")
                expected = ["before", *(f"missed {n}" for n in range(5)), "written in the dark"]
                for person in (teacher, student):
                    await person.open_panel("chat")
                    await exactly_once(person, expected)
                await student.open_panel("questions")
                await shows(student, "question", "asked meanwhile")
                await until(lambda: decodes(student), 30, "the student sees the teacher again")
        finally:
            await server.close()


async def decodes(person: Person) -> bool:
    return await person.moving_pictures() >= 1


async def test_a_killed_app_goes_on_after_a_new_start(bring: Enter, server: Server) -> None:
    teacher, student = await bring("teacher", "Teacher"), await bring("student", "Student")
    for person in (teacher, student):
        await person.join()
    await teacher.mark("camera").click()
    await until(lambda: decodes(student), 30, "the student sees the teacher")
    await teacher.write("acknowledged before")
    await shows(student, "chat-message", "acknowledged before")
    await student.ask("asked before")
    await teacher.open_panel("questions")
    await shows(teacher, "question", "asked before")

    await server.kill()
    await student.write("written while it was dead")
    await server.start()

    await teacher.open_panel("chat")
    await shows(teacher, "chat-message", "written while it was dead", 40)
    for person in (teacher, student):
        await person.open_panel("chat")
        await exactly_once(person, ["acknowledged before", "written while it was dead"])
        await person.open_panel("questions")
        await shows(person, "question", "asked before")
    await until(lambda: decodes(student), 40, "the picture is back without a click")


async def test_a_killed_worker_is_replaced_and_chat_does_not_notice(bring: Enter, server: Server) -> None:
    teacher, student = await bring("teacher", "Teacher"), await bring("student", "Student")
    for person in (teacher, student):
        await person.join()
    await teacher.mark("camera").click()
    await until(lambda: decodes(student), 30, "the student sees the teacher")

    before = server.worker_pids()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    await teacher.write("still here")
    await shows(student, "chat-message", "still here", 3)
    await until(lambda: decodes(student), 40, "the picture is back without a click")
    assert not set(before) & set(server.worker_pids())
    assert await student.mark("leave").is_visible()


async def test_going_away_and_coming_back_keeps_the_seat(
    bring: Enter, browser: Browser, server: Server
) -> None:
    student = await bring("student", "Student")
    await student.join()
    assert "token" not in student.page.url
    await student.write("one")
    await shows(student, "chat-message", "one")
    await student.page.reload()
    await student.mark("join").wait_for()
    await student.join()
    await student.open_panel("chat")
    await shows(student, "chat-message", "one")
