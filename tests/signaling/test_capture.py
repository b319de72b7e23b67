"""Captures of a worker: begun, filled and ended, on disks that are well and on others."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signaling import control
from signaling.control import CaptureEnded, Done, Later, Record
from signaling.core.capture import Clock, End, Reader, Rtp
from signaling.core.capture import Record as Line
from signaling.faults import Faults
from signaling.spool import Spool
from tests.support.media_house import House, speak

HEAD = {"recording": "lesson-1", "track": "ann/cam", "person": "ann"}


class Disk:
    """Where files are opened and written, and how that goes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spool = Spool(root, Faults(), open_file=self.open_file, write=self.write)
        self.gate = threading.Event()
        self.gate.set()
        self.fails: OSError | None = None
        self.opens: OSError | Exception | None = None
        self.most = 1 << 30

    def open_file(self, directory: Path, path: str) -> int:
        self.gate.wait(5)
        if self.opens is not None:
            raise self.opens
        from signaling.spool import open_below

        return open_below(directory, path)

    def write(self, descriptor: int, data: bytes) -> int:
        self.gate.wait(5)
        if self.fails is not None and self.most == 0:
            raise self.fails
        count = os.write(descriptor, data[: self.most] if self.fails is not None else data)
        if self.fails is not None:
            self.most -= count
        return count

    def settle(self) -> None:
        """Wait until the thread has done what was asked of it."""
        done = threading.Event()
        self.spool._jobs.put(done.set)
        assert done.wait(5)

    def path(self, name: str = "000001.cap") -> str:
        return str(self.root / "lesson-1" / "capture" / name)

    def read(self, name: str = "000001.cap") -> list[Line]:
        reader = Reader()
        found = reader.feed(Path(self.path(name)).read_bytes())
        assert not reader.damaged
        return found


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    (tmp_path / "lesson-1" / "capture").mkdir(parents=True)
    made = Disk(tmp_path)
    yield made
    made.gate.set()
    assert made.spool.stop()


@pytest.fixture
def house(disk: Disk) -> Iterator[House]:
    made = House(disk.spool)
    yield made
    made.close()


def begin(house: House, disk: Disk, name: str = "000001.cap", **head: str) -> Any:
    """Ask for a capture and return the answer, when the disk has had its turn."""
    answers: list[Any] = []
    house._number += 1
    request = Record(house._number, "r", "ann", "camera", disk.path(name), {**HEAD, **head})
    answer = house.host.handle(request)
    if not isinstance(answer, Later):
        return answer
    answer.then(answers.append)
    disk.settle()
    house.pass_time(0.02)
    return answers[0]


def ended(house: House, disk: Disk) -> list[tuple[str, str]]:
    """Return the captures of which the end was told, when the disk has had its turn."""
    disk.settle()
    house.pass_time(0.02)
    return [(Path(event.path).name, event.reason) for event in house.events(CaptureEnded)]


def packets(records: list[Line]) -> list[Rtp]:
    return [record for record in records if isinstance(record, Rtp)]


def test_what_a_publisher_sends_is_written(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    assert isinstance(begin(house, disk), Done)
    speak(house, ann, 0, 50)
    house.ask(control.StopRecording, "r", "ann", "camera")
    speak(house, ann, 50, 10)
    assert ended(house, disk) == [("000001.cap", "stopped")]
    records = disk.read()
    taken = packets(records)
    assert [packet.number - taken[0].number for packet in taken] == list(range(50))
    assert {(packet.role, packet.layer, packet.codec, packet.epoch) for packet in taken} == {(3, 0, "VP8", 0)}
    assert [packet.timestamp for packet in taken] == [number * 1800 for number in range(50)]
    assert sum(packet.flags & 2 > 0 for packet in taken) == 5
    assert taken[-1].arrival - taken[0].arrival == pytest.approx(49 * 0.02)
    assert isinstance(records[-1], End)
    assert isinstance(records[-2], Clock)
    assert house.host.captures.stats()["ended"] == {"stopped": 1}
