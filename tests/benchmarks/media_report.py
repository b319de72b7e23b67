"""The figures of the media benchmark, and how they are printed."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.backends.openssl import backend

GENERATOR_FULL = 0.95  # Of a core: beyond that the crowd is late, and its figures are of itself.


@dataclass(frozen=True)
class Window:
    """What was seen in some seconds. `delays` are p50, p99, p99.9 and the longest, in ms."""

    seconds: float
    cpu: float
    packets: int
    missing: int
    dropped_here: int
    generator: float
    opened: int
    wrong: int
    unseen: int
    delays: tuple[float, ...]

    @property
    def price(self) -> float:
        """Seconds of the worker's CPU for a packet that arrived."""
        return self.cpu / self.packets if self.packets else 0.0

    @property
    def load(self) -> float:
        return self.cpu / self.seconds


@dataclass(frozen=True)
class Row:
    """One size of the class."""

    viewers: int
    joins_per_second: float
    join_cpu: float
    windows: tuple[Window, ...]

    def median(self, of: Callable[[Window], float]) -> float:
        return statistics.median(map(of, self.windows))

    def worst(self, of: Callable[[Window], float]) -> float:
        return max(map(of, self.windows))

    @property
    def missing(self) -> int:
        """Packets that never came and were not lost on the crowd's side."""
        return sum(max(window.missing - window.dropped_here, 0) for window in self.windows)

    @property
    def missing_share(self) -> float:
        return self.missing / max(sum(window.packets + window.missing for window in self.windows), 1)

    @property
    def unseen(self) -> int:
        """Viewers who got no sound or no picture at all."""
        return max(window.unseen for window in self.windows)

    @property
    def generator_limits(self) -> bool:
        """Whether the crowd lost packets, or had no time left, so that the row tells of it and not of us."""
        return any(window.dropped_here or window.generator > GENERATOR_FULL for window in self.windows)

    def cells(self) -> list[str]:
        missing = f"{self.missing} ({self.missing_share:.2%})" if self.missing else "0"
        return [
            str(self.viewers),
            f"{self.median(lambda window: window.packets / window.seconds):.0f}",
            f"{self.median(lambda window: window.price) * 1e6:.2f}",
            f"{self.median(lambda window: window.load):.0%}",
            *(f"{self.median(lambda window, at=at: window.delays[at]):.1f}" for at in (0, 1)),  # type: ignore[misc]
            *(f"{self.worst(lambda window, at=at: window.delays[at]):.1f}" for at in (2, 3)),  # type: ignore[misc]
            missing + (" *" if self.generator_limits else ""),
            f"{self.joins_per_second:.0f}",
            f"{self.join_cpu * 1e3:.1f}",
        ]

    def line(self) -> str:
        """Return the row for somebody who waits for the end, with what else there is to know."""
        wrong = sum(window.wrong for window in self.windows)
        return (
            " ".join(cell.rjust(8) for cell in self.cells())
            + f"   crowd {self.worst(lambda window: window.generator):.0%} of a core,"
            + f" {sum(window.opened for window in self.windows)} opened, {wrong} wrong,"
            + f" {self.unseen} without media,"
            + f" best window {min(window.price for window in self.windows) * 1e6:.2f} µs,"
            + f" {sum(window.dropped_here for window in self.windows)} dropped there"
        )


@dataclass(frozen=True)
class Memory:
    """Resident bytes of the worker: before `count` came, then, after a rest, and when as many more came."""

    count: int
    before: int
    joined: int
    rested: int
    doubled: int


@dataclass(frozen=True)
class Ladder:
    """All rows, the worker's counters at the end, what the publisher says, and what nobody read."""

    rows: list[Row]
    counters: dict[str, Any]
    published: dict[str, Any]
    unread: int = 0
    """Datagrams to the worker that its socket had no room for: packets of the publisher among them."""


HEAD = (
    "viewers",
    "packets/s",
    "µs CPU a packet",
    "of the core",
    "delay p50 ms",
    "p99",
    "p99.9",
    "longest",
    "missing",
    "joins/s",
    "ms CPU a join",
)


def markdown(ladder: Ladder, memory: Memory | None, *, loopback: bool, cores: tuple[int, int] | None) -> str:
    """Return everything as it goes into a page."""
    lines = [f"{_commit()}, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {_machine()}.", ""]
    lines += ["| " + " | ".join(HEAD) + " |", "|" + " ---: |" * len(HEAD)]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in ladder.rows]
    windows = [window for row in ladder.rows for window in row.windows]
    lines += ["", _how(windows, loopback, cores)]
    if any(row.generator_limits for row in ladder.rows):
        lines.append("A star marks rows that the crowd limits (its core was full, or it lost packets).")
    if memory is not None:
        lines.append(_weights(memory))
    lines.append(_troubles(ladder, sum(window.wrong for window in windows)))
    return "\n".join(lines)


def _how(windows: list[Window], loopback: bool, cores: tuple[int, int] | None) -> str:
    where = "loopback" if loopback else "two network namespaces"
    pinned = "the worker on one core, everything else on another" if cores is not None else "one core for all"
    opened = sum(window.opened for window in windows)
    return (
        f"{where.capitalize()}, {pinned}; medians of several windows (p99.9 and longest: the worst one),"
        f" {len(windows)} in all; {opened} sampled packets opened and compared."
    )


def _weights(memory: Memory) -> str:
    each = [
        (after - before) / memory.count / 1e3
        for before, after in (
            (memory.before, memory.joined),
            (memory.before, memory.rested),
            (memory.rested, memory.doubled),
        )
    ]
    return (
        f"Memory of a viewer: {each[0]:.0f} kB when they have just come, {each[1]:.0f} kB when their"
        f" handshakes are over, {each[2]:.0f} kB for each of as many more (resident, {memory.count} viewers"
        f" at a time); the worker with twenty viewers takes {memory.before / 1e6:.0f} MB."
    )


def _troubles(ladder: Ladder, wrong: int) -> str:
    counters = ladder.counters
    sockets = counters["sockets"]
    found = {
        "wrong in what was opened": wrong,
        "not taken by the socket": sum(socket["congested"] for socket in sockets),
        "refused by the system": sum(socket["refused"] for socket in sockets),
        "skipped with their frames": counters["skipped"],
        "to the worker but lost in its full socket": ladder.unread,
        "faults": sum(counters["faults"].values()),
        **{f"dropped ({name})": count for name, count in counters["dropped"].items()},
    }
    told = ", ".join(f"{count} {name}" for name, count in found.items() if count) or "nothing"
    return (
        f"Counted at the worker: {told}. The publisher sent {ladder.published['key_frames']} key frames and"
        f" was at most {ladder.published['late_ms']} ms late."
    )


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"], capture_output=True, check=False, text=True
    )
    return f"Commit {done.stdout.strip() or 'unknown'}"


def _machine() -> str:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()},"
        f" {backend.openssl_version_text()}"
    )
