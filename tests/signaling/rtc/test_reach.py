"""What answers at the addresses that browsers are told, against a real worker and against nobody."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from signaling.control import MediaRefused
from signaling.rtc.reach import Way, reach
from signaling.supervisor import MediaPool, PoolSettings


class Elsewhere(MediaPool):
    """A pool that tells clients of ports where somebody else is."""

    udp = tcp = 0

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        offer, version, slots = await super().subscribe(room, peer)
        for protocol, port in (("udp", self.udp), ("tcp", self.tcp)):
            if port:
                offer = re.sub(rf"( {protocol} \d+ \S+) \d+", rf"\g<1> {port}", offer)
        return offer, version, slots


@pytest.fixture
async def pool() -> AsyncIterator[Elsewhere]:
    made = Elsewhere(PoolSettings(addresses=("127.0.0.1", "::1"), port=0, workers=1), lambda _event: None)
    await made.start()
    yield made
    await made.stop()


async def test_every_address_answers_over_both(pool: Elsewhere) -> None:
    ways = await reach(pool)
    (number,) = pool.ports
    assert {(way.protocol, way.name) for way in ways} == {
        (protocol, name) for protocol in ("udp", "tcp") for name in (f"127.0.0.1:{number}", f"[::1]:{number}")
    }
    assert all(way.ms is not None and way.ms < 3000 for way in ways)
    (worker,) = (await pool.stats())["workers"]
    assert (worker["legs"], worker["rooms"]) == (0, {})


class Liar(asyncio.DatagramProtocol):
    """Says that all is well, to a question that nobody asked."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.transport.sendto(b"\1\1" + data[2:8] + bytes(12), address)


async def test_who_answers_something_else_is_somebody_else(pool: Elsewhere) -> None:
    loop = asyncio.get_running_loop()
    liar, _ = await loop.create_datagram_endpoint(Liar, local_addr=("127.0.0.1", 0))
    pool.udp = liar.get_extra_info("sockname")[1]

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(1000))
        writer.close()

    door = await asyncio.start_server(echo, "127.0.0.1", 0)
    pool.tcp = door.sockets[0].getsockname()[1]
    ways = await reach(pool, seconds=1.0)
    liar.close()
    door.close()
    assert [way.ms for way in ways] == [None] * 4


async def test_nobody_there(pool: Elsewhere) -> None:
    pool.udp = pool.tcp = 9
    ways = await reach(pool, seconds=0.6)
    assert Way("tcp", "127.0.0.1", 9) in ways
    assert [way.ms for way in ways] == [None] * 4


async def test_without_an_offer_there_is_nothing_to_try(pool: Elsewhere) -> None:
    await pool.stop()
    with pytest.raises(MediaRefused):
        await reach(pool)
