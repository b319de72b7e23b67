"""One segment on disk, written twice where a process began again, to the same effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom.recording import manifest, writing
from classroom.recording.folder import Folder
from classroom.recording.manifest import ENTRY_OCTETS, Segment, read_index, tree_hash
from classroom.recording.writing import SegmentWriter, bears_out, discard

SEGMENT = Segment(id="000001b1", file="000001b1.webm", mime="video/webm", codec="vp8", size="best", start=40)
CLUSTERS = [(bytes([number]) * 700, 40 + 2_000 * number, 2_000, number % 2 == 0) for number in range(9)]
PATCHES = [(2, b"##"), (1_022, b"####"), (6_050, b"#" * 300)]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    with Folder.open(tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "PIECE", 1_024)
    monkeypatch.setattr(writing, "PIECE", 1_024)


def filled(writer: SegmentWriter, upto: int = len(CLUSTERS)) -> SegmentWriter:
    writer.head(b"h" * 100)
    for cluster in CLUSTERS[:upto]:
        writer.cluster(*cluster)
    return writer


def check(folder: Folder, found: Segment) -> None:
    data = folder.read(found.file, 1 << 20) or b""
    expected = bytearray(b"h" * 100 + b"".join(each for each, *_ in CLUSTERS) + b"tail")
    for offset, patch in PATCHES:
        expected[offset : offset + len(patch)] = patch
    assert data == expected
    assert (found.octets, found.hash, found.duration) == (len(data), tree_hash([data]), 18_000)
    index = read_index(folder.read("000001b1.idx", 1 << 20) or b"")
    assert [(entry.t, entry.duration, entry.key) for entry in index[1:]] == [each[1:] for each in CLUSTERS]
    assert [entry.octets for entry in index] == [100] + [700] * 9


def test_a_segment_is_written_patched_and_hashed(folder: Folder) -> None:
    check(folder, filled(SegmentWriter.begin(folder, SEGMENT)).finish(b"tail", PATCHES))


def test_again_after_its_end_it_is_the_same(folder: Folder) -> None:
    for _ in range(3):
        check(folder, filled(SegmentWriter.begin(folder, SEGMENT)).finish(b"tail", PATCHES))


@pytest.mark.parametrize("upto", range(len(CLUSTERS) + 1))
def test_it_goes_on_where_it_was(folder: Folder, upto: int) -> None:
    kept = filled(SegmentWriter.begin(folder, SEGMENT), upto).state
    for more in (upto, min(upto + 2, len(CLUSTERS)), len(CLUSTERS)):
        again = SegmentWriter(folder, kept)  # Each of them is killed, but the last.
        for cluster in CLUSTERS[upto:more]:
            again.cluster(*cluster)
    check(folder, again.finish(b"tail", PATCHES))


@pytest.mark.parametrize("name", ["000001b1.webm", "000001b1.idx"])
@pytest.mark.parametrize("damage", ["cut", "changed", "longer", "gone"])
def test_what_is_there_and_differs_is_written_again(
    folder: Folder, tmp_path: Path, name: str, damage: str
) -> None:
    filled(SegmentWriter.begin(folder, SEGMENT))
    path = tmp_path / name
    data = path.read_bytes()
    middle = len(data) // 2
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {
                "cut": data[:middle],
                "changed": data[:middle] + b"?" + data[middle + 1 :],
                "longer": data + b"?" * 5_000,
            }[damage]
        )
    check(folder, filled(SegmentWriter.begin(folder, SEGMENT)).finish(b"tail", PATCHES))


def test_what_is_there_already_is_not_written_again(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(SegmentWriter.begin(folder, SEGMENT))
    written: list[tuple[str, int]] = []
    write = Folder.write

    def noted(self: Folder, name: str, data: bytes, offset: int) -> None:
        written.append((name, offset))
        write(self, name, data, offset)

    monkeypatch.setattr(Folder, "write", noted)
    filled(SegmentWriter.begin(folder, SEGMENT))
    assert written == [("000001b1.webm", 0)]


def test_without_a_tail_whole_clusters_stay(folder: Folder, tmp_path: Path) -> None:
    writer = filled(SegmentWriter.begin(folder, SEGMENT), 5)
    with (tmp_path / "000001b1.webm").open("ab") as file:
        file.write(b"half a cluster")
    found = writer.abandon()
    data = folder.read(found.file, 1 << 20) or b""
    assert len(data) == 100 + 5 * 700 == found.octets
    assert (found.hash, found.duration) == (tree_hash([data]), 10_000)


def test_what_is_on_disk_is_told(folder: Folder) -> None:
    assert not bears_out(folder, SEGMENT, 1, 0)
    filled(SegmentWriter.begin(folder, SEGMENT))
    octets = 100 + 700 * 9
    assert bears_out(folder, SEGMENT, octets, 10)
    assert not bears_out(folder, SEGMENT, octets + 1, 10)
    assert not bears_out(folder, SEGMENT, octets, 11)
    assert folder.size("000001b1.idx") == 10 * ENTRY_OCTETS


def test_what_is_left_of_earlier_attempts_is_removed(folder: Folder, tmp_path: Path) -> None:
    ours = ("000001b1.webm", "000001b1.idx", "000001b2.webm", "000001s1.idx")
    for name in (*ours, "000010b1.webm", "live.json"):
        (tmp_path / name).touch()
    discard(folder, 1, [SEGMENT])
    assert sorted(folder.names()) == ["000001b1.idx", "000001b1.webm", "000010b1.webm", "live.json"]


def test_an_empty_segment_is_removed(folder: Folder) -> None:
    writer = SegmentWriter.begin(folder, SEGMENT)
    writer.sync()
    writer.head(b"head")
    writer.remove()
    assert folder.names() == []
