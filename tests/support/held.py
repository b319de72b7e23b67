"""
A class of a course held in a real browser: people who are signed in, a teacher whose camera and microphone
are a clock, and what became of it afterwards.
"""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import av
import numpy as np
from playwright.async_api import Browser, BrowserContext, Page

from tests.support import clock
from tests.support.browser import REMEMBER_CONNECTIONS, Person, until
from tests.support.server import Server
from tests.support.wire_client import WireClient

TEACHER, STUDENT = "demo-teacher", "demo-student-1"


def password_of(server: Server, login: str) -> str:
    """Return the password that the demo printed for `login`."""
    found = re.search(rf"login {re.escape(login)}, password (\S+)", server.output)
    assert found is not None, server.output
    return found[1]


async def signed_in(browser: Browser, server: Server, login: str, **wish: Any) -> BrowserContext:
    """Return a context of somebody of the demo who is signed in."""
    context = await browser.new_context(**{"permissions": ["camera", "microphone"], **wish})
    await context.add_init_script(REMEMBER_CONNECTIONS)
    said = await context.request.post(
        f"{server.url}/api/session",
        data={"login": login, "password": password_of(server, login)},
        headers={"Origin": server.url},
    )
    assert said.ok, await said.text()
    return context


async def api(context: BrowserContext, server: Server, method: str, path: str, data: Any = None) -> Any:
    """Ask the API as this person; return the JSON of the answer."""
    said = await context.request.fetch(
        f"{server.url}/api/{path}", method=method, data=data, headers={"Origin": server.url}
    )
    assert said.ok, f"{said.status} {await said.text()}"
    return json.loads(await said.text() or "null")


async def start_class(context: BrowserContext, server: Server, **more: Any) -> str:
    """Let a teacher start a class of the demo's course; return its id."""
    course = (await api(context, server, "GET", "courses"))[0]["id"]
    wish = {"title": "Интеграл", "language": "ky", "course": course, **more}
    made = await api(context, server, "POST", "classes/now", wish)
    return str(made["id"])


async def enter(context: BrowserContext, server: Server, class_id: str, name: str) -> Person:
    """Bring somebody into the class."""
    page = await context.new_page()
    person = Person(name, page, context)
    page.on("pageerror", lambda error: person.console.append(str(error)))
    await page.goto(f"{server.url}/class/{class_id}")
    await person.join()
    return person


@asynccontextmanager
async def beside(server: Server, class_id: str) -> AsyncIterator[WireClient]:
    """Give a second teacher who gives commands without a page."""
    link = await server.link("teacher", "Экинчи", class_id)
    async with aiohttp.ClientSession() as session:
        answer = await session.post(
            f"{server.url}/api/classes/{class_id}/admission", json={"token": link.split("token=")[1]}
        )
        seat = (await answer.json())["seat"]
        client = WireClient(server.url, session)
        try:
            yield await client.connect(seat)
        finally:
            await client.close()


async def ready(context: BrowserContext, server: Server, class_id: str, within: float) -> dict[str, Any]:
    """Wait until the recording of a class is complete; return it."""
    found: list[dict[str, Any]] = []

    async def complete() -> bool:
        found[:] = await api(context, server, "GET", f"classes/{class_id}/recordings")
        return bool(found) and found[0]["state"] == "ready"

    await until(complete, within, "the recording is ready")
    return found[0]


@dataclass
class Kept:
    """One segment as it lies in the store: when its pictures or tones were, against what they tell."""

    kind: str
    segment: dict[str, Any]
    late: list[float]
    """ms that the class time of each picture or tone is behind the time that it tells."""


def package(server: Server, recording: str) -> tuple[dict[str, Any], Path]:
    """Return the newest manifest of a recording in the store, and the folder of its media."""
    folder = server.data / "objects" / "recordings" / recording
    newest = max(folder.glob("manifest-*.json"), key=lambda path: int(path.stem.split("-")[1]))
    return json.loads(newest.read_bytes()), folder / "media"


def probe(path: Path) -> dict[str, Any]:
    """Return what ffprobe says of a file; fails for one that is not whole."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-count_packets", "-of", "json", "-show_entries",
         "format=duration:stream=codec_name,width,height,nb_read_packets", str(path)],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == b"", done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def kept(server: Server, recording: str) -> list[Kept]:
    """Read the clock out of every segment of a recording."""
    manifest, media = package(server, recording)
    found = []
    for track in manifest["tracks"]:
        for segment in track["segments"]:
            began = manifest["started_at"] + segment["start"]
            read = _tones if segment["codec"] == "opus" else _pictures
            found.append(Kept(track["kind"], segment, read(media / segment["file"], began)))
    return found


def _pictures(path: Path, began: int) -> list[float]:
    late = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            seen = clock.read(frame.to_ndarray()[: frame.height])
            if seen is not None:
                late.append(clock.apart((began + float(frame.time) * 1000) % clock.TURN_MS, seen))
    return late


def _tones(path: Path, began: int) -> list[float]:
    parts, first = [], None
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=clock.RATE)
        for frame in container.decode(audio=0):
            first = float(frame.time) if first is None else first
            parts += [made.to_ndarray().reshape(-1) for made in resampler.resample(frame)]
    late = []
    for beep in clock.beeps(np.concatenate(parts)):
        heard = began + ((first or 0) + beep.at) * 1000
        late.append((heard - beep.second * 1000 + 8000) % 16_000 - 8000)
    return late


def lips(parts: list[Kept]) -> float:
    """Return by how many ms sound and picture are apart, in the middle."""
    sound = median(one for part in parts if part.kind == "microphone" for one in part.late)
    picture = median(one for part in parts if part.kind == "camera" for one in part.late)
    return abs(sound - picture)


async def shown(page: Page) -> tuple[int, float] | None:
    """Return the time that a picture of the page tells, and where its element is (ms), if there is one."""
    found: list[float] | None = await page.evaluate(
        f"() => {{ const read = {clock.READ_IN_PAGE};"
        " for (const video of document.querySelectorAll('video')) { const seen = read(video);"
        " if (seen !== null) return [seen, video.currentTime * 1000]; } return null; }"
    )
    return None if found is None else (int(found[0]), found[1])


async def rest(seconds: float) -> None:
    """Let a class last: what is recorded is time itself."""
    await asyncio.sleep(seconds)
