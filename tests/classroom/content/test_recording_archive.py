"""
The archive: a recording gets from the spool to where it stays, wherever the program is killed on the way.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from classroom.content import library, recording_shelf
from classroom.content.library import Library
from classroom.content.recording_archive import RETRY_AFTER, RecordingArchive
from classroom.content.schedule import ClassDraft
from classroom.domain import recording
from classroom.domain.roles import Role
from classroom.live.session import _records
from classroom.recording.manifest import decode_manifest, tree_hash
from classroom.recording.spool import Spool
from classroom.store.database import Database
from classroom.store.journal import SqlJournal
from classroom.store.objects import Objects, open_objects
from classroom.store.playback import Chapters
from classroom.store.recording_rows import Place, RecordingState
from classroom.store.recordings import Recordings
from classroom.store.rows import Settings
from tests.support.classes import START, Classroom
from tests.support.people import NOW, Services, services
from tests.support.spooled import Recorded

GRACE = 60.0


class Killed(BaseException):
    """What kill -9 is to the program: nothing catches it."""


@dataclass
class House:
    """A data directory and a database, and programs that come and go over them."""

    desk: Services
    data: Path
    class_id: str
    now: int = NOW
    clock: float = 1000.0
    objects: Objects = field(init=False)
    rows: Recordings = field(init=False)
    library: Library = field(init=False)

    def __post_init__(self) -> None:
        self.objects = open_objects("", self.data)
        self.rows = Recordings(self.desk.database)
        self.restart()

    @property
    def archive(self) -> RecordingArchive:
        return self.library.archive

    @property
    def name(self) -> str:
        return f"{self.class_id}-1"

    def restart(self) -> None:
        """Be a new program over the same data."""
        spool = Spool(self.data / "spool")
        spool.prepare()
        self.library = library.build(
            self.desk.database, SqlJournal(self.desk.database), self.desk.schedule, spool, self.objects,
            self.data / "scratch", now=lambda: self.now, monotonic=lambda: self.clock, grace=GRACE,
        )  # fmt: skip

    async def lesson(self) -> Classroom:
        """Hold a class, and write its journal."""
        held = Classroom()
        held.now = NOW
        held.open("t", "s1")
        held._take(recording.plan(held.room.recording, "on"), "")
        held.post("t", "welcome")
        held.do("t", "recording.pause")
        held.post("t", "in-a-pause")
        held.do("t", "recording.resume")
        held.do("t", "recording.mark", label="Chapter")
        await SqlJournal(self.desk.database).append(self.class_id, _records(held.entries))
        return held

    async def begin(self) -> Recorded:
        """Begin a recording with a track."""
        await self.archive.started(self.name, self.class_id, 1, "Algebra", NOW + 2000)
        made = Recorded(self.library.spool, self.name)
        made.track("tr", "t")
        made.segment("tr", "000001b1", 0, 4)
        made.live()
        return made

    async def settled(self) -> None:
        """Let a new program look as often as it takes."""
        self.restart()
        await self.archive.start()
        await self.archive.close()
        for _ in range(3):
            self.clock += RETRY_AFTER + 1
            await self.archive.look()

    async def check_kept(self) -> None:
        """Everything is where it stays, once, and whole."""
        row = await self.rows.get(self.name)
        assert row is not None
        assert (row.state, row.place, row.version) == (RecordingState.READY, Place.OBJECTS, 1)
        assert (row.published, row.title) == (True, "Algebra")
        assert not list(self.library.spool.root.iterdir())
        manifest = decode_manifest(await self.rows.manifest(self.name) or b"")
        journal = await self.objects.get(f"recordings/{self.name}/journal.msgpack")
        assert tree_hash((journal,)) == manifest.journal_hash
        assert b"welcome" in journal
        assert b"in-a-pause" not in journal
        for _, segment in manifest.segments():
            media = await self.objects.get(f"recordings/{self.name}/media/{segment.file}")
            assert tree_hash((media,)) == segment.hash
            assert await self.objects.size(f"recordings/{self.name}/media/{segment.id}.idx")
        kept = await self.objects.get(f"recordings/{self.name}/manifest-1.json")
        assert decode_manifest(kept) == manifest
        assert [one.title for one in await Chapters(self.desk.database).of(self.name)] == ["Chapter"]
        assert await self.rows.has_attended(self.name, "s1")


class Fragile:
    """Stands before a part of the program and kills it before or behind the call that `left` counts to."""

    def __init__(self, inner: object, left: list[int]) -> None:
        self._inner = inner
        self._left = left

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def died() -> None:
            self._left[0] -= 1
            if self._left[0] == 0:
                raise Killed

        if asyncio.iscoroutinefunction(found):

            async def call(*given: Any, **named: Any) -> Any:
                died()
                done = await found(*given, **named)
                died()
                return done

            return call

        def plain(*given: Any, **named: Any) -> Any:
            died()
            done = found(*given, **named)
            died()
            return done

        return plain


@pytest.fixture
async def house(sqlite: Database, tmp_path: Path) -> AsyncIterator[House]:
    desk = services(sqlite)
    teacher = await desk.person("anna", Role.TEACHER)
    draft = ClassDraft("Algebra", NOW, 3_600_000, "ky", settings=Settings(publish=True))
    planned = await desk.schedule.plan(teacher, draft, NOW)
    yield House(desk, tmp_path, planned.id)
    desk.passwords.close()


async def test_from_the_beginning_to_where_it_stays(house: House) -> None:
    assert await house.archive.state(house.name) == "new"
    held = await house.lesson()
    made = await house.begin()
    assert await house.archive.state(house.name) == "open"
    row = await house.rows.get(house.name)
    assert row is not None
    assert (row.state, row.started_at) == (RecordingState.RECORDING, NOW + 2000)
    await house.archive.stopped(house.name, held.now, "stopped", ((1000, 3000),))
    assert await house.archive.state(house.name) == "ended"
    row = await house.rows.get(house.name)
    assert row is not None
    assert (row.state, row.reason, row.ended_at) == (RecordingState.FINISHING, "stopped", held.now)
    await house.archive.look()
    made.done()
    await house.archive.look()
    await house.check_kept()
    assert await house.archive.state(house.name) == "ended"


async def test_captures_are_numbered_on_over_restarts(house: House) -> None:
    await house.begin()
    first = Path(house.archive.capture_path(house.name))
    assert first.is_absolute()
    assert first.name == "000001.cap"
    await asyncio.to_thread(first.write_bytes, b"")
    assert Path(house.archive.capture_path(house.name)).name == "000002.cap"
    house.restart()
    assert Path(house.archive.capture_path(house.name)).name == "000002.cap"


async def test_a_class_that_goes_on_after_a_crash_goes_on_with_its_recording(house: House) -> None:
    await house.lesson()
    await house.begin()
    house.restart()
    await house.archive.start()
    await house.archive.started(house.name, house.class_id, 1, "Algebra", NOW + 2000)
    house.clock += GRACE + 1
    await house.archive.look()
    await house.archive.close()
    assert await house.archive.state(house.name) == "open"


async def test_one_whose_class_stays_away_is_finished_after_the_grace(house: House) -> None:
    held = await house.lesson()
    made = await house.begin()
    house.restart()
    await house.archive.look()
    house.clock += GRACE - 1
    await house.archive.look()
    row = await house.rows.get(house.name)
    assert row is not None
    assert row.state is RecordingState.RECORDING
    house.clock += 2
    await house.archive.look()
    row = await house.rows.get(house.name)
    assert row is not None
    assert (row.state, row.reason) == (RecordingState.FINISHING, "interrupted")
    assert row.ended_at is not None
    assert row.ended_at >= held.now
    ended = house.library.spool.ended(house.name)
    assert ended is not None
    assert [(gap.start, gap.end, gap.why) for gap in ended.gaps] == [(2000, 4000, "paused")]
    made.done()
    await house.archive.look()
    await house.check_kept()


async def test_what_cannot_be_put_away_waits_and_hinders_nobody(house: House) -> None:
    held = await house.lesson()
    made = await house.begin()
    await house.archive.stopped(house.name, held.now, "stopped", ())
    made.done()
    media = house.library.spool.media(house.name, "000001b1.webm")
    data = media.read_bytes()
    media.unlink()
    await house.archive.look()
    row = await house.rows.get(house.name)
    assert row is not None
    assert (row.state, row.place) == (RecordingState.READY, Place.SPOOL)
    media.write_bytes(data)
    await house.archive.look()
    assert media.exists()
    house.clock += RETRY_AFTER + 1
    await house.archive.look()
    await house.check_kept()


async def test_a_defect_that_one_recording_meets_hinders_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await house.lesson()
    made = await house.begin()
    await house.archive.stopped(house.name, held.now, "stopped", ())
    made.done()
    care = house.archive._care
    known = house.library.spool.recordings

    async def cared(recording: str) -> None:
        if recording != house.name:
            raise ValueError("what nobody thought of")
        await care(recording)

    monkeypatch.setattr(house.archive, "_care", cared)
    monkeypatch.setattr(house.library.spool, "recordings", lambda: ["c_bad-1", *known()])
    await house.archive.look()
    await house.check_kept()


async def test_what_the_recorder_sets_aside_is_said_to_have_failed(house: House) -> None:
    await house.begin()
    bad = house.library.spool.root / "_bad"
    bad.mkdir()
    (house.library.spool.root / house.name).rename(bad / f"{house.name}.1")
    await house.archive.look()
    row = await house.rows.get(house.name)
    assert row is not None
    assert (row.state, row.reason) == (RecordingState.FAILED, "failed")


# Each takes a fifth of a second; a third of them meets every kind of step.
KILLS = range(1, 200, 1 if os.environ.get("SABAK_LONG") else 3)


async def test_killed_between_any_two_steps_it_ends_in_the_same_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One recording after the other, each killed a step later, until none is killed any more."""
    held = await house.lesson()
    survived = 0
    for kill in KILLS:
        left = [kill]
        house.restart()
        archive = house.archive
        for part in (archive, archive.shelf):
            for name in ("_rows", "_chapters", "_texts", "_spool", "_objects", "_journal", "_schedule"):
                if hasattr(part, name):
                    setattr(part, name, Fragile(getattr(part, name), left))
        for step in ("_remove", "_read"):
            whole = getattr(recording_shelf, step)
            monkeypatch.setattr(recording_shelf, step, Fragile(Box(whole), left).call)
        try:
            await archive.started(house.name, house.class_id, 1, "Algebra", NOW + 2000)
            recorder(house)
            await archive.stopped(house.name, held.now, "stopped", ((2000, 4000),))
            recorder(house, done=True)
            await archive.look()
            survived += 1
        except Killed:
            pass
        monkeypatch.undo()
        if survived == 0:
            await go_on(house, held)
        await house.settled()
        await house.check_kept()
        if survived:
            break
        await forget(house)
    assert survived
    assert kill > 40


class Box:
    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call


def recorder(house: House, *, done: bool = False) -> None:
    made = Recorded(house.library.spool, house.name)
    made.track("tr", "t")
    made.segment("tr", "000001b1", 0, 4)
    made.done() if done else made.live()


async def go_on(house: House, held: Classroom) -> None:
    """Be what the class does after a crash: it asks what is known, begins or ends again; and the recorder."""
    house.restart()
    state = await house.archive.state(house.name)
    if state == "new":
        await house.archive.started(house.name, house.class_id, 1, "Algebra", NOW + 2000)
    if (house.library.spool.root / house.name).exists():
        if house.library.spool.stage(house.name) == "open":
            await house.archive.started(house.name, house.class_id, 1, "Algebra", NOW + 2000)
            recorder(house)
            await house.archive.stopped(house.name, held.now, "stopped", ((2000, 4000),))
        if house.library.spool.stage(house.name) == "ended":
            recorder(house, done=True)


async def forget(house: House) -> None:
    await house.rows.remove(house.name)
    for key in await house.objects.list(f"recordings/{house.name}"):
        await house.objects.delete(key)


def test_the_class_of_the_tests_begins_when_they_do() -> None:
    assert START == NOW
