"""Captures of a worker: begun, filled and ended, on disks that are well and on others."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signaling import capture, control, spool
from signaling.capture import BEHIND_S, CLOCK_S, Captures, boot_id
from signaling.control import CaptureEnded, Done, Later, MediaRefused, Record, Refused
from signaling.core import taking
from signaling.core.capture import Clock, End, Head, Mark, Reader, Rtp
from signaling.core.capture import Record as Line
from signaling.faults import Faults
from signaling.spool import Spool, open_below
from tests.support.media_house import House, received, refused, speak

HEAD = {"recording": "lesson-1", "track": "ann/cam", "person": "ann"}


class Disk:
    """
    Where files are opened and written, and how that goes. While `ready` is not set it hangs.

    `opens` is raised when a file is opened, `fails` when more than `left` octets are written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults = Faults()
        self.spool = Spool(root, self.faults, open_file=self.open_file, write=self.write)
        self.ready = threading.Event()
        self.ready.set()
        self.opens: Exception | None = None
        self.fails: Exception | None = None
        self.left = 0
        self.piece = 1 << 30

    def open_file(self, directory: Path, path: str) -> int:
        assert self.ready.wait(20)
        if self.opens is not None:
            raise self.opens
        return open_below(directory, path)

    def write(self, descriptor: int, data: bytes) -> int:
        assert self.ready.wait(20)
        if self.fails is None:
            return os.write(descriptor, data[: self.piece])
        if self.left == 0:
            raise self.fails
        count = os.write(descriptor, data[: self.left])
        self.left -= count
        return count

    def settle(self) -> None:
        """Wait until the thread has done what was asked of it."""
        done = threading.Event()
        self.spool._jobs.put(done.set)
        assert done.wait(20)

    def path(self, name: str = "000001.cap") -> str:
        return str(self.root / "lesson-1" / "capture" / name)

    def reader(self, name: str = "000001.cap") -> tuple[Reader, list[Line]]:
        reader = Reader()
        found = reader.feed(Path(self.path(name)).read_bytes())
        assert not reader.damaged
        return reader, found

    def read(self, name: str = "000001.cap") -> list[Line]:
        """Return the records of a file, which is whole."""
        reader, found = self.reader(name)
        assert reader.offset == Path(self.path(name)).stat().st_size
        return found


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    (tmp_path / "lesson-1" / "capture").mkdir(parents=True)
    made = Disk(tmp_path)
    yield made
    made.ready.set()
    assert made.spool.stop()


@pytest.fixture
def house(disk: Disk) -> Iterator[House]:
    made = House(disk.spool)
    yield made
    made.close()


def ask(house: House, path: str, **head: str) -> list[Any]:
    """Ask for a capture; the answer will be in the list."""
    answers: list[Any] = []
    house._number += 1
    request = Record(house._number, "r", "ann", "camera", path, {**HEAD, **head})
    answer = house.host.handle(request)
    if isinstance(answer, Later):
        answer.then(answers.append)
    else:
        answers.append(answer)
    return answers


def begin(house: House, disk: Disk, name: str = "000001.cap") -> Any:
    """Ask for a capture and return the answer, when the disk has had its turn."""
    answers = ask(house, disk.path(name))
    disk.settle()
    house.pass_time(0.02)
    return answers[0]


def ended(house: House, disk: Disk) -> list[tuple[str, str]]:
    """Return the captures of which the end was told, when the disk has had its turn."""
    disk.settle()
    house.pass_time(0.02)
    disk.settle()
    house.pass_time(0.02)
    return [(Path(event.path).name, event.reason) for event in house.events(CaptureEnded)]


def packets(records: list[Line]) -> list[Rtp]:
    return [record for record in records if isinstance(record, Rtp)]


def end_of(records: list[Line]) -> str:
    last = records[-1]
    assert isinstance(last, End)
    assert isinstance(records[-2], Clock)
    assert sum(isinstance(record, End) for record in records) == 1
    return last.reason


