"""
The figures of a live class, printed; nothing here passes or fails.

* delivery: 500 connected people, 10 chat messages a second, from sending to each one's receipt (p50, p99,
worst); * memory: what a connected person who is silent costs the server; * idle: what the server and one
media worker take before anybody comes.

The server is the program itself, a process of its own; the people are raw clients in this one, so their
work is in the figures, too.

    python -m tests.benchmarks.classroom [--people 500] [--rate 10] [--seconds 30]
"""

import argparse
import asyncio
import gc
import itertools
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from classroom import clock
from classroom.domain.roles import Role
from classroom.live.admission import Seats
from classroom.store.secrets import Secrets
from tests.support.live_node import Admitted, planned
from tests.support.server import Server
from tests.support.wire_client import WireClient

CLASS = "bench"
SETTLE = 3.0  # Seconds for a process to come to rest before its memory is read.
AT_ONCE = 50  # People who come at the same time.
TEXT = "Формуланы дагы бир жолу түшүндүрүп бересизби? "  # a line as people write, 85 bytes


def memory(pid: int) -> dict[str, int]:
    """Return RSS and PSS of a process in bytes."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("Rss", "Pss"):
            found[name] = int(rest.split()[0]) * 1024
    return found


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


class Crowd:
    """People who listen; some write."""

    def __init__(self, server: Server, seats: Seats, session: aiohttp.ClientSession) -> None:
        self._server = server
        self._seats = seats
        self._session = session
        self.clients: list[WireClient] = []
        self.latencies: list[float] = []
        self._sent: dict[str, float] = {}
        self._numbers = itertools.count()

    async def come(self, count: int) -> None:
        """Let `count` people connect."""
        for first in range(0, count, AT_ONCE):
            numbers = range(first, min(count, first + AT_ONCE))
            self.clients += await asyncio.gather(*(self._one(number) for number in numbers))

    async def _one(self, number: int) -> WireClient:
        role = Role.TEACHER if number == 0 else Role.STUDENT
        admitted = Admitted(planned(CLASS), f"u_{number}", f"Student {number}", role)
        client = WireClient(self._server.url, self._session, self._heard)
        return await client.connect(self._seats.issue(admitted, clock.now_ms()))

    def _heard(self, name: str, data: Any) -> None:
        if name == "events":
            now = time.perf_counter()
            for event in data["events"]:
                if event["type"] == "chat.posted":
                    self.latencies.append(now - self._sent[event["data"]["message"]])

    async def write(self, rate: float, seconds: float) -> None:
        """Let one after another write, `rate` messages a second altogether."""
        begin = time.perf_counter()
        writing = set()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
            task = asyncio.create_task(self._write_one())
            writing.add(task)
            task.add_done_callback(writing.discard)
        await asyncio.gather(*writing)
        await asyncio.sleep(1)

    async def _write_one(self) -> None:
        number = next(self._numbers)
        message = f"bench-{number:06}"
        client = self.clients[(number * 7 + 1) % len(self.clients)]
        self._sent[message] = time.perf_counter()
        answer = await client.command(message, "chat.post", text=TEXT, to=None, reply_to=None)
        assert answer["ok"], answer

    async def go(self) -> None:
        """Let everybody leave."""
        await asyncio.gather(*(client.close() for client in self.clients))


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that `share` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def kilobytes(count: float) -> str:
    return f"{count / 1024:.1f} kB"


def megabytes(count: float) -> str:
    return f"{count / 1024 / 1024:.1f} MB"


async def measure(server: Server, people: int, rate: float, seconds: float) -> None:
    """Print the figures of a server that has just started."""
    await asyncio.sleep(SETTLE)
    app, workers = memory(server.pid), [memory(pid) for pid in server.worker_pids()[:1]]
    for name in ("Rss", "Pss"):
        total = app[name] + sum(worker[name] for worker in workers)
        each = ", ".join(megabytes(part[name]) for part in [app, *workers])
        print(f"idle memory, {name.upper()}: app and {len(workers)} worker {megabytes(total)} ({each})")
    seats = Seats(Secrets.open(server.data).key("seats"))
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        # What the first class and the first person cost once (imports, caches) is not what one more costs.
        crowd = Crowd(server, seats, session)
        await crowd.come(2)
        await asyncio.sleep(SETTLE)
        before = memory(server.pid)
        begin = time.perf_counter()
        silent = Crowd(server, seats, session)
        await silent.come(people)
        print(f"{people} people came within {time.perf_counter() - begin:.1f} s")
        await asyncio.sleep(SETTLE)
        after = memory(server.pid)
        grown = (after["Rss"] - before["Rss"]) / people
        print(f"memory a connected silent person: {kilobytes(grown)} (RSS of the app, {people} people)")
        gc.collect()
        gc.freeze()  # the collector of this process would stand in the figures of the server
        used = cpu(server.pid)
        await silent.write(rate, seconds)
        used = (cpu(server.pid) - used) / (seconds + 1)
        times = [1000 * value for value in silent.latencies]
        print(
            f"delivery, {people} people, {rate:g} messages/s, {len(times)} deliveries: "
            f"p50 {statistics.median(times):.1f} ms, p99 {percentile(times, 0.99):.1f} ms, "
            f"worst {max(times):.1f} ms; the app used {used:.0%} of a core"
        )
        await silent.go()
        await crowd.go()


async def main(people: int, rate: float, seconds: float) -> None:
    """Start the program on a directory of its own and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        await server.start()
        try:
            await measure(server, people, rate, seconds)
        finally:
            await server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    uvloop.run(main(options.people, options.rate, options.seconds))
