"""
The recorder's loop over a spool: what it makes, what it does about trouble, and how it shares itself out.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from classroom.recording import manifest, recorder, work
from classroom.recording.folder import Folder
from classroom.recording.manifest import Spooled, tree_hash
from classroom.recording.recorder import Loop
from classroom.recording.tail import PIECE
from classroom.recording.tracks import Output, TrackMuxer
from signaling.core.capture import End, Head, Mark, Record, encode, encode_head
from tests.support.captures import MONO
from tests.support.recorder_desk import Desk
from tests.support.spools import RECORDING, camera, ended, heading, sound, spooled, write


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.kill()


def append(desk: Desk, number: int, *records: Record) -> None:
    with desk.spool.capture_path(RECORDING, number).open("ab") as file:
        file.write(b"".join(map(encode, records)))


# --- what it makes --------------------------------------------------------------------------------------


def test_a_class_that_goes_on_can_be_watched(desk: Desk) -> None:
    desk.turn()
    first = desk.spool.manifest(RECORDING)
    assert first is not None
    assert (first.tracks, first.complete, first.version) == ((), False, 0)

    write(desk.spool, 1, camera(10.0), end=None)
    desk.read()
    desk.turn(1.0)
    found = desk.spool.manifest(RECORDING)
    assert found is not None
    (track,) = found.tracks
    (segment,) = track.segments
    assert (track.id, track.person, track.kind) == ("camera", "ann", "camera")
    assert (segment.duration, segment.octets, segment.hash) == (0, 0, "")
    assert 6_000 <= found.duration <= 10_100
    index = manifest.read_index(desk.spool.media(RECORDING, f"{segment.id}.idx").read_bytes())
    data = desk.spool.media(RECORDING, segment.file).read_bytes()
    assert index[0].init
    assert all(data[entry.offset :].startswith(b"\x1f\x43\xb6\x75") for entry in index[1:])
    assert index[-1].t + index[-1].duration == found.duration
    assert index[-1].offset + index[-1].octets == len(data)


def test_live_json_is_written_only_for_news_and_once_a_second(desk: Desk) -> None:
    desk.turn()
    path = desk.spool.media(RECORDING, "live.json")
    write(desk.spool, 1, camera(10.0, octets=300), end=None)
    path.unlink()
    desk.turn(0.5)
    assert not path.exists()
    desk.turn(0.5)
    assert path.exists()
    path.unlink()
    desk.turn(5.0)
    assert not path.exists()


def test_who_watches_is_not_taken_back_when_the_recorder_begins_anew(desk: Desk) -> None:
    write(desk.spool, 1, camera(20.0), end=None)
    write(desk.spool, 2, camera(20.0), kind="screen", end=None)
    desk.read()
    desk.turn(1.0)
    before = desk.spool.manifest(RECORDING)
    assert before is not None
    assert len(before.tracks) == 2
    desk.kill()
    while desk.turn(1.0):
        assert desk.spool.manifest(RECORDING) == before
    assert desk.spool.manifest(RECORDING) == before


def test_a_finished_recording_says_all_of_itself(desk: Desk) -> None:
    write(desk.spool, 1, camera(10.0))
    write(desk.spool, 2, sound(10.0), kind="microphone")
    desk.spool.end(RECORDING, ended(11.0))
    found = desk.finish()
    assert (found.version, found.complete, found.reason, found.duration) == (1, True, "ended", 11_000)
    assert found.started_at == spooled().started_at
    assert found.gaps == ()
    assert len(found.clock) == 1
    for _, segment in found.segments():
        data = desk.spool.media(RECORDING, segment.file).read_bytes()
        assert (segment.octets, segment.hash) == (len(data), tree_hash([data]))
        assert abs(segment.duration - 10_000) <= 40
    assert desk.loop.numbers().finished == 1
    assert desk.loop.numbers().recordings == 0
    desk.turn()
    assert desk.events().count("finished") == 1


def test_large_files_are_hashed_by_pieces(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "PIECE", 1 << 16)
    monkeypatch.setattr("classroom.recording.writing.PIECE", 1 << 16)
    write(desk.spool, 1, camera(10.0), end=None)
    desk.read()
    desk.end()  # The second process goes on in the middle of a piece.
    append(desk, 1, *camera(10.0, 10.0), End(MONO + 20, "stopped"))
    desk.spool.end(RECORDING, ended(20.0))
    found = desk.finish()
    for _, segment in found.segments():
        data = desk.spool.media(RECORDING, segment.file).read_bytes()
        assert segment.octets == len(data) > 20 << 16
        assert segment.hash == tree_hash([data])


def test_a_class_without_media_has_a_package_too(desk: Desk) -> None:
    desk.spool.end(RECORDING, ended(60.0, "stopped"))
    found = desk.finish()
    assert (found.tracks, found.duration, found.reason, found.complete) == ((), 60_000, "stopped", True)


def test_a_track_has_the_segments_of_all_its_captures(desk: Desk) -> None:
    write(desk.spool, 1, sound(5.0), kind="microphone", end="gone")
    write(desk.spool, 2, sound(5.0, 20.0), kind="microphone")
    write(desk.spool, 3, sound(0.0), kind="microphone", track="silent")
    desk.spool.end(RECORDING, ended(25.0))
    (track,) = desk.finish().tracks
    assert [segment.id for segment in track.segments] == ["000001b1", "000002b1"]
    assert [
        abs(segment.start - start) < 50 for segment, start in zip(track.segments, (0, 20_000), strict=True)
    ]


# --- ends of captures -----------------------------------------------------------------------------------


def test_a_capture_without_an_end_is_over_when_nothing_comes_after_the_class(desk: Desk) -> None:
    write(desk.spool, 1, camera(5.0), end=None)
    desk.read()
    desk.spool.end(RECORDING, ended(8.0))
    desk.turn()
    append(desk, 1, *camera(2.0, 5.0))
    desk.turn(0.9)
    desk.turn(0.9)
    assert desk.spool.stage(RECORDING) == "ended"
    desk.turn(0.2)
    assert desk.spool.stage(RECORDING) == "done"
    found = desk.finish()
    ((_, segment),) = found.segments()
    assert abs(segment.start + segment.duration - 7_000) < 100
    assert [(gap.why, gap.end) for gap in found.gaps] == [("lost", 8_000)]


def test_who_writes_on_after_the_end_is_cut_off(desk: Desk) -> None:
    write(desk.spool, 1, camera(1.0), end=None)
    desk.spool.end(RECORDING, ended(1.0))
    for second in range(1, 30):
        append(desk, 1, *camera(0.5, float(second)))
        desk.turn(0.5)
        if desk.spool.stage(RECORDING) == "done":
            break
    assert 10 <= second / 2 <= 12


def test_a_capture_is_over_when_its_track_has_another_one(desk: Desk) -> None:
    write(desk.spool, 1, sound(5.0), kind="microphone", end=None)
    desk.read()
    desk.turn(100.0)
    assert desk.loop.numbers().captures == 1
    write(desk.spool, 2, sound(5.0, 10.0), kind="microphone", end=None)
    desk.read()
    desk.turn(1.5)
    append(desk, 2, *sound(5.0, 15.0))
    desk.turn(1.0)
    assert desk.loop.numbers().captures == 1
    found = desk.spool.manifest(RECORDING)
    assert found is not None
    assert [segment.duration > 0 for _, segment in found.segments()] == [True, False]


# --- trouble with captures ------------------------------------------------------------------------------


def test_damage_costs_what_is_behind_it(desk: Desk) -> None:
    path = write(desk.spool, 1, camera(20.0))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    write(desk.spool, 2, sound(5.0), kind="microphone")
    desk.spool.end(RECORDING, ended(20.0))
    found = desk.finish()
    durations = {track.kind: track.segments[0].duration for track in found.tracks}
    assert 8_000 < durations["camera"] < 12_000
    assert abs(durations["microphone"] - 5_000) < 50
    assert [gap.why for gap in found.gaps] == ["lost"]
    assert "a capture is damaged; what is behind that is lost" in desk.events()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SABAK",
        b"GIF89a" * 100,
        encode_head(heading())[:-1],
        encode_head(heading("other-1")),
        b"\0" * 1_000_000,
    ],
)
def test_what_is_no_capture_of_this_recording_costs_itself(desk: Desk, data: bytes) -> None:
    desk.spool.capture_path(RECORDING, 1).write_bytes(data)
    write(desk.spool, 2, sound(5.0), kind="microphone")
    (desk.folder("capture") / "notes.txt").write_text("not ours")
    desk.spool.end(RECORDING, ended(5.0))
    assert [track.kind for track in desk.finish().tracks] == ["microphone"]


def test_a_link_for_a_capture_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    outside = write(desk.spool, 1, sound(5.0), kind="microphone").rename(tmp_path / "outside.cap")
    desk.spool.capture_path(RECORDING, 1).symlink_to(outside)
    desk.spool.end(RECORDING, ended(5.0))
    assert desk.finish().tracks == ()
    assert "a capture cannot be read" in desk.events()


def test_overflows_are_gaps_where_nothing_else_was_recorded(desk: Desk) -> None:
    lost = [Mark(MONO + 5.0, "overflow"), *sound(5.0, 12.0)]
    write(desk.spool, 1, [*sound(5.0), *lost], kind="microphone", track="a")
    desk.spool.end(RECORDING, ended(17.0))
    (gap,) = desk.finish().gaps
    assert gap.why == "lost"
    assert abs(gap.start - 5_000) < 50
    assert abs(gap.end - 12_000) < 50


class Defective(TrackMuxer):
    """A muxer with a mistake that shows after a while."""

    def __init__(self, head: Head, of: Spooled, number: int) -> None:
        super().__init__(head, of, number)
        self._left = 2_000

    def take(self, record: Record) -> list[Output]:
        self._left -= 1
        if not self._left:
            raise ZeroDivisionError
        return super().take(record)


def test_a_defect_in_a_muxer_costs_the_rest_of_one_capture(desk: Desk) -> None:
    desk.make = Defective
    write(desk.spool, 1, camera(60.0))
    write(desk.spool, 2, sound(10.0), kind="microphone")
    desk.spool.end(RECORDING, ended(60.0))
    found = desk.finish()
    durations = {track.kind: track.segments[0].duration for track in found.tracks}
    assert 5_000 < durations["camera"] < 15_000
    assert abs(durations["microphone"] - 10_000) < 50
    for _, segment in found.segments():
        data = desk.spool.media(RECORDING, segment.file).read_bytes()
        assert (segment.octets, segment.hash) == (len(data), tree_hash([data]))
    assert desk.events().count("a capture cannot be muxed") == 1


def test_a_muxer_that_cannot_be_kept_is_begun_anew(desk: Desk) -> None:
    class Local(TrackMuxer):
        """Of a class that no pickle can name."""

    desk.make = Local
    write(desk.spool, 1, camera(40.0), end=None)
    desk.read()
    desk.end()
    assert desk.events().count("no checkpoints") == 1
    append(desk, 1, End(MONO + 40, "stopped"))
    desk.spool.end(RECORDING, ended(40.0))
    ((_, segment),) = desk.finish().segments()
    assert abs(segment.duration - 40_000) < 100


# --- trouble with recordings ----------------------------------------------------------------------------


@pytest.mark.parametrize("note", [b"", b"{}", b"\xff", b'{"recording": "other-1"}', b"[" * 100_000])
def test_a_recording_that_makes_no_sense_is_set_aside(tmp_path: Path, note: bytes) -> None:
    desk = Desk(tmp_path, "good-1", "bad-1")
    for _ in range(2):
        folder = desk.folder("", "bad-1")
        folder.mkdir(exist_ok=True)
        (folder / "recording.json").write_bytes(note)
        desk.turn()
        assert not folder.exists()
    assert sorted(path.name for path in (desk.spool.root / "_bad").iterdir()) == ["bad-1.1", "bad-1.2"]
    assert desk.loop.numbers().bad == 2
    desk.spool.end("good-1", ended(1.0))
    desk.finish("good-1")
    desk.kill()


def test_what_cannot_be_set_aside_is_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "good-1", "bad-1")
    (desk.folder("", "bad-1") / "recording.json").write_bytes(b"?")
    (desk.spool.root / "_bad").write_bytes(b"in the way")
    for _ in range(3):
        desk.turn()
    assert desk.events().count("set aside") == 1
    desk.kill()


def test_a_note_of_the_end_that_makes_no_sense_is_an_end(desk: Desk) -> None:
    write(desk.spool, 1, sound(5.0), kind="microphone")
    (desk.folder("") / "ended.json").write_text("{")
    found = desk.finish()
    assert found.reason == "failed"
    assert abs(found.duration - 5_000) < 50
    mended = desk.spool.ended(RECORDING)
    assert mended is not None
    assert (mended.reason, mended.duration) == ("failed", found.duration)


def test_other_things_in_the_spool_are_left_alone(desk: Desk) -> None:
    root = desk.spool.root
    (root / "empty-1").mkdir()
    (root / "file-1").write_bytes(b"")
    (root / "not a recording").mkdir()
    (root / "link-1").symlink_to(root / RECORDING)
    for _ in range(5):
        desk.turn()
    assert {path.name for path in root.iterdir()} == {
        "empty-1",
        "file-1",
        "not a recording",
        "link-1",
        RECORDING,
    }
    desk.spool.end(RECORDING, ended(1.0))
    desk.finish()


def test_a_recording_that_is_thrown_away_is_forgotten(desk: Desk) -> None:
    write(desk.spool, 1, camera(5.0), end=None)
    desk.read()
    assert desk.loop.numbers().recordings == 1
    desk.spool.remove(RECORDING)
    desk.turn()
    assert desk.loop.numbers().recordings == 0
    desk.spool.begin(spooled())
    desk.spool.end(RECORDING, ended(1.0))
    desk.finish()


def test_a_defect_in_our_own_work_is_tried_again_from_the_files(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(desk.spool, 1, sound(5.0), kind="microphone")
    desk.spool.end(RECORDING, ended(5.0))
    with monkeypatch.context() as patch:
        patch.setattr(work.finishing, "complete", lambda *_: 1 / 0)
        for _ in range(4):
            desk.turn(0.3)
        assert desk.events().count("waits") == 1
        assert desk.loop.numbers().failing == 1
        assert not desk.turn()
    desk.finish()
    assert "goes on" in desk.events()
    assert desk.loop.numbers().failing == 0


def test_pauses_get_longer_up_to_a_minute(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []

    def fail(*_: object) -> None:
        tried.append(desk.now)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(work, "read_spooled", fail)
    for _ in range(2_000):
        desk.turn(0.25)
    between = [round(later - before) for before, later in pairwise(tried)]
    assert between[:6] == [1, 2, 4, 8, 16, 32]
    assert set(between[6:]) == {60}
    assert desk.events().count("waits") == 1


def test_a_full_disk_is_waited_for_and_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.now = MONO
    write(desk.spool, 1, camera(30.0))
    with monkeypatch.context() as patch:

        def full(self: Folder, name: str, data: bytes, offset: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(Folder, "write", full)
        for _ in range(20):
            assert not desk.turn(0.25)
        assert desk.loop.numbers().full == 1
        assert desk.said == [("waits", {"recording": RECORDING, "reason": "No space left on device"})]
    desk.read()
    desk.turn(1.0)
    desk.read()
    assert desk.loop.numbers().full == 0
    assert desk.events() == ["waits", "goes on"]
    desk.spool.end(RECORDING, ended(30.0))
    ((_, segment),) = desk.finish().segments()
    assert abs(segment.duration - 30_000) < 100


# --- turns ----------------------------------------------------------------------------------------------


def test_recordings_share_the_time(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "a-1", "b-1", "c-1")
    for name in ("a-1", "c-1"):
        write(desk.spool, 1, camera(60.0), recording=name)
    write(desk.spool, 1, sound(2.0), recording="b-1", kind="microphone")
    desk.spool.end("b-1", ended(2.0))
    assert desk.turn()
    assert desk.spool.stage("b-1") == "done"  # Although the others have minutes before them.
    read = [followed.tail.octets for each in desk.loop._works.values() for followed in each._active]
    assert len(read) == 2
    assert all(recorder.TURN <= octets <= recorder.TURN + PIECE for octets in read)
    desk.kill()


def test_captures_of_a_recording_share_its_turn(desk: Desk) -> None:
    for number in (1, 2):
        write(desk.spool, number, camera(60.0), track=f"t{number}")
    assert desk.turn()
    (work_,) = desk.loop._works.values()
    read = [followed.tail.octets for followed in work_._active]
    assert len(read) == 2
    assert max(read) - min(read) <= PIECE


def test_lag_is_told_once_and_its_end_too(desk: Desk) -> None:
    desk.now = MONO + 60.0
    write(desk.spool, 1, camera(60.0, octets=30_000), end=None)
    assert desk.turn(0.0)
    assert desk.loop.numbers().lag > recorder.BEHIND_S
    desk.turn(0.0)
    assert desk.events() == ["behind"]
    desk.read()
    assert desk.events() == ["behind", "caught up"]
    assert desk.loop.numbers().lag == 0


def test_only_one_has_a_spool(desk: Desk) -> None:
    desk.turn()
    other = Loop(desk.spool.root, lambda *_, **__: None, lambda: 0.0, "boot")
    assert not other.begin()
    desk.end()
    assert other.begin()
    other.end()
