"""Files of the spool: plain names, ordinary files, nothing outside, nothing half written."""

import os
from pathlib import Path

import pytest

from classroom.recording.folder import Folder, NotPlain


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    with Folder.open(tmp_path) as folder:
        folder.write("a.webm", b"abc", 0)
        folder.write("a.webm", b"XY", 2)
        folder.sync("a.webm")
        assert folder.read("a.webm", 100) == b"abXY"
        assert folder.read("a.webm", 2, 1) == b"bX"
        assert folder.size("a.webm") == 4
        folder.truncate("a.webm", 10)
        folder.truncate("a.webm", 3)
        folder.truncate("none", 3)
        assert folder.size("a.webm") == 3
        folder.remove("a.webm")
        folder.remove("a.webm")
        assert folder.size("a.webm") is None
        assert folder.read("a.webm", 1) is None


def test_a_note_is_there_as_a_whole_and_what_is_left_of_another_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "_new.note.json").write_bytes(b"killed in the middle")
    with Folder.open(tmp_path) as folder:
        assert folder.names() == []
        folder.note("note.json", b"one")
        folder.note("note.json", b"two", durable=False)
        assert folder.names() == ["note.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["note.json"]
    assert (tmp_path / "note.json").read_bytes() == b"two"
    assert (tmp_path / "note.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\0b", ".hidden", "x" * 200])
def test_only_plain_names_are_taken(tmp_path: Path, name: str) -> None:
    with Folder.open(tmp_path) as folder:
        for touch in (
            lambda: folder.read(name, 1),
            lambda: folder.write(name, b"", 0),
            lambda: folder.note(name, b""),
            lambda: folder.folder(name),
            lambda: folder.size(name),
            lambda: folder.remove(name),
        ):
            with pytest.raises(NotPlain):
                touch()


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "file").symlink_to(outside / "secret")
    (inside / "folder").symlink_to(outside)
    with Folder.open(inside) as folder:
        for touch in (
            lambda: folder.read("file", 10),
            lambda: folder.write("file", b"changed", 0),
            lambda: folder.folder("folder"),
            lambda: folder.folder("folder", make=True),
            lambda: folder.size("file"),
        ):
            with pytest.raises(OSError, match=r"file|folder"):
                touch()
        folder.note("file", b"ours now")  # The link is replaced, not followed.
    assert (outside / "secret").read_bytes() == b"secret"
    with pytest.raises(OSError, match="folder"):
        Folder.open(inside / "folder")


def test_a_pipe_in_the_place_of_a_file_does_not_hold_us_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with Folder.open(tmp_path) as folder:
        for touch in (
            lambda: folder.read("pipe", 1),
            lambda: folder.write("pipe", b"x", 0),
            lambda: folder.size("pipe"),
        ):
            with pytest.raises(OSError, match="pipe"):
                touch()


def test_a_closed_folder_is_closed_again_and_folders_are_moved(tmp_path: Path) -> None:
    with Folder.open(tmp_path) as folder:
        folder.folder("one", make=True).close()
        with folder.folder("two", make=True) as two:
            folder.move("one", two, "three")
            assert two.names() == ["three"]
        assert folder.names() == ["two"]
    folder.close()
