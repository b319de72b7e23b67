"""
A house behind a bad line: slow, far away, lossy; each direction by itself, changeable while people talk.

    async with line(Way(delay_ms=50, loss=0.05)) as home:
        ...  # browsers run inside by `home.program`, as in network.house
        await home.set(down=Way(rate=300_000))

What a packet goes through is in link_process. Needs root and iproute2.
"""

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.support.link_process import Way
from tests.support.network import House, run

__all__ = ["LineHouse", "Way", "line"]

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 20.0  # Seconds; a start takes 0.1 on an idle machine.

_numbers = itertools.count(1)


@dataclass(frozen=True)
class LineHouse(House):
    """A namespace whose cable is a line with properties."""

    process: asyncio.subprocess.Process
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def set(self, *, down: Way | None = None, up: Way | None = None) -> None:
        """Change the line; when this returns, it has changed. None: as it was."""
        ways = {"down": down, "up": up}
        await self._ask({name: asdict(way) for name, way in ways.items() if way is not None})

    async def counters(self) -> dict[str, Any]:
        """Return what happened so far: link_process.Counters of each direction, and seconds of `cpu`."""
        return await self._ask({})

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self.turn, asyncio.timeout(START_TIMEOUT):
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            told: dict[str, Any] = json.loads(await self.process.stdout.readline())
        return told


@contextlib.asynccontextmanager
async def line(down: Way | None = None, up: Way | None = None, *, seed: int = 1) -> AsyncIterator[LineHouse]:
    """
    Make a house and its line; both are gone after the block.

    `down` is what its people receive through; `up`, what they send through, is the same unless it is given.
    With the same `seed` the same packets (by their number) are lost.
    """
    number = next(_numbers)
    tag = f"{os.getpid() % 100000}x{number}"  # see network.house
    net = f"10.{os.getpid() % 200 + 20}.{200 + number}"  # houses with a plain cable count from 1
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.link_process", f"lh{tag}", f"ln{tag}", str(seed),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    made = LineHouse(f"sabakl{tag}", f"{net}.1", f"{net}.2", f"lh{tag}", f"ln{tag}", process)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_TIMEOUT):
            if await process.stdout.readline() != b"ready\n":
                raise RuntimeError("the line did not start: is there /dev/net/tun, and are we root?")
        await _lay(made)
        down = down or Way()
        await made.set(down=down, up=up or down)
        yield made
    finally:
        with contextlib.suppress(RuntimeError):
            await run("ip", "netns", "del", made.name)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _lay(house: House) -> None:
    """Give both ends their addresses, the inner one in a namespace of its own."""
    await run("ip", "netns", "add", house.name)
    # Without an address that nobody gave it the kernel looks for no routers, which would be counted.
    for end in (house.cable, house.inner):
        await run("ip", "link", "set", end, "addrgenmode", "none")
    await run("ip", "link", "set", house.inner, "netns", house.name)
    await run("ip", "addr", "add", f"{house.host}/24", "dev", house.cable)
    await run("ip", "link", "set", house.cable, "up")
    for words in (
        ("link", "set", "lo", "up"),
        ("addr", "add", f"{house.inside}/24", "dev", house.inner),
        ("link", "set", house.inner, "up"),
        ("route", "add", "default", "via", house.host),
    ):
        await house.inside_run("ip", *words)
