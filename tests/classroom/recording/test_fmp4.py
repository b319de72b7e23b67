"""Fragmented MP4 by its boxes: times, flags, places of samples, and what is patched at the end."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from classroom.recording.fmp4 import Mp4Writer, mime_of
from classroom.recording.h264 import configuration
from classroom.recording.webm import Block

CONFIG = configuration(b"\x67\x42\xc0\x1e\xaa", [b"\x68\xce\x3c\x80"])
HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf", b"dinf")


def boxes(data: bytes, base: int = 0) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield (name, where it begins, body) of all boxes, those within others too; all must be whole."""
    at = 0
    while at < len(data):
        size = struct.unpack_from(">I", data, at)[0]
        assert 8 <= size <= len(data) - at
        name = data[at + 4 : at + 8]
        yield name, base + at, data[at + 8 : at + size]
        if name in HOLDERS:
            yield from boxes(data[at + 8 : at + size], base + at + 8)
        at += size


def test_the_head_tells_how_to_decode() -> None:
    writer = Mp4Writer(CONFIG, 640, 360)
    found = {name: body for name, _, body in boxes(writer.head)}
    assert {
        b"ftyp",
        b"moov",
        b"mvhd",
        b"tkhd",
        b"mdhd",
        b"hdlr",
        b"vmhd",
        b"dref",
        b"stsd",
        b"trex",
        b"mehd",
    } <= set(found)
    assert CONFIG in found[b"stsd"]
    assert struct.unpack_from(">HH", found[b"stsd"], 8 + 8 + 24) == (640, 360)
    assert found[b"tkhd"][-8:] == struct.pack(">II", 640 << 16, 360 << 16)
    assert [len(found[name]) for name in (b"mvhd", b"tkhd", b"mdhd", b"mehd", b"trex")] == [
        112,
        96,
        36,
        12,
        24,
    ]
    assert writer.length == len(writer.head)


def test_clusters_tell_times_and_where_samples_are() -> None:
    writer = Mp4Writer(CONFIG, 640, 360)
    blocks = [Block(2_000, 33, True, b"k" * 100), Block(2_033, 40, False, b"d" * 7)]
    first, second = writer.cluster(blocks), writer.cluster([Block(2_073, 33, False, b"x")])
    assert writer.length == len(writer.head) + len(first) + len(second)
    found = {name: (at, body) for name, at, body in boxes(first)}
    assert struct.unpack(">IQ", found[b"tfdt"][1]) == (1 << 24, 2_000 * 90)
    flags, count, offset = struct.unpack_from(">IIi", found[b"trun"][1])
    assert (flags, count) == (0x701, 2)
    assert first[offset:] == b"k" * 100 + b"d" * 7
    assert found[b"mdat"][0] + 8 == offset
    samples = list(struct.iter_unpack(">III", found[b"trun"][1][12:]))
    assert samples == [(33 * 90, 100, 0x02000000), (40 * 90, 7, 0x01010000)]
    numbers = [
        struct.unpack(">II", body)[1]
        for data in (first, second)
        for n, _, body in boxes(data)
        if n == b"mfhd"
    ]
    assert numbers == [1, 2]


def test_the_duration_is_patched_where_it_is_told() -> None:
    writer = Mp4Writer(CONFIG, 640, 360)
    tail, patches = writer.finish(61_500)
    assert tail == b""
    data = bytearray(writer.head)
    for at, patch in patches:
        data[at : at + len(patch)] = patch
    found = {name: body for name, _, body in boxes(bytes(data))}
    assert struct.unpack_from(">IQ", found[b"mvhd"], 20) == (1_000, 61_500)
    assert struct.unpack_from(">IQ", found[b"mdhd"], 20) == (90_000, 61_500 * 90)
    assert struct.unpack_from(">IIQ", found[b"tkhd"], 20) == (1, 0, 61_500)
    assert struct.unpack_from(">IQ", found[b"mehd"]) == (1 << 24, 61_500)


def test_the_mime_type_names_profile_and_level() -> None:
    assert mime_of(CONFIG) == 'video/mp4; codecs="avc1.42c01e"'
