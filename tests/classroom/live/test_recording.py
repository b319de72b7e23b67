"""The recordings of a class, driven by its entries: archive and workers hear what they should."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from classroom.domain import codec, takes
from classroom.domain.entry import Command, Entry
from classroom.domain.errors import Unavailable
from classroom.live import archive as shelves
from classroom.live import capturing, recording
from classroom.live.recording import Recordings
from signaling.control import CaptureEnded, MediaRefused
from signaling.core.model import Kind
from signaling.gateway_limits import Rate
from tests.support.archive import FakeArchive
from tests.support.classes import Classroom

ROOM = "algebra"
FULL = OSError(errno.ENOSPC, "no space left on device")


class Workers:
    """
    Workers that note what they capture; `refuse` holds refusals for the next calls of a name. What they are
    told is in `log`, too, among what others are told.
    """

    def __init__(self, log: list[tuple[str, str]]) -> None:
        self.log = log
        self.captures: dict[tuple[str, Kind], tuple[str, Mapping[str, str]]] = {}
        self.calls: list[tuple[str, str]] = []
        self.refuse: dict[str, list[MediaRefused]] = {}
        self.hold: dict[str, asyncio.Event] = {}
        self.changed = asyncio.Event()

    async def _note(self, name: str, peer: str) -> None:
        self.calls.append((name, peer))
        self.log.append((name, peer))
        self.changed.set()
        if name in self.hold:
            await self.hold[name].wait()
        if self.refuse.get(name):
            raise self.refuse[name].pop(0)

    async def record(self, room: str, peer: str, kind: Kind, path: str, head: Mapping[str, str]) -> None:
        assert room == ROOM
        assert (peer, kind) not in self.captures
        await self._note("record", peer)
        self.captures[peer, kind] = (path, head)
        self.changed.set()

    async def stop_recording(self, room: str, peer: str, kind: Kind) -> None:
        await self._note("stop", peer)
        self.captures.pop((peer, kind), None)
        self.changed.set()

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


class Studio:
    """A class that lives in this process. Everybody has one page, named like them."""

    def __init__(self, lesson: Classroom, archive: FakeArchive, *, possible: bool = True) -> None:
        self.lesson = lesson
        self.archive = archive
        self.workers = Workers(archive.told)
        self.pages: dict[str, str] | None = None
        self.away = 0  # so many orders come to nothing, for the journal does not answer
        self.orders: list[Command] = []
        self.now = 100.0
        self.recordings = Recordings(
            ROOM,
            takes.fold(lesson.entries),
            shelf=archive.shelf() if possible else None,
            workers=self.workers,
            room=lambda: lesson.room,
            pages=self.carried,
            order=self.order,
            now=lambda: lesson.now,
            monotonic=lambda: self.now,
            last=lesson.entries[-1].at,
        )

    def carried(self) -> dict[str, str]:
        if self.pages is not None:
            return self.pages
        return {track.id: f"tab-{track.person}" for track in self.lesson.room.stage.tracks.values()}

    async def order(self, command: Command) -> None:
        self.orders.append(command)
        if self.away:
            self.away -= 1
            raise Unavailable("the journal does not answer")
        kind, data = codec.encode_command(command)
        self.tell(self.lesson.system(kind, **data))

    def do(self, person: str, kind: str, /, **data: Any) -> str:
        entries = self.lesson.do(person, kind, **data)
        self.tell(entries)
        return entries[-1].command

    def tell(self, entries: list[Entry]) -> None:
        for entry in entries:
            self.recordings.hear(entry)

    def start(self, person: str, kind: str = "camera") -> str:
        return self.do(person, "stage.start", kind=kind, muted=False)

    def ended(self, reason: str, person: str = "t", kind: Kind = "camera") -> None:
        """Let the worker end what it captures of a person."""
        path, _ = self.workers.captures.pop((f"tab-{person}", kind))
        self.recordings.capture_ended(CaptureEnded(ROOM, f"tab-{person}", kind, path, reason))  # type: ignore[arg-type]

    async def quiet(self) -> None:
        """Let the task come to rest."""
        for _ in range(30):
            await asyncio.sleep(0)

    async def captured(self, *people: str) -> None:
        await self.workers.until(
            lambda: {head["person"] for _, head in self.workers.captures.values()} == set(people)
        )

    @property
    def state(self) -> tuple[str, int, str]:
        now = self.lesson.room.recording
        return now.state, now.number, now.reason


@contextlib.asynccontextmanager
async def running(studio: Studio) -> AsyncIterator[Studio]:
    task = asyncio.create_task(studio.recordings.run())
    await studio.quiet()
    yield studio
    assert not task.done(), task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await studio.recordings.stop()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "AGAIN", 0.0)
    monkeypatch.setattr(recording, "AGAIN", 0.0)
    monkeypatch.setattr(capturing, "LASTING", 0.05)


@pytest.fixture
async def at() -> AsyncIterator[Studio]:
    """Give a class that is being recorded, with a teacher and two students who may send."""
    lesson = Classroom().open("t", "s1", "s2", record="on")
    for person in ("s1", "s2"):
        lesson.do("t", "stage.allow", person=person, kinds=["camera", "microphone"])
    async with running(Studio(lesson, FakeArchive())) as studio:
        yield studio


async def test_a_capture_says_whose_and_what_it_is(at: Studio) -> None:
    track = at.start("t", "microphone")
    await at.captured("t")
    ((spot, (path, head)),) = at.workers.captures.items()
    assert spot == ("tab-t", "microphone")
    assert path == "/spool/algebra-1/capture/000001.cap"
    assert head == {"recording": "algebra-1", "track": track, "person": "t"}
    assert at.recordings.captures == 1


async def test_nobody_is_captured_who_has_not_agreed(at: Studio) -> None:
    at.start("s1")
    at.start("t")
    await at.captured("t")
    await at.quiet()
    assert {peer for _, peer in at.workers.calls} == {"tab-t"}
    at.do("s1", "recording.consent", yes=True)
    await at.captured("t", "s1")
    at.do("s1", "recording.leave_out", person="s1", out=True)
    await at.captured("t")


async def test_who_changes_their_mind_while_others_are_told_is_not_captured(at: Studio) -> None:
    at.workers.hold["stop"] = asyncio.Event()
    at.start("t")
    await at.captured("t")
    at.do("s1", "recording.consent", yes=True)
    at.do("t", "recording.consent", yes=False)  # The worker takes its time to end this one.
    await at.workers.until(lambda: ("stop", "tab-t") in at.workers.calls)
    at.start("s1")
    at.do("s1", "recording.consent", yes=False)
    at.workers.hold["stop"].set()
    await at.captured()
    await at.quiet()
    assert ("record", "tab-s1") not in at.workers.calls


async def test_a_track_without_a_page_waits_for_one(at: Studio) -> None:
    at.pages = {}
    track = at.start("t")
    await at.quiet()
    assert not at.workers.calls
    at.pages = {track: "tab-new"}
    at.recordings.stir()
    await at.captured("t")
    assert list(at.workers.captures) == [("tab-new", "camera")]


async def test_a_page_that_takes_over_is_captured_instead(at: Studio) -> None:
    track = at.start("t")
    await at.captured("t")
    at.pages = {track: "tab-other"}
    at.recordings.stir()
    await at.workers.until(lambda: list(at.workers.captures) == [("tab-other", "camera")])
    assert at.workers.calls == [("record", "tab-t"), ("stop", "tab-t"), ("record", "tab-other")]


async def test_a_capture_that_ends_by_itself_is_begun_again(at: Studio) -> None:
    at.start("t")
    await at.captured("t")
    at.now += 60
    at.ended("gone")
    await at.captured("t")
    assert at.archive.kept["algebra-1"].captures == 2
    at.ended("stopped")  # At once: it is not begun again before a while.
    await at.quiet()
    assert not at.workers.captures
    await at.captured("t")
    assert at.archive.kept["algebra-1"].captures == 3


async def test_what_ended_at_once_and_is_not_wanted_is_not_begun_again(at: Studio) -> None:
    track = at.start("t")
    await at.captured("t")
    at.ended("gone")
    at.do("t", "stage.stop", track=track)
    await at.workers.until(lambda: ("stop", "tab-t") in at.workers.calls)
    await asyncio.sleep(0.06)
    assert at.recordings.captures == 0


async def test_who_changes_their_mind_all_the_time_is_captured_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capturing, "BEGINNINGS", Rate(100, 3))
    lesson = Classroom().open("t", "s1", record="on")
    lesson.do("t", "stage.allow", person="s1", kinds=["camera"])
    lesson.start("s1", "camera")
    lesson.start("t", "camera")
    async with running(Studio(lesson, FakeArchive())) as at:
        await at.captured("t")
        for yes in (True, False) * 10:
            at.do("s1", "recording.consent", yes=yes)
            await at.quiet()
        assert at.workers.calls.count(("record", "tab-s1")) == 3
        at.do("s1", "recording.consent", yes=True)
        await at.quiet()
        at.now += 60
        await at.captured("t", "s1")


async def test_news_of_a_capture_that_was_replaced_changes_nothing(at: Studio) -> None:
    at.start("t")
    await at.captured("t")
    at.recordings.capture_ended(CaptureEnded(ROOM, "tab-t", "camera", "/spool/another", "disk_full"))
    at.recordings.capture_ended(CaptureEnded(ROOM, "tab-x", "camera", "/spool/another", "gone"))
    await at.quiet()
    assert at.state == ("on", 1, "")


@pytest.mark.parametrize("reason", ["disk_full", "disk_slow", "failed"])
async def test_what_cannot_be_written_ends_the_recording_once(at: Studio, reason: str) -> None:
    at.do("s1", "recording.consent", yes=True)
    for person in ("t", "s1"):
        at.start(person)
    await at.captured("t", "s1")
    at.ended(reason, "t")
    at.ended("disk_slow", "s1")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)
    assert at.state == ("off", 1, reason)
    assert at.archive.kept["algebra-1"].reason == reason
    assert len(at.orders) == 1
    at.do("t", "recording.start")
    await at.captured("t", "s1")
    assert at.state == ("on", 2, "")


async def test_a_worker_that_died_is_not_asked_to_end_anything(at: Studio) -> None:
    track = at.start("t")
    await at.captured("t")
    at.workers.captures.clear()
    at.pages = {}
    at.recordings.worker_died(("tab-t", "tab-9"))
    await at.quiet()
    assert ("stop", "tab-t") not in at.workers.calls
    at.pages = {track: "tab-t"}
    at.recordings.stir()
    await at.captured("t")


async def test_captures_end_before_the_recording_does(at: Studio) -> None:
    at.start("t")
    await at.captured("t")
    at.workers.hold["stop"] = asyncio.Event()
    at.do("t", "recording.stop")
    await at.quiet()
    assert at.archive.kept["algebra-1"].ended_at is None
    at.workers.hold["stop"].set()
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)
    assert not at.workers.captures


async def test_a_capture_that_will_not_end_does_not_hold_it_up_for_ever(at: Studio) -> None:
    at.start("t")
    await at.captured("t")
    at.workers.refuse["stop"] = [MediaRefused("media.unavailable", "stuck")] * 1000
    at.do("t", "recording.stop")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)
    before = at.archive.told[: at.archive.told.index(("stopped", "algebra-1"))]
    assert before.count(("stop", "tab-t")) == recording.ATTEMPTS + 1
    at.workers.refuse["stop"].clear()
    await at.captured()  # And it is asked on and on.
    await at.quiet()
    assert at.recordings.captures == 0


async def test_a_refusal_that_passes_is_asked_again(at: Studio) -> None:
    at.workers.refuse["record"] = [MediaRefused("media.unknown_peer", "none")] * 2
    at.start("t")
    await at.captured("t")
    assert at.workers.calls == [("record", "tab-t")] * 3


async def test_what_may_have_been_heard_is_ended_before_it_is_begun_again(at: Studio) -> None:
    at.workers.refuse["record"] = [MediaRefused("media.unavailable", "no answer")]
    at.start("t")
    await at.captured("t")
    assert at.workers.calls == [("record", "tab-t"), ("stop", "tab-t"), ("record", "tab-t")]


async def test_what_was_refused_after_its_worker_died_is_forgotten(at: Studio) -> None:
    at.workers.hold["record"] = asyncio.Event()
    at.workers.refuse["record"] = [MediaRefused("media.unavailable", "it has ended")]
    at.start("t")
    await at.workers.until(lambda: at.workers.calls)
    at.recordings.worker_died(("tab-t",))
    at.workers.hold["record"].set()
    await at.captured("t")
    assert at.workers.calls == [("record", "tab-t")] * 2


async def test_a_refusal_for_good_ends_the_recording(at: Studio) -> None:
    at.workers.refuse["record"] = [MediaRefused("media.bad_request", "nothing can be written there")]
    at.start("t")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].reason == "failed")
    assert at.state == ("off", 1, "failed")


async def test_no_place_for_a_capture_ends_the_recording(at: Studio) -> None:
    for error, reason in ((FULL, "disk_full"), (ValueError("a spool that nobody made"), "failed")):
        at.archive.fail["capture_path"] = [error]
        track = at.start("t")
        name = f"algebra-{at.state[1]}"
        await at.archive.until(lambda name=name: name in at.archive.kept and at.archive.kept[name].ended_at)
        assert at.archive.kept[name].reason == reason
        at.do("t", "stage.stop", track=track)
        at.do("t", "recording.start")
    assert not at.workers.calls


async def test_what_cannot_go_on_is_captured_no_more_even_before_the_journal_has_it(at: Studio) -> None:
    at.do("s1", "recording.consent", yes=True)
    for person in ("t", "s1"):
        at.start(person)
    await at.captured("t", "s1")
    at.away = 1000
    at.ended("failed", "t")
    await at.captured()
    assert at.state == ("on", 1, "")
    at.away = 0
    await at.archive.until(lambda: at.archive.kept["algebra-1"].reason == "failed")


async def test_a_journal_that_does_not_answer_is_told_later(at: Studio) -> None:
    at.start("t")
    await at.captured("t")
    at.away = 2
    at.ended("failed")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].reason == "failed")
    assert len(at.orders) == 3


async def test_there_has_to_be_room(at: Studio) -> None:
    at.archive.left = 999
    at.do("t", "recording.stop")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)
    at.do("t", "recording.start")
    await at.quiet()
    assert at.state == ("off", 2, "disk_full")
    assert "algebra-2" not in at.archive.kept
    at.archive.left = 1000
    at.do("t", "recording.start")
    await at.archive.until(lambda: "algebra-3" in at.archive.kept)


async def test_a_recording_ends_before_the_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LOOK_EVERY", 0.01)
    async with running(Studio(Classroom().open("t", record="on"), FakeArchive())) as at:
        await at.archive.until(lambda: "algebra-1" in at.archive.kept)
        at.archive.left = 999
        await at.archive.until(lambda: at.archive.kept["algebra-1"].reason == "disk_full")
        assert at.state == ("off", 1, "disk_full")


async def test_a_note_that_finds_no_room_is_written_later(
    at: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "LOOK_EVERY", 0.01)
    at.archive.fail["stopped"] = [FULL, FULL]
    at.do("t", "recording.stop")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)


async def test_an_archive_that_refuses_ends_the_recording(at: Studio) -> None:
    at.archive.fail["started"] = [FULL]
    at.do("t", "recording.stop")
    at.do("t", "recording.start")
    await at.archive.until(lambda: at.archive.kept["algebra-1"].ended_at is not None)
    await at.quiet()
    assert at.state == ("off", 2, "disk_full")
    at.do("t", "chat.post", text="The class goes on", to=None, reply_to=None)


async def test_recordings_that_follow_one_another_are_kept_in_their_order(at: Studio) -> None:
    at.do("t", "recording.stop")
    at.do("t", "recording.start")
    at.do("t", "recording.stop")
    at.do("t", "recording.start")
    await at.archive.until(lambda: "algebra-3" in at.archive.kept)
    told = [call for call in at.archive.told if call[0] in ("started", "stopped")]
    assert told == [
        ("started", "algebra-1"), ("stopped", "algebra-1"), ("started", "algebra-2"),
        ("stopped", "algebra-2"), ("started", "algebra-3"),
    ]  # fmt: skip


async def test_what_is_captured_for_one_is_not_for_the_next(at: Studio) -> None:
    at.start("t")
    await at.captured("t")
    at.do("t", "recording.stop")
    at.do("t", "recording.start")
    await at.workers.until(lambda: at.workers.calls.count(("record", "tab-t")) == 2)
    assert at.archive.told[-6:] == [
        ("record", "tab-t"), ("stop", "tab-t"), ("stopped", "algebra-1"), ("started", "algebra-2"),
        ("capture_path", "algebra-2"), ("record", "tab-t"),
    ]  # fmt: skip


async def test_where_nothing_can_be_recorded_it_says_so() -> None:
    lesson = Classroom().open("t", record="off")
    async with running(Studio(lesson, FakeArchive(), possible=False)) as at:
        assert not at.recordings.possible
        at.do("t", "recording.start")
        await at.quiet()
        assert at.state == ("off", 1, "failed")
        at.do("t", "recording.start")
        at.do("t", "recording.stop")
        await at.quiet()
        assert at.recordings.place(2) is None
        assert not at.archive.told


async def test_without_workers_what_is_said_is_recorded_all_the_same() -> None:
    lesson = Classroom().open("t", record="on")
    archive = FakeArchive()
    alone = Recordings(
        ROOM, takes.fold(lesson.entries), shelf=archive.shelf(), workers=None, room=lambda: lesson.room,
        pages=dict, order=lambda _: asyncio.sleep(0), now=lambda: 0, monotonic=lambda: 0.0,
    )  # fmt: skip
    task = asyncio.create_task(alone.run())
    await archive.until(lambda: "algebra-1" in archive.kept)
    alone.worker_died(("tab",))
    alone.capture_ended(CaptureEnded(ROOM, "tab", "camera", "/spool/x", "gone"))
    assert alone.captures == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await alone.stop()


# --- going on ----------------------------------------------------------------------------------------


async def test_what_goes_on_is_claimed(at: Studio) -> None:
    at.start("t")
    await at.captured("t")
    async with running(Studio(at.lesson, at.archive)) as next_:
        await next_.captured("t")
        assert at.archive.told[-4:-1] == [
            ("state", "algebra-1"), ("started", "algebra-1"), ("capture_path", "algebra-1"),
        ]  # fmt: skip


async def test_one_that_the_archive_never_heard_of_is_begun() -> None:
    archive = FakeArchive()
    async with running(Studio(Classroom().open("t", record="on"), archive)) as at:
        await archive.until(lambda: "algebra-1" in archive.kept)
        assert at.state == ("on", 1, "")


async def test_one_that_the_archive_ended_is_followed_by_another(at: Studio) -> None:
    await at.archive.stopped("algebra-1", 5, "interrupted", ())
    async with running(Studio(at.lesson, at.archive)) as next_:
        await at.archive.until(lambda: "algebra-2" in at.archive.kept)
        assert next_.state == ("on", 2, "")
        assert takes.fold(at.lesson.entries).items[0].reason == "interrupted"


async def test_after_a_long_time_it_is_another_class_to_those_who_come(at: Studio) -> None:
    at.do("s1", "recording.consent", yes=True)
    await at.archive.stopped("algebra-1", 5, "interrupted", ())
    at.lesson.now += recording.SITTING + 1
    async with running(Studio(at.lesson, at.archive)) as next_:
        await at.archive.until(lambda: "algebra-2" in at.archive.kept)
        assert next_.state == ("on", 2, "")
        assert at.lesson.room.recording.consents == {}


async def test_one_that_was_paused_when_the_archive_ended_it_is_not(at: Studio) -> None:
    at.do("t", "recording.pause")
    await at.archive.stopped("algebra-1", 5, "interrupted", ())
    async with running(Studio(at.lesson, at.archive)) as next_:
        await next_.quiet()
        assert next_.state == ("off", 1, "ended")


async def test_one_that_ended_just_before_the_crash_is_ended_at_the_archive() -> None:
    lesson, archive = Classroom().open("t", record="on"), FakeArchive()
    async with running(Studio(lesson, archive)):
        await archive.until(lambda: "algebra-1" in archive.kept)
    lesson.do("t", "recording.stop")
    lesson.do("t", "recording.start")
    async with running(Studio(lesson, archive)):
        await archive.until(lambda: "algebra-2" in archive.kept)
    assert archive.kept["algebra-1"].reason == "stopped"
    lesson.do("t", "recording.stop")
    async with running(Studio(lesson, archive)):
        await archive.until(lambda: archive.kept["algebra-2"].ended_at is not None)


async def test_one_that_cannot_be_claimed_is_finished() -> None:
    lesson, archive = Classroom().open("t", record="on"), FakeArchive()
    async with running(Studio(lesson, archive)):
        await archive.until(lambda: "algebra-1" in archive.kept)
    archive.fail["started"] = [FULL]
    async with running(Studio(lesson, archive)) as at:
        await archive.until(lambda: archive.kept["algebra-1"].reason == "disk_full")
        assert at.state == ("off", 1, "disk_full")


# --- nobody is there -----------------------------------------------------------------------------------


async def test_a_class_that_rests_ends_its_recording(at: Studio) -> None:
    for person in ("t", "s1", "s2"):
        at.tell(at.lesson.system("people.leave", person=person, reason="left"))
    await at.recordings.rest()
    assert at.archive.kept["algebra-1"].reason == "interrupted"
    assert at.state == ("off", 1, "interrupted")
    await at.recordings.rest()
    at.tell(at.lesson.join("s1"))
    await at.archive.until(lambda: "algebra-2" in at.archive.kept)
    at.tell(at.lesson.system("people.leave", person="s1", reason="left"))
    await at.recordings.rest()
    at.lesson.now += recording.SITTING + 1
    at.tell(at.lesson.join("s1"))
    await at.archive.until(lambda: "algebra-3" in at.archive.kept)
    assert [entry.event.TYPE for entry in at.lesson.entries].count("recording.planned") == 2


async def test_a_class_that_rests_in_a_pause_does_not_go_on_by_itself(at: Studio) -> None:
    at.do("t", "recording.pause")
    await at.recordings.rest()
    await at.quiet()
    assert at.state == ("off", 1, "ended")


async def test_after_the_end_nothing_is_renewed(at: Studio) -> None:
    await at.order(recording.EndRecording(1, "interrupted"))
    at.do("t", "lifecycle.close")
    await at.quiet()
    assert at.state[:2] == ("off", 1)
    assert len(at.orders) == 1


async def test_resting_ends_with_the_class(at: Studio) -> None:
    at.archive.fail["stopped"] = [FULL] * 1000
    resting = asyncio.create_task(at.recordings.rest())
    await at.quiet()
    assert not resting.done()
    await at.recordings.stop()
    async with asyncio.timeout(5):
        await resting


async def test_a_worker_that_dies_while_it_is_told_to_end(at: Studio) -> None:
    track = at.start("t")
    await at.captured("t")
    at.workers.hold["stop"] = asyncio.Event()
    at.do("t", "recording.pause")
    await at.workers.until(lambda: ("stop", "tab-t") in at.workers.calls)
    at.recordings.worker_died(("tab-t",))
    at.workers.hold["stop"].set()
    at.do("t", "recording.resume")
    await at.workers.until(lambda: at.workers.calls.count(("record", "tab-t")) == 2)
    assert at.recordings.captures == 1
    assert at.workers.captures[("tab-t", "camera")][1]["track"] == track


async def test_after_it_was_stopped_nothing_is_tried_again(
    at: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "AGAIN", 60.0)
    at.workers.refuse["record"] = [MediaRefused("media.unknown_peer", "none")]
    at.start("t")
    await at.quiet()
    timer = at.recordings._timer
    assert timer is not None
    await at.recordings.stop()
    assert timer.cancelled()


async def test_one_that_has_just_ended_is_finished_when_the_class_is_put_away(at: Studio) -> None:
    at.workers.hold["stop"] = asyncio.Event()
    at.start("t")
    await at.captured("t")
    at.do("t", "lifecycle.close")
    await at.workers.until(lambda: ("stop", "tab-t") in at.workers.calls)
    at.workers.hold.clear()
    await at.recordings.stop()
    assert at.archive.kept["algebra-1"].reason == "ended"


async def test_a_defect_does_not_take_the_class_along(at: Studio) -> None:
    defect = iter([KeyError("a defect"), KeyError("a defect")])
    pages = at.recordings._pages

    def broken() -> Mapping[str, str]:
        for error in defect:
            raise error
        return pages()

    at.recordings._pages = broken
    at.start("t")
    await at.captured("t")
    assert at.state == ("on", 1, "")


async def test_resting_without_a_journal(at: Studio) -> None:
    at.away = 1
    await at.recordings.rest()
    assert at.state == ("on", 1, "")


async def test_what_is_put_away_is_captured_no_more(at: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    at.start("t")
    await at.captured("t")
    await at.recordings.stop()
    assert not at.workers.captures
    at.recordings.stir()
    await at.captured("t")
    monkeypatch.setattr(capturing, "WITHIN", 0.01)
    at.workers.hold["stop"] = asyncio.Event()
    await at.recordings.stop()  # Nobody waits for a worker that is stuck.
    at.workers.hold["stop"].set()
