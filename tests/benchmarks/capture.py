"""
What recording a publisher costs, beyond forwarding: the worker that captures, and the recorder.

    python -m tests.benchmarks.capture [--publishers 4] [--pairs 5] [--seconds 3]

A real worker and a real recorder, over loopback, and publishers of 230 packets a second (`media_publisher`).
Windows with and without captures take turns, so that what else the machine does hits both alike; the figure
is the median of their differences. Prints a line of Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from classroom.recording.manifest import Spooled
from classroom.recording.spool import Spool
from signaling.capture import boot_id
from signaling.core.model import Kind
from signaling.supervisor import MediaPool, PoolSettings
from tests.benchmarks.media import CONNECT_WITHIN, Helper

ROOM, RECORDING = "class", "bench-1"
KINDS: dict[str, Kind] = {"0": "microphone", "1": "camera"}
SETTLE = 0.7  # Seconds before a window: files are opened or closed, key frames asked for.


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process has used, all its threads."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


@dataclass(frozen=True)
class Window:
    """Shares of a core, and packets a second."""

    worker: float
    recorder: float
    packets: float


class Bench:
    """A worker with publishers, a recorder, and the captures between them."""

    def __init__(self, pool: MediaPool, spool: Spool, recorder: int, names: list[str]) -> None:
        self._pool = pool
        self._spool = spool
        self._recorder = recorder
        self._names = names
        self._captures = 0

    async def record(self) -> None:
        for name in self._names:
            for kind in KINDS.values():
                self._captures += 1
                path = str(self._spool.capture_path(RECORDING, self._captures))
                head = {"recording": RECORDING, "track": f"{name}-{kind}", "person": name}
                await self._pool.record(ROOM, name, kind, path, head)

    async def stop(self) -> None:
        for name in self._names:
            for kind in KINDS.values():
                await self._pool.stop_recording(ROOM, name, kind)

    async def _received(self) -> int:
        (worker,) = (await self._pool.stats())["workers"]
        return sum(socket["received"] for socket in worker["sockets"])

    async def window(self, seconds: float) -> Window:
        """Look on for `seconds`."""
        await asyncio.sleep(SETTLE)
        pid = self._pool.pids[0] or 0
        packets = await self._received()
        worker, recorder, began = cpu_of(pid), cpu_of(self._recorder), time.monotonic()
        await asyncio.sleep(seconds)
        passed = time.monotonic() - began
        worker, recorder = cpu_of(pid) - worker, cpu_of(self._recorder) - recorder
        return Window(worker / passed, recorder / passed, (await self._received() - packets) / passed)


@contextlib.asynccontextmanager
async def _recorder(root: Path) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "classroom.recording", "--spool", str(root)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def run(options: argparse.Namespace) -> None:
    async with contextlib.AsyncExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sabak-bench-")))
        spool = Spool(root)
        spool.begin(
            Spooled(
                recording=RECORDING, class_id="bench", number=1, title="bench",
                started_at=int(time.time() * 1000), mono=time.monotonic(), boot=boot_id(),
            )
        )  # fmt: skip
        settings = PoolSettings(("127.0.0.1",), port=0, workers=1, spool=root)
        pool = MediaPool(settings, lambda event: None)
        await pool.start()
        stack.push_async_callback(pool.stop)
        names = [f"teacher{number}" for number in range(options.publishers)]
        for name in names:
            await _publish(stack, pool, name)
        recorder = await stack.enter_async_context(_recorder(root))
        bench = Bench(pool, spool, recorder, names)
        without, with_ = [], []
        for _ in range(options.pairs):
            without.append(await bench.window(options.seconds))
            await bench.record()
            with_.append(await bench.window(options.seconds))
            await bench.stop()
        captured, made = (_octets(root / RECORDING / name) for name in ("capture", "media"))
    told = f"{captured >> 10} kB captured, {made >> 10} kB of media |"
    print(_line(without, with_, options.publishers), told)


async def _publish(stack: contextlib.AsyncExitStack, pool: MediaPool, name: str) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.media_publisher"]
    publisher = await stack.enter_async_context(Helper.started(command))
    for kind in KINDS.values():
        await pool.gate(ROOM, name, kind, f"{name}-{kind}", False)
    offer = (await publisher.hear())["offer"]
    publisher.say({"answer": await pool.publish(ROOM, name, offer, KINDS)})
    async with asyncio.timeout(CONNECT_WITHIN):
        await publisher.hear()


def _line(without: list[Window], with_: list[Window], publishers: int) -> str:
    def share(name: str) -> float:
        pairs = zip(without, with_, strict=True)
        found: float = statistics.median(getattr(b, name) - getattr(a, name) for a, b in pairs)
        return found / publishers * 100

    packets = statistics.median(window.packets for window in with_) / publishers
    plain = statistics.median(window.worker for window in without) / publishers * 100
    return (
        f"| {publishers} publishers, {packets:.0f} packets/s each | of a core, each: {plain:.2f} % without "
        f"| capturing + {share('worker'):.2f} % | recorder + {share('recorder'):.2f} % |"
    )


def _octets(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def main() -> None:
    parser = argparse.ArgumentParser(prog="capture", description=__doc__)
    parser.add_argument("--publishers", type=int, default=4)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each window")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
