"""WebM by its elements: sizes, places, and what is patched at the end."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.recording import opus, webm
from classroom.recording.webm import Block, WebmWriter

Element = tuple[int, int, bytes]  # where it begins, its id, its body


def size_of(data: bytes, at: int) -> tuple[int, int]:
    """Return an EBML size at `at` and where it ends (RFC 8794 section 4)."""
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length]) & (1 << 7 * length) - 1
    return (-1 if value == (1 << 7 * length) - 1 else value), at + length


def elements(data: bytes, base: int = 0) -> list[Element]:
    """Read elements side by side; all must be whole."""
    found, at = [], 0
    while at < len(data):
        begin = at
        length = 9 - data[at].bit_length()
        name = int.from_bytes(data[at : at + length])
        size, at = size_of(data, at + length)
        size = len(data) - at if size < 0 else size
        assert at + size <= len(data)
        found.append((base + begin, name, data[at : at + size]))
        at += size
    return found


def inside(data: bytes, *path: int) -> bytes:
    """Return the body of the first element at `path`."""
    for name in path:
        data = next(body for _, found, body in elements(data) if found == name)
    return data


def written(clusters: list[list[Block]], duration: int) -> tuple[bytes, bytes]:
    """Return a file before and after its end."""
    writer = WebmWriter(webm.picture("V_VP8", 640, 360), 7)
    data = writer.head + b"".join(writer.cluster(blocks) for blocks in clusters)
    assert writer.length == len(data)
    growing = data
    tail, patches = writer.finish(duration)
    whole = bytearray(data + tail)
    for at, patch in patches:
        whole[at : at + len(patch)] = patch
    assert writer.length == len(whole)
    return growing, bytes(whole)


CLUSTERS = [
    [Block(0, 33, True, b"a" * 10), Block(33, 34, False, b"b" * 200)],
    [Block(67, 33, False, b"c")],
    [Block(5_000, 40, True, b"d" * 70_000)],
]


def test_a_file_is_whole_while_it_grows_and_when_it_has_ended() -> None:
    growing, whole = written(CLUSTERS, 5_040)
    for data in (growing, whole):
        names = [name for _, name, _ in elements(inside(data, 0x18538067))]
        assert names[:1] == [0xEC] if data is growing else names[:2] == [0x114D9B74, 0xEC]
        assert names.count(0x1F43B675) == 3
    assert size_of(growing, growing.index(webm.SEGMENT) + 4)[0] == -1
    size, at = size_of(whole, whole.index(webm.SEGMENT) + 4)
    assert at + size == len(whole)
    assert struct.unpack(">d", inside(whole, 0x18538067, 0x1549A966, 0x4489)) == (5_040.0,)
    with pytest.raises(StopIteration):
        inside(growing, 0x18538067, 0x1549A966, 0x4489)


def test_seek_head_and_cues_point_at_what_they_say() -> None:
    _, whole = written(CLUSTERS, 5_040)
    base = size_of(whole, whole.index(webm.SEGMENT) + 4)[1]
    segment = inside(whole, 0x18538067)
    places = {name: at for at, name, _ in elements(segment)}
    for _, _, seek in elements(inside(segment, 0x114D9B74)):
        name, at = inside(seek, 0x53AB), int.from_bytes(inside(seek, 0x53AC))
        assert places[int.from_bytes(name)] == at
        assert whole[base + at :].startswith(name)
    cues = [
        (int.from_bytes(inside(cue, 0xB3)), int.from_bytes(inside(cue, 0xB7, 0xF1)))
        for _, _, cue in elements(inside(segment, 0x1C53BB6B))
    ]
    clusters = [at for at, name, _ in elements(segment) if name == 0x1F43B675]
    assert cues == [(0, clusters[0]), (5_000, clusters[2])]  # decoding cannot begin at the second


def test_blocks_tell_times_keys_and_the_last_its_duration() -> None:
    growing, _ = written(CLUSTERS, 5_040)
    first, second, third = [
        body for _, name, body in elements(inside(growing, 0x18538067)) if name == 0x1F43B675
    ]
    assert int.from_bytes(inside(third, 0xE7)) == 5_000
    assert inside(first, 0xA3) == b"\x81\0\0\x80" + b"a" * 10
    assert inside(first, 0xA0, 0xA1) == b"\x81\0\x21\0" + b"b" * 200
    assert inside(first, 0xA0, 0x9B) == b"\x22"
    assert int.from_bytes(inside(first, 0xA0, 0xFB), signed=True) == -33
    assert int.from_bytes(inside(second, 0xA0, 0xFB), signed=True) == -1
    assert [name for _, name, _ in elements(inside(third, 0xA0))] == [0xA1, 0x9B]  # a key refers to nothing


def test_the_track_says_what_a_decoder_needs() -> None:
    writer = WebmWriter(webm.sound(opus.head(), 2), 9)
    track = inside(writer.head, 0x18538067, 0x1654AE6B, 0xAE)
    assert inside(track, 0x86) == b"A_OPUS"
    assert inside(track, 0x63A2) == opus.head()
    assert int.from_bytes(inside(track, 0x56BB)) == 80_000_000
    assert struct.unpack(">d", inside(track, 0xE1, 0xB5)) == (48_000.0,)
    track = inside(WebmWriter(webm.picture("V_VP8", 640, 360), 7).head, 0x18538067, 0x1654AE6B, 0xAE)
    assert int.from_bytes(inside(track, 0xE0, 0xB0)) == 640


def test_key_frames_all_the_time_do_not_fill_the_cues() -> None:
    _, whole = written([[Block(n * 10, 10, True, b"x")] for n in range(400)], 4_000)
    assert len(elements(inside(whole, 0x18538067, 0x1C53BB6B))) == 10


def test_a_file_without_clusters_ends_without_cues() -> None:
    _, whole = written([], 0)
    assert 0x1C53BB6B not in [name for _, name, _ in elements(inside(whole, 0x18538067))]


@given(st.integers(0, (1 << 21) - 1))
def test_sizes_are_read_back(size: int) -> None:
    data = webm.element(b"\xec", bytes(min(size, 70_000)))
    assert elements(data) == [(0, 0xEC, bytes(min(size, 70_000)))]
    assert size_of(webm._size(size), 0)[0] == size


@given(st.integers(9, 300))
def test_void_takes_its_room(room: int) -> None:
    assert len(webm.void(room)) == room
    assert elements(webm.void(room)) == [(0, 0xEC, bytes(room - 9))]
