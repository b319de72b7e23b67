"""Two ends of the pipes between workers, on real sockets in one process."""

from __future__ import annotations

import io
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from signaling.core import pipe as records
from signaling.core.pipe import HeightWish, Record
from signaling.faults import Faults
from signaling.pipe import Pipe, path_of


class Ends:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = io.StringIO()
        self.faults = Faults(self.log)
        self.near, self.far = (Pipe(directory, number, self.faults) for number in (0, 1))
        self.taken: list[Record] = []

    def write(self, first: int, count: int) -> None:
        """Send so many numbered records, a datagram each as far as there is room."""
        box = self.near.outbox(1)
        for number in range(first, first + count):
            box.add(records.wish(number, "camera", 0, 360))
            self.near.flush()

    def numbers(self) -> list[int]:
        return [record.key for record in self.taken if isinstance(record, HeightWish)]


@pytest.fixture
def ends() -> Iterator[Ends]:
    with tempfile.TemporaryDirectory() as directory:
        made = Ends(Path(directory))
        yield made
        made.near.close()
        made.far.close()
        made.far.close()


def test_what_does_not_fit_waits_and_goes_together(ends: Ends) -> None:
    ends.write(1, 500)
    assert ends.near.counters["full"] > 0
    straight = ends.near.counters["sent"]
    assert straight < 300, "the system does not hold more"
    assert len(ends.near.outbox(1)) > 0
    ends.far.receive(ends.taken.append)
    ends.near.flush()
    while len(ends.taken) < 500:
        ends.far.receive(ends.taken.append)
        ends.near.flush()
    assert ends.numbers() == list(range(1, 501))
    assert ends.near.counters["sent"] <= straight + 2
    assert ends.far.counters["received"] == ends.near.counters["sent"]
    assert ends.near.stats()["dropped"] == 0


def test_a_turn_has_an_end(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.pipe.TURN", 2)
    ends.write(1, 5)
    ends.far.receive(ends.taken.append)
    assert ends.numbers() == [1, 2]


def test_nobody_there_costs_what_waits_and_no_more(ends: Ends) -> None:
    ends.near.outbox(7).add(b"to nobody")
    ends.near.flush()
    assert len(ends.near.outbox(7)) == 0
    ends.write(1, 1)
    ends.far.close()
    ends.write(2, 1)
    assert ends.near.counters["refused"] == 2
    ends.far = Pipe(ends.directory, 1, ends.faults)  # It was started again.
    ends.write(3, 1)
    ends.far.receive(ends.taken.append)
    assert ends.numbers() == [3]


def test_ways_that_are_not_needed_are_let_go(ends: Ends) -> None:
    before = len(os.listdir("/proc/self/fd"))
    ends.write(1, 1)
    assert len(os.listdir("/proc/self/fd")) == before + 1
    ends.near.keep({1})
    ends.near.keep(set())
    assert len(os.listdir("/proc/self/fd")) == before
    ends.far.receive(ends.taken.append)
    assert ends.numbers() == [1]


def test_noise_and_our_own_mistakes_end_with_their_datagram(ends: Ends) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as noise:
        long = records.wish(99, "camera", 0, 360) * 3_000
        assert len(long) > records.DATAGRAM
        for datagram in (b"\0", long):
            noise.sendto(datagram, str(path_of(ends.directory, 1)))
    ends.write(1, 1)

    def stumble(record: Record) -> None:
        ends.taken.append(record)
        raise RuntimeError("a mistake")

    ends.far.receive(stumble)
    assert ends.far.counters["malformed"] == 2
    assert ends.faults.count == {"a piped datagram": 1}
    assert ends.numbers() == [1]
