"""A room of a pool of real workers, and light peers in it whose sockets are read as packets come."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

from signaling.core import rtcp, sdp
from signaling.core.model import Kind
from signaling.rtc.dtls import make_identity
from signaling.supervisor import MediaPool
from tests.support.light_peer import Credentials, LightPeer, rtp_packet
from tests.support.media import Told, answer_to, offer_of, vp8

OURS = make_identity(1_800_000_000.0)
KINDS: dict[str, Kind] = {"0": "microphone", "1": "camera"}
SOUND, PICTURE = (media.ssrcs[0] for media in sdp.parse(offer_of(OURS)).media)
OPUS, VP8 = 111, 96


class Hall:
    """A room "r" of a pool, and light peers in it whose sockets are read as packets come."""

    def __init__(self, pool: MediaPool, told: Told) -> None:
        self.pool = pool
        self.told = told
        self.peers: dict[str, LightPeer] = {}
        self.versions: dict[str, int] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.times: dict[int, list[float]] = {}
        self._news = asyncio.Event()

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            self._news.clear()
            await self._news.wait()

    async def _connect(self, name: str, description: str) -> LightPeer:
        peer = LightPeer(OURS, Credentials.of(description))
        former = self.peers.get(name)
        if former is not None:
            self._hang_up(former)
        self.peers[name] = peer
        asyncio.get_running_loop().add_reader(peer.socket, self._readable, peer)
        peer.check()
        await self.until(lambda: bool(peer.stun))
        peer.hello()
        await self.until(lambda: peer.connected)
        return peer

    def _readable(self, peer: LightPeer) -> None:
        with contextlib.suppress(ConnectionError):
            peer.pump()
        now = asyncio.get_running_loop().time()
        times = self.times.setdefault(peer.socket.fileno(), [])
        times += [now] * (len(peer.rtp) - len(times))
        self._news.set()

    def delays(self, early: LightPeer, late: LightPeer) -> list[float]:
        """Return how much later, in seconds, one peer got each sound than another; the least first."""
        arrived = [
            {packet[20:]: at for packet, at in zip(peer.rtp, self.times[peer.socket.fileno()], strict=True)}
            for peer in (early, late)
        ]
        common = arrived[0].keys() & arrived[1].keys() & set(payloads(late, OPUS))
        return sorted(arrived[1][payload] - arrived[0][payload] for payload in common)

    def _hang_up(self, peer: LightPeer) -> None:
        asyncio.get_running_loop().remove_reader(peer.socket)
        peer.close()

    async def publisher(self, name: str, session: int = 1) -> Publisher:
        answer = await self.pool.publish("r", name, offer_of(OURS, session), KINDS)
        made = Publisher(await self._connect(f"{name} up", answer))
        self.tasks.append(asyncio.create_task(made.run()))
        await self.open(name)
        return made

    async def open(self, name: str) -> None:
        await self.pool.gate("r", name, "microphone", f"{name}/mic", False)
        await self.pool.gate("r", name, "camera", f"{name}/cam", False)

    async def viewer(self, name: str, session: int = 1) -> LightPeer:
        offer, self.versions[name], _ = await self.pool.subscribe("r", name)
        await self.pool.answer("r", name, answer_to(offer, OURS, session))
        return await self._connect(name, offer)

    async def sees(self, name: str, count: int = 10) -> None:
        """Wait until so many more pictures and sounds have come to a viewer."""
        peer = self.peers[name]
        goals = {kind: len(payloads(peer, kind)) + count for kind in (OPUS, VP8)}
        await self.until(lambda: all(len(payloads(peer, kind)) >= goal for kind, goal in goals.items()))

    async def workers(self) -> list[set[str]]:
        """Return whom each worker has, mirrors not counted."""
        found = (await self.pool.stats())["workers"]
        return [{row["peer"] for row in (worker or {"rooms": {}})["rooms"].get("r", ())} for worker in found]

    def kill(self, number: int) -> None:
        pid = self.pool.pids[number]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for peer in self.peers.values():
            self._hang_up(peer)


class Publisher:
    """Sends 20 ms of sound and a picture every 20 ms, a key frame first and when asked for one."""

    def __init__(self, peer: LightPeer) -> None:
        self.peer = peer
        self.asked = 0
        self.sent = 0  # the last number of both
        self._key = True
        self._read = 0

    async def run(self) -> None:
        for number in range(1_000, 60_000):
            self._look()
            with contextlib.suppress(ConnectionError):
                self.peer.send_rtp(rtp_packet(number, ssrc=SOUND, payload_type=OPUS))
                payload = vp8(number, key=self._key)
                picture = rtp_packet(
                    number, ssrc=PICTURE, payload_type=VP8, timestamp=number * 1800, marker=True,
                    payload=payload,
                )  # fmt: skip
                self.peer.send_rtp(picture)
                self.sent = number
            self._key = False
            await asyncio.sleep(0.02)  # The pace of a microphone, not a wait.

    def _look(self) -> None:
        for packet in self.peer.rtcp[self._read :]:
            for found in rtcp.parse(packet):
                if isinstance(found, rtcp.KeyFrameRequest):
                    self.asked += 1
                    self._key = True
        self._read = len(self.peer.rtcp)


def payloads(peer: LightPeer, payload_type: int) -> list[bytes]:
    """What came, without the header (12 octets and 8 of abs-send-time)."""
    return [packet[20:] for packet in peer.rtp if packet[1] & 0x7F == payload_type]


def whole(peer: LightPeer, payload_type: int) -> bool:
    numbers = [int.from_bytes(packet[2:4], "big") for packet in peer.rtp if packet[1] & 0x7F == payload_type]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
