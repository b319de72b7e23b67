"""
A recording made of real sound and pictures by our own muxers, and a small server that gives it to players
over lines as people have them.

The server tells what the API of recordings tells (PROTOCOL.md, recordings), of one recording to anybody. Its
line carries `bitrate` bit/s and each answer takes `delay` seconds to begin; all requests share it.
"""

from __future__ import annotations

import asyncio
import base64
import heapq
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from classroom.domain import room, snapshot
from classroom.recording.lanes import Close, Cluster, Open
from classroom.recording.manifest import Segment
from classroom.recording.tracks import TrackMuxer
from signaling.core import capture
from signaling.core.capture import Rtp
from tests.support import streams

ROOT = Path(__file__).parents[2]
NAME = "K1-1"
PIECE = 4096
"""Octets that the line carries at once."""


@dataclass
class File:
    """A segment, what is in it, and the rows of its index: t, duration, offset, octets, key."""

    segment: Segment
    data: bytearray
    rows: list[tuple[int, int, int, int, int]]


@dataclass
class Recorded:
    """Tracks and their files."""

    duration: int
    tracks: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)

    def add(self, track: str, person: str, kind: str, packets: Iterable[Rtp]) -> None:
        """Make the files of one capture."""
        muxer = TrackMuxer(streams.head_of(kind), streams.spooled_of(), len(self.tracks) + 1)
        outputs = [output for packet in packets for output in muxer.take(packet)]
        found: dict[str, File] = {}
        for output in [*outputs, *muxer.close()]:
            if isinstance(output, Open):
                head = (0, 0, 0, len(output.data), 2)
                found[output.segment.id] = File(output.segment, bytearray(output.data), [head])
            elif isinstance(output, Cluster):
                file = found[output.segment_id]
                file.rows.append(
                    (output.t, output.duration, len(file.data), len(output.data), int(output.key))
                )
                file.data += output.data
            elif isinstance(output, Close):
                found[output.segment_id].segment = output.summary
        segments = [msgspec.to_builtins(file.segment) for file in found.values()]
        self.tracks.append({"id": track, "person": person, "kind": kind, "segments": segments})
        self.files |= found

    def say(self, t: int, event: str, **data: Any) -> None:
        """Let something have happened."""
        seq = len(self.events) + 1
        at = streams.STARTED + t
        self.events.append({"seq": seq, "t": t, "at": at, "by": "", "type": event, "data": data})

    def rows(self, start: int, end: int) -> dict[str, list[tuple[int, int, int, int, int]]]:
        """Return what overlaps a stretch, with the heads of those files."""
        found = {}
        for name, file in self.files.items():
            inside = [row for row in file.rows[1:] if row[0] < end and row[0] + row[1] > start]
            if inside:
                found[name] = [file.rows[0], *inside]
        return found

    def heads(self, names: Iterable[str]) -> dict[str, str]:
        """Return the heads of files as lists bring them."""
        return {
            name: base64.b64encode(self.files[name].data[: self.files[name].rows[0][3]]).decode()
            for name in names
        }


def layered(best: list[Rtp], small: list[Rtp]) -> list[Rtp]:
    """Return the records of a picture that is sent in two sizes, by their arrival."""
    return list(heapq.merge(best, small, key=lambda packet: packet.arrival))