# --- what is written ------------------------------------------------------------------------------------


def test_what_a_publisher_sends_is_written(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    assert isinstance(begin(house, disk), Done)
    speak(house, ann, 0, 50)
    house.ask(control.StopRecording, "r", "ann", "camera")
    assert house.host.rooms["r"].core._peers["ann"].sources["camera"].taker is None
    speak(house, ann, 50, 10)
    assert ended(house, disk) == [("000001.cap", "stopped")]
    records = disk.read()
    taken = packets(records)
    assert [packet.number - taken[0].number for packet in taken] == list(range(50))
    assert {(packet.role, packet.layer, packet.codec, packet.epoch) for packet in taken} == {(3, 0, "VP8", 0)}
    assert [packet.timestamp for packet in taken] == [number * 1800 for number in range(50)]
    assert sum(packet.flags & 2 > 0 for packet in taken) == 5
    assert taken[-1].arrival - taken[0].arrival == pytest.approx(49 * 0.02)
    assert end_of(records) == "stopped"
    assert house.events(CaptureEnded) == [CaptureEnded("r", "ann", "camera", disk.path(), "stopped")]
    stats = house.host.stats(house.now)["captures"]
    size = Path(disk.path()).stat().st_size
    assert stats == {"running": 0, "waiting": 0, "written": size, "thrown": 0, "ended": {"stopped": 1}}


def test_the_head_says_whose_it_is_and_what_time_it_was(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    speak(house, ann, 0, 5)
    now = house.now
    begin(house, disk)
    reader, _ = disk.reader()
    assert reader.head == Head(
        recording="lesson-1",
        track="ann/cam",
        person="ann",
        kind="camera",
        peer="ann",
        wall_ms=pytest.approx((1.8e9 + now) * 1000),  # type: ignore[arg-type]
        mono=now,
        boot=boot_id(),
        codec_hint="VP8",
    )


def test_a_file_grows_four_times_a_second_and_tells_the_time_every_five(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    begin(house, disk)
    counts = []
    for number in range(0, 50, 5):
        speak(house, ann, number, 5)
        disk.settle()
        counts.append(len(packets(disk.reader()[1])))
    assert all(5 * (index + 1) - 14 <= count for index, count in enumerate(counts))
    assert len(set(counts)) >= 4
    house.pass_time(2.5 * CLOCK_S)
    disk.settle()
    clocks = [record for record in disk.reader()[1] if isinstance(record, Clock)]
    assert len(clocks) == 2
    assert clocks[1].mono - clocks[0].mono == pytest.approx(CLOCK_S, abs=0.3)
    assert all(clock.wall_ms / 1000 - clock.mono == pytest.approx(1.8e9) for clock in clocks)


def test_the_same_path_changes_nothing_and_another_one_ends_the_capture(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    begin(house, disk)
    speak(house, ann, 0, 20)
    (again,) = ask(house, disk.path())
    assert isinstance(again, Done)
    speak(house, ann, 20, 20)
    assert isinstance(begin(house, disk, "000002.cap"), Done)
    speak(house, ann, 40, 20)
    assert ended(house, disk) == [("000001.cap", "stopped")]
    house.ask(control.StopRecording, "r", "ann", "camera")
    house.ask(control.StopRecording, "r", "ann", "camera")
    assert ended(house, disk) == [("000001.cap", "stopped"), ("000002.cap", "stopped")]
    assert [len(packets(disk.read(name))) for name in ("000001.cap", "000002.cap")] == [40, 20]


def test_a_muted_track_leaves_marks(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    begin(house, disk)
    speak(house, ann, 0, 10)
    house.ask(control.Gate, "r", "ann", "camera", "ann/cam", True)
    speak(house, ann, 10, 10)
    house.ask(control.Gate, "r", "ann", "camera", "ann/cam", False)
    speak(house, ann, 20, 10)
    house.ask(control.StopRecording, "r", "ann", "camera")
    ended(house, disk)
    records = disk.read()
    assert len(packets(records)) == 20
    assert [record.what for record in records if isinstance(record, Mark)] == ["muted", "unmuted"]


def test_a_leg_that_comes_anew_goes_on_in_the_same_file(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    begin(house, disk)
    speak(house, ann, 0, 10)
    again = house.publisher(session=2)
    speak(house, again, 0, 10)
    house.ask(control.Close, "r", "ann")
    assert ended(house, disk) == [("000001.cap", "gone")]
    records = disk.read()
    assert [packet.epoch for packet in packets(records)] == [0] * 10 + [1] * 10
    assert end_of(records) == "gone"


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "{root}/../outside.cap",
        "{root}/lesson-1/../lesson-1/capture/1.cap",
        "{root}/lesson-1//capture/1.cap",
        "{root}/lesson-1/capture/./1.cap",
        "{root}",
        "{root}/",
        "{root}2/1.cap",
        "/etc/cron.d/sabak",
        "lesson-1/capture/1.cap",
        "",
        "{root}/lesson-1/capture/\0.cap",
    ],
)
def test_a_path_outside_the_spool_is_refused(house: House, disk: Disk, path: str) -> None:
    house.publisher()
    assert refused(house, Record, "r", "ann", "camera", path.format(root=disk.root), HEAD) == (
        "media.bad_request"
    )
    assert house.host.captures.stats()["running"] == 0


def test_links_and_files_that_are_there_are_refused(house: House, disk: Disk, tmp_path: Path) -> None:
    ann = house.publisher()
    house.open()
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (tmp_path / "lesson-2").symlink_to(outside)
    (tmp_path / "lesson-1" / "capture" / "link.cap").symlink_to(outside / "new")
    (tmp_path / "lesson-1" / "capture" / "old.cap").write_bytes(b"old")
    for name in (
        "lesson-1/capture/link.cap",
        "lesson-1/capture/old.cap",
        "lesson-1/capture",
        "lesson-2/1.cap",
        "lesson-3/capture/1.cap",
        "lesson-1/capture/old.cap/1.cap",
        f"lesson-1/capture/{'x' * 300}.cap",
    ):
        answers = ask(house, str(tmp_path / name))
        disk.settle()
        house.pass_time(0.04)
        assert isinstance(answers[0], Refused), name
        assert answers[0].code == "media.bad_request"
    assert list(outside.iterdir()) == []
    assert (tmp_path / "lesson-1" / "capture" / "old.cap").read_bytes() == b"old"
    assert ended(house, disk) == []
    assert house.host.captures._all == []
    # Nothing of that stands in the way of one that is well.
    begin(house, disk)
    speak(house, ann, 0, 20)
    house.ask(control.StopRecording, "r", "ann", "camera")
    assert ended(house, disk) == [("000001.cap", "stopped")]


def test_a_capture_that_is_stopped_before_it_was_refused_is_refused(house: House, disk: Disk) -> None:
    house.publisher()
    disk.ready.clear()
    Path(disk.path()).touch()
    answers = ask(house, disk.path())
    house.ask(control.StopRecording, "r", "ann", "camera")
    assert answers == []
    disk.ready.set()
    assert ended(house, disk) == []
    assert answers[0].code == "media.bad_request"


@pytest.mark.parametrize(
    "head",
    [
        {},
        {**HEAD, "more": "x"},
        {**HEAD, "person": ""},
        {**HEAD, "person": "x" * 129},
        {"recording": "x", "track": "y"},
    ],
)
def test_heads_that_no_program_sends_are_refused(house: House, disk: Disk, head: dict[str, str]) -> None:
    house.publisher()
    assert refused(house, Record, "r", "ann", "camera", disk.path(), head) == "media.bad_request"


def test_only_peers_that_are_here_are_captured_and_only_with_a_spool(disk: Disk) -> None:
    house = House()
    house.publisher()
    assert refused(house, Record, "r", "ann", "camera", disk.path(), HEAD) == "media.bad_request"
    assert refused(house, Record, "r", "bob", "camera", disk.path(), HEAD) == "media.unknown_peer"
    assert refused(house, Record, "other", "ann", "camera", disk.path(), HEAD) == "media.unknown_peer"
    house.ask(control.StopRecording, "r", "bob", "camera")
    assert house.host.captures.close(house.now)
    house.close()


def test_a_worker_captures_so_much_and_no_more(
    house: House, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "MAX_CAPTURES", 1)
    house.publisher()
    begin(house, disk)
    assert refused(house, Record, "r", "ann", "microphone", disk.path("2.cap"), HEAD) == "media.too_many"


# --- disks ----------------------------------------------------------------------------------------------


def test_a_disk_that_takes_little_at_a_time_gets_it_all(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    disk.piece = 100
    begin(house, disk)
    speak(house, ann, 0, 20)
    house.ask(control.StopRecording, "r", "ann", "camera")
    ended(house, disk)
    assert len(packets(disk.read())) == 20


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "full"), "disk_full"),
        (OSError(errno.EDQUOT, "quota"), "disk_full"),
        (OSError(errno.EFBIG, "too big"), "disk_full"),
        (OSError(errno.EIO, "broken"), "failed"),
        (RuntimeError("a mistake of ours"), "failed"),
    ],
)
def test_a_disk_that_fails_ends_the_capture_and_the_class_goes_on(
    house: House, disk: Disk, error: Exception, reason: str
) -> None:
    ann, bob = house.publisher(), house.subscriber()
    house.open()
    begin(house, disk)
    speak(house, ann, 0, 20)
    disk.settle()
    disk.fails, disk.left = error, 1_000
    speak(house, ann, 20, 40)
    assert ended(house, disk) == [("000001.cap", reason)]
    reader, records = disk.reader()
    assert reader.offset < Path(disk.path()).stat().st_size  # torn
    assert len(packets(records)) >= 15
    before = len(received(bob)[111])
    speak(house, ann, 60, 20)
    assert len(received(bob)[111]) >= before + 19
    assert house.host.captures._all == []
    assert disk.faults.count["a capture"] == isinstance(error, RuntimeError)
    disk.fails = None
    assert isinstance(begin(house, disk, "000002.cap"), Done)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "full"), "disk_full"),
        (OSError(errno.EMFILE, "too many files"), "failed"),
        (RuntimeError("a mistake of ours"), "failed"),
    ],
)
def test_a_disk_on_which_nothing_can_be_begun(
    house: House, disk: Disk, error: Exception, reason: str
) -> None:
    house.publisher()
    disk.opens = error
    assert isinstance(begin(house, disk), Done)
    assert ended(house, disk) == [("000001.cap", reason)]


