"""Both ends of the control socket, and ends that misbehave."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from signaling import control
from signaling.control import ControlError, ControlServer, MediaLink, MediaRefused
from signaling.core.model import Wish
from signaling.core.seats import Mirrored
from tests.support import lines

EVENTS: list[control.Event] = [
    control.SlotsChanged("r", 3, {"a0": "t", "v0": None}),
    control.NewOffer("r", "p", "v=0", 4, {}),
    control.SpeakersChanged("r", {"p": 0.5}, "p"),
    control.LegState("r", "p", "publisher", "lost"),
    control.LayersWanted("r", "p", "camera", ("q", "h")),
    control.CaptureEnded("r", "p", "camera", "/spool/1", "disk_full"),
    lines.told(
        "p",
        room="r",
        sources=(lines.source(layers=(lines.layer(),)),),
        subscriber=lines.down(views=(lines.view(),)),
    ),
]


def worker(request: control.AnyRequest) -> control.AnyAnswer:
    """A worker that knows one peer and echoes what it was asked."""
    match request:
        case control.Publish(number, room, peer, offer, kinds):
            return control.Published(number, f"{room} {peer} {offer} {kinds}", {"camera": ("q", "h")})
        case control.Subscribe(number):
            return control.Offered(number, "offer", 7, {"a0": None})
        case control.Watch(number, room, peer, offer):
            return control.Watched(number, f"{room} {peer} {offer}")
        case control.RestartIce(number):
            return control.Restarted(number, "ufrag", "password")
        case control.Stats(number):
            return control.Measured(number, {"legs": 1})
        case control.Answer():
            raise MediaRefused("media.bad_sdp", "no")
    seen.append(request)
    return control.Done(request.id)


seen: list[control.AnyRequest] = []


class Pair:
    """A link and a server over a socket pair, and what the link was told."""

    def __init__(self) -> None:
        self.told: list[control.Event] = []
        self.link: MediaLink
        self.server: ControlServer
        self.far: asyncio.StreamWriter
        self.serving: asyncio.Task[None]
        self.running: asyncio.Task[None]


@asynccontextmanager
async def pair(
    handle: Callable[[control.AnyRequest], control.AnyAnswer | control.Later] = worker,
) -> AsyncIterator[Pair]:
    made = Pair()
    near, far = socket.socketpair()
    made.link = MediaLink(*await asyncio.open_connection(sock=near), made.told.append)
    reader, made.far = await asyncio.open_connection(sock=far)
    made.server = ControlServer(reader, made.far)
    made.serving = asyncio.create_task(made.server.serve(handle))
    made.running = asyncio.create_task(made.link.run())
    try:
        async with asyncio.timeout(10):
            yield made
    finally:
        made.far.close()
        await asyncio.gather(made.serving, made.running, return_exceptions=True)


async def test_every_request_reaches_the_worker() -> None:
    seen.clear()
    async with pair() as ends:
        link = ends.link
        published = await link.publish("r", "p", "o", {"0": "camera"})
        assert published.answer == "r p o {'0': 'camera'}"
        assert published.sources == {"camera": ("q", "h")}
        mirrored = Mirrored("a", 7, 1, {"camera": ("q", "h")}, {"camera": ("t", True)})
        link.post(lambda number: control.SetSpan(number, "r", (1,), {"p": 9}, (mirrored,)))
        assert await link.subscribe("r", "p") == ("offer", 7, {"a0": None})
        assert await link.watch("r", "p", "o") == "r p o"
        assert await link.restart_ice("r", "p") == ("ufrag", "password")
        assert await link.stats() == {"legs": 1}
        await link.wish("r", "p", "slides", {"t": Wish(100, False)})
        await link.gate("r", "p", "screen", None, True)
        await link.record("r", "p", "camera", "/spool/1", {"track": "t"})
        await link.stop_recording("r", "p", "camera")
        await link.close("r", "p")
        with pytest.raises(MediaRefused) as caught:
            await link.answer("r", "p", "sdp")
        assert (caught.value.code, caught.value.message) == ("media.bad_sdp", "no")
    kinds = [
        control.SetSpan,
        control.SetWish,
        control.Gate,
        control.Record,
        control.StopRecording,
        control.Close,
    ]
    assert [type(request) for request in seen] == kinds
    assert isinstance(seen[0], control.SetSpan)
    assert seen[0].mirrors == (mirrored,)
    assert isinstance(seen[1], control.SetWish)
    assert seen[1].tracks == {"t": Wish(100, False)}


async def test_an_answer_that_cannot_be_written_is_refused_and_the_next_is_not() -> None:
    figures: list[object] = [1 << 64, object(), 5]

    def handle(request: control.AnyRequest) -> control.AnyAnswer:
        return control.Measured(request.id, {"figure": figures.pop(0)})

    async with pair(handle) as found:
        for _ in range(2):
            with pytest.raises(MediaRefused) as caught:
                await found.link.stats()
            assert caught.value.code == "media.fault"
        assert await found.link.stats() == {"figure": 5}


async def test_an_answer_that_takes_a_while_holds_up_no_other() -> None:
    asked: list[tuple[int, control.Later]] = []
    there = asyncio.Event()

    def handle(request: control.AnyRequest) -> control.AnyAnswer | control.Later:
        if not isinstance(request, control.Record):
            return worker(request)
        asked.append((request.id, control.Later()))
        there.set()
        return asked[-1][1]

    async with pair(handle) as ends:
        waiting = asyncio.create_task(ends.link.record("r", "p", "camera", "/spool/1", {}))
        await there.wait()
        assert await ends.link.stats() == {"legs": 1}
        assert not waiting.done()
        number, later = asked[0]
        later.give(control.Done(number))
        await waiting


async def test_an_answer_may_be_there_before_anybody_waits_for_it() -> None:
    def handle(request: control.AnyRequest) -> control.Later:
        later = control.Later()
        later.give(control.Refused(request.id, "media.bad_request", "no"))
        return later

    async with pair(handle) as ends:
        with pytest.raises(MediaRefused) as caught:
            await ends.link.record("r", "p", "camera", "/spool/1", {})
        assert caught.value.code == "media.bad_request"


async def test_many_requests_at_once_get_their_own_answers() -> None:
    async with pair() as ends:
        answers = await asyncio.gather(*(ends.link.publish("r", str(n), "o", {}) for n in range(100)))
    assert [found.answer for found in answers] == [f"r {n} o {{}}" for n in range(100)]


async def test_events_arrive_in_order() -> None:
    async with pair() as ends:
        ends.server.tell(control.Ready(1, 2))
        for event in EVENTS:
            assert not isinstance(event, control.WorkerDied)
            ends.server.tell(event)
        assert await ends.link.ready == control.Ready(1, 2)
        ends.server.tell(control.Ready(3, 4))
        await ends.link.stats()
        assert ends.told == EVENTS


async def test_a_worker_that_is_gone_refuses() -> None:
    started = asyncio.Event()

    def silent(request: control.AnyRequest) -> control.AnyAnswer:
        started.set()
        raise ControlError("dies")

    async with pair(silent) as ends:
        waiting = asyncio.create_task(ends.link.stats())
        await started.wait()
        ends.far.close()
        for refused in (waiting, ends.link.stats()):
            with pytest.raises(MediaRefused) as caught:
                await refused
            assert caught.value.code == "media.unavailable"
        with pytest.raises(ControlError):
            await ends.link.ready


async def test_a_worker_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ANSWER_WITHIN", 0.01)
    async with pair(lambda request: control.Done(request.id + 1000)) as ends:
        with pytest.raises(MediaRefused) as caught:
            await ends.link.close("r", "p")
        assert caught.value.code == "media.unavailable"


async def test_waiting_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "MAX_PENDING", 0)
    async with pair() as ends:
        with pytest.raises(MediaRefused):
            await ends.link.stats()


@pytest.mark.parametrize("ask", ["publish", "subscribe", "stats", "watch", "restart_ice"])
async def test_another_answer_than_asked_for_is_an_error(ask: str) -> None:
    async with pair(lambda request: control.Done(request.id)) as ends:
        arguments: dict[str, tuple[Any, ...]] = {
            "publish": ("r", "p", "o", {}), "subscribe": ("r", "p"), "watch": ("r", "p", "o"),
            "restart_ice": ("r", "p"),
        }  # fmt: skip
        with pytest.raises(ControlError):
            await getattr(ends.link, ask)(*arguments.get(ask, ()))


def frame(message: object) -> bytes:
    body = message if isinstance(message, bytes) else msgspec.msgpack.encode(message)
    return len(body).to_bytes(4, "big") + body


BAD_FRAMES = [
    pytest.param(frame(b"\xc1"), id="no msgpack"),
    pytest.param(frame({"type": "Explode", "id": 1}), id="unknown type"),
    pytest.param(frame({"type": "Close", "id": 1, "room": "r", "peer": "p", "x": 1}), id="unknown field"),
    pytest.param(frame({"type": "Close", "id": "1", "room": "r", "peer": "p"}), id="wrong type"),
    pytest.param(frame({"type": "Close", "id": 1}), id="missing field"),
    pytest.param((control.MAX_FRAME + 1).to_bytes(4, "big"), id="too long"),
]


@pytest.mark.parametrize("data", BAD_FRAMES)
async def test_a_worker_does_not_read_on_after_nonsense(data: bytes) -> None:
    near, far = socket.socketpair()
    server = ControlServer(*await asyncio.open_connection(sock=far))
    near.send(data)
    with pytest.raises(ControlError):
        await server.serve(worker)
    near.close()


@pytest.mark.parametrize("data", BAD_FRAMES)
async def test_a_link_does_not_read_on_after_nonsense(data: bytes) -> None:
    near, far = socket.socketpair()
    link = MediaLink(*await asyncio.open_connection(sock=near), lambda event: None)
    far.send(data)
    with pytest.raises(ControlError):
        await link.run()
    far.close()


async def test_a_stream_cut_in_a_frame_is_an_end() -> None:
    near, far = socket.socketpair()
    server = ControlServer(*await asyncio.open_connection(sock=far))
    near.send(frame({"type": "Stats", "id": 1})[:-1])
    near.close()
    await server.serve(worker)


async def test_a_program_that_does_not_read_loses_what_is_replaceable_then_the_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(control, "DROP_ABOVE", 10_000)
    monkeypatch.setattr(control, "CLOSE_ABOVE", 50_000)
    near, far = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=far)
    server = ControlServer(asyncio.StreamReader(), writer)
    replaceable = control.SpeakersChanged("r", {"p" * 1000: 1.0}, None)
    for _ in range(1000):
        server.tell(replaceable)
    waiting = writer.transport.get_write_buffer_size()
    assert 10_000 < waiting < 12_000
    for _ in range(50):
        server.tell(control.SlotsChanged("r", 1, {"m" * 1000: None}))
    assert writer.transport.is_closing()
    near.close()


async def test_a_message_that_is_too_long_is_ours_to_blame() -> None:
    async with pair() as ends:
        with pytest.raises(ControlError):
            ends.server.tell(control.SlotsChanged("r", 1, {"m" * control.MAX_FRAME: None}))
