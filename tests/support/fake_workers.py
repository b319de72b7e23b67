"""
Media workers for tests of what stands before them: they negotiate as the real ones do, by the pure core, and
carry nothing.
"""

import asyncio
import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

from signaling.control import MediaRefused
from signaling.core.answering import answer_publisher
from signaling.core.model import Kind, Mode, PairDescription, Wish
from signaling.core.negotiation import Local, NegotiationError
from signaling.core.sdp import SdpError
from signaling.core.watcher import answer_watcher

STAGE = PairDescription("0", "1", "stage", 1, 2, 3)


class Captured(NamedTuple):
    """What is being captured: into which file, and for whom."""

    path: str
    head: dict[str, str]


class FakeWorkers:
    """
    A pool. `legs` are the peers that have one; `open` the gates and `captures` what is captured, by peer and
    kind; `asked` counts offers.
    """

    def __init__(self) -> None:
        self.legs: set[str] = set()
        self.asked = 0
        self.open: dict[tuple[str, Kind], str] = {}
        self.captures: dict[tuple[str, Kind], Captured] = {}
        self.refuse: MediaRefused | None = None
        self.before_answer = asyncio.Event()
        self.before_answer.set()
        self.changed = asyncio.Event()
        self._numbers = itertools.count(1)

    def _local(self) -> Local:
        number = next(self._numbers)
        return Local(
            session=1, version=number, ufrag=f"ours{number}", password="p" * 24,
            fingerprint=":".join(["AB"] * 32), candidates=(("127.0.0.1", 8443),),
        )  # fmt: skip

    async def _ready(self) -> None:
        self.asked += 1
        await self.before_answer.wait()
        if self.refuse is not None:
            raise self.refuse

    async def publish(self, room: str, peer: str, offer_sdp: str, kinds: Mapping[str, Kind]) -> str:
        await self._ready()
        try:
            answer = answer_publisher(offer_sdp, kinds, self._local()).answer
        except NegotiationError as error:
            raise MediaRefused(error.code, str(error)) from None
        except SdpError as error:
            raise MediaRefused("media.bad_sdp", str(error)) from None
        self.legs.add(peer)
        return answer

    async def watch(self, room: str, peer: str, offer_sdp: str) -> str:
        await self._ready()
        try:
            answer = answer_watcher(offer_sdp, STAGE, self._local()).answer
        except NegotiationError as error:
            raise MediaRefused(error.code, str(error)) from None
        except SdpError as error:
            raise MediaRefused("media.bad_sdp", str(error)) from None
        self.legs.add(peer)
        return answer

    async def restart_ice(self, room: str, peer: str) -> tuple[str, str]:
        await self._ready()
        if peer not in self.legs:
            raise MediaRefused("media.unknown_peer", "there is no leg to be restarted")
        return f"ours{next(self._numbers)}", "q" * 24

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        self.legs.add(peer)
        return "an offer", 1, {}

    async def answer(self, room: str, peer: str, sdp: str) -> None:
        pass

    async def wish(self, room: str, peer: str, mode: Mode, tracks: Mapping[str, Wish]) -> None:
        pass

    async def gate(self, room: str, peer: str, kind: Kind, track_id: str | None, muted: bool) -> None:
        if track_id is None:
            self.open.pop((peer, kind), None)
        else:
            self.open[(peer, kind)] = track_id
        self.changed.set()

    async def record(self, room: str, peer: str, kind: Kind, path: str, head: Mapping[str, str]) -> None:
        if peer not in self.legs:
            raise MediaRefused("media.unknown_peer", "there is no such peer")
        self.captures[(peer, kind)] = Captured(path, dict(head))
        self.changed.set()

    async def stop_recording(self, room: str, peer: str, kind: Kind) -> None:
        self.captures.pop((peer, kind), None)
        self.changed.set()

    async def close(self, room: str, peer: str) -> None:
        self.legs.discard(peer)
        self.open = {key: track for key, track in self.open.items() if key[0] != peer}
        self.captures = {key: one for key, one in self.captures.items() if key[0] != peer}
        self.changed.set()

    async def until(self, condition: Any) -> None:
        """Wait until `condition()` is true; it may become so when gates move or legs close."""
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()