def test_the_systems_own_full_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Spool(tmp_path, Faults(), open_file=lambda directory, path: os.open("/dev/full", os.O_WRONLY))
    house = House(found)
    house.publisher()
    (house.host.handle(Record(99, "r", "ann", "camera", str(tmp_path / "1"), HEAD)))
    assert found.stop()
    house.pass_time(0.1)
    assert [event.reason for event in house.events(CaptureEnded)] == ["disk_full"]
    house.close()


def test_a_disk_that_hangs_ends_the_capture_and_the_class_goes_on(house: House, disk: Disk) -> None:
    ann, bob = house.publisher(), house.subscriber()
    house.open()
    begin(house, disk)
    speak(house, ann, 0, 20)
    disk.ready.clear()
    speak(house, ann, 20, 240)
    reasons = [event.reason for event in house.events(CaptureEnded)]
    assert reasons == ["disk_slow"]
    assert len(received(bob)[111]) >= 250
    # Others hang as well, and are told that they cannot begin.
    answers = ask(house, disk.path("000002.cap"))
    speak(house, ann, 260, 100)
    assert answers == []
    speak(house, ann, 360, round((BEHIND_S - 2) / 0.02) + 2)
    assert answers[0].code == "media.unavailable"
    assert house.host.captures.stats()["running"] == 0
    disk.ready.set()
    assert ended(house, disk) == [("000001.cap", "disk_slow")]
    records = disk.read()
    assert end_of(records) == "disk_slow"
    assert 190 <= len(packets(records)) <= 250
    assert end_of(disk.read("000002.cap")) == "disk_slow"
    assert house.host.captures._all == []


