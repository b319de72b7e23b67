"""The benchmark of captures, as a smoke test."""

import asyncio
import re
import sys

FEW = ("--publishers", "1", "--pairs", "1", "--seconds", "0.5")


async def test_it_measures() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.capture", *FEW), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    assert process.returncode == 0
    found = re.search(r"1 publishers, (\d+) packets/s.* (\d+) kB captured", output.decode())
    assert found is not None
    packets, captured = (int(number) for number in found.groups())
    assert packets > 100
    assert captured > 50
