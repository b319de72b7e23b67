"""
The recorder is killed again and again while a class goes on, by the system, not by a mock; at the end all
that was captured can be decoded, once.

Real encoders' streams are written as a worker would, several times as fast as they came; the program's
supervisor starts the recorder again. SABAK_LONG=1 kills twenty times and more.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from classroom.recording import manifest, process
from classroom.recording.manifest import Track
from classroom.recording.process import Recorder
from classroom.recording.spool import Spool
from signaling.core.capture import Clock, End, Record, encode, encode_head
from tests.support import streams

RECORDING = "K1-1"
SECONDS = 20  # of media
LONG = bool(os.environ.get("SABAK_LONG"))
KILLS = 25 if LONG else 3
TAKES_S = 40.0 if LONG else 4.0
WITHIN_S = 30.0
# The recorder, with checkpoints as often as is said: a test is shorter than the time between two of them.
COMMAND = (
    sys.executable,
    "-c",
    "import sys\n"
    "from classroom.recording import __main__, tail\n"
    "tail.CHECKPOINT_S = float(sys.argv[1])\n"
    "sys.exit(__main__.main(['--watch-input', '--spool', sys.argv[2]]))",
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the supervisor start it again at once, however often that is."""
    monkeypatch.setattr(process, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(process, "LONGEST_PAUSE", 0.05)


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[Record]]:
    """Return what was sent, by kind."""
    clocks: list[Record] = [
        Clock(1_000.0 + at, streams.STARTED + at * 1_000) for at in range(0, SECONDS + 1, 5)
    ]

    def timely(record: Record) -> float:
        return record.mono if isinstance(record, Clock) else record.arrival

    sent: dict[str, Sequence[Record]] = {
        "microphone": streams.opus(SECONDS * 50),
        "camera": streams.vp8(SECONDS * 30, keys=90),
        "screen": streams.h264(SECONDS * 30, keys=90),
    }
    return {kind: sorted([*records, *clocks], key=timely) for kind, records in sent.items()}


def a_spool(path: Path) -> Spool:
    spool = Spool(path / "spool")
    spool.prepare()
    spool.begin(streams.spooled_of())
    return spool


async def feed(spool: Spool, number: int, kind: str, records: Sequence[Record]) -> None:
    """Write a capture as its worker does: some of it every now and then, TAKES_S altogether."""
    with spool.capture_path(RECORDING, number).open("ab", buffering=0) as file:
        file.write(encode_head(streams.head_of(kind)._replace(track=kind)))
        data = b"".join(encode(record) for record in [*records, End(1_000.0 + SECONDS + 1, "stopped")])
        steps = int(TAKES_S / 0.02)
        for step in range(steps):
            # Cut anywhere: a record is seldom whole.
            file.write(data[len(data) * step // steps : len(data) * (step + 1) // steps])
            await asyncio.sleep(0.02)  # The pace of the class.


async def kill_now_and_then(recorder: Recorder, chance: random.Random) -> int:
    """Kill it at any moment of its life, its start included; return how often."""
    killed = 0
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.0, 2 * TAKES_S / KILLS))
        pid = recorder.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def decoded(path: Path) -> list[Any]:
    """Return the time (s) of every frame that FFmpeg gets out of a file."""
    with av.open(str(path)) as file:
        return [
            (frame.time, frame.samples if isinstance(frame, av.AudioFrame) else 1) for frame in file.decode()
        ]


def check(spool: Spool, track: Track) -> None:
    """All that was sent is there, once, in order, and without holes."""
    frames: list[tuple[float, int]] = []
    for segment in track.segments:
        path = spool.media(RECORDING, segment.file)
        data = path.read_bytes()
        assert (len(data), manifest.tree_hash([data])) == (segment.octets, segment.hash)
        index = manifest.read_index(path.with_suffix(".idx").read_bytes())
        ends = [(entry.offset, entry.offset + entry.octets) for entry in index]
        assert all(end == begin for (_, end), (begin, _) in pairwise(ends))
        frames += [(time + segment.start / 1_000, count) for time, count in decoded(path)]
    times = [time for time, _ in frames]
    assert times == sorted(set(times))
    if track.kind == "microphone":
        assert abs(sum(count for _, count in frames) - SECONDS * 48_000) <= 960
    else:
        assert len(frames) == SECONDS * 30
        assert max(later - before for before, later in pairwise(times)) < 0.05
    assert abs(times[-1] - times[0] - SECONDS) < 0.1


@pytest.mark.parametrize("begins", ["at the beginning", "at a checkpoint"])
async def test_killed_while_it_records(
    tmp_path: Path, recorded: dict[str, list[Record]], monkeypatch: pytest.MonkeyPatch, begins: str
) -> None:
    each = 2.0 if begins == "at a checkpoint" else 1e9
    monkeypatch.setattr(Recorder, "_command", lambda made: [*COMMAND, str(each), str(made._spool)])
    spool = a_spool(tmp_path)
    recorder = Recorder(spool.root)
    recorder.start()
    try:
        async with asyncio.TaskGroup() as group:
            for number, (kind, records) in enumerate(recorded.items(), 1):
                group.create_task(feed(spool, number, kind, records))
            killing = group.create_task(kill_now_and_then(recorder, random.Random(begins)))
        spool.end(RECORDING, manifest.Ended(ended_at=0, duration=SECONDS * 1_000, reason="ended"))
        async with asyncio.timeout(WITHIN_S):
            while spool.stage(RECORDING) != "done":  # noqa: ASYNC110  Another process's file.
                await asyncio.sleep(0.02)
    finally:
        await recorder.stop()
    assert killing.result() > 0
    found = spool.manifest(RECORDING)
    assert found is not None
    assert sorted(track.kind for track in found.tracks) == ["camera", "microphone", "screen"]
    assert [gap for gap in found.gaps if gap.why == "lost"] == []
    for track in found.tracks:
        check(spool, track)
