"""Pages, workers and the stage: legs come and go, gates follow, tracks that nobody carries end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from classroom.domain.errors import MediaUnavailable, Refused, TooManyMedia, UnknownPeer
from classroom.domain.roles import Role
from classroom.domain.room import Room
from classroom.domain.stage import Stage, Track
from classroom.live import media as module
from classroom.live import wire
from classroom.live.media import Media
from classroom.live.media_news import MediaNews
from classroom.live.reader import Reader
from signaling import control
from signaling.control import MediaRefused
from signaling.core.model import Kind, Mode, Wish
from tests.support import lines
from tests.support.live_readers import FakeLink, reader_of, sent

ROOM = "algebra"


class Workers:
    """A pool that keeps what it was told; it stands for the process, whose own tests are elsewhere."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.told = asyncio.Event()
        self.refuse: MediaRefused | None = None

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        self.told.set()
        if self.refuse is not None:
            raise self.refuse

    async def publish(self, room: str, peer: str, offer_sdp: str, kinds: Mapping[str, Kind]) -> str:
        self._note("publish", room, peer, offer_sdp, dict(kinds))
        return "an answer"

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        self._note("subscribe", room, peer)
        return "an offer", 3, {"0": "t_1", "1": None}

    async def answer(self, room: str, peer: str, sdp: str) -> None:
        self._note("answer", room, peer, sdp)

    async def wish(self, room: str, peer: str, mode: Mode, tracks: Mapping[str, Wish]) -> None:
        self._note("wish", room, peer, mode, dict(tracks))

    async def gate(self, room: str, peer: str, kind: Kind, track_id: str | None, muted: bool) -> None:
        self._note("gate", peer, kind, track_id, muted)

    async def record(self, room: str, peer: str, kind: Kind, path: str, head: Mapping[str, str]) -> None:
        self._note("record", peer, kind, path)

    async def stop_recording(self, room: str, peer: str, kind: Kind) -> None:
        self._note("stop_recording", peer, kind)

    async def close(self, room: str, peer: str) -> None:
        self._note("close", room, peer)

    async def next(self, *call: Any) -> None:
        """Wait for this call."""
        async with asyncio.timeout(5):
            while call not in self.calls:
                self.told.clear()
                await self.told.wait()


class Desk:
    """The media of a class whose stage the test sets."""

    def __init__(self) -> None:
        self.workers = Workers()
        self.tracks: dict[str, Track] = {}
        self.stopped: asyncio.Queue[Track] = asyncio.Queue()
        self.readers: list[Reader] = []
        self.media = Media(ROOM, self.workers, self.room, self.stopped.put_nowait, grace=0.03)
        self.lines: list[control.PeerStats] = []
        self.news = MediaNews(self.media, lambda: self.readers, self.lines.append)

    def room(self) -> Room:
        return Room(stage=Stage(tracks=self.tracks))

    def stage(self, *tracks: Track) -> None:
        self.tracks = {track.id: track for track in tracks}
        self.media.stage_changed()

    def page(self, person: str, tab: str = "", role: Role = Role.STUDENT) -> Reader:
        reader = reader_of(person, tab, role)
        self.readers.append(reader)
        self.media.arrive(reader, False)
        return reader

    async def publish(self, reader: Reader, *kinds: Kind) -> None:
        offered = {str(index): kind for index, kind in enumerate(kinds or ("microphone", "camera"))}
        answer = await self.media.call(reader, wire.Publish("v=0", offered))
        assert answer == {"ok": True, "answer": "an answer"}

    async def quiet(self) -> None:
        """Let the task that tells the workers come to rest."""
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    task = asyncio.create_task(desk.media.run())
    yield desk
    desk.media.stop()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def camera(track: str = "t_1", person: str = "u_1", muted: bool = False) -> Track:
    return Track(track, person, "camera", muted, 0)


