"""One capture, followed: what is noted of it beside its media, and how it goes on after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from classroom.recording import checkpoints, tail
from classroom.recording.finishing import Taken
from classroom.recording.folder import Folder
from classroom.recording.manifest import Tick
from classroom.recording.spool import Spool
from classroom.recording.tail import Places, Tail
from classroom.recording.tracks import Output, TrackMuxer
from signaling.core.capture import Clock, Mark, Record
from tests.support.captures import MONO, WALL_MS
from tests.support.spools import RECORDING, a_spool, camera, sound, spooled, write

Make = Callable[..., Tail]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return a_spool(tmp_path)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make(spool: Spool, said: list[str]) -> Iterator[Make]:
    with Folder.open(spool.root / RECORDING) as folder:
        places = Places(*(folder.folder(name) for name in ("capture", "media", "state")))

        def made(**values: Any) -> Tail:
            found = Tail(places, spooled(), 1, lambda event, **_: said.append(event), **values)
            found.resume()
            return found

        yield made
        for each in (places.captures, places.media, places.state):
            each.close()


def read(found: Tail) -> Taken:
    while found.step():
        pass
    taken = found.taken()
    assert taken is not None
    return taken


def test_nothing_is_told_before_the_head(make: Make) -> None:
    assert make().taken() is None
    assert make().step() == 0


def test_steps_of_the_wall_clock_are_noted_and_no_more_of_them_than_is_good(
    spool: Spool, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MAX_TICKS", 3)
    steps = [0.0, 0.0, 3_000.0, 3_019.0, 3_020.0, 0.0]
    clocks = [Clock(MONO + 5 * n, WALL_MS + 5_000 * n + step) for n, step in enumerate(steps)]
    write(spool, 1, clocks)
    wall = int(WALL_MS)
    assert read(make()).clock == (
        Tick(wall=wall, t=0),
        Tick(wall=wall + 13_000, t=10_000),
        Tick(wall=wall + 23_020, t=20_000),
    )


def test_losses_are_noted_and_joined_when_there_are_too_many(
    spool: Spool, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MAX_LOST", 2)
    records: list[Record] = []
    for second in range(4):
        records += sound(0.5, float(second))
        records.append(Mark(MONO + second + 0.6, "overflow"))
    write(spool, 1, [*records, Mark(MONO + 3.7, "muted")], kind="microphone")
    lost = read(make()).lost
    assert [(round(start, -2), round(end, -2)) for start, end in lost] == [(600, 1_000), (1_600, 3_700)]


def test_after_another_start_of_the_machine_the_wall_clock_counts(spool: Spool, make: Make) -> None:
    write(spool, 1, sound(2.0), kind="microphone", boot="another", wall_ms=WALL_MS + 60_000)
    taken = read(make())
    assert (taken.begin, taken.segments[0].start) == (60_000, 60_000)
    assert abs(taken.end - 62_000) < 50


def test_what_comes_before_the_recording_is_at_its_beginning(spool: Spool, make: Make) -> None:
    write(spool, 1, sound(2.0), kind="microphone", mono=MONO - 5.0)
    assert read(make()).begin == 0


@pytest.mark.parametrize("over", [False, True])
def test_it_goes_on_at_its_checkpoint(spool: Spool, make: Make, over: bool, said: list[str]) -> None:
    write(spool, 1, camera(20.0), end="stopped" if over else None)
    first = make()
    before = read(first)
    first.keep()
    again = make()
    assert again.octets == first.octets
    assert again.taken() == before
    assert again.over == ("stopped" if over else "")
    again.close("torn")
    assert again.over == ("stopped" if over else "torn")
    again.close("torn")
    assert make().taken() == again.taken()
    assert said == []


def test_a_checkpoint_without_the_files_that_it_speaks_of_is_not_used(
    spool: Spool, make: Make, said: list[str]
) -> None:
    write(spool, 1, camera(20.0), end=None)
    first = make()
    before = read(first)
    first.keep()
    spool.media(RECORDING, "000001b1.idx").unlink()
    again = make()
    assert again.octets == 0
    assert not list((spool.root / RECORDING / "state").iterdir())
    assert read(again) == before


def test_a_checkpoint_that_does_not_come_back_is_thrown_away(
    spool: Spool, make: Make, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(spool, 1, camera(20.0), end=None)
    first = make()
    read(first)
    first.keep()
    monkeypatch.setattr(checkpoints, "thaw", lambda _: 1 / 0)
    assert make().octets == 0
    assert said == ["a checkpoint cannot be used"]
    assert make().octets == 0
    assert said == ["a checkpoint cannot be used"]


def test_a_capture_whose_head_is_gone_is_begun_anew(spool: Spool, make: Make) -> None:
    path = write(spool, 1, camera(20.0), end=None)
    first = make()
    read(first)
    first.keep()
    path.write_bytes(b"")
    again = make()
    assert (again.octets, again.taken()) == (0, None)


def test_a_muxer_that_fails_at_the_end_costs_what_it_still_had(
    spool: Spool, make: Make, said: list[str]
) -> None:
    class Stubborn(TrackMuxer):
        def close(self) -> list[Output]:
            raise ZeroDivisionError

    path = write(spool, 1, camera(20.0), end=None)
    found = make(make=Stubborn)
    read(found)
    found.close("torn")
    taken = found.taken()
    assert taken is not None
    assert taken.over == "torn"
    assert 15_000 < taken.segments[0].duration < 20_000
    assert "a capture cannot be muxed" in said
    assert path.exists()


def test_a_segment_of_which_nothing_came_leaves_nothing(spool: Spool, make: Make) -> None:
    class Hasty(TrackMuxer):
        """Begins its file and never has anything for it."""

        def take(self, record: Record) -> list[Output]:
            return [each for each in super().take(record) if type(each).__name__ == "Open"]

        def close(self) -> list[Output]:
            return []

    write(spool, 1, camera(10.0))
    assert read(make(make=Hasty)).segments == ()
    assert list((spool.root / RECORDING / "media").iterdir()) == []
