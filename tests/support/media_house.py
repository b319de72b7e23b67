"""A host of rooms with real sockets and handshakes, a manual clock, and light peers at its door."""

from __future__ import annotations

import itertools
from typing import Any, TypeVar

import pytest

from signaling import control
from signaling.capture import Captures
from signaling.control import MediaRefused
from signaling.core import sdp
from signaling.core.model import Kind
from signaling.rooms import RoomHost
from signaling.rtc.dtls import make_identity
from signaling.rtc.transport import Transport
from signaling.rtc.udp import bind
from signaling.spool import Spool
from tests.support.light_peer import Credentials, LightPeer, rtp_packet
from tests.support.media import answer_to, offer_of, vp8

OURS = make_identity(1_800_000_000.0)
THEIRS = make_identity(1_800_000_000.0)
OTHERS = make_identity(1_800_000_000.0)
KINDS: dict[str, Kind] = {"0": "microphone", "1": "camera"}
SOUND, PICTURE = (media.ssrcs[0] for media in sdp.parse(offer_of(THEIRS)).media)
OPUS, VP8 = 111, 96

E = TypeVar("E")


class House:
    """A host of rooms, its clock, and light peers at its door."""

    def __init__(self, spool: Spool | None = None) -> None:
        self.now = 100.0
        self.told: list[Any] = []
        self.bits = 12345
        self.port = bind("127.0.0.1", 0)
        self.host = RoomHost(
            clock=lambda: self.now,
            random_bits=self._bits,
            candidates=(("127.0.0.1", self.port.socket.getsockname()[1]),),
            transport=lambda host: Transport(OURS, host),
            emit=self.told.append,
            measure=lambda: {"pid": 1},
            captures=Captures(spool, self.told.append, lambda: 1.8e9 + self.now),
        )
        self.transport = self.host.transport
        self.transport.add_port(self.port)
        self.peers: list[LightPeer] = []
        self._number = 0

    def _bits(self, count: int) -> int:
        self.bits = self.bits * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        return self.bits >> 64 - count if count <= 64 else self.bits

    def ask(self, make: type, *arguments: object) -> Any:
        self._number += 1
        answer = self.host.handle(make(self._number, *arguments))
        assert answer.id == self._number
        return answer

    def run(self) -> None:
        moved = True
        while moved:
            before = self.port.counters.received
            self.transport.on_readable(self.port, self.now)
            self.transport.flush()
            moved = self.port.counters.received > before
            moved = sum(peer.pump() for peer in self.peers) > 0 or moved

    def pass_time(self, seconds: float, step: float = 0.02) -> None:
        """Tick as the worker does."""
        end = self.now + seconds
        while self.now < end:
            self.now += step
            self.transport.tick(self.now)
            self.host.tick(self.now)
            self.transport.flush()
            self.run()

    def connect(self, description: str) -> LightPeer:
        peer = LightPeer(THEIRS, Credentials.of(description))
        self.peers.append(peer)
        peer.check()
        self.run()
        peer.hello()
        self.run()
        return peer

    def publisher(self, name: str = "ann", session: int = 1) -> LightPeer:
        answer = self.ask(control.Publish, "r", name, offer_of(THEIRS, session), KINDS).answer
        return self.connect(answer)

    def subscriber(self, name: str = "bob", session: int = 1) -> LightPeer:
        offer = self.ask(control.Subscribe, "r", name).sdp
        self.ask(control.Answer, "r", name, answer_to(offer, THEIRS, session))
        return self.connect(offer)

    def open(self, name: str = "ann") -> None:
        self.ask(control.Gate, "r", name, "microphone", f"{name}/mic", False)
        self.ask(control.Gate, "r", name, "camera", f"{name}/cam", False)

    def events(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]

    def states(self, peer: str) -> list[tuple[str, str]]:
        return [(event.leg, event.state) for event in self.events(control.LegState) if event.peer == peer]

    def close(self) -> None:
        self.port.close()
        for peer in self.peers:
            peer.close()


def refused(house: House, make: type, *arguments: object) -> str:
    with pytest.raises(MediaRefused) as caught:
        house.ask(make, *arguments)
    return caught.value.code


def speak(house: House, peer: LightPeer, first: int, count: int) -> None:
    """Send sound and picture, 20 ms a packet, every tenth frame a key frame."""
    for number in range(first, first + count):
        peer.send_rtp(rtp_packet(number, ssrc=SOUND, payload_type=OPUS))
        payload = vp8(number, key=number % 10 == 0)
        peer.send_rtp(
            rtp_packet(
                number, ssrc=PICTURE, payload_type=VP8, timestamp=number * 1800, marker=True, payload=payload
            )
        )
        house.pass_time(0.02)


def received(peer: LightPeer) -> dict[int, list[int]]:
    """Return the sequence numbers that arrived, by payload type."""
    found: dict[int, list[int]] = {}
    for packet in peer.rtp:
        found.setdefault(packet[1] & 0x7F, []).append(int.from_bytes(packet[2:4], "big"))
    return found


def contiguous(numbers: list[int]) -> bool:
    return all((later - earlier) & 0xFFFF == 1 for earlier, later in itertools.pairwise(numbers))
