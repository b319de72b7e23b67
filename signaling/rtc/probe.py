"""
Does media get through? A real WebRTC client answers that: it speaks into our own SFU and listens to itself.

This goes the whole way a browser goes (SDP, ICE, DTLS, SRTP, the router), with a client that shares no code
with the server. aiortc is imported by the first run: it brings FFmpeg and 100 MB along, and only the doctor
needs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from signaling.control import MediaRefused
from signaling.core.model import Kind, Mode, Wish

if TYPE_CHECKING:
    from aiortc import RTCPeerConnection

STEP_SECONDS = 10.0  # ICE and DTLS take milliseconds; a lost flight of DTLS is repeated after 1, 2, 4 s.
PACKETS = 25  # Half a second of Opus: enough to know that it flows, not that one packet slipped through.


class Engine(Protocol):
    """What the probe asks of the SFU: the part of `supervisor.MediaPool` that a client's messages reach."""

    async def publish(self, room: str, peer: str, offer_sdp: str, kinds: Mapping[str, Kind]) -> str: ...
    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]: ...
    async def answer(self, room: str, peer: str, sdp: str) -> None: ...
    async def gate(self, room: str, peer: str, kind: Kind, track_id: str | None, muted: bool) -> None: ...
    async def wish(self, room: str, peer: str, mode: Mode, tracks: Mapping[str, Wish]) -> None: ...
    async def close(self, room: str, peer: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """How long each part took, in milliseconds, and the candidate pair that was used."""

    publisher_ms: float  # offer to DTLS connected: the way up
    subscriber_ms: float  # the way down
    sound_ms: float  # from both connected to PACKETS packets heard
    local: str
    remote: str


class Unheard(Exception):  # noqa: N818 - it says what happened
    """A step that did not come about. `step` is negotiation, up, down or sound; the text is for a person."""

    def __init__(self, step: str, text: str) -> None:
        super().__init__(text)
        self.step = step


async def probe(engine: Engine, *, step_seconds: float = STEP_SECONDS) -> Heard:
    """Speak and listen through `engine`. Raises Unheard; leaves nothing behind, also when cancelled."""
    room = f"probe_{secrets.token_hex(8)}"
    try:
        async with _connection() as up, _connection() as down:
            publisher_ms = await _speak(engine, room, up, step_seconds)
            subscriber_ms, heard = await _listen(engine, room, down, step_seconds)
            started = time.monotonic()
            await _within(heard, step_seconds, "sound", "both ways are open, but no sound came back")
            sound_ms = _since(started)
            local, remote = _pair(up)
            return Heard(publisher_ms, subscriber_ms, sound_ms, local, remote)
    except MediaRefused as refused:
        raise Unheard("negotiation", f"the media worker refused: {refused}") from refused
    finally:
        for peer in ("speaker", "listener"):
            with contextlib.suppress(MediaRefused):  # its worker is gone, and with it the peer
                await engine.close(room, peer)


async def _speak(engine: Engine, room: str, up: RTCPeerConnection, seconds: float) -> float:
    from aiortc import RTCSessionDescription
    from aiortc.mediastreams import AudioStreamTrack  # silence, at the pace of real sound

    up.addTransceiver(AudioStreamTrack(), direction="sendonly")
    await up.setLocalDescription(await up.createOffer())
    mid = str(up.getTransceivers()[0].mid)
    started = time.monotonic()
    answer = await engine.publish(room, "speaker", up.localDescription.sdp, {mid: "microphone"})
    await engine.gate(room, "speaker", "microphone", f"track_{secrets.token_hex(8)}", False)
    connected = _connected(up)
    await up.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await _within(connected, seconds, "up", _unreached(answer))
    return _since(started)


async def _listen(
    engine: Engine, room: str, down: RTCPeerConnection, seconds: float
) -> tuple[float, asyncio.Future[None]]:
    from aiortc import RTCSessionDescription

    started = time.monotonic()
    offer, _, _ = await engine.subscribe(room, "listener")
    connected = _connected(down)
    await down.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    heard = asyncio.ensure_future(_hear(down))
    await down.setLocalDescription(await down.createAnswer())
    await engine.answer(room, "listener", down.localDescription.sdp)
    await engine.wish(room, "listener", "everything", {})
    try:
        await _within(connected, seconds, "down", _unreached(offer))
    except BaseException:
        heard.cancel()
        raise
    return _since(started), heard


async def _hear(down: RTCPeerConnection) -> None:
    """Return when one of the slots has carried PACKETS packets: which one is the router's choice."""
    tracks = [t.receiver.track for t in down.getTransceivers() if t.kind == "audio"]
    listening = {asyncio.ensure_future(_count(track)) for track in tracks}
    try:
        await asyncio.wait(listening, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


async def _count(track: object) -> None:
    for _ in range(PACKETS):
        await track.recv()  # type: ignore[attr-defined]  # aiortc's tracks are untyped


@contextlib.asynccontextmanager
async def _connection() -> AsyncIterator[RTCPeerConnection]:
    from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection

    # No STUN server: the default one is a stranger's, and our own address is on this machine. With the
    # default bundle policy aiortc 1.16 leaves the second and later pictures of an offer on a transport
    # without candidates.
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    try:
        yield connection
    finally:
        await connection.close()


def _connected(connection: RTCPeerConnection) -> asyncio.Future[None]:
    """Return what is done when ICE and DTLS are; fails when either does."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look() -> None:
        if done.done():
            return
        if connection.connectionState == "connected":
            done.set_result(None)
        elif connection.connectionState in ("failed", "closed"):
            done.set_exception(ConnectionError(connection.connectionState))

    connection.on("connectionstatechange", look)
    return done


async def _within(waited: asyncio.Future[None], seconds: float, step: str, text: str) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waited
    except (TimeoutError, ConnectionError):
        raise Unheard(step, text) from None


def _unreached(sdp: str) -> str:
    # aiortc knows no TCP.
    lines = [line for line in sdp.splitlines() if line.startswith("a=candidate:")]
    candidates = dict.fromkeys(line for line in lines if line.split()[2] == "udp")
    where = ", ".join(f"{line.split()[4]}:{line.split()[5]}" for line in candidates) or "no address at all"
    return f"the media port did not answer ({where})"


def _pair(connection: RTCPeerConnection) -> tuple[str, str]:
    transport = connection.getTransceivers()[0].sender.transport.transport
    pair = transport._connection._nominated[1]  # aioice has no public name for the pair in use
    local, remote = pair.local_candidate, pair.remote_candidate
    return _named(local.host, local.port), _named(remote.host, remote.port)


def _named(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
