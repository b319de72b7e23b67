"""The line that tests lay is what it says: measured with the clock of one machine at both of its ends."""

import asyncio
import json
import random
import socket
import statistics
import struct
import sys
import time
from collections.abc import AsyncIterator

import pytest

from tests.support.link import LineHouse, Way, line
from tests.support.link_process import Direction
from tests.support.programs import need

PORT = 9000
# Answers each datagram by nothing; tells at the end when each came: [[when sent, when it came, octets]].
LISTENER = f"""
import json, socket, struct, time
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
listener.bind(("0.0.0.0", {PORT}))
print("ready", flush=True)
came = []
while True:
    data = listener.recv(2048)
    now = time.monotonic()
    if data == b"end":
        break
    came.append((struct.unpack_from("d", data)[0], now, len(data) + 28))
print(json.dumps(came), flush=True)
"""

# Sends 200 kB to who sends all back; tells how long that took.
CALLER = """
import socket, sys, time
call = socket.create_connection((sys.argv[1], int(sys.argv[2])))
begin, back = time.monotonic(), 0
call.sendall(bytes(200_000))
while back < 200_000:
    back += len(call.recv(65536))
print(time.monotonic() - begin)
"""


class Ear:
    """A program inside the house that notes what comes."""

    def __init__(self, home: LineHouse, process: asyncio.subprocess.Process) -> None:
        self.home = home
        self.process = process
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((home.inside, PORT))

    async def send(self, count: int, octets: int, pause: float) -> None:
        """Send `count` datagrams that are `octets` long as IP packets, one every `pause` seconds."""
        begin = time.monotonic()
        padding = bytes(octets - 28 - 8)
        for number in range(count):
            await asyncio.sleep(max(0.0, begin + number * pause - time.monotonic()))
            self.socket.send(struct.pack("d", time.monotonic()) + padding)

    async def heard(self) -> list[tuple[float, float, int]]:
        """Return (sent, came, octets) of all that came, on a line that is made good first."""
        await self.home.set(down=Way())
        assert self.process.stdout is not None
        waiting = asyncio.ensure_future(self.process.stdout.read())
        while not waiting.done():  # behind what is still under way, which may hold it up
            self.socket.send(b"end")
            await asyncio.wait((waiting,), timeout=0.3)
            if self.process.returncode is not None:
                break
        found: list[tuple[float, float, int]] = json.loads(await waiting)
        return found


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    need("ip")
    async with line() as home:
        process = await asyncio.create_subprocess_exec(
            "ip", "netns", "exec", home.name, sys.executable, "-c", LISTENER, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        made = Ear(home, process)
        yield made
        made.socket.close()
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.network
async def test_delay_within_two_milliseconds(ear: Ear) -> None:
    await ear.home.set(down=Way(delay_ms=50))
    await ear.send(100, 300, 0.01)
    came = await ear.heard()
    assert len(came) == 100
    delays = [1000 * (there - here) for here, there, _ in came]
    assert 50 <= statistics.median(delays) <= 52


@pytest.mark.network
async def test_rate_within_three_percent_and_a_bounded_queue(ear: Ear) -> None:
    await ear.home.set(down=Way(rate=5_000_000, queue_ms=200))
    await ear.send(2000, 1200, 0.001)  # 9.6 Mbit/s for 2 s
    counters = await ear.home.counters()
    came = await ear.heard()
    # The first 200 ms fill the queue; from the second packet on the line is busy all the time.
    first, last = came[0][1], came[-1][1]
    rate = sum(octets for _, _, octets in came[1:]) * 8 / (last - first)
    assert rate == pytest.approx(5_000_000, rel=0.03)
    assert max(there - here for here, there, _ in came) < 0.215
    assert counters["down"]["dropped"] == 2000 - len(came)
    assert counters["cpu"] < 1.0  # Seconds, a fifth of a core would be too dear: it stands beside browsers.


@pytest.mark.network
async def test_loss_as_asked_for(ear: Ear) -> None:
    await ear.home.set(down=Way(loss=0.1))
    await ear.send(3000, 100, 0.0005)
    came = await ear.heard()
    assert len(came) == pytest.approx(2700, abs=4 * (3000 * 0.1 * 0.9) ** 0.5)
    assert sorted(came) == came


@pytest.mark.network
async def test_tcp_takes_part_both_ways() -> None:
    need("ip")
    async with line(Way(delay_ms=30), Way(delay_ms=10)) as home:
        server = await asyncio.start_server(_echo, home.host, 0)
        port = server.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            "ip", "netns", "exec", home.name, sys.executable, "-c", CALLER, home.host, str(port),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        server.close()
        assert 0.04 <= float(out) < 2
        counters = await home.counters()
        assert counters["up"]["octets"] > 200_000
        assert counters["down"]["octets"] > 200_000


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def direction(way: Way) -> Direction:
    return Direction(way, random.Random(1))


def test_packets_wait_for_one_another() -> None:
    slow = direction(Way(rate=96_000, delay_ms=10, queue_ms=150))
    # 1200 octets take 100 ms. The fourth finds 200 ms of others before it.
    assert [slow.enter(1200, 1.0) for _ in range(4)] == pytest.approx([1.11, 1.21, None, None])
    assert slow.counters.dropped == 2
    assert slow.enter(1200, 1.2) == pytest.approx(1.31)


def test_a_faster_line_empties_its_queue_faster() -> None:
    way = direction(Way(rate=96_000, queue_ms=1000))
    way.enter(1200, 1.0)
    way.enter(1200, 1.0)
    way.change(Way(rate=960_000, queue_ms=1000), 1.0)
    assert way.enter(1200, 1.0) == pytest.approx(1.2)  # never before what is on its way
    assert way.enter(1200, 1.2) == pytest.approx(1.21)
    way.change(Way(), 1.2)
    assert way.enter(1200, 1.3) == pytest.approx(1.3)


def test_jitter_keeps_the_order_unless_asked() -> None:
    tidy = direction(Way(delay_ms=5, jitter_ms=50))
    times = [tidy.enter(100, 1 + number / 1000) for number in range(200)]
    assert times == sorted(times)  # type: ignore[type-var]
    wild = direction(Way(delay_ms=5, jitter_ms=50, reorder=True))
    found = [time for number in range(200) if (time := wild.enter(100, 1 + number / 1000)) is not None]
    assert found != sorted(found)
    assert all(0.005 <= time - 1 - number / 1000 <= 0.055 for number, time in enumerate(found))


def test_the_same_seed_loses_the_same_packets() -> None:
    first, second = direction(Way(loss=0.3)), direction(Way(loss=0.3))
    kept = [first.enter(100, 1.0) is not None for _ in range(200)]
    assert kept == [second.enter(100, 1.0) is not None for _ in range(200)]
    assert 0 < first.counters.lost < 200
