"""
A publisher that costs little and whose every packet tells when it was said, so that a recording of it can be
asked what it lacks.

It comes by WHIP, and comes again by itself when nobody hears it any more. No decoder takes its sound and its
pictures; they are cut, numbered and reported as those of a browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import av

from classroom.recording.manifest import Manifest
from signaling.core import rtcp, rtcp_writer
from tests.support.light_peer import Credentials, LightPeer, rtp_packet
from tests.support.media import offer_of, vp8
from tests.support.media_hall import OPUS, OURS, PICTURE, SOUND, VP8

STEP_MS = 20  # Of sound; a picture comes with every second packet of it,
KEY_EVERY = 100  # and a key frame with every hundredth of those, unless one is asked for.
AGAIN_S = 0.1
_MARK = struct.Struct(">4sQ")
_WORD = b"TICK"
_SOUND = b"\x78"  # Opus: 20 ms, one frame (RFC 6716 section 3.1).


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was sent: as "sound" or "picture", and when (ms since 1970)."""

    kind: str
    at: int


class Ticker:
    """Sends until it is stopped."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        self._task: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self.said: list[Said] = []
        self.came: list[int] = []
        """When it began to be heard, each time (ms since 1970)."""

    async def start(self) -> None:
        """Begin, and wait until it sends."""
        self._task = asyncio.create_task(self._run())
        await self.hears(1)

    async def hears(self, times: int) -> None:
        """Wait until it has come so often."""
        while len(self.came) < times:
            self._connected.clear()
            await self._connected.wait()

    async def stop(self) -> None:
        """End without a word."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                # Whatever is refused while a program or a worker is started again is asked for once more.
                with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                    await self._session(http)
                await asyncio.sleep(AGAIN_S)

    async def _session(self, http: aiohttp.ClientSession) -> None:
        offer = offer_of(OURS, time.time_ns())
        async with asyncio.timeout(5):
            async with http.post(self._url, data=offer, headers=self._headers) as answer:
                answer.raise_for_status()
                peer = LightPeer(OURS, Credentials.of(await answer.text()))
        try:
            async with asyncio.timeout(3):
                await _shake(peer)
            self.came.append(int(time.time() * 1000))
            self._connected.set()
            await _Sending(peer, self.said).run()
        finally:
            peer.close()


async def _shake(peer: LightPeer) -> None:
    peer.check()
    while not peer.stun:
        await asyncio.sleep(0.005)
        peer.pump()
    peer.hello()
    while not peer.connected:
        await asyncio.sleep(0.005)
        peer.pump()


class _Sending:
    """One session."""

    def __init__(self, peer: LightPeer, said: list[Said]) -> None:
        self._peer = peer
        self._said = said
        self._key = True
        self._sent = {SOUND: [0, 0], PICTURE: [0, 0]}

    async def run(self) -> None:
        """Send until nobody hears it: then ConnectionError, or just the end."""
        began = time.time()
        step = 0
        while not self._peer.goodbyes():
            self._listen()
            while step * STEP_MS / 1000 <= time.time() - began:
                self._tick(step, began)
                step += 1
            await asyncio.sleep(max(0.0, began + step * STEP_MS / 1000 - time.time()))

    def _tick(self, step: int, began: float) -> None:
        at = int(began * 1000) + step * STEP_MS
        mark = _MARK.pack(_WORD, at)
        self._send(SOUND, OPUS, step, step * 960, _SOUND + mark + bytes(60))
        self._said.append(Said("sound", at))
        if step % 2 == 0:
            number, key = step // 2, self._key or step % (2 * KEY_EVERY) == 0
            self._send(PICTURE, VP8, number, number * 3600, vp8(number, key=key, rest=0) + mark + bytes(200))
            self._said.append(Said("picture", at))
            self._key = False
        if step % 50 == 0:
            self._report(at, step)
        if step % 100 == 0:
            self._peer.check()  # Consent (RFC 7675).

    def _send(self, ssrc: int, payload_type: int, number: int, timestamp: int, payload: bytes) -> None:
        packet = rtp_packet(
            number, ssrc=ssrc, payload_type=payload_type, timestamp=timestamp, marker=ssrc == PICTURE,
            payload=payload,
        )  # fmt: skip
        self._peer.send_rtp(packet)
        self._sent[ssrc][0] += 1
        self._sent[ssrc][1] += len(payload)

    def _report(self, at: int, step: int) -> None:
        clock = rtcp_writer.ntp(at / 1000 % 65_536)
        for ssrc, timestamp in ((SOUND, step * 960), (PICTURE, step * 1800)):
            report = rtcp.SenderReport(ssrc, clock, timestamp, *self._sent[ssrc])
            self._peer.send_rtcp(rtcp_writer.build_sr(report) + rtcp_writer.build_sdes(ssrc, "ticker"))

    def _listen(self) -> None:
        self._peer.pump()
        while self._peer.rtcp:
            for packet in rtcp.parse(self._peer.rtcp.pop()):
                self._key = self._key or isinstance(packet, rtcp.KeyFrameRequest)
        self._peer.stun.clear()


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that a recording has of what was sent, and where (ms since 1970) it has it."""

    said: Said
    at: float


def kept(manifest: Manifest, media: Path) -> Iterator[Kept]:
    """Yield what the files of a recording have of what tickers sent."""
    for _, segment in manifest.segments():
        kind = "sound" if segment.codec == "opus" else "picture"
        with av.open(str(media / segment.file)) as container:
            for packet in container.demux():
                data = bytes(packet)
                where = data.find(_WORD)
                if packet.pts is not None and where >= 0:
                    _, at = _MARK.unpack_from(data, where)
                    inside = float(packet.pts * packet.time_base) * 1000
                    yield Kept(Said(kind, at), manifest.started_at + segment.start + inside)
