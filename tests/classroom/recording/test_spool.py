"""What program and recorder tell each other by files, from beginning to end, and twice where it may be."""

from pathlib import Path

import pytest

from classroom.recording import spool
from classroom.recording.folder import Folder
from classroom.recording.manifest import Ended, Gap, Manifest, Spooled, encode
from classroom.recording.spool import BadSpool, Spool

SPOOLED = Spooled(
    recording="c_1-2", class_id="c_1", number=2, title="Алгебра", started_at=5, mono=1.5, boot="b"
)
ENDED = Ended(ended_at=90, duration=85, reason="stopped", gaps=(Gap(start=1, end=2, why="paused"),))
MANIFEST = Manifest(recording="c_1-2", class_id="c_1", number=2, title="Алгебра", started_at=5)


@pytest.fixture
def made(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "data" / "spool")
    made.prepare()
    made.prepare()
    return made


def test_a_recording_from_its_beginning_to_its_removal(made: Spool) -> None:
    assert made.stage("c_1-2") == "new"
    assert made.recordings() == []
    for _ in range(2):
        made.begin(SPOOLED)
        assert made.stage("c_1-2") == "open"
    assert made.recordings() == ["c_1-2"]
    assert made.spooled("c_1-2") == SPOOLED
    assert made.ended("c_1-2") is None
    assert made.manifest("c_1-2") is None

    (made.media("c_1-2", spool.LIVE)).write_bytes(encode(MANIFEST))
    assert made.manifest("c_1-2") == MANIFEST

    made.end("c_1-2", ENDED)
    made.end("c_1-2", Ended(ended_at=1, duration=1, reason="other"))
    assert made.stage("c_1-2") == "ended"
    assert made.ended("c_1-2") == ENDED

    package = made.root / "c_1-2" / spool.PACKAGE
    package.mkdir()
    assert made.stage("c_1-2") == "ended"
    (package / spool.MANIFEST).write_bytes(
        encode(
            Manifest(
                **{name: getattr(MANIFEST, name) for name in MANIFEST.__struct_fields__} | {"version": 1}
            )
        )
    )
    assert made.manifest("c_1-2") == MANIFEST
    (package / spool.DONE).touch()
    assert made.stage("c_1-2") == "done"
    found = made.manifest("c_1-2")
    assert found is not None
    assert found.version == 1

    made.remove("c_1-2")
    made.remove("c_1-2")
    assert made.stage("c_1-2") == "new"
    assert made.recordings() == []


def test_captures_are_numbered_from_one_and_other_files_do_not_count(made: Spool) -> None:
    made.begin(SPOOLED)
    assert made.last_capture("c_1-2") == 0
    assert made.capture_path("c_1-2", 1) == made.root / "c_1-2" / "capture" / "000001.cap"
    for name in ("000001.cap", "000012.cap", "000000.cap", "13.cap", "000099.cap.bak"):
        (made.root / "c_1-2" / "capture" / name).touch()
    assert made.last_capture("c_1-2") == 12
    for number in (0, 1_000_000):
        with pytest.raises(ValueError, match="numbered"):
            made.capture_path("c_1-2", number)


def test_what_makes_no_sense_is_told(made: Spool) -> None:
    made.begin(SPOOLED)
    with pytest.raises(BadSpool, match="another class"):
        made.begin(
            Spooled(recording="c_1-2", class_id="c_2", number=2, title="", started_at=5, mono=1, boot="b")
        )
    folder = made.root / "c_1-2"
    (folder / spool.ENDED).write_text('{"ended_at": "yesterday"}')
    with pytest.raises(BadSpool, match=r"ended\.json"):
        made.ended("c_1-2")
    (folder / "media" / spool.LIVE).write_text("{")
    with pytest.raises(BadSpool, match="manifest"):
        made.manifest("c_1-2")
    (folder / spool.SPOOLED).write_text(encode(SPOOLED).decode().replace("c_1-2", "c_1-3"))
    with pytest.raises(BadSpool, match="speaks of"):
        made.spooled("c_1-2")
    with pytest.raises(BadSpool, match=r"recording\.json"):
        made.spooled("c_9-9")


@pytest.mark.parametrize("name", ["../x-1", "c_1", "c_1-0", "_bad", "c/d-1", ""])
def test_only_names_of_recordings_are_taken(made: Spool, name: str) -> None:
    assert not spool.is_recording(name)
    for step in (made.stage, made.spooled, made.remove, made.last_capture, lambda n: made.end(n, ENDED)):
        with pytest.raises(ValueError, match="no recording"):
            step(name)


def test_an_open_folder_is_read_the_same_way(made: Spool) -> None:
    made.begin(SPOOLED)
    with Folder.open(made.root / "c_1-2") as folder:
        assert spool.read_spooled(folder, "c_1-2") == SPOOLED
        assert spool.read_ended(folder, "c_1-2") is None
        made.end("c_1-2", ENDED)
        assert spool.read_ended(folder, "c_1-2") == ENDED
        folder.remove(spool.SPOOLED)
        assert spool.read_spooled(folder, "c_1-2") is None
