"""
Whatever happens to the recorder, at the end the same files are there: it is killed, its disk is full or
fails, and power is cut, at moments that a seed chooses, also in the middle of a write, while captures grow.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom.recording import manifest, tail
from classroom.recording.folder import Folder
from signaling.core.capture import End, encode, encode_head
from tests.support.captures import MONO
from tests.support.recorder_desk import Desk
from tests.support.spools import RECORDING, camera, ended, heading, sound

SECONDS = 20.0
SEEDS = 200 if os.environ.get("SABAK_LONG") else 10


class Killed(BaseException):
    """The process is no more."""


class Faults:
    """Makes one write in twelve, or so, go wrong: before, in the middle, or at its end."""

    def __init__(self, chance: random.Random, patch: pytest.MonkeyPatch) -> None:
        self._chance = chance
        self.on = True
        write, note = Folder.write, Folder.note

        def write_some(folder: Folder, name: str, data: bytes, offset: int) -> None:
            failure = self._next()
            if failure is not None:
                write(folder, name, data[: chance.randrange(len(data) + 1)], offset)
                raise failure
            write(folder, name, data, offset)

        def note_some(folder: Folder, name: str, data: bytes, *, durable: bool = True) -> None:
            failure = self._next()
            if failure is not None:
                raise failure
            note(folder, name, data, durable=durable)

        patch.setattr(Folder, "write", write_some)
        patch.setattr(Folder, "note", note_some)

    def _next(self) -> BaseException | None:
        if self.on:
            match self._chance.randrange(36):
                case 0 | 1 | 2:
                    return Killed()
                case 3 | 4 | 5:
                    return OSError(errno.ENOSPC, "No space left on device")
                case 6:
                    return OSError(errno.EIO, "Input/output error")
        return None


def captures() -> dict[int, bytes]:
    """Return what was captured of a teacher who showed the screen for a while."""
    parts = {
        1: ("camera", camera(SECONDS, octets=900)),
        2: ("microphone", sound(SECONDS)),
        3: ("screen", camera(SECONDS / 2, 3.0, octets=400, pictures=5)),
    }
    end = encode(End(MONO + SECONDS, "stopped"))
    return {
        number: encode_head(heading(kind=kind)) + b"".join(map(encode, records)) + end
        for number, (kind, records) in parts.items()
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is there when nothing goes wrong."""
    desk = Desk(tmp_path_factory.mktemp("whole"))
    for number, data in captures().items():
        desk.spool.capture_path(RECORDING, number).write_bytes(data)
    desk.spool.end(RECORDING, ended(SECONDS))
    desk.finish()
    desk.kill()
    return desk.files()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.kill()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_kills_full_disks_and_power_cuts_leave_no_trace(
    desk: Desk, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(tail, "CHECKPOINT_S", 2.0)
    faults = Faults(chance, monkeypatch)
    left, kills, cuts = captures(), 0, 0
    while desk.spool.stage(RECORDING) != "done":
        grow(desk, left, chance)
        try:
            desk.turn(chance.choice([0.0, 0.25, 2.0]))
        except Killed:
            kills += 1
            desk.kill()
            if chance.random() < 0.2:
                cuts += 1
                cut_power(desk, chance)
            elif not cuts:
                check_index(desk, expected)
        faults.on = kills < 100
    assert desk.files() == expected
    assert kills


def grow(desk: Desk, left: dict[int, bytes], chance: random.Random) -> None:
    """Append a piece of any length to some of the captures; end the class after the last."""
    for number in list(left):
        size = chance.choice([0, 1, 300, 5_000, 60_000])
        with desk.spool.capture_path(RECORDING, number).open("ab") as file:
            file.write(left[number][:size])
        left[number] = left[number][size:]
        if not left[number]:
            del left[number]
    if not left:
        path = desk.folder("ended.json")
        if not path.exists():
            path.write_bytes(manifest.encode(ended(SECONDS)))


def cut_power(desk: Desk, chance: random.Random) -> None:
    """Lose the ends of some files that had not reached the disk."""
    for path in [*desk.folder("media").iterdir(), *desk.folder("state").iterdir()]:
        if chance.random() < 0.5 and path.suffix != ".json":
            os.truncate(path, max(0, path.stat().st_size - chance.choice([1, 30, 4_000, 100_000])))


def check_index(desk: Desk, expected: dict[str, bytes]) -> None:
    """Whatever an index names can be fetched, and is what it should be."""
    for path in desk.folder("media").glob("*.idx"):
        data = path.with_suffix(".webm").read_bytes()
        for entry in manifest.read_index(path.read_bytes())[1:]:
            place = slice(entry.offset, entry.offset + entry.octets)
            assert data[place] == expected[path.stem + ".webm"][place]
            assert len(data) >= place.stop
