"""
Which of the addresses that browsers are told answers? One check of connectivity to each, over UDP and TCP.

The probe (`probe`) goes the whole way, but by one address and by UDP alone; this says of every address and
both protocols whether anything comes back. It shows a password as a browser does: strangers get no answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, replace
from typing import Final, Protocol

from signaling.control import MediaRefused
from signaling.core import ice
from signaling.rtc.stream import HEAD

ANSWERS_WITHIN: Final = 3.0  # Seconds; the other side of the world answers in 0.4.
AGAIN_AFTER: Final = 0.5  # A datagram may be lost.
_SUCCESS: Final = 0x0101  # Binding, success response (RFC 8489 section 5)


class Engine(Protocol):
    """The part of `supervisor.MediaPool` that is asked for an offer."""

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]: ...
    async def close(self, room: str, peer: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Way:
    """An address and protocol that browsers are told; `ms` until it answered, None when it did not."""

    protocol: str
    address: str
    port: int
    ms: float | None = None

    @property
    def name(self) -> str:
        """Address and port as people write them."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


async def reach(engine: Engine, *, seconds: float = ANSWERS_WITHIN) -> tuple[Way, ...]:
    """Try every candidate of a worker. MediaRefused when it makes no offer. Leaves nothing behind."""
    room = f"reach_{secrets.token_hex(8)}"
    try:
        offer, _, _ = await engine.subscribe(room, "asker")
        ufrag, password = _value(offer, "ice-ufrag"), _value(offer, "ice-pwd").encode()
        return tuple(await asyncio.gather(*(_try(way, ufrag, password, seconds) for way in _ways(offer))))
    finally:
        with contextlib.suppress(MediaRefused):  # its worker is gone, and with it the peer
            await engine.close(room, "asker")


def _ways(offer: str) -> dict[Way, None]:
    """Return what an offer of ours names; every m-line repeats it."""
    words = (line.split() for line in offer.splitlines() if line.startswith("a=candidate:"))
    return dict.fromkeys(Way(word[2], word[4], int(word[5])) for word in words)


def _value(offer: str, name: str) -> str:
    return next(line.partition(":")[2] for line in offer.splitlines() if line.startswith(f"a={name}:"))


async def _try(way: Way, ufrag: str, password: bytes, seconds: float) -> Way:
    transaction = secrets.token_bytes(12)
    check = ice.check(ufrag, "asker", password, transaction, use_candidate=False)
    started = time.monotonic()
    ask = _ask_tcp if way.protocol == "tcp" else _ask_udp
    try:
        async with asyncio.timeout(seconds):
            answer = await ask(way, check)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return way
    if int.from_bytes(answer[:2], "big") != _SUCCESS or answer[8:20] != transaction:
        return way  # Somebody else lives there.
    return replace(way, ms=(time.monotonic() - started) * 1000)


async def _ask_tcp(way: Way, check: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(way.address, way.port)
    try:
        writer.write(len(check).to_bytes(HEAD, "big") + check)
        await writer.drain()
        return await reader.readexactly(int.from_bytes(await reader.readexactly(HEAD), "big"))
    finally:
        writer.close()


async def _ask_udp(way: Way, check: bytes) -> bytes:
    transport, asker = await asyncio.get_running_loop().create_datagram_endpoint(
        _Asker, remote_addr=(way.address, way.port)
    )
    try:
        while not asker.answer.done():
            transport.sendto(check)
            await asyncio.wait((asker.answer,), timeout=AGAIN_AFTER)
        return asker.answer.result()
    finally:
        transport.close()


class _Asker(asyncio.DatagramProtocol):
    """Waits for the first datagram. "Connection refused" is no end: a worker may be starting."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _address: object) -> None:
        if not self.answer.done():
            self.answer.set_result(data)
