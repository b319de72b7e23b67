"""
What a forwarded packet costs, and how many viewers one core of a media worker carries.

    python -m tests.benchmarks.media [--viewers 20 60 ...] [--windows 3] [--seconds 3] [--quick] [--loopback]

The real worker, a process of its own on a core of its own, behind a network cable of its own (two namespaces;
without root, loopback). On the other core: one publisher (`media_publisher`), and a crowd of viewers
(`media_crowd`) that do what browsers do short of decoding, and read and count every packet. The class grows
in steps, while media flow, until more than one packet in a hundred is missing. Prints a table in Markdown.
As root all of them run at a high priority, so that what else the machine does weighs less.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from signaling.core.model import Kind, Wish
from signaling.supervisor import MediaPool, PoolSettings
from tests.benchmarks import media_report as report
from tests.benchmarks.media_wires import Wires, loopback, namespaces, possible

ROOM = "class"
STEPS = (20, 60, 150, 300, 500, 700, 900, 1_100, 1_300, 1_500)
AT_ONCE = 32  # Joins under way at a time: a class that begins.
SETTLE = 1.5  # Seconds between the last join and the first window: the first reports, and what a join leaves.
ENOUGH = 0.01  # Missing packets, as a share: here the ladder ends.
CONNECT_WITHIN = 20.0
KINDS: dict[str, Kind] = {"0": "microphone", "1": "camera"}
LINE = 1 << 20
PRIORITY = -15


class Helper:
    """A process at the viewers' side that is spoken to in lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @contextlib.asynccontextmanager
    async def started(cls, command: list[str]) -> AsyncIterator[Helper]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=LINE)
        helper = cls(process)
        try:
            yield helper
        finally:
            helper.hang_up()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await process.wait()
            if process.returncode is None:
                process.kill()
                await process.wait()

    def say(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    def hang_up(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def hear(self) -> dict[str, Any]:
        """Return the next line. EOFError when the process has ended."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise EOFError("a helper of the benchmark has ended")
        found: dict[str, Any] = json.loads(line)
        return found


class Crowd:
    """The viewers, as seen from here."""

    def __init__(self, helper: Helper, pool: MediaPool) -> None:
        self._helper = helper
        self._pool = pool
        self.present = 0
        self._waiting: dict[tuple[str, int], asyncio.Future[dict[str, Any]]] = {}
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Hand every line to who waits for it; what goes wrong, too."""
        try:
            while True:
                message = await self._helper.hear()
                kind = next(word for word in ("answer", "connected", "delays") if word in message)
                number = {"answer": message.get("number"), "connected": message.get("connected")}.get(kind)
                waiting = self._waiting.pop((kind, number or 0), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
        except (EOFError, ValueError) as error:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(error)

    def _expect(self, kind: str, number: int = 0) -> asyncio.Future[dict[str, Any]]:
        future = self._waiting[kind, number] = asyncio.get_running_loop().create_future()
        return future

    async def window(self) -> dict[str, Any]:
        """Return what was received since the last call."""
        answer = self._expect("delays")
        self._helper.say({"window": True})
        return await answer

    async def grow(self, count: int) -> float:
        """Let viewers come until there are `count`; return how many seconds that took."""
        began = time.monotonic()
        turns = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._join(number, turns) for number in range(self.present, count)))
        self.present = count
        return time.monotonic() - began

    async def _join(self, number: int, turns: asyncio.Semaphore) -> None:
        async with turns, asyncio.timeout(CONNECT_WITHIN):
            name = f"viewer{number}"
            offer, _, _ = await self._pool.subscribe(ROOM, name)
            answered, connected = self._expect("answer", number), self._expect("connected", number)
            self._helper.say({"offer": offer, "number": number})
            await self._pool.answer(ROOM, name, (await answered)["answer"])
            await self._pool.wish(ROOM, name, "everything", {"camera": Wish(720)})
            await connected

    def close(self) -> None:
        self._reading.cancel()


class Stage:
    """A worker with a class that is being held. See `held`."""

    def __init__(self, pool: MediaPool, publisher: Helper, crowd: Crowd) -> None:
        self._pool = pool
        self.publisher = publisher
        self.crowd = crowd
        self.pid = pool.pids[0] or 0

    @property
    def cpu(self) -> float:
        """Seconds of CPU that the worker has used: user, system, and interrupts that hit it."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    @property
    def resident(self) -> int:
        """Bytes of memory of the worker."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def counters(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self._pool.stats())["workers"][0]
        return found

    async def measure(self, seconds: float) -> report.Window:
        """Look on for `seconds`."""
        await self.crowd.window()
        cpu, began = self.cpu, time.monotonic()
        await asyncio.sleep(seconds)
        found = await self.crowd.window()
        used, passed = self.cpu - cpu, time.monotonic() - began
        return report.Window(
            seconds=passed,
            cpu=used,
            packets=found["packets"],
            missing=max(found["missing"], 0),
            dropped_here=found["dropped_here"],
            generator=found["cpu"] / found["at"],
            opened=found["opened"],
            wrong=found["wrong"],
            unseen=found["unseen"],
            delays=tuple(found["delays"]),
        )

    async def step(self, count: int, windows: int, seconds: float) -> report.Row:
        """Let the class grow to `count`, and measure it."""
        quiet = await self.measure(1.0 if self.crowd.present else 0.2)
        joins = count - self.crowd.present
        cpu = self.cpu
        took = await self.crowd.grow(count)
        joining = self.cpu - cpu
        arrived = await self.crowd.window()
        # Media went on meanwhile; what it cost is known from the moment before, or from nobody's being here.
        media = arrived["packets"] * quiet.price if self.crowd.present > joins else took * quiet.load
        await asyncio.sleep(min(SETTLE, seconds))
        found = [await self.measure(seconds) for _ in range(windows)]
        return report.Row(count, joins / took, max(joining - media, 0.0) / joins, tuple(found))


@contextlib.asynccontextmanager
async def held(wires: Wires, cores: tuple[int, int] | None) -> AsyncIterator[Stage]:
    """Start a worker and a class with a publisher and nobody else; `cores`: the worker's and all others'."""
    async with contextlib.AsyncExitStack() as stack:
        pool = MediaPool(PoolSettings((wires.server,), port=0, workers=1), lambda event: None)
        await pool.start()
        stack.push_async_callback(pool.stop)
        if cores is not None:
            os.sched_setaffinity(pool.pids[0] or 0, {cores[0]})
        publisher = await stack.enter_async_context(
            Helper.started(wires.command("tests.benchmarks.media_publisher"))
        )
        crowd = await stack.enter_async_context(
            Helper.started(wires.command("tests.benchmarks.media_crowd", wires.network))
        )
        await pool.gate(ROOM, "teacher", "microphone", "microphone", False)
        await pool.gate(ROOM, "teacher", "camera", "camera", False)
        offer = (await publisher.hear())["offer"]
        publisher.say({"answer": await pool.publish(ROOM, "teacher", offer, KINDS)})
        async with asyncio.timeout(CONNECT_WITHIN):
            await publisher.hear()
        seen = Crowd(crowd, pool)
        stack.callback(seen.close)
        yield Stage(pool, publisher, seen)


async def ladder(wires: Wires, options: argparse.Namespace, cores: tuple[int, int] | None) -> report.Ladder:
    """Let a class grow until the worker cannot go on."""
    rows: list[report.Row] = []
    before = unread(wires)
    async with held(wires, cores) as stage:
        for count in options.viewers:
            try:
                row = await stage.step(count, options.windows, options.seconds)
            except TimeoutError:
                print(f"{count} viewers cannot join any more", file=sys.stderr)
                break
            rows.append(row)
            print(row.line(), file=sys.stderr)
            if row.missing_share > ENOUGH or row.unseen or row.generator_limits:
                break
        counters = await stage.counters()
        stage.publisher.hang_up()
        published = await stage.publisher.hear()
    return report.Ladder(rows, counters, published, unread(wires) - before)


def unread(wires: Wires) -> int:
    """Return how many datagrams found a socket of the server's side full; loopback does not tell whose."""
    if not wires.into:
        return 0
    head, values = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Udp:")
    )
    return int(dict(zip(head, values, strict=True))["RcvbufErrors"])


