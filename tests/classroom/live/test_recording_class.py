"""Recording over real sockets: what a class says and what the archive and the workers are told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from classroom.domain.roles import Role
from classroom.live import directory
from classroom.store.journal import SqlJournal
from classroom.store.rows import Settings
from signaling import control
from tests.support.archive import FakeArchive
from tests.support.fake_workers import FakeWorkers
from tests.support.live_node import Node, node, seat
from tests.support.wire_client import WireClient

OFFER = (Path(__file__).parents[2] / "fixtures" / "sdp" / "chromium_plain.sdp").read_bytes().decode()
KINDS = {"0": "microphone", "1": "camera"}
ON, ASK = Settings(recording="on"), Settings(recording="ask")


@dataclass
class Studio:
    """A node with workers and an archive that outlive it."""

    archive: FakeArchive
    workers: FakeWorkers
    here: Node

    async def enter(
        self, person: str, role: Role = Role.STUDENT, settings: Settings = ON, permanent: bool = False
    ) -> WireClient:
        """Let somebody in, who publishes a microphone and a camera."""
        pass_ = seat(person, role, settings=settings, permanent=permanent)
        client = await self.here.client().connect(pass_)
        await client.take("welcome")
        answer = await client.call("media", {"op": "publish", "offer": OFFER, "kinds": KINDS})
        assert answer["ok"]
        return client

    @property
    def tab(self) -> str:
        """The page of whoever published last."""
        return list(self.here.classrooms._running["algebra"].media.peers)[-1]

    def captured(self) -> set[str]:
        """Return the tracks that are captured."""
        return {one.head["track"] for one in self.workers.captures.values()}

    async def until_captured(self, *tracks: str) -> None:
        await self.workers.until(lambda: self.captured() == set(tracks))


@contextlib.asynccontextmanager
async def studio(journal: SqlJournal, archive: FakeArchive) -> AsyncIterator[Studio]:
    workers = FakeWorkers()
    async with node(journal, pool=workers, shelf=archive.shelf()) as here:
        yield Studio(archive, workers, here)


@pytest.fixture
async def at(journal: SqlJournal) -> AsyncIterator[Studio]:
    async with studio(journal, FakeArchive()) as made:
        yield made


async def say(client: WireClient, what: str, command: str = "", /, **data: Any) -> dict[str, Any]:
    answer = await client.command(command or f"a-{what.replace('.', '-')}-{client.number}", what, **data)
    assert answer["ok"], answer
    await client.until(answer["seq"])
    return answer


async def test_a_class_is_recorded_from_its_beginning_to_its_end(at: Studio) -> None:
    teacher = await at.enter("u_t", Role.TEACHER)
    assert teacher.state is not None
    assert {**teacher.state["recording"], "since": 0} == {
        "mode": "on", "state": "on", "number": 1, "since": 0, "consents": {}, "left_out": [], "marks": [],
        "reason": "", "declined": False,
    }  # fmt: skip
    await say(teacher, "stage.start", "camera-01", kind="camera", muted=False)
    await at.until_captured("camera-01")
    ((spot, capture),) = at.workers.captures.items()
    assert spot == (at.tab, "camera")
    assert capture.path == "/spool/algebra-1/capture/000001.cap"
    assert capture.head == {"recording": "algebra-1", "track": "camera-01", "person": "u_t"}
    await teacher.command("the-end-01", "lifecycle.close")
    assert at.here.classrooms.recorded("algebra") is None
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)
    kept = at.archive.kept["algebra-1"]
    assert (kept.title, kept.reason, kept.gaps) == ("Algebra II", "ended", ())
    assert not at.workers.captures


async def test_staff_who_are_asked_decide(at: Studio) -> None:
    outside = at.here.classrooms.recorded
    assert outside("algebra") is None
    teacher = await at.enter("u_t", Role.TEACHER, ASK)
    assert outside("algebra") == "ask"
    await say(teacher, "stage.start", "camera-01", kind="camera", muted=False)
    assert not at.archive.kept
    await say(teacher, "recording.start")
    await at.until_captured("camera-01")
    assert outside("algebra") == "on"
    await say(teacher, "recording.stop")
    assert outside("algebra") == "off"
    await at.archive.until(lambda: at.archive.kept["algebra-1"].reason == "stopped")
    await at.until_captured()


async def test_who_agrees_is_captured_from_then_on_until_they_do_not(at: Studio) -> None:
    teacher, student = await at.enter("u_t", Role.TEACHER), await at.enter("u_s")
    await say(teacher, "stage.allow", person="u_s", kinds=["camera", "microphone"])
    await say(teacher, "stage.start", "teacher-1", kind="microphone", muted=True)
    await say(student, "stage.start", "student-1", kind="camera", muted=False)
    await at.until_captured("teacher-1")
    await say(student, "recording.consent", yes=True)
    await at.until_captured("teacher-1", "student-1")
    await say(teacher, "recording.leave_out", person="u_s", out=True)
    await at.until_captured("teacher-1")
    await say(teacher, "recording.leave_out", "put-back-01", person="u_s", out=False)
    await at.until_captured("teacher-1", "student-1")
    assert at.archive.kept["algebra-1"].captures == 3, "each time a file of its own"
    await say(student, "recording.consent", "taken-back-1", yes=False)
    await at.until_captured("teacher-1")


async def test_of_a_pause_nothing_is_captured(at: Studio) -> None:
    teacher = await at.enter("u_t", Role.TEACHER)
    await say(teacher, "stage.start", "camera-01", kind="camera", muted=False)
    await at.until_captured("camera-01")
    await say(teacher, "recording.pause")
    await at.until_captured()
    await say(teacher, "recording.resume")
    await at.until_captured("camera-01")
    await say(teacher, "recording.stop")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)
    ((start, end),) = at.archive.kept["algebra-1"].gaps
    assert 0 <= start <= end


async def test_a_page_that_negotiates_after_its_worker_died_is_captured_again(at: Studio) -> None:
    teacher = await at.enter("u_t", Role.TEACHER)
    await say(teacher, "stage.start", "camera-01", kind="camera", muted=False)
    await at.until_captured("camera-01")
    tab = at.tab
    at.workers.captures.clear()
    at.workers.legs.clear()
    at.here.classrooms.media_event(control.WorkerDied(0, {"algebra": (tab,)}))
    assert (await teacher.take("media"))["op"] == "lost"
    await teacher.call("media", {"op": "publish", "offer": OFFER, "kinds": KINDS})
    await at.until_captured("camera-01")
    assert at.workers.captures[(tab, "camera")].path.endswith("000002.cap")


async def test_a_disk_that_is_full_ends_the_recording_and_not_the_class(at: Studio) -> None:
    teacher, student = await at.enter("u_t", Role.TEACHER), await at.enter("u_s")
    await say(teacher, "stage.start", "camera-01", kind="camera", muted=False)
    await say(teacher, "stage.start", "voice-001", kind="microphone", muted=False)
    await at.until_captured("camera-01", "voice-001")
    for (tab, kind), capture in list(at.workers.captures.items()):
        at.here.classrooms.media_event(control.CaptureEnded("algebra", tab, kind, capture.path, "disk_full"))
    assert (await student.event("recording.stopped"))["data"] == {"reason": "disk_full"}
    await at.archive.until(lambda: at.archive.kept["algebra-1"].reason == "disk_full")
    answer = await say(student, "chat.post", "still-here", text="hello", to=None, reply_to=None)
    await teacher.until(answer["seq"])
    assert [event["type"] for event in teacher.events].count("recording.stopped") == 1


async def test_the_same_recording_goes_on_after_a_crash(journal: SqlJournal) -> None:
    archive = FakeArchive()
    async with studio(journal, archive) as first:
        teacher = await first.enter("u_t", Role.TEACHER)
        await say(teacher, "stage.start", "camera-01", kind="camera", muted=False)
        await first.until_captured("camera-01")
    assert not first.workers.captures
    assert archive.kept["algebra-1"].ended_at is None, "a server that is put away ends no recording"
    async with studio(journal, archive) as second:
        teacher = await second.enter("u_t", Role.TEACHER)
        assert teacher.state is not None
        assert (teacher.state["recording"]["state"], teacher.state["recording"]["number"]) == ("on", 1)
        await second.until_captured("camera-01")
        assert archive.kept["algebra-1"].captures == 2
        assert [name for name, _ in archive.told].count("started") == 2


async def test_another_one_begins_when_the_archive_has_ended_it(journal: SqlJournal) -> None:
    archive = FakeArchive()
    async with studio(journal, archive) as first:
        await first.enter("u_t", Role.TEACHER)
        await archive.until(lambda: "algebra-1" in archive.kept)
    await archive.stopped("algebra-1", 1, "interrupted", ())
    async with studio(journal, archive) as second:
        teacher = await second.enter("u_t", Role.TEACHER)
        await archive.until(lambda: "algebra-2" in archive.kept)
        assert teacher.state is not None
        if teacher.state["recording"]["number"] == 1:
            assert (await teacher.event("recording.started"))["data"] == {"number": 2}


async def test_who_leaves_without_ending_it_comes_back_to_another_recording(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(directory, "IDLE", 0.02)
    async with studio(journal, FakeArchive()) as at:
        await _all_leave(at, await at.enter("u_t", Role.TEACHER))
        assert at.archive.kept["algebra-1"].reason == "interrupted"
        teacher = await at.enter("u_t", Role.TEACHER)
        await at.archive.until(lambda: "algebra-2" in at.archive.kept)
        await say(teacher, "recording.pause")
        await _all_leave(at, teacher)
        assert at.archive.kept["algebra-2"].reason == "ended"
        teacher = await at.enter("u_t", Role.TEACHER)
        await say(teacher, "chat.post", text="Not recorded", to=None, reply_to=None)
        assert teacher.state is not None
        assert teacher.state["recording"]["state"] == "off", "a pause was not to be recorded"
        await say(teacher, "recording.start")
        await at.archive.until(lambda: "algebra-3" in at.archive.kept)


async def _all_leave(at: Studio, client: WireClient) -> None:
    await at.archive.until(lambda: at.archive.kept)
    at.here.classrooms._running["algebra"].presence._goodbye_grace = 0.01
    await client.close()
    async with asyncio.timeout(5):
        while at.here.classrooms._running or at.here.classrooms._grants:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)


async def test_where_nothing_can_be_recorded_nobody_is_asked(here: Node) -> None:
    teacher = await here.client().connect(seat("u_t", Role.TEACHER, settings=ASK))
    state = (await teacher.take("welcome"))["state"]
    assert (state["recording"]["mode"], state["recording"]["state"]) == ("off", "off")
    await say(teacher, "recording.start")
    assert (await teacher.event("recording.stopped"))["data"] == {"reason": "failed"}


async def test_a_class_that_opens_again_is_recorded_again(at: Studio) -> None:
    teacher = await at.enter("u_t", Role.TEACHER, permanent=True)
    await teacher.command("the-end-01", "lifecycle.close")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)
    assert await teacher.take("bye") == {"code": "closed"}
    again = await at.enter("u_t", Role.TEACHER, permanent=True)
    assert again.state is not None
    assert again.state["recording"]["number"] == 2
    await at.archive.until(lambda: "algebra-2" in at.archive.kept)
