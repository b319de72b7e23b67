"""What a recording is, written and read again; damage is told, not guessed around."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.recording import manifest
from classroom.recording.manifest import (
    PIECE,
    BadManifest,
    Ended,
    Gap,
    IndexEntry,
    Manifest,
    Segment,
    Spooled,
    Track,
    TreeHash,
)

SEGMENT = Segment(
    id="000001b1", file="000001b1.webm", mime='video/webm; codecs="vp8"', codec="vp8", size="best", start=40
)
MANIFEST = Manifest(
    recording="c_1-1",
    class_id="c_1",
    number=1,
    title="Алгебра",
    started_at=5,
    tracks=(Track(id="t1", person="u_1", kind="camera", segments=(SEGMENT,)),),
)


def test_notes_come_back_as_they_were() -> None:
    spooled = Spooled(recording="c_1-1", class_id="c_1", number=1, title="", started_at=1, mono=2.5, boot="b")
    ended = Ended(ended_at=9, duration=8, reason="ended", gaps=(Gap(start=1, end=2, why="paused"),))
    assert manifest.decode_spooled(manifest.encode(spooled)) == spooled
    assert manifest.decode_ended(manifest.encode(ended)) == ended
    assert manifest.decode_manifest(manifest.encode(MANIFEST)) == MANIFEST
    assert list(MANIFEST.segments()) == [(MANIFEST.tracks[0], SEGMENT)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c_1-1", "../c-1"),
        ("000001b1.webm", "../../etc/passwd"),
        ('"format": 1', '"format": 2'),
        ('"start": 40', '"start": -1'),
        ('"version"', '"surplus"'),
        ("{", "", ),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(old: str, new: str) -> None:
    text = manifest.encode(MANIFEST).decode()
    assert old in text
    with pytest.raises(BadManifest):
        manifest.decode_manifest(text.replace(old, new, 1).encode())


def test_an_index_is_read_up_to_its_torn_end() -> None:
    entries = [
        IndexEntry(offset=0, octets=100, t=0, duration=0, key=False, init=True),
        IndexEntry(offset=100, octets=50, t=40, duration=2000, key=True),
        IndexEntry(offset=150, octets=70, t=2040, duration=900, key=False),
    ]
    data = b"".join(map(manifest.pack_index, entries))
    assert manifest.read_index(data) == entries
    assert manifest.read_index(data[:-1]) == entries[:2]
    assert manifest.read_index(b"") == []


def test_an_index_out_of_order_is_none() -> None:
    first = manifest.pack_index(IndexEntry(offset=0, octets=9, t=0, duration=0, key=False, init=True))
    for second in (
        IndexEntry(offset=8, octets=9, t=0, duration=0, key=True),
        IndexEntry(offset=9, octets=9, t=0, duration=0, key=False, init=True),
    ):
        with pytest.raises(BadManifest):
            manifest.read_index(first + manifest.pack_index(second))
    with pytest.raises(BadManifest):
        manifest.read_index(manifest.pack_index(IndexEntry(offset=0, octets=9, t=0, duration=0, key=True)))


@given(st.lists(st.binary(max_size=5000), max_size=8))
def test_a_hash_does_not_depend_on_how_a_file_is_cut(parts: list[bytes]) -> None:
    assert manifest.tree_hash(parts) == manifest.tree_hash([b"".join(parts)])


def test_a_patched_piece_is_hashed_again_by_itself() -> None:
    data = bytearray(b"x" * (PIECE + 10))
    tree = TreeHash()
    tree.update(data)
    before = tree.hexdigest()
    data[3] = 0
    tree.replace(0, bytes(data[:PIECE]))
    assert tree.hexdigest() == manifest.tree_hash([bytes(data)]) != before