async def memory(wires: Wires, count: int, rest: float, cores: tuple[int, int] | None) -> report.Memory:
    """Weigh `count` viewers when they have come, and `rest` seconds later, and as many more after that."""
    async with held(wires, cores) as stage:
        await stage.crowd.grow(20)  # What the first ones cost once is not what one more costs.
        await asyncio.sleep(1)
        before = stage.resident
        await stage.crowd.grow(20 + count)
        joined = stage.resident
        await asyncio.sleep(rest)
        rested = stage.resident
        await stage.crowd.grow(20 + 2 * count)
        return report.Memory(count, before, joined, rested, stage.resident)


async def run(wires: Wires, options: argparse.Namespace, cores: tuple[int, int] | None) -> None:
    found = await ladder(wires, options, cores)
    weight = await memory(wires, 150, options.rest, cores) if options.rest else None
    print(report.markdown(found, weight, loopback=not wires.into, cores=cores))


def choose_cores() -> tuple[int, int] | None:
    """Return the worker's core and everybody else's; None where there is but one."""
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[-1], allowed[0]) if len(allowed) > 1 else None


def options_of(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="media", description=__doc__)
    parser.add_argument("--viewers", type=int, nargs="+", default=list(STEPS))
    parser.add_argument("--windows", type=int, default=3, help="measurements a step")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each")
    parser.add_argument("--rest", type=float, default=20.0, help="seconds between two looks at memory")
    parser.add_argument("--quick", action="store_true", help="three viewers for a second")
    parser.add_argument("--loopback", action="store_true", help="without namespaces")
    options = parser.parse_args(words)
    if options.quick:
        options.viewers, options.windows, options.seconds, options.rest = [3], 1, 1.0, 0.0
    return options


def main() -> None:
    options = options_of(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    cores = choose_cores()
    if cores is not None:
        os.sched_setaffinity(0, {cores[1]})
    with namespaces() if possible() and not options.loopback else loopback() as wires:
        asyncio.run(run(wires, options, cores))


if __name__ == "__main__":
    main()
