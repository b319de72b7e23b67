"""
The disk of recordings is full or does not answer: the recording stops, the teacher is told at once, the class
goes on, and what was recorded until then can be watched.

The spool lies on a disk of its own, which is filled, or frozen as one that hangs (fsfreeze). Needs root.
"""

import asyncio
import contextlib
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from classroom.recording.manifest import Manifest, decode_manifest
from tests.support.browser import until
from tests.support.door_clients import token_of
from tests.support.programs import need
from tests.support.server import Server
from tests.support.ticking import Ticker, kept
from tests.support.wire_client import WireClient

pytestmark = [pytest.mark.network, pytest.mark.timeout(120)]  # Root, as for namespaces.

OCTETS = 24 << 20
LEAST_FREE = 8  # MB, see `free_space`; the program looks every 5 s.
TOLD_WITHIN = 10.0
NEARLY_ALL = 64 << 10  # Octets that are left of a disk that is to be full within seconds.


@contextlib.contextmanager
def disk(image: Path, where: Path) -> Iterator[None]:
    """Mount a small disk of its own; unfrozen and unmounted afterwards, whatever happened."""
    with image.open("wb") as file:
        file.truncate(OCTETS)
    _do("mkfs.ext4", "-q", "-m", "0", str(image))
    where.mkdir(parents=True)
    _do("mount", "-o", "loop", str(image), str(where))
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "-u", str(where)], check=False, capture_output=True)
        subprocess.run(["umount", "-l", str(where)], check=False, capture_output=True)


def _do(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=30)


class Lesson:
    """A class that is recorded on that disk: a teacher who sends, and a student."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.spool = server.data / "spool"
        self._http = http

    async def begin(self) -> None:
        self.teacher, token = await self._enter("teacher")
        self.student, _ = await self._enter("student")
        self.ticker = Ticker(f"{self.server.url}/whip/demo", token)
        await self.ticker.start()
        assert (await self.teacher.command("disk-start", "recording.start"))["ok"]
        await until(self._captured, 10, "something is captured")
        await asyncio.sleep(2)  # What is recorded is time itself.

    async def _enter(self, role: str) -> tuple[WireClient, str]:
        token = token_of(await self.server.link(role, role.title()))
        url = f"{self.server.url}/api/classes/demo/admission"
        async with self._http.post(url, json={"token": token}) as answer:
            seat = (await answer.json())["seat"]
        return await WireClient(self.server.url, self._http).connect(seat), token

    async def _captured(self) -> bool:
        return len([p for p in self.spool.glob("demo-1/capture/*") if p.stat().st_size > 4096]) == 2

    async def told(self) -> str:
        """Return why the recording stopped, as the teacher is told."""
        event = await self.teacher.event("recording.stopped", TOLD_WITHIN)
        return str(event["data"]["reason"])

    async def goes_on(self) -> None:
        """See that words still arrive, and that the publisher was never cut off."""
        answer = await self.teacher.command("disk-after", "chat.post", text="кийин")
        assert answer["ok"]
        await self.student.until(answer["seq"])
        said = len(self.ticker.said)
        await until(lambda: self._more(said), 5, "the publisher goes on")
        assert len(self.ticker.came) == 1

    async def _more(self, said: int) -> bool:
        return len(self.ticker.said) > said + 50

    async def watch(self, stopped: float) -> Manifest:
        """See that all of it up to a moment (s since 1970) was kept."""
        folder = self.server.data / "objects" / "recordings" / "demo-1"
        found = folder / "manifest-1.json"

        async def there() -> bool:
            return found.exists()

        await until(there, 40, "the recording is put away")
        manifest = decode_manifest(found.read_bytes())
        have = {one.said for one in await asyncio.to_thread(list, kept(manifest, folder / "media"))}
        for kind in ("sound", "picture"):
            first = min(one.at for one in have if one.kind == kind)
            want = {one for one in self.ticker.said if one.kind == kind and first <= one.at < stopped * 1000}
            assert want, kind
            assert want <= have, f"{kind}: {len(want - have)} of {len(want)} lost"
        return manifest


@pytest.fixture
async def lesson(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Lesson]:
    for program in ("mkfs.ext4", "fsfreeze", "mount"):
        need(program)
    least = str(request.param)
    with disk(tmp_path / "disk.img", tmp_path / "data" / "spool"):
        server = Server(tmp_path / "data", environment={"SABAK_FREE_SPACE": least})
        await server.start()
        try:
            async with aiohttp.ClientSession() as http:
                made = Lesson(server, http)
                await made.begin()
                yield made
                await made.ticker.stop()
        finally:
            _thaw(made.spool)
            await server.close()


def _thaw(where: Path) -> None:
    subprocess.run(["fsfreeze", "-u", str(where)], check=False, capture_output=True)


def _fill(where: Path, but: int) -> Path:
    """Write a file that leaves only `but` octets of the disk."""
    path = where / "filler"
    with path.open("wb") as file:
        while (free := shutil.disk_usage(where).free) > but:
            file.write(bytes(min(free - but, 1 << 20)))
            file.flush()
    return path


@pytest.mark.parametrize("lesson", [LEAST_FREE], indirect=True)
async def test_a_disk_that_gets_full_ends_the_recording_in_time(lesson: Lesson) -> None:
    _fill(lesson.spool, LEAST_FREE * 500_000)
    filled = time.time()
    assert await lesson.told() == "disk_full"
    await lesson.goes_on()
    manifest = await lesson.watch(filled)
    assert manifest.reason == "disk_full"


@pytest.mark.parametrize("lesson", [0], indirect=True)
async def test_a_disk_that_is_full_to_the_last_octet_loses_what_is_not_on_it(lesson: Lesson) -> None:
    before = time.time() - 1
    filler = _fill(lesson.spool, NEARLY_ALL)
    assert await lesson.told() == "disk_full"
    await lesson.goes_on()
    filler.unlink()  # Somebody makes room; nothing else has to be done.
    manifest = await lesson.watch(before)
    assert manifest.reason == "disk_full"


@pytest.mark.parametrize("lesson", [0], indirect=True)
async def test_a_disk_that_hangs_ends_the_recording(lesson: Lesson) -> None:
    before = time.time() - 1
    _do("fsfreeze", "-f", str(lesson.spool))
    assert await lesson.told() == "disk_slow"
    await lesson.goes_on()
    _thaw(lesson.spool)
    manifest = await lesson.watch(before)
    assert manifest.reason == "disk_slow"
