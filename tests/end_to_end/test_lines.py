"""
A student behind a bad line: slow, lossy, good at first and then bad. Sound is what has to survive; the
picture gets small, and comes back with the line.

Bounds are wide: other programs run on the machine of a test. `make bench-lossy` tells how good it really is.
"""

import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Playwright

from tests.benchmarks.lossy import Figures, Second, look, watch
from tests.support.browser import CHROMIUM, Person, chromium, enter, until
from tests.support.firefox import FirefoxPerson, firefox
from tests.support.link import LineHouse, Way, line
from tests.support.programs import need
from tests.support.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.timeout(120), pytest.mark.alone]

GOOD = Way(delay_ms=20, rate=8_000_000)
NARROW = Way(delay_ms=30, rate=300_000)
LOSSY = Way(delay_ms=50, loss=0.05, rate=8_000_000)
ADAPTS = 6.0  # Seconds that a viewer may suffer from a line that got worse.


@dataclass
class Scene:
    """A teacher who speaks and shows, on this machine, and a line to a house for a student."""

    server: Server
    home: LineHouse
    trusted: str


@pytest.fixture
async def scene(play: Playwright, tmp_path: Path) -> AsyncIterator[Scene]:
    need("ip")
    need(CHROMIUM)
    async with line(GOOD) as home:
        server = Server(tmp_path / "data", host=home.host)
        await server.start()
        trusted = f"--unsafely-treat-insecure-origin-as-secure={server.url}"
        try:
            async with chromium(play, trusted) as here:
                teacher = await enter(here, "Teacher", await server.link("teacher", "Teacher"))
                await teacher.join()
                await teacher.mark("mic").click()
                await teacher.mark("camera").click()
                yield Scene(server, home, trusted)
        finally:
            await server.close()


@contextlib.asynccontextmanager
async def student_of(scene: Scene, play: Playwright, folder: Path) -> AsyncIterator[Person]:
    """Let a student come from the house, up to the first picture."""
    program = scene.home.program(folder, shutil.which(CHROMIUM) or CHROMIUM)
    async with chromium(play, scene.trusted, executable=program) as far:
        student = await enter(far, "Student", await scene.server.link("student", "Student"))
        await student.join()
        await until(student.moving_pictures, 30, "the student sees the teacher")
        await until(student.sounding, 30, "the student hears the teacher")
        yield student


def between(looks: list[Second], begin: float, end: float) -> Figures:
    return Figures.between(looks[round(begin)], looks[round(end)], end - begin)


async def tall(student: Person, lines: int) -> bool:
    return (await look(student)).height >= lines


async def test_a_line_gets_worse_and_better_again(scene: Scene, play: Playwright, tmp_path: Path) -> None:
    async with student_of(scene, play, tmp_path) as student:
        await until(lambda: tall(student, 360), 20, "a good line shows more than the smallest picture")
        await scene.home.set(down=NARROW, up=NARROW)
        looks = await watch(student, 12)
        narrow = between(looks, ADAPTS, 12)
        assert narrow.concealed < 0.05
        assert narrow.fps >= 3
        assert narrow.frozen_s < 2
        assert narrow.kbps < 300
        await scene.home.set(down=GOOD, up=GOOD)
        await until(lambda: tall(student, 360), 25, "the picture comes back with the line")


async def test_five_percent_are_lost_and_nobody_notices(
    scene: Scene, play: Playwright, tmp_path: Path
) -> None:
    async with student_of(scene, play, tmp_path) as student:
        await scene.home.set(down=LOSSY, up=LOSSY)
        looks = await watch(student, 10)
        found = between(looks, 2, 10)
        assert found.fps >= 5
        assert found.frozen_s < 2
        assert (await scene.home.counters())["down"]["lost"] > 10
        rows = await student.streams("inbound-rtp", "video")
        assert sum(row.get("retransmittedPacketsReceived", 0) for row in rows) > 0


async def test_firefox_behind_a_narrow_line(scene: Scene, tmp_path: Path) -> None:
    home = scene.home
    program = home.program(tmp_path, need("firefox-esr"))
    door = aiohttp.TCPConnector(socket_factory=lambda address: home.socket(address[0], address[1]))
    async with firefox(program, tmp_path / "profile", home.host, door) as fox:
        student: FirefoxPerson = await fox.enter("Firefox", await scene.server.link("student", "Firefox"))
        await student.join()
        await until(student.moving_pictures, 40, "the student sees the teacher")
        await home.set(down=NARROW, up=NARROW)
        await until(lambda: calm(student), 30, "sound and a picture survive")


async def calm(student: FirefoxPerson) -> bool:
    """Whether sound and picture go on for a second, and next to nothing of the sound is made up."""
    before = await student.streams("inbound-rtp", "audio")
    moving = await student.moving_pictures()
    after = await student.streams("inbound-rtp", "audio")

    def total(rows: list[dict[str, float]], name: str) -> float:
        return sum(row.get(name, 0) for row in rows)

    came = total(after, "packetsReceived") - total(before, "packetsReceived")
    lost = total(after, "packetsLost") - total(before, "packetsLost")
    return moving == 1 and came > 20 and lost <= 0.05 * came
