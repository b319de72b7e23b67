"""The benchmark of the media worker, as a smoke test; and what its figures mean."""

import asyncio
import sys

import pytest

from tests.benchmarks import media_wires
from tests.benchmarks.media_report import Ladder, Memory, Row, Window, markdown


def window(
    *, packets: int = 1_000, missing: int = 0, dropped_here: int = 0, generator: float = 0.2
) -> Window:
    return Window(
        seconds=2.0,
        cpu=0.005,
        packets=packets,
        missing=missing,
        dropped_here=dropped_here,
        generator=generator,
        opened=10,
        wrong=0,
        unseen=0,
        delays=(1.0, 2.0, 3.0, 4.0),
    )


async def quick(*words: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.media", "--quick", *words, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode().splitlines()


def cells(lines: list[str]) -> list[str]:
    return [
        cell.strip() for cell in next(line for line in lines if line.startswith("| 3 |")).split("|")[1:-1]
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--loopback",),
        pytest.param(
            (),
            marks=[
                pytest.mark.network,
                pytest.mark.skipif(not media_wires.possible(), reason="needs root and iproute2"),
            ],
        ),
    ],
)
async def test_three_viewers_get_everything_and_it_is_what_was_sent(words: tuple[str, ...]) -> None:
    lines = await quick(*words)
    viewers, rate, *_, missing, joins, _ = cells(lines)
    assert (viewers, missing) == ("3", "0")
    assert int(rate) > 450  # 230 packets a second for each of three, less what a busy machine delays
    assert int(joins) > 0
    assert "Counted at the worker: nothing." in lines[-1]
    assert not any(" 0 sampled packets" in line for line in lines)


def test_the_price_is_of_the_packets_that_arrived() -> None:
    assert window().price == pytest.approx(5e-6)
    assert window(packets=0).price == 0
    assert window().load == pytest.approx(0.0025)


def test_what_the_crowd_lost_is_not_the_workers() -> None:
    ours = Row(20, 50.0, 0.001, (window(packets=80, missing=20),))
    assert ours.missing_share == pytest.approx(0.2)
    assert not ours.generator_limits
    theirs = Row(20, 50.0, 0.001, (window(packets=80, missing=20, dropped_here=20),))
    assert theirs.missing == 0
    assert theirs.generator_limits


def test_a_crowd_without_time_left_is_told() -> None:
    row = Row(20, 50.0, 0.001, (window(), window(generator=0.97)))
    assert row.generator_limits
    assert row.cells()[8] == "0 *"


def test_medians_and_worst_of_the_windows() -> None:
    found = Row(20, 50.0, 0.001, (window(packets=1_000), window(packets=2_000), window(packets=4_000)))
    assert found.cells()[1:3] == ["1000", "2.50"]


def test_the_page_says_what_a_viewer_weighs() -> None:
    counters = {"sockets": [], "skipped": 2, "faults": {}, "dropped": {"late": 1}}
    ladder = Ladder([Row(20, 50.0, 0.001, (window(),))], counters, {"key_frames": 3, "late_ms": 1.5}, 4)
    weight = Memory(100, 50_000_000, 60_000_000, 55_000_000, 58_000_000)
    text = markdown(ladder, weight, loopback=True, cores=None)
    assert "100 kB when they have just come, 50 kB when their handshakes are over, 30 kB" in text
    assert (
        "2 skipped with their frames, 4 to the worker but lost in its full socket, 1 dropped (late)" in text
    )
