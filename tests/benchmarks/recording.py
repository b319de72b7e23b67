"""
What the whole program makes of a class of two hours, as those who watch it meet it.

    python -m tests.benchmarks.recording [--hours 2] [--films 60 180] [--delay 125] [--rate 1000000]

Real classes are held for some seconds; from one of them the delay is taken with which a class can be watched
while it runs. Then they are made long (tests/support/long_class), and the program goes on with them: films
are made of the short ones, the longest is stopped, and the time is taken until its recording can be played.
At last Chromium opens it from behind a bad line (tests/support/link), which needs root. Prints a table.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Page, async_playwright

from classroom.recording.manifest import BadManifest, decode_manifest, read_index
from classroom.recording.spool import LIVE
from tests.support import clock, held, long_class
from tests.support.browser import CHROMIUM, chromium
from tests.support.link import LineHouse, Way, line
from tests.support.server import Server
from tests.support.ticking import Ticker
from tests.support.wire_client import WireClient

LOOK_S = 0.05
LONGEST_S = 240.0
WATCHED_S = 12.0  # Of a class that runs.
OPENINGS, SEEKS = 3, 5

# Resolves when a picture of the class is there whose own clock says that it is of moment `at`, give or take.
SHOWS = f"""
([at, loop]) => new Promise((done) => {{
  const read = {clock.READ_IN_PAGE};
  const look = () => {{
    for (const video of document.querySelectorAll("video")) {{
      const t = video.currentTime * 1000, seen = video.readyState > 1 ? read(video) : null;
      if (seen === null || Math.abs(t - at) > 4000) continue;
      const apart = Math.abs(((seen - t) % loop + loop * 1.5) % loop - loop / 2);
      if (apart < 500) return done(performance.now());
    }}
    setTimeout(look, 20);
  }};
  look();
}})
"""


@dataclass
class Class:
    """A class that runs."""

    id: str
    page: WireClient
    ticker: Ticker
    token: str
    seconds: int = 0

    @property
    def recording(self) -> str:
        return f"{self.id}-1"


class Bench:
    """A server, and a teacher who asks it by HTTP."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.http = http

    async def sign_in(self) -> None:
        login = {"login": held.TEACHER, "password": held.password_of(self.server, held.TEACHER)}
        await self.ask("POST", "session", login)

    async def ask(self, method: str, path: str, data: Any = None) -> Any:
        headers = {"Origin": self.server.url}
        url = f"{self.server.url}/api/{path}"
        async with self.http.request(method, url, json=data, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.json() if answer.content_type == "application/json" else None

    async def hold(self) -> Class:
        """Begin a class whose teacher sends and is recorded."""
        course = (await self.ask("GET", "courses"))[0]["id"]
        made = await self.ask(
            "POST", "classes/now", {"title": "Интеграл", "language": "ky", "course": course}
        )
        token = (await self.server.link("teacher", "Чолпон", made["id"])).partition("token=")[2]
        page = await self.enter(made["id"], token)
        ticker = Ticker(f"{self.server.url}/whip/{made['id']}", token)
        await ticker.start()
        return Class(made["id"], page, ticker, token)

    async def enter(self, class_id: str, token: str) -> WireClient:
        admission = await self.ask("POST", f"classes/{class_id}/admission", {"token": token})
        return await WireClient(self.server.url, self.http).connect(admission["seat"])

    async def until(self, holds: Callable[[], Awaitable[Any]], what: str) -> Any:
        """Return what `holds` returns as soon as it is something."""
        begun = time.monotonic()
        while not (found := await holds()):
            if time.monotonic() - begun > LONGEST_S:
                raise SystemExit(f"{what} took longer than {LONGEST_S:.0f} s")
            await asyncio.sleep(LOOK_S)
        return found

    # --- figures --------------------------------------------------------------------------------------

    async def watched_live(self, one: Class) -> tuple[float, list[float]]:
        """Return when a class could be watched first, and how far what can be is behind it then (s)."""

        async def rows() -> Any:
            found = await self.ask("GET", f"recordings/{one.recording}/index?from=0&upto=60000")
            ends = [max(row[0] + row[1] for row in rows) for rows in found["clusters"].values()]
            return min(ends) / 1000 if len(ends) == 2 else 0.0

        info = await self.until(lambda: self._info(one), "a recording")
        began = info["started_at"] / 1000
        await self.until(rows, "something to watch")
        first = time.time() - began
        behind = []
        end = time.monotonic() + WATCHED_S
        while time.monotonic() < end:
            behind.append(time.time() - began - await rows())
            await asyncio.sleep(0.2)
        return first, behind

    async def _info(self, one: Class) -> Any:
        found = await self.ask("GET", f"classes/{one.id}/recordings")
        return found[0] if found else None

    async def stopped(self, one: Class) -> float:
        """Stop a recording; return how long it took until it could be played from beginning to end (s)."""
        long_class.end_captures(self.server.data, one.id, one.seconds)
        begun = time.monotonic()
        answer = await one.page.command("bench-stop", "recording.stop")
        assert answer["ok"], answer

        async def ready() -> bool:
            return (await self._info(one))["state"] == "ready"

        await self.until(ready, "getting ready")
        found = await self.ask("GET", f"recordings/{one.recording}/playback?t={(one.seconds - 20) * 1000}")
        segment, rows = next(iter(found["clusters"].items()))
        start = rows[-1][2]
        url = f"{self.server.url}/api/recordings/{one.recording}/media/{segment}"
        span = {"Range": f"bytes={start}-{start + rows[-1][3] - 1}"}
        async with self.http.get(url, headers=span) as answer_:
            assert answer_.status == 206, (answer_.status, span, await answer_.text())
            await answer_.read()
        return time.monotonic() - begun

    async def film(self, one: Class) -> tuple[float, float]:
        """Have a film made; return how many times faster than the class that was, and its memory (MB)."""

        async def by_themselves() -> bool:
            found = await self.ask("GET", f"recordings/{one.recording}/playback?t=0")
            return len(found["manifest"]["derived"]) >= 2

        await self.until(by_themselves, "small pictures and waveforms")
        begun, most = time.monotonic(), 0.0
        wish = {"kind": "mp4", "options": {"chat": False, "height": 720}}
        job = (await self.ask("POST", f"recordings/{one.recording}/jobs", wish))["id"]

        async def made() -> bool:
            nonlocal most
            most = max([most, *map(_most, self.server.child_pids("classroom.recording.derive"))])
            jobs = await self._jobs(one)
            assert not jobs["failed"], jobs
            return job in jobs["done"]

        await self.until(made, "a film")
        return one.seconds / (time.monotonic() - begun), most

    async def _jobs(self, one: Class) -> dict[str, list[str]]:
        found = await self.ask("GET", f"recordings/{one.recording}/jobs")
        return {state: [job["id"] for job in found if job["state"] == state] for state in ("done", "failed")}

    async def recorded(self, one: Class) -> bool:
        """Say whether the recorder has made all of its captures but the last seconds."""
        media = self.server.data / "spool" / one.recording / "media"
        try:
            found = decode_manifest((media / LIVE).read_bytes())
            ends = [read_index((media / f"{s.id}.idx").read_bytes())[-1] for _, s in found.segments()]
        except (OSError, BadManifest):
            return False
        return len(ends) == 3 and all(row.t + row.duration > (one.seconds - 5) * 1000 for row in ends)


def _most(pid: int) -> float:
    """Return the most memory that a process has ever had (MB)."""
    with contextlib.suppress(OSError, StopIteration):
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(row for row in status if row.startswith("VmHWM")).split()[1]) / 1024
    return 0.0


