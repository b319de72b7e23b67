"""What tests of the media worker share: somebody who hears its events, and descriptions of light peers."""

from __future__ import annotations

import asyncio
import re
import struct
from pathlib import Path
from typing import TypeVar, overload

from signaling.control import Event
from signaling.rtc.dtls import Identity

E = TypeVar("E", bound=Event)


class Told:
    """An `on_event` that remembers, and lets others wait."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()

    @overload
    async def wait(self, wanted: type[E], after: int = 0) -> E: ...
    @overload
    async def wait(self, wanted: E, after: int = 0) -> E: ...
    async def wait(self, wanted: object, after: int = 0) -> object:
        """Return the first event from number `after` on that is `wanted`, or of that type."""
        while True:
            for event in self.events[after:]:
                if wanted in (event, type(event)):
                    return event
            self._news.clear()
            await self._news.wait()


_OFFERS = Path(__file__).parents[1] / "fixtures" / "sdp"
PUBLISHED, WATCHED = _OFFERS / "chromium_plain.sdp", _OFFERS / "chromium_watch.sdp"


def signed(sdp: str, identity: Identity, session: int, ufrag: str = "light") -> str:
    """Return a description as the connection number `session` of a light peer would write it."""
    sdp = re.sub(r"a=fingerprint:[^\r]*", f"a=fingerprint:sha-256 {identity.fingerprint}", sdp)
    sdp = re.sub(r"a=ice-ufrag:[^\r]*", f"a=ice-ufrag:{ufrag}", sdp)
    sdp = re.sub(r"a=ice-pwd:[^\r]*", "a=ice-pwd:" + "x" * 24, sdp)
    return re.sub(r"o=- \d+", f"o=- {session}", sdp)


def offer_of(identity: Identity, session: int = 1, ufrag: str = "light") -> str:
    """Return an offer of a microphone (mid 0) and a camera without simulcast (mid 1)."""
    return signed(PUBLISHED.read_bytes().decode(), identity, session, ufrag)


def offer_to_watch(identity: Identity, session: int = 1) -> str:
    """Return what a player offers (WHEP): to receive sound and a picture, in Chromium's numbers."""
    return signed(WATCHED.read_bytes().decode(), identity, session)


def answer_to(offer: str, identity: Identity, session: int = 1) -> str:
    """Return what a browser would answer to a subscriber's offer."""
    text = offer.replace("a=ice-lite\r\n", "").replace("a=setup:actpass", "a=setup:active")
    return signed(text.replace("a=sendonly", "a=recvonly"), identity, session)


def vp8(frame: int, *, key: bool = False, rest: int = 100) -> bytes:
    """Return the payload of a VP8 frame that fits one packet (RFC 7741)."""
    descriptor = struct.pack("!BBH", 0x90, 0x80, 0x8000 | (frame & 0x7FFF))
    start = b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 360) if key else b"\x11\0\0"
    return descriptor + start + bytes(rest)