def pictures(seconds: int, width: int, height: int, fps: int = 10, keys_s: int = 4, **more: Any) -> list[Rtp]:
    """Return the records of a picture with a key frame every `keys_s` seconds."""
    frames = streams.encoded("libvpx", seconds * fps, width, height, fps * keys_s)
    cut = [
        (streams.vp8_payloads(data, 100 + n, n), key, n * 90_000 // fps)
        for n, (data, key) in enumerate(frames)
    ]
    return streams.packets(cut, "VP8", **more)


def lesson(seconds: int = 30) -> Recorded:
    """
    Return a lesson of a teacher with camera and voice, whose second voice comes and goes.

    The camera has two sizes, with a key frame every 4 s; the other voice is heard from 4 to 8 s and from
    12 s on.
    """
    made = Recorded(duration=seconds * 1000)
    best = pictures(seconds, 320, 180, role=capture.BEST, layer=1, number=5_000, timestamp=77)
    small = pictures(seconds, 160, 96, role=capture.SMALL, layer=0)
    made.add("cam", "t", "camera", layered(best, small))
    made.add("mic", "t", "microphone", streams.opus(seconds * 50))
    voice = streams.opus(seconds * 50)
    heard = [one for n, one in enumerate(voice) if 200 <= n < 400 or n >= 600]
    made.add("voice", "s", "microphone", heard)
    for track, person, kind in (
        ("cam", "t", "camera"),
        ("mic", "t", "microphone"),
        ("voice", "s", "microphone"),
    ):
        made.say(0, "stage.started", track=track, person=person, kind=kind, muted=False)
    return made


def broken_off() -> Recorded:
    """
    Return a lesson with a pause from 6 to 10 s, after which the camera sends another codec and a larger
    picture.
    """
    made = Recorded(duration=16_000, gaps=[{"start": 6000, "end": 10_000, "why": "paused"}])
    before = pictures(6, 320, 180)
    frames = streams.encoded("libx264", 60, 640, 360, 40)
    cut = [(streams.h264_payloads(data), key, n * 9_000) for n, (data, key) in enumerate(frames)]
    made.add("cam", "t", "camera", [*before, *streams.packets(cut, "H264", begin=1_010.1, epoch=1)])
    voice = streams.opus(800)
    made.add("mic", "t", "microphone", [one for n, one in enumerate(voice) if n < 290 or n >= 500])
    return made


@dataclass
class Line:
    """What all answers go through."""

    bitrate: float = 0.0
    """bit/s; 0: whatever the machine does."""
    delay: float = 0.0
    """Seconds from a question to the first octet of its answer."""
    cut: bool = False
    """Nothing is answered any more."""
    free_at: float = 0.0

    async def carry(self, octets: int) -> None:
        """Wait until the line has carried so much, behind everything that was sent before."""
        if self.cut:
            raise ConnectionResetError("the line was cut")
        if self.bitrate:
            now = asyncio.get_running_loop().time()
            self.free_at = max(now, self.free_at) + octets * 8 / self.bitrate
            await asyncio.sleep(self.free_at - now)


class Site:
    """The server: static files, a page without content, and the recording's API."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        self.line = Line()
        self.asked: list[str] = []
        self.at_once = 0
        """The most requests that ran at the same time."""
        self._running = 0
        self.url = ""

    def app(self) -> web.Application:
        """Return what serves it."""
        app = web.Application(middlewares=[self._shape])
        app.router.add_get("/", self._page)
        app.router.add_static("/static", ROOT / "static")
        base = f"/api/recordings/{NAME}"
        app.router.add_get(f"{base}/playback", self._playback)
        app.router.add_get(f"{base}/index", self._index)
        app.router.add_get(f"{base}/events", self._events)
        app.router.add_get(f"{base}/state", self._state)
        app.router.add_get(f"{base}/media/{{segment}}", self._media)
        return app

    @web.middleware
    async def _shape(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.startswith("/api/"):
            response: web.StreamResponse = await handler(request)
            return response
        self.asked.append(f"{request.path_qs.split('/', 4)[-1]} {request.headers.get('Range', '')}".strip())
        self._running += 1
        self.at_once = max(self.at_once, self._running)
        try:
            if self.line.cut:
                raise ConnectionResetError("the line was cut")
            await asyncio.sleep(self.line.delay)
            answer: web.Response = await handler(request)
            return await self._send(request, answer)
        except ConnectionResetError:
            # The player wants something else by now, or the line is cut: nobody hears the rest.
            if request.transport is not None:
                request.transport.abort()
            raise asyncio.CancelledError from None
        finally:
            self._running -= 1

    async def _send(self, request: web.Request, answer: web.Response) -> web.StreamResponse:
        body = bytes(answer.body) if isinstance(answer.body, bytes | bytearray) else b""
        response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
        response.content_length = len(body)
        await response.prepare(request)
        for start in range(0, len(body), PIECE):
            piece = body[start : start + PIECE]
            await self.line.carry(len(piece))
            await response.write(piece)
        await response.write_eof()
        return response

    async def _page(self, _: web.Request) -> web.Response:
        vendor = "/static/vendor"
        imports = {
            "@preact/signals-core": f"{vendor}/signals-core.module.js",
            "@preact/signals": f"{vendor}/signals.module.js",
        }
        scripts = msgspec.json.encode({"imports": imports}).decode()
        head = f'<title>Player</title><script type="importmap">{scripts}</script>'
        return web.Response(text=f'<!doctype html><html lang="en">{head}', content_type="text/html")

    def _state_at(self, t: int) -> dict[str, Any]:
        stage = snapshot.encode_state(room.Room())
        tracks: dict[str, Any] = {}
        seq = 0
        for event in self.recorded.events:
            if event["t"] <= t:
                seq = event["seq"]
                data = event["data"]
                kept = {"id": data["track"], "person": data["person"], "kind": data["kind"]}
                tracks[data["track"]] = {**kept, "muted": False, "since": event["at"]}
        stage["stage"] = {"allowed": {}, "tracks": tracks}
        return {"t": t, "seq": seq, "room": stage}

    async def _playback(self, request: web.Request) -> web.Response:
        t = int(request.query.get("t", 0))
        made = self.recorded
        state = self._state_at(t)
        later = [event for event in made.events if event["seq"] > state["seq"]]
        return web.json_response(
            {
                "recording": {"id": NAME, "title": "", "state": "ready"},
                "me": {"id": "s", "name": "S", "role": "student"},
                "manifest": {"duration": made.duration, "tracks": made.tracks},
                "tracks_version": len(made.tracks),
                "gaps": made.gaps,
                "cuts": [],
                "chapters": [],
                "captions": [],
                "state": state,
                "events": later,
                "upto": len(made.events),
                "more": False,
                "clusters": made.rows(t - 10_000, t + 60_000),
                "heads": made.heads(made.rows(t - 10_000, t + 60_000)),
                "position": 0,
                "can": {"edit": False, "download": False, "ask": False},
                "live": False,
                "now": made.duration,
            }
        )

    async def _index(self, request: web.Request) -> web.Response:
        made = self.recorded
        rows = made.rows(int(request.query["from"]), int(request.query["upto"]))
        version = len(made.tracks)
        same = request.query["tracks"] == str(version)
        return web.json_response(
            {
                "live": False,
                "now": made.duration,
                "duration": made.duration,
                "tracks_version": version,
                "tracks": None if same else made.tracks,
                "gaps": made.gaps,
                "clusters": rows,
                "heads": made.heads(rows),
                "events_upto": len(made.events),
            }
        )

    async def _events(self, request: web.Request) -> web.Response:
        after = int(request.query["after"])
        later = [event for event in self.recorded.events if event["seq"] > after]
        return web.json_response({"events": later, "upto": len(self.recorded.events), "more": False})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self._state_at(int(request.query["t"])))

    async def _media(self, request: web.Request) -> web.Response:
        file = self.recorded.files.get(request.match_info["segment"])
        if file is None:
            return web.json_response({"code": "not_found"}, status=404)
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", ""))
        if asked is None or int(asked[2]) >= len(file.data):
            return web.json_response({"code": "range"}, status=416)
        body = bytes(file.data[int(asked[1]) : int(asked[2]) + 1])
        return web.Response(body=body, status=206, content_type="application/octet-stream")


@asynccontextmanager
async def serving(recorded: Recorded) -> AsyncIterator[Site]:
    """Serve it on this machine while the block runs."""
    site = Site(recorded)
    runner = web.AppRunner(site.app(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()