async def test_calls_reach_the_workers_and_come_back(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    await desk.publish(page, "camera")
    answer = await desk.media.call(page, wire.Subscribe())
    assert answer == {"ok": True, "offer": "an offer", "version": 3, "slots": {"0": "t_1"}}
    assert await desk.media.call(page, wire.Answer("v=1")) == {"ok": True}
    wish = wire.Wishes("slides", {"t_1": wire.TrackWish(360, False)})
    assert await desk.media.call(page, wish) == {"ok": True}
    assert desk.workers.calls == [
        ("publish", ROOM, "tab_1", "v=0", {"0": "camera"}),
        ("subscribe", ROOM, "tab_1"),
        ("answer", ROOM, "tab_1", "v=1"),
        ("wish", ROOM, "tab_1", "slides", {"t_1": Wish(360, False)}),
    ]


async def test_refusals_of_workers_have_their_codes(desk: Desk) -> None:
    page = desk.page("u_1")
    desk.workers.refuse = MediaRefused("media.bad_sdp", "no")
    with pytest.raises(Refused) as caught:
        await desk.media.call(page, wire.Publish("v=0", {"0": "camera"}))
    assert caught.value.code == "media.bad_sdp"


async def test_without_a_leg_there_is_nothing_to_answer(desk: Desk) -> None:
    page = desk.page("u_1")
    for message in (wire.Answer("v=0"), wire.Wishes("text")):
        with pytest.raises(UnknownPeer):
            await desk.media.call(page, message)
    assert await desk.media.call(page, wire.Leave()) == {"ok": True}
    assert not desk.workers.calls


async def test_without_workers_there_are_no_media() -> None:
    media = Media(ROOM, None, Room, lambda _: None)
    with pytest.raises(MediaUnavailable):
        await media.call(reader_of("u_1"), wire.Subscribe())


async def test_pages_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PEERS", 2)
    for number in range(2):
        await desk.publish(desk.page(f"u_{number}"))
    with pytest.raises(TooManyMedia):
        await desk.media.call(desk.page("u_9"), wire.Subscribe())


async def test_gates_follow_the_stage(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    await desk.publish(page)
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)
    desk.stage(camera(muted=True))
    await desk.workers.next("gate", "tab_1", "camera", "t_1", True)
    desk.stage()
    await desk.workers.next("gate", "tab_1", "camera", None, False)


async def test_a_track_may_come_before_its_publisher(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    await desk.quiet()
    assert not desk.workers.calls
    await desk.publish(page)
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)
    await desk.quiet()
    assert desk.stopped.empty()


async def test_a_worker_that_died_gets_its_gates_again(desk: Desk) -> None:
    page, viewer = desk.page("u_1", "tab_1"), desk.page("u_2", "tab_2")
    await desk.publish(page)
    await desk.media.call(page, wire.Subscribe())
    await desk.media.call(viewer, wire.Subscribe())
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)
    desk.news.hear(control.WorkerDied(0, {ROOM: ("tab_1", "tab_2", "tab_9")}))
    assert sent(page) == [("media", {"op": "lost", "leg": "both"})]
    assert sent(viewer) == [("media", {"op": "lost", "leg": "subscriber"})]
    desk.workers.calls.clear()
    await desk.publish(page)
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)


async def test_a_track_that_nobody_carries_is_stopped(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    await desk.publish(page)
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)
    desk.news.hear(control.LegState(ROOM, "tab_1", "publisher", "failed"))
    assert sent(page) == [("media", {"op": "lost", "leg": "publisher"})]
    async with asyncio.timeout(5):
        assert (await desk.stopped.get()).id == "t_1"


async def test_a_leg_that_comes_back_in_time_stops_nothing(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    desk.media._grace = 30
    await desk.publish(page)
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)
    desk.news.hear(control.LegState(ROOM, "tab_1", "publisher", "lost"))
    desk.news.hear(control.LegState(ROOM, "tab_1", "publisher", "failed"))
    await desk.quiet()
    assert list(desk.media._orphans) == ["t_1"]
    await desk.publish(page)
    await desk.quiet()
    assert not desk.media._orphans


async def test_a_gate_for_a_leg_that_is_gone_says_so(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    await desk.publish(page)
    desk.media.claim("t_1", "tab_1")
    desk.workers.refuse = MediaRefused("media.unknown_peer", "gone")
    desk.stage(camera())
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)
    await desk.quiet()
    assert sent(page) == [("media", {"op": "lost", "leg": "publisher"})]