# --- opening ----------------------------------------------------------------------------------------------


async def opened(page: Page, url: str, at: int) -> float:
    """Open the page of a recording at `at` (ms); return when its picture was there (s)."""
    begun = time.monotonic()
    await page.goto(f"{url}?t={at // 1000}s", wait_until="commit")
    return await _shown(page, at) - begun


async def sought(page: Page, tenth: int, duration: int) -> float:
    """Go to a tenth of the recording; return when its picture was there (s)."""
    begun = time.monotonic()
    await page.keyboard.press(str(tenth))
    return await _shown(page, duration * tenth / 10) - begun


async def _shown(page: Page, at: float) -> float:
    """Return when the picture of a moment was there (s, monotonic)."""
    async with asyncio.timeout(LONGEST_S):
        await page.evaluate(SHOWS, [at, long_class.LOOP_MS])
    return time.monotonic()


async def opening(home: LineHouse, bench: Bench, one: Class, way: Way) -> list[tuple[str, str, str]]:
    """Open the recording as a student behind a bad line does."""
    server = bench.server
    with tempfile.TemporaryDirectory() as folder:
        inside = home.program(Path(folder), shutil.which(CHROMIUM) or CHROMIUM)
        trusted = f"--unsafely-treat-insecure-origin-as-secure={server.url}"
        async with async_playwright() as play, chromium(play, trusted, executable=inside) as browser:
            student = await held.signed_in(browser, server, held.STUDENT)
            page = await student.new_page()
            url = f"{server.url}/recording/{one.recording}"
            duration = (await bench.ask("GET", f"recordings/{one.recording}"))["duration"]
            await home.set(down=way, up=way)
            cold = await opened(page, url, duration // 10)
            again = []
            for number in range(OPENINGS):
                await page.goto("about:blank")
                again.append(await opened(page, url, (number + 2) * duration // 10))
            seeks = [await sought(page, tenth, duration) for tenth in (3, 7, 5, 8, 2)[:SEEKS]]
            await home.set(down=Way(), up=Way())
    return [
        ("first picture, nothing of the page known", f"{cold:.1f} s", "3 s"),
        ("first picture, the page known", _spread(again), "3 s"),
        ("a seek", _spread(seeks), "2 s"),
    ]


def _spread(found: list[float]) -> str:
    return f"{statistics.median(found):.1f} s ({min(found):.1f} to {max(found):.1f})"


# --- all ----------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _bench(folder: Path, host: str) -> AsyncIterator[Bench]:
    server = Server(folder / "data", host=host, environment={"SABAK_RECORDING_GRACE": "3600"})
    await server.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            yield Bench(server, http)
    finally:
        await server.close()


async def run(options: argparse.Namespace) -> None:
    lengths = [*options.films, round(options.hours * 3600)]
    way = f"{options.rate / 1e6:g} Mbit/s, {2 * options.delay:g} ms there and back"
    print(f"Load before: {os.getloadavg()[0]:.1f}. The line: {way}.\n")
    print("| figure | measured | wanted |\n| --- | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory(prefix="sabak-bench-", dir=options.folder) as name:
        async with line() as home, _bench(Path(name), home.host) as bench:
            async for what, measured, wanted in _rows(home, bench, lengths, options):
                print(f"| {what} | {measured} | {wanted} |", flush=True)


async def _rows(
    home: LineHouse, bench: Bench, lengths: list[int], options: argparse.Namespace
) -> AsyncIterator[tuple[str, str, str]]:
    await bench.sign_in()
    classes = [await bench.hold() for _ in lengths]
    first, behind = await bench.watched_live(classes[-1])
    yield "first moment of a class that can be watched after", f"{first:.1f} s", "10 s"
    yield "what can be watched is behind the class by", _spread(behind), "10 s"
    await _lengthen(bench, classes, lengths)
    for one in classes[:-1]:
        await bench.stopped(one)
    for one in classes[:-1]:
        speed, memory = await bench.film(one)
        what = f"film of {one.seconds} s, 720 lines: speed, memory"
        yield what, f"{speed:.1f} times, {memory:.0f} MB", "4 times"
    ready = await bench.stopped(classes[-1])
    yield f"class of {lengths[-1] / 3600:g} h: from its end to playing", f"{ready:.1f} s", "5 s"
    for row in await opening(home, bench, classes[-1], Way(delay_ms=options.delay, rate=options.rate)):
        yield row


async def _lengthen(bench: Bench, classes: list[Class], lengths: list[int]) -> None:
    """Kill the server, make its classes long, and go on with them."""
    for one, seconds in zip(classes, lengths, strict=True):
        assert (await one.page.command("bench-last", "chat.post", text="акыркы"))["ok"]
        one.seconds = seconds
    await bench.server.kill()
    made = await asyncio.to_thread(long_class.loop)
    for one in classes:
        await one.ticker.stop()
        await asyncio.to_thread(long_class.lengthen, bench.server.data, one.id, one.seconds, made)
    await bench.server.start()
    for one in classes:
        one.page = await bench.enter(one.id, one.token)
    for one in classes:
        await bench.until(lambda one=one: bench.recorded(one), "following the captures")


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.recording", description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--films", type=int, nargs="*", default=[60, 180], help="lengths in seconds")
    parser.add_argument("--delay", type=float, default=125, help="of the line, one way, in ms")
    parser.add_argument("--rate", type=float, default=1_000_000, help="of the line, in bit/s")
    parser.add_argument("--folder", type=Path, help="on the disk that is meant; else the temporary one")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
