"""
What the recorder costs, and how long a recording takes to be ready after its class.

    python -m tests.benchmarks.recorder [--hours 2] [--folder DIR]

The real process follows the captures of a teacher (720p VP8 at 1.5 Mbit/s and Opus: 230 packets a second)
that are there at once. When it has read all, the class ends (the workers' last records and the program's note
are written), and the time from there to `done` is taken; so it is when the recorder was killed just then and
a new one finds the spool. Its memory is read after a twentieth of the class and at the end: it must not
depend on the length.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from classroom.recording.spool import Spool
from signaling.core.capture import End, Record, encode, encode_head
from tests.support.captures import MONO
from tests.support.spools import RECORDING, a_spool, camera, ended, heading, sound

FLUSH = 1 << 22  # Octets written at once.
LONGEST_S = 600.0
QUIET_S = 1.0


class Process:
    """A recorder of its own."""

    def __init__(self, spool: Spool) -> None:
        command = [sys.executable, "-m", "classroom.recording", "--spool", str(spool.root)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def _fields(self) -> list[str]:
        return Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()

    @property
    def sleeps(self) -> bool:
        """Say whether it neither runs nor waits for the disk."""
        return self._fields()[0] == "S"

    @property
    def cpu(self) -> float:
        """Return its processor time so far (s)."""
        fields = self._fields()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name: str = "VmRSS") -> float:
        """Return its resident memory (MB); VmHWM: the most that it ever was."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(name))
        return int(line.split()[1]) / 1024

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(how)
        self._process.wait()


@contextmanager
def recorder(spool: Spool) -> Iterator[Process]:
    process = Process(spool)
    try:
        yield process
    finally:
        process.end()


def written(spool: Spool, number: int, kind: str, records: Iterator[Record]) -> int:
    """Write a capture; return its octets."""
    path = spool.capture_path(RECORDING, number)
    parts, held = [encode_head(heading(kind=kind))], 0
    with path.open("wb") as file:
        for record in records:
            part = encode(record)
            parts.append(part)
            held += len(part)
            if held >= FLUSH:
                file.write(b"".join(parts))
                parts, held = [], 0
        file.write(b"".join(parts))
    return path.stat().st_size


def finish(spool: Spool, seconds: float) -> None:
    """End the class: the captures first, as their workers do."""
    for number in (1, 2):
        with spool.capture_path(RECORDING, number).open("ab") as file:
            file.write(encode(End(MONO + seconds, "stopped")))
    spool.end(RECORDING, ended(seconds))


def idle(spool: Spool, octets: int) -> bool:
    """Say whether as much media is there as belongs to `octets` of captures: all but the last cluster."""
    media = spool.root / RECORDING / "media"
    return sum(path.stat().st_size for path in media.glob("*.webm")) >= octets


def wait(holds: Callable[[], bool], what: str) -> float:
    """Wait; return how long it took (s)."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > LONGEST_S:
            raise SystemExit(f"{what} took longer than {LONGEST_S:.0f} s")
        time.sleep(0.01)
    return time.monotonic() - begun


def quiet(process: Process) -> bool:
    """Say whether the process waits for files to grow: for nothing else, and for a second."""
    before = process.cpu
    for _ in range(20):
        time.sleep(QUIET_S / 20)
        if not process.sleeps:
            return False
    return process.cpu - before < 0.1


def run(folder: Path, hours: float, killed: bool) -> None:
    spool = a_spool(folder)
    seconds = hours * 3600
    octets = written(spool, 1, "camera", camera(seconds)) + written(spool, 2, "microphone", sound(seconds))
    packets = seconds * 230
    with recorder(spool) as process:
        begun = time.monotonic()
        while not idle(spool, octets // 20):
            time.sleep(0.01)
        early = process.memory()
        wait(lambda: quiet(process), "reading")
        took, cpu, late = time.monotonic() - begun - QUIET_S, process.cpu, process.memory()
        most = process.memory("VmHWM")
        if not killed:
            finish(spool, seconds)
            ready = wait(lambda: spool.stage(RECORDING) == "done", "finishing")
        else:
            process.end(signal.SIGKILL)
    if killed:
        finish(spool, seconds)
        begun = time.monotonic()
        with recorder(spool):
            wait(lambda: spool.stage(RECORDING) == "done", "finishing")
            ready = time.monotonic() - begun
    found = spool.manifest(RECORDING)
    assert found is not None
    media = sum(segment.octets for _, segment in found.segments())
    how = "killed, started again" if killed else "running"
    print(
        f"| {hours:g} | {octets / 1e6:.0f} | {media / 1e6:.0f} | {took:.1f} | {cpu:.1f} | "
        f"{cpu / packets * 1e6:.1f} | {100 * cpu / seconds:.2f} % | {early:.0f} / {late:.0f} / {most:.0f} | "
        f"{how} | {ready:.2f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.recorder")
    parser.add_argument("--hours", type=float, nargs="*", default=[0.25, 2.0])
    parser.add_argument("--folder", type=Path, help="on the disk that is meant; else the temporary one")
    arguments = parser.parse_args()
    print(
        "| hours | capture MB | media MB | read s | CPU s | µs a packet | of a core | MB early / late / most "
        "| recorder | ready s |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |"
    )
    for hours in arguments.hours:
        for killed in (False, True):
            folder = Path(tempfile.mkdtemp(prefix="sabak-recorder-", dir=arguments.folder))
            try:
                run(folder, hours, killed)
            finally:
                shutil.rmtree(folder)


if __name__ == "__main__":
    main()
