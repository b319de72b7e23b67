"""
Fragmented MP4 for H.264, written as a class goes on: a head that says how to decode, then pairs of moof and
mdat, each of which a player can fetch and append by itself. What tells the duration is patched at the end.

The boxes are those of ISO/IEC 14496-12 (and -15 for avc1) that the byte stream format of Media Source
Extensions asks for. Time counts in 1/90000 s, as RTP's does; what comes in is in ms.
"""

import struct
from collections.abc import Sequence

from classroom.recording.webm import Block

SCALE = 90_000  # units of time a second
_MS = SCALE // 1000
_IDENTITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
# Sample flags (ISO/IEC 14496-12 section 8.8.3.1): needs no other, is a sync sample; needs others, is none.
_KEY, _DELTA = 0x02000000, 0x01010000
_LONGEST = 0xFFFFFFFF


def box(name: bytes, *parts: bytes) -> bytes:
    """Return a box."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def full(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box with version and flags."""
    return box(name, struct.pack(">I", version << 24 | flags), *parts)


def mime_of(config: bytes) -> str:
    """Return the MIME type of what an AVCDecoderConfigurationRecord describes (RFC 6381 section 3.3)."""
    return f'video/mp4; codecs="avc1.{config[1:4].hex()}"'


class Mp4Writer:
    """One file of one picture track. `head` comes first, then clusters, then what `finish` says."""

    def __init__(self, config: bytes, width: int, height: int) -> None:
        width, height = min(width, 0xFFFF), min(height, 0xFFFF)
        begin = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6", b"avc1", b"mp41")
        movie = full(
            b"mvhd", 1, 0,
            struct.pack(">QQIQ", 0, 0, 1000, 0), struct.pack(">IH10x", 0x10000, 0x100), _IDENTITY,
            struct.pack(">24xI", 2),
        )  # fmt: skip
        extends = box(
            b"mvex",
            full(b"mehd", 1, 0, struct.pack(">Q", 0)),
            full(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0)),
        )
        self.head = begin + box(b"moov", movie, _track(config, width, height), extends)
        self.length = len(self.head)
        self._count = 0
        self._durations = [
            self.head.index(b"mvhd") + 4 + 4 + 8 + 8 + 4,
            self.head.index(b"tkhd") + 4 + 4 + 8 + 8 + 4 + 4,
            self.head.index(b"mdhd") + 4 + 4 + 8 + 8 + 4,
            self.head.index(b"mehd") + 4 + 4,
        ]

    def cluster(self, blocks: Sequence[Block]) -> bytes:
        """Return moof and mdat of at least one frame, in the order of time."""
        self._count += 1
        samples = b"".join(
            struct.pack(
                ">III", min(block.duration * _MS, _LONGEST), len(block.data), _KEY if block.key else _DELTA
            )
            for block in blocks
        )
        # flags: default-base-is-moof; data offset, durations, sizes and flags of each sample
        header = full(b"mfhd", 0, 0, struct.pack(">I", self._count))
        track = full(b"tfhd", 0, 0x020000, struct.pack(">I", 1))
        time = full(b"tfdt", 1, 0, struct.pack(">Q", blocks[0].t * _MS))
        room = 8 + len(header) + 8 + len(track) + len(time) + 20 + len(samples)  # of the moof
        run = full(b"trun", 0, 0x000701, struct.pack(">Ii", len(blocks), room + 8), samples)
        data = box(b"moof", header, box(b"traf", track, time, run)) + box(
            b"mdat", *(block.data for block in blocks)
        )
        self.length += len(data)
        return data

    def finish(self, duration: int) -> tuple[bytes, list[tuple[int, bytes]]]:
        """Return what is to be appended (nothing), and [(offset, octets)] to be written over."""
        movie, fine = struct.pack(">Q", duration), struct.pack(">Q", duration * _MS)
        told = (movie, movie, fine, movie)
        return b"", list(zip(self._durations, told, strict=True))


def _track(config: bytes, width: int, height: int) -> bytes:
    entry = box(
        b"avc1",
        struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 24, -1),
        box(b"avcC", config),
    )
    empty = struct.pack(">I", 0)
    table = box(
        b"stbl",
        full(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full(b"stts", 0, 0, empty),
        full(b"stsc", 0, 0, empty),
        full(b"stsz", 0, 0, empty, empty),
        full(b"stco", 0, 0, empty),
    )
    here = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), full(b"url ", 0, 1)))
    media = box(
        b"mdia",
        full(b"mdhd", 1, 0, struct.pack(">QQIQ", 0, 0, SCALE, 0), struct.pack(">HH", 0x55C4, 0)),  # "und"
        full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide"), b"Sabak\0"),
        box(b"minf", full(b"vmhd", 0, 1, bytes(8)), here, table),
    )
    # flags: enabled, in the movie, in its preview
    header = full(
        b"tkhd", 1, 7,
        struct.pack(">QQIIQ8xHHHH", 0, 0, 1, 0, 0, 0, 0, 0, 0), _IDENTITY,
        struct.pack(">II", width << 16, height << 16),
    )  # fmt: skip
    return box(b"trak", header, media)
