"""
A healthy publisher and viewer on a real worker, watched while somebody else in the room misbehaves.

What the pair sends carries its number and the time it was sent at, so that nothing else need be compared:
`Watch` says afterwards what never came and how long the rest took. What the system dropped because a socket's
buffer was full is counted apart: no program can do anything about it once it has happened.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signaling.core import rtcp, sdp
from signaling.core.model import Kind
from signaling.rtc.dtls import make_identity
from signaling.supervisor import MediaPool, PoolSettings
from tests.support.light_peer import Credentials, LightPeer, rtp_packet
from tests.support.media import Told, answer_to, offer_of, vp8

THEIRS = make_identity(1_800_000_000.0)
KINDS: dict[str, Kind] = {"0": "microphone", "1": "camera"}
SOUND, PICTURE = (media.ssrcs[0] for media in sdp.parse(offer_of(THEIRS)).media)
OPUS, VP8 = 111, 96
MARK = b"sabak!"
LEAST = 10  # of each that a watch waits for, however short an attack was
BATCH = 32  # packets sent at once: loops cannot wait for less than they take
BURST = 0.01  # seconds' worth of them that may come at once: a tenth of what the socket's buffer holds
SOON = 0.2  # seconds: what 4 MB of the smallest packets take to be looked at and dropped
STEP = 0.02  # seconds: the pace of a microphone
_STAMP = struct.Struct("!6sId")


@dataclass
class Watch:
    """What became of what the healthy publisher sent during a `HostileClass.watching`."""

    missing: dict[int, set[int]] = field(default_factory=dict)
    sent: int = 0
    delays: list[float] = field(default_factory=list)
    """Seconds from sending to reading, the least first."""
    overflowed: int = 0
    """Datagrams that the system dropped at the worker's or the viewer's full socket."""
    dropped: dict[str, int] = field(default_factory=dict)
    """The worker's counters, by reason: what was added."""
    grown: int = 0
    """Resident memory of the worker, octets added."""
    control: float = 0.0
    """Seconds that a request took at most."""
    asked: int = 0
    """Key frames that the healthy publisher was asked for."""
    late_ticks: int = 0

    @property
    def unharmed(self) -> bool:
        """Whether all came that reached the worker, and half of it soon."""
        lost = sum(map(len, self.missing.values()))
        return self.sent > 0 and lost <= self.overflowed and self.delays[len(self.delays) // 2] < SOON


class HostileClass:
    """The room "r" of one worker: "ann" publishes, "bob" sees her, and all others are up to the test."""

    def __init__(self, pool: MediaPool) -> None:
        self.pool = pool
        self.peers: list[LightPeer] = []
        self.extra: list[socket.socket] = []
        self.asked = 0
        self._news = asyncio.Event()
        self._number = 100
        self._key = True
        self._arrived: dict[int, dict[int, float]] = {OPUS: {}, VP8: {}}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Let the pair find each other."""
        self.ann = await self.publisher("ann")
        self.bob = await self.viewer("bob")
        self._tasks.append(asyncio.create_task(self._send()))
        await self.until(lambda: all(len(came) > 10 for came in self._arrived.values()))

    # --- people ------------------------------------------------------------------------------------

    async def publisher(self, name: str, session: int = 1) -> LightPeer:
        answer = await self.pool.publish("r", name, offer_of(THEIRS, session), KINDS)
        peer = await self.connect(answer)
        await self.pool.gate("r", name, "microphone", f"{name}/mic", False)
        await self.pool.gate("r", name, "camera", f"{name}/cam", False)
        return peer

    async def offered(self, name: str) -> str:
        """Ask for an offer and answer it; return it."""
        offer, _, _ = await self.pool.subscribe("r", name)
        await self.pool.answer("r", name, answer_to(offer, THEIRS))
        return offer

    async def viewer(self, name: str) -> LightPeer:
        return await self.connect(await self.offered(name))

    async def proved(self, description: str, *, tcp: bool = False) -> LightPeer:
        """Return a peer that has shown its password, and nothing more."""
        peer = LightPeer(THEIRS, Credentials.of(description), tcp=tcp)
        self.peers.append(peer)
        asyncio.get_running_loop().add_reader(peer.handle, self._readable, peer)
        peer.check()
        await self.until(lambda: bool(peer.stun))
        return peer

    async def connect(self, description: str, *, tcp: bool = False) -> LightPeer:
        peer = await self.proved(description, tcp=tcp)
        peer.hello()
        await self.patiently(peer)
        return peer

    async def patiently(self, peer: LightPeer) -> None:
        """Wait for the end of a handshake, and repeat what is not answered as every client does."""
        while not peer.connected:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(peer.patience()):
                    await self.until(lambda: peer.connected)
            peer.repeat()

    def deaf(self, peer: LightPeer) -> None:
        """Read nothing more of what a peer is sent."""
        asyncio.get_running_loop().remove_reader(peer.handle)

    def stranger(self) -> socket.socket:
        """Return a socket that has proved nothing."""
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.connect((self.ann.server.host, self.ann.server.port))
        self.extra.append(made)
        return made

    # --- the healthy pair --------------------------------------------------------------------------

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        read = 0
        while True:
            for packet in self.ann.rtcp[read:]:
                asked = [found for found in rtcp.parse(packet) if isinstance(found, rtcp.KeyFrameRequest)]
                self.asked += bool(asked)
                self._key |= bool(asked)
            read = len(self.ann.rtcp)
            number = self._number
            stamp = _STAMP.pack(MARK, number, loop.time())
            self.ann.send_rtp(rtp_packet(number, ssrc=SOUND, payload_type=OPUS, payload=stamp + bytes(40)))
            payload = vp8(number, key=self._key) + stamp
            self._key = False
            self.ann.send_rtp(
                rtp_packet(
                    number, ssrc=PICTURE, payload_type=VP8, timestamp=number * 1800, marker=True,
                    payload=payload,
                )
            )  # fmt: skip
            self._number += 1
            await asyncio.sleep(STEP)

    def _readable(self, peer: LightPeer) -> None:
        with contextlib.suppress(OSError):
            peer.pump()
        if peer is getattr(self, "bob", None):
            now = asyncio.get_running_loop().time()
            for packet in peer.rtp:
                came = self._arrived.get(packet[1] & 0x7F)  # None: sent again, to measure the line
                at = packet.find(MARK, 12)
                if came is not None and at >= 0:
                    _, number, sent = _STAMP.unpack_from(packet, at)
                    came.setdefault(number, now - sent)
            peer.rtp.clear()
        self._news.set()

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            self._news.clear()
            await self._news.wait()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[Watch]:
        """Measure the pair and the worker until the end of the block, and the moment until all has come."""
        watch = Watch()
        before, first, asked, overflowed = await self.stats(), self._number, self.asked, self._overflowed()
        asking = asyncio.create_task(self._ask(watch))
        yield watch
        last = max(self._number, first + LEAST)  # From here on it is over: this one, and all before it.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self.until(lambda: all(max(came) >= last for came in self._arrived.values()))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        expected = set(range(first, last))
        watch.sent = len(expected)
        watch.missing = {kind: expected - came.keys() for kind, came in self._arrived.items()}
        watch.delays = sorted(
            came[number] for came in self._arrived.values() for number in expected & came.keys()
        )
        after = await self.stats()
        watch.overflowed = self._overflowed() - overflowed
        changed = {name: n - before["dropped"].get(name, 0) for name, n in after["dropped"].items()}
        watch.dropped = {name: n for name, n in changed.items() if n}
        watch.grown = after["resident"] - before["resident"]
        watch.late_ticks = after["late_ticks"] - before["late_ticks"]
        watch.asked = self.asked - asked
        assert after["faults"] == {}, "nobody brings an exception through"

    async def _ask(self, watch: Watch) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await self.pool.stats(detail=False)
            watch.control = max(watch.control, loop.time() - began)
            await asyncio.sleep(0.1)  # The pace of somebody who clicks.

    async def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.pool.stats())["workers"][0]
        return found

    def _overflowed(self) -> int:
        """Read what the system counts (Linux): the last column of a socket's line is `drops`."""
        ports = {self.ann.server.port, self.bob.socket.getsockname()[1]}
        lines = Path("/proc/net/udp").read_text("ascii").splitlines()[1:]
        rows = [line.split() for line in lines]
        return sum(int(row[-1]) for row in rows if int(row[1].rpartition(":")[2], 16) in ports)

    async def pace(self, sends: Iterable[Callable[[], object]], per_second: float) -> None:
        """Call them at this rate; of what a busy machine delays only a little is made up for by a burst."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for count, send in enumerate(sends, 1):
            with contextlib.suppress(OSError):
                send()
            if not count % BATCH:
                due = max(due + BATCH / per_second, loop.time() - BURST)
                await asyncio.sleep(max(due - loop.time(), 0))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for peer in self.peers:
            asyncio.get_running_loop().remove_reader(peer.handle)
            peer.close()
        for each in self.extra:
            each.close()


@contextlib.asynccontextmanager
async def hostile_class() -> AsyncIterator[HostileClass]:
    """Start a worker and the pair."""
    pool = MediaPool(PoolSettings(addresses=("127.0.0.1",), port=0, workers=1), Told())
    await pool.start()
    made = HostileClass(pool)
    try:
        await made.start()
        yield made
    finally:
        await made.close()
        await pool.stop()