def test_what_the_disk_does_not_take_in_time_is_thrown_away(
    house: House, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "ROOM", 10_000)
    monkeypatch.setattr(capture, "ROOM", 10_000)
    ann = house.publisher()
    house.open()
    begin(house, disk)
    disk.ready.clear()
    speak(house, ann, 0, 100)
    disk.ready.set()
    disk.settle()
    speak(house, ann, 100, 50)
    house.ask(control.StopRecording, "r", "ann", "camera")
    assert ended(house, disk) == [("000001.cap", "stopped")]
    records = disk.read()
    at = next(index for index, record in enumerate(records) if isinstance(record, Mark))
    assert len(packets(records[:at])) in range(25, 40)
    later = packets(records[at:])
    assert len(later) in range(30, 51)
    assert house.host.captures.stats()["thrown"] == 150 - len(packets(records))


def test_a_stop_while_the_disk_hangs_is_told_when_it_is_done(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    begin(house, disk)
    disk.ready.clear()
    speak(house, ann, 0, 20)
    house.ask(control.StopRecording, "r", "ann", "camera")
    house.pass_time(1.0)
    assert house.events(CaptureEnded) == []
    disk.ready.set()
    assert ended(house, disk) == [("000001.cap", "stopped")]


def test_a_stop_while_the_disk_hangs_for_good_is_told_in_time(house: House, disk: Disk) -> None:
    house.publisher()
    begin(house, disk)
    disk.ready.clear()
    house.ask(control.StopRecording, "r", "ann", "camera")
    house.pass_time(BEHIND_S + 0.1)
    assert [event.reason for event in house.events(CaptureEnded)] == ["disk_slow"]
    disk.ready.set()
    assert ended(house, disk) == [("000001.cap", "disk_slow")]
    assert house.host.captures._all == []


def test_a_disk_that_fails_at_the_very_end(house: House, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    house.publisher()
    begin(house, disk)
    close = os.close

    def closing(descriptor: int) -> None:
        close(descriptor)
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(spool.os, "close", closing)
    house.ask(control.StopRecording, "r", "ann", "camera")
    assert ended(house, disk) == [("000001.cap", "failed")]


# --- the end of a worker --------------------------------------------------------------------------------


def test_a_worker_that_ends_writes_what_it_has(house: House, disk: Disk) -> None:
    ann = house.publisher()
    house.open()
    begin(house, disk)
    speak(house, ann, 0, 20)
    assert house.host.captures.close(house.now)
    records = disk.read()
    assert len(packets(records)) == 20
    assert end_of(records) == "stopped"


def test_a_disk_that_hangs_does_not_keep_a_worker(
    house: House, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "JOIN_WITHIN", 0.05)
    house.publisher()
    begin(house, disk)
    disk.ready.clear()
    assert not house.host.captures.close(house.now)
    monkeypatch.undo()


def test_a_system_that_does_not_tell_its_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    boot_id.cache_clear()
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: (_ for _ in ()).throw(FileNotFoundError()))
    assert boot_id() == "unknown"
    monkeypatch.undo()
    boot_id.cache_clear()
    assert len(boot_id()) == 36


def test_without_captures_a_tick_does_nothing() -> None:
    captures = Captures(None, lambda event: None, lambda: 0.0)
    captures.tick(1.0)
    captures.gone("r", "ann", 1.0)
    with pytest.raises(MediaRefused):
        captures.record(Record(1, "r", "ann", "camera", "/x", HEAD), None, 1.0)  # type: ignore[arg-type]