async def test_a_page_that_stays_away_is_closed(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    await desk.publish(page)
    desk.media.depart(page)
    desk.media.depart(page)
    await desk.workers.next("close", ROOM, "tab_1")
    assert not desk.media.peers


async def test_a_page_that_comes_back_finds_what_it_missed(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    await desk.publish(page)
    await desk.media.call(page, wire.Subscribe())
    desk.media.depart(page)
    desk.news.hear(control.SlotsChanged(ROOM, 4, {"0": "t_2"}, ("tab_1", "tab_9")))
    back = desk.page("u_1", "tab_1")
    slots = ("media", {"op": "slots", "version": 4, "slots": {"0": "t_2"}})
    assert sent(back) == [slots]
    desk.media.depart(page)  # the old connection ends late
    assert desk.media.peers["tab_1"].reader is back
    desk.media.depart(back)
    desk.news.hear(control.NewOffer(ROOM, "tab_1", "v=2", 5, {"0": None}))
    desk.news.hear(control.LegState(ROOM, "tab_1", "publisher", "failed"))
    again = desk.page("u_1", "tab_1")
    offer = ("media", {"op": "offer", "offer": "v=2", "version": 5, "slots": {}})
    assert sent(again) == [("media", {"op": "lost", "leg": "publisher"}), offer]
    await desk.media.call(again, wire.Answer("v=2"))
    await desk.quiet()
    assert ("close", ROOM, "tab_1") not in desk.workers.calls


async def test_slots_are_told_to_the_pages_of_their_worker_alone(desk: Desk) -> None:
    here, elsewhere = desk.page("u_1", "tab_1"), desk.page("u_2", "tab_2")
    for page in (here, elsewhere):
        await desk.media.call(page, wire.Subscribe())
    desk.news.hear(control.SlotsChanged(ROOM, 9, {"0": "t_2"}, ("tab_1",)))
    assert sent(here) == [("media", {"op": "slots", "version": 9, "slots": {"0": "t_2"}})]
    assert not sent(elsewhere)
    desk.media.depart(elsewhere)
    back = desk.page("u_2", "tab_2")
    assert sent(back) == [("media", {"op": "slots", "version": 3, "slots": {"0": "t_1"}})]


async def test_slots_that_overtake_the_offer_are_told_after_it(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    await desk.publish(page)
    subscribe = desk.workers.subscribe

    async def overtaken(room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        desk.news.hear(control.SlotsChanged(ROOM, 4, {"0": "t_2"}, ("tab_1",)))
        return await subscribe(room, peer)

    desk.workers.subscribe = overtaken  # type: ignore[method-assign]
    assert (await desk.media.call(page, wire.Subscribe()))["version"] == 3
    assert sent(page) == [("media", {"op": "slots", "version": 4, "slots": {"0": "t_2"}})]


async def test_a_worker_takes_only_its_own_pages_with_it(desk: Desk) -> None:
    here, elsewhere = desk.page("u_1", "tab_1"), desk.page("u_2", "tab_2")
    for page in (here, elsewhere):
        await desk.media.call(page, wire.Subscribe())
    desk.news.hear(control.WorkerDied(1, {ROOM: ("tab_2",), "another": ("tab_1",)}))
    assert not sent(here)
    assert sent(elsewhere) == [("media", {"op": "lost", "leg": "subscriber"})]


async def test_a_page_of_an_earlier_server_is_told_to_begin_again(desk: Desk) -> None:
    reader = reader_of("u_1")
    desk.media.arrive(reader, True)
    assert sent(reader) == [("media", {"op": "lost", "leg": "both"})]


async def test_after_a_restart_the_stage_finds_its_pages(desk: Desk) -> None:
    desk.stage(camera())
    page = desk.page("u_1", "tab_1")
    await desk.publish(page)
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)


async def test_leaving_closes_the_legs_but_not_of_a_page_that_came_back(desk: Desk) -> None:
    gone, here = desk.page("u_1", "tab_1"), desk.page("u_1", "tab_2")
    await desk.publish(gone)
    await desk.publish(here)
    link = gone.link
    assert isinstance(link, FakeLink)
    link.closed = True
    desk.media.drop_person("u_1")
    await desk.workers.next("close", ROOM, "tab_1")
    assert list(desk.media.peers) == ["tab_2"]
    desk.media.drop_all()
    await desk.workers.next("close", ROOM, "tab_2")


async def test_a_page_that_is_back_is_not_closed_by_its_past(desk: Desk) -> None:
    page = desk.page("u_1", "tab_1")
    await desk.publish(page)
    desk.media.drop("tab_1")
    await desk.publish(page)
    await desk.quiet()
    assert ("close", ROOM, "tab_1") not in desk.workers.calls


async def test_a_reload_may_replace_what_the_old_page_left(desk: Desk) -> None:
    old = desk.page("u_1", "tab_1")
    await desk.publish(old)
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    await desk.quiet()
    assert desk.media.abandoned("u_1", "camera", "tab_2") is None, "the old page is there"
    desk.media.depart(old)
    assert desk.media.abandoned("u_1", "camera", "tab_1") is None, "it is its own"
    assert desk.media.abandoned("u_1", "camera", "tab_2") == camera()
    assert desk.media.abandoned("u_1", "microphone", "tab_2") is None


async def test_nobody_takes_a_running_track_from_its_page(desk: Desk) -> None:
    page, bad = desk.page("u_1", "tab_1"), desk.page("u_bad", "tab_bad")
    await desk.publish(page)
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    await desk.workers.next("gate", "tab_1", "camera", "t_1", False)
    desk.media.claim("t_1", "tab_bad")  # a command with this id, refused or not
    await desk.publish(bad)
    desk.stage(camera(muted=True))
    await desk.workers.next("gate", "tab_1", "camera", "t_1", True)
    assert ("gate", "tab_1", "camera", None, False) not in desk.workers.calls


async def test_claims_of_tracks_that_never_ran_are_forgotten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PEERS", 10)
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    for number in range(50):
        desk.media.claim(f"never-{number}", "tab_1")
    assert len(desk.media._owners) <= 11
    assert desk.media._owners["t_1"] == "tab_1"


async def test_news_of_workers_reach_whom_they_concern(desk: Desk) -> None:
    page, other = desk.page("u_1", "tab_1"), desk.page("u_2", "tab_2")
    await desk.publish(page)
    desk.news.hear(control.LayersWanted(ROOM, "tab_1", "camera", ("q", "h")))
    desk.news.hear(control.LayersWanted(ROOM, "tab_9", "camera", ("q",)))
    desk.news.hear(control.LegState(ROOM, "tab_1", "publisher", "connected"))
    assert sent(page) == [("media", {"op": "layers", "kind": "camera", "rids": ["q", "h"]})]
    assert not sent(other)


async def test_speakers_are_people_not_pages(desk: Desk) -> None:
    for tab in ("tab_1", "tab_2"):
        await desk.publish(desk.page("u_1", tab))
    viewer = desk.page("u_2")
    levels = {"tab_1": 0.2, "tab_2": 0.7, "tab_unknown": 1.0}
    desk.news.hear(control.SpeakersChanged(ROOM, levels, "tab_1"))
    signal = {"type": "stage.speakers", "levels": {"u_1": 0.7}, "dominant": "u_1"}
    assert sent(viewer) == [("signal", signal)]
    link = viewer.link
    assert isinstance(link, FakeLink)
    link.waiting = 10**6
    desk.news.hear(control.SpeakersChanged(ROOM, {}, None))
    assert len(sent(viewer)) == 1, "whoever lags goes without"


async def test_what_concerns_recordings_is_handed_on(desk: Desk) -> None:
    told: list[object] = []
    recordings = SimpleNamespace(capture_ended=told.append, worker_died=told.append)
    ended = control.CaptureEnded(ROOM, "tab_1", "camera", "/spool/x", "gone")
    desk.news.hear(ended)  # Nothing is recorded here.
    news = MediaNews(desk.media, list, desk.lines.append, cast(Any, recordings))
    news.hear(ended)
    news.hear(control.WorkerDied(0, {ROOM: ("tab_1",), "another": ("tab_2",)}))
    assert told == [ended, ("tab_1",)]


async def test_where_tracks_are_carried(desk: Desk) -> None:
    moved = asyncio.Event()
    desk.media._moved = moved.set
    page = desk.page("u_1", "tab_1")
    desk.media.claim("t_1", "tab_1")
    desk.stage(camera())
    assert desk.media.carried() == {}
    await desk.publish(page)
    async with asyncio.timeout(5):
        await moved.wait()
    assert desk.media.carried() == {"t_1": "tab_1"}


async def test_figures_of_lines_are_handed_on(desk: Desk) -> None:
    desk.news.hear(lines.told("tab_1"))
    assert desk.lines == [lines.told("tab_1")]
