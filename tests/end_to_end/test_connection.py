"""
Networks as people have them: without UDP, with IPv6 alone, behind a relay, and another one than a moment ago.

Each student sits in a network namespace of their own; what is asserted is what their browser counts.
"""

import contextlib
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Playwright

from tests.support.browser import CHROMIUM, Person, chromium, enter, until
from tests.support.firefox import FirefoxPerson, firefox
from tests.support.network import House, house
from tests.support.programs import need
from tests.support.server import Server
from tests.support.turn import turn

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.timeout(120)]


@pytest.fixture
async def home() -> AsyncIterator[House]:
    need("ip")
    async with house() as made:
        yield made


@contextlib.asynccontextmanager
async def serving(
    data: Path, host: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    server = Server(data, host, environment)
    try:
        await server.start()
        yield server
    finally:
        await server.close()


@contextlib.asynccontextmanager
async def far_away(
    play: Playwright, home: House, server: Server, folder: Path, role: str = "student"
) -> AsyncIterator[Person]:
    """Bring somebody to the page before joining, in a browser inside `home`."""
    program = home.program(folder, shutil.which(CHROMIUM) or CHROMIUM)
    async with chromium(play, trusting(server), executable=program) as browser:
        yield await enter(browser, role, await server.link(role, role.capitalize()))


@contextlib.asynccontextmanager
async def teaching(play: Playwright, server: Server) -> AsyncIterator[Person]:
    """Bring a teacher on this machine, with camera and microphone on."""
    async with chromium(play, trusting(server)) as browser:
        teacher = await enter(browser, "teacher", await server.link("teacher", "Teacher"))
        await teacher.join()
        await teacher.mark("mic").click()
        await teacher.mark("camera").click()
        yield teacher


def trusting(server: Server) -> str:
    return f"--unsafely-treat-insecure-origin-as-secure={server.url}"


@contextlib.asynccontextmanager
async def far_fox(home: House, server: Server, folder: Path) -> AsyncIterator[FirefoxPerson]:
    """Bring a student in a Firefox inside `home` to the page before joining."""
    program = home.program(folder, need("firefox-esr"))
    inside = aiohttp.TCPConnector(socket_factory=lambda info: home.socket(info[0], info[1]))
    async with firefox(program, folder / "profile", server.host, inside) as fox:
        yield await fox.enter("student", await server.link("student", "Student"))


async def speak(student: Person, teacher: Person) -> None:
    """Let a student come on the stage with picture and sound."""
    await student.mark("hand").click()
    await teacher.open_panel("people")
    await teacher.mark("allow-stage").click()
    await student.mark("mic").click()
    await student.mark("camera").click()


async def sees_and_hears(person: Person | FirefoxPerson, timeout: float = 20) -> None:
    async def both() -> bool:
        return await person.moving_pictures() >= 1 and await person.sounding() >= 1

    await until(both, timeout, f"{person.name} sees and hears")


async def protocols(person: Person | FirefoxPerson) -> list[str]:
    return [pair["remote"]["protocol"] for pair in await person.pairs()]


async def test_without_udp_a_student_sees_hears_and_is_seen(
    play: Playwright, home: House, tmp_path: Path
) -> None:
    await home.block_udp()
    async with (
        serving(tmp_path / "data", home.host) as server,
        teaching(play, server) as teacher,
        far_away(play, home, server, tmp_path) as student,
    ):
        await student.join()
        await sees_and_hears(student)
        await speak(student, teacher)
        await sees_and_hears(teacher)
        assert await protocols(student) == ["tcp", "tcp"]
        assert "udp" in await protocols(teacher)


async def test_firefox_without_udp_and_then_in_another_network(
    play: Playwright, home: House, tmp_path: Path
) -> None:
    await home.block_udp()
    await home.another_cable()
    async with (
        serving(tmp_path / "data", home.host) as server,
        teaching(play, server) as teacher,
        far_fox(home, server, tmp_path) as student,
    ):
        await student.join()
        await sees_and_hears(student)
        assert await protocols(student) == ["tcp"]
        await teacher.open_panel("chat")
        await home.unplug()
        await teacher.write("to you")
        await sees_and_hears(student, 25)  # Firefox takes 8 s to believe it, over TCP
        await until(lambda: said(student, "to you"), 5, "the student reads it")


async def test_behind_a_relay_that_is_reached_by_tcp_alone(
    play: Playwright, home: House, tmp_path: Path
) -> None:
    async with (
        turn(home.host, leads_to=home.host) as relay,
        serving(tmp_path / "data", home.host, relay.environment("udp", "tcp")) as server,
        teaching(play, server) as teacher,
        far_away(play, home, server, tmp_path) as student,
    ):
        await home.leave_tcp(server.port, relay.port)
        await student.join()
        await speak(student, teacher)
        for person in (teacher, student):
            await sees_and_hears(person)
        for pair in await student.pairs():
            assert (pair["local"]["candidateType"], pair["local"]["relayProtocol"]) == ("relay", "tcp")
            assert pair["remote"]["port"] == server.rtc_port
        assert {pair["local"]["candidateType"] for pair in await teacher.pairs()} != {"relay"}


async def test_a_class_over_ipv6_alone(play: Playwright, home: House, tmp_path: Path) -> None:
    host = await home.ipv6_alone()
    async with (
        serving(tmp_path / "data", host) as server,
        teaching(play, server) as teacher,
        far_away(play, home, server, tmp_path) as student,
    ):
        assert f"ready: http://[{host}]:{server.port}\n" in server.output
        await student.join()
        await speak(student, teacher)
        for person in (teacher, student):
            await sees_and_hears(person)
            for pair in await person.pairs():
                assert ":" in pair["remote"]["address"]
                assert pair["remote"]["protocol"] == "udp"


async def test_from_network_to_network(play: Playwright, home: House, tmp_path: Path) -> None:
    await home.another_cable(1)
    async with in_class(play, home, tmp_path) as (teacher, student):
        # A pulled cable while there is a second one: no event tells of it.
        await home.unplug()
        await goes_on(teacher, student, "first")
        # And no network at all for a moment, as between Wi-Fi and a mobile network.
        await home.unplug(1)
        await until(lambda: student.page.evaluate("() => !navigator.onLine"), 10, "the browser knows")
        await home.another_cable(2)
        await goes_on(teacher, student, "second")


@contextlib.asynccontextmanager
async def in_class(play: Playwright, home: House, folder: Path) -> AsyncIterator[tuple[Person, Person]]:
    """Bring a teacher and a student who see and hear each other."""
    async with (
        serving(folder / "data", home.host) as server,
        teaching(play, server) as teacher,
        far_away(play, home, server, folder) as student,
    ):
        await student.join()
        await speak(student, teacher)
        for person in (teacher, student):
            await person.open_panel("chat")
            await sees_and_hears(person)
        yield teacher, student


async def goes_on(teacher: Person, student: Person, time: str) -> None:
    """Picture, sound and words come through by themselves, soon, on the connections that were there."""
    await teacher.write(f"to you, {time}")
    await student.write(f"from me, {time}")
    for person in (teacher, student):
        await sees_and_hears(person, 12)
    for person, text in ((student, f"to you, {time}"), (teacher, f"from me, {time}")):
        await until(lambda p=person, t=text: said(p, t), 5, f"{person.name} reads {text!r}")
    assert await student.page.evaluate("() => window.__connections.length") == 2


async def said(person: Person | FirefoxPerson, text: str) -> bool:
    return sum(text in line for line in await person.texts("chat-message")) == 1
