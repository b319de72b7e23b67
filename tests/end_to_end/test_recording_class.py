"""
A class that is recorded, in the real program: what is said in the class decides what its recording holds, and
a server that is killed goes on with it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from classroom.recording.manifest import Manifest, decode_manifest
from tests.support.door_clients import Aiortc, aiortc, token_of
from tests.support.server import Server
from tests.support.wire_client import WireClient

pytestmark = pytest.mark.timeout(120)


@dataclass
class Member:
    """Somebody in the class: a page without a browser, and a program that sends for it."""

    id: str
    token: str
    page: WireClient
    program: Aiortc | None = None

    async def say(self, kind: str, /, **data: Any) -> None:
        answer = await self.page.command(f"{kind.replace('.', '-')}-{self.page.number}", kind, **data)
        assert answer["ok"], answer
        await self.page.until(answer["seq"])


class Lesson:
    """The demo class on a server, and its spool."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.http = http
        self.spool = server.data / "spool"

    async def enter(self, role: str, token: str = "") -> Member:
        token = token or token_of(await self.server.link(role, role.title()))
        url = f"{self.server.url}/api/classes/demo/admission"
        async with self.http.post(url, json={"token": token}) as answer:
            admitted = await answer.json()
        client = await WireClient(self.server.url, self.http).connect(admitted["seat"])
        await client.take("welcome")
        return Member(admitted["person"]["id"], token, client)

    async def send(self, member: Member) -> None:
        member.program = await aiortc(f"{self.server.url}/whip/demo", member.token, sends=True)

    def captures(self, recording: str) -> list[Path]:
        """Return the captures that have more than their head."""
        return [path for path in self.spool.glob(f"{recording}/capture/*.cap") if path.stat().st_size > 4096]

    def kept(self, recording: str) -> Manifest | None:
        """Return what the object store has of a recording."""
        found = self.server.data / "objects" / "recordings" / recording / "manifest-1.json"
        return decode_manifest(found.read_bytes()) if found.exists() else None


async def until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := condition()):  # noqa: ASYNC110 - other processes announce nothing
            await asyncio.sleep(0.05)
    return found


@pytest.fixture
async def lesson(tmp_path: Path) -> AsyncIterator[Lesson]:
    server = Server(tmp_path / "data")
    await server.start()
    async with aiohttp.ClientSession() as http:
        yield Lesson(server, http)
    await server.close()


async def test_what_is_said_in_the_class_decides_what_is_recorded(lesson: Lesson) -> None:
    teacher, student = await lesson.enter("teacher"), await lesson.enter("student")
    assert teacher.page.state is not None
    assert teacher.page.state["recording"]["mode"] == "off", "the demo fills nobody's disk"
    await teacher.say("stage.allow", person=student.id, kinds=["camera", "microphone"])
    for member in (teacher, student):
        await lesson.send(member)
    await teacher.say("recording.start")
    await until(lambda: len(lesson.captures("demo-1")) == 2)
    await student.say("recording.consent", yes=True)
    await until(lambda: len(lesson.captures("demo-1")) == 4)
    await teacher.say("recording.pause")
    await teacher.say("recording.resume")
    await until(lambda: len(lesson.captures("demo-1")) == 8)
    await teacher.say("recording.mark", label="Sets")

    await lesson.server.kill()
    for member in (teacher, student):
        assert member.program is not None
        await member.program.connection.close()
    await lesson.server.start()
    teacher = await lesson.enter("teacher", teacher.token)
    assert teacher.page.state is not None
    assert (teacher.page.state["recording"]["state"], teacher.page.state["recording"]["number"]) == ("on", 1)
    await lesson.send(teacher)
    await until(lambda: len(lesson.captures("demo-1")) == 10)
    await teacher.say("recording.stop")
    kept = await until(lambda: lesson.kept("demo-1"))

    assert kept.complete
    assert kept.reason == "stopped"
    assert [gap.why for gap in kept.gaps].count("paused") == 1
    people = {(track.person, track.kind) for track in kept.tracks if track.segments}
    assert people == {(one, kind) for one in (teacher.id, student.id) for kind in ("camera", "microphone")}
    begins = {
        track.person: min(segment.start for segment in track.segments) for track in reversed(kept.tracks)
    }
    assert begins[student.id] > begins[teacher.id]
    await until(lambda: not (lesson.spool / "demo-1").exists())
    await teacher.say("lifecycle.close")
    assert teacher.program is not None
    await teacher.program.connection.close()
