"""
WebM, written as a class goes on: every cluster is whole and of known size when it is appended, so that a
player can fetch and append it by itself, and what stands in front is patched once the file ends.

    EBML head | Segment [ SeekHead or its room | Info | Tracks | Cluster ... | Cues ]

The elements are those of RFC 9559 (Matroska) that the WebM guidelines allow. Times are whole milliseconds.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

EBML, SEGMENT, SEEK_HEAD, VOID = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x11\x4d\x9b\x74", b"\xec"
INFO, TRACKS, CLUSTER, CUES = (
    b"\x15\x49\xa9\x66",
    b"\x16\x54\xae\x6b",
    b"\x1f\x43\xb6\x75",
    b"\x1c\x53\xbb\x6b",
)

MAX_SPAN_MS = 32_767  # A block tells its time in 16 bits, with a sign, from its cluster's.
_UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"  # a size: up to the end (RFC 8794 section 6.2)
_SEEK_ROOM = 96  # Octets for a SeekHead of three entries, which takes 5 + 3 * 21.
_NANOSECONDS = 1_000_000  # of a unit of time: 1 ms
# How long a decoder of Opus needs to find its feet after a seek (RFC 7845 section 4.6).
_SEEK_PRE_ROLL_NS = 80_000_000
_CUES_APART_MS = 400  # Of frames that are all key frames not each needs to be found at once.
_SIMPLE = struct.Struct(">BIBhB")  # SimpleBlock, size, track, time, flags
_KEY = 0x80


class Block(NamedTuple):
    """A frame in a cluster; `t` and `duration` in ms, `t` from the file's beginning."""

    t: int
    duration: int
    key: bool
    data: bytes


def element(name: bytes, body: bytes) -> bytes:
    """Return an element with its size in the fewest octets."""
    return name + _size(len(body)) + body


def _size(value: int) -> bytes:
    length = 1
    while value >= (1 << 7 * length) - 1:  # all ones mean "unknown"
        length += 1
    return (value | 1 << 7 * length).to_bytes(length)


def _number(name: bytes, value: int) -> bytes:
    return element(name, value.to_bytes(max((value.bit_length() + 7) // 8, 1)))


def _real(name: bytes, value: float) -> bytes:
    return element(name, struct.pack(">d", value))


def _text(name: bytes, value: str) -> bytes:
    return element(name, value.encode())


def void(room: int) -> bytes:
    """Return what takes `room` octets (at least 9) and says nothing."""
    return VOID + (room - 9 | 1 << 56).to_bytes(8) + bytes(room - 9)


def picture(codec: str, width: int, height: int) -> bytes:
    """Return the parts of a track entry that are about a picture (in pixels)."""
    video = _number(b"\xb0", width) + _number(b"\xba", height)
    return _number(b"\x83", 1) + _text(b"\x86", codec) + element(b"\xe0", video)


def sound(private: bytes, channels: int) -> bytes:
    """Return the parts of a track entry that are about sound in Opus; `private` is its header."""
    audio = _real(b"\xb5", 48_000.0) + _number(b"\x9f", channels)
    return (
        _number(b"\x83", 2)
        + _text(b"\x86", "A_OPUS")
        + element(b"\x63\xa2", private)
        + _number(b"\x56\xaa", 0)  # CodecDelay: no samples are to be skipped
        + _number(b"\x56\xbb", _SEEK_PRE_ROLL_NS)
        + element(b"\xe1", audio)
    )


class WebmWriter:
    """
    One file of one track. `head` comes first, then clusters, then what `finish` says.

    `uid` is any number but 0 that tells the track from others.
    """

    def __init__(self, track: bytes, uid: int) -> None:
        begin = element(
            EBML,
            _number(b"\x42\x86", 1)
            + _number(b"\x42\xf7", 1)
            + _number(b"\x42\xf2", 4)
            + _number(b"\x42\xf3", 8)
            + _text(b"\x42\x82", "webm")
            + _number(b"\x42\x87", 4)
            + _number(b"\x42\x85", 2),
        )
        self._size_at = len(begin) + len(SEGMENT)
        self._base = self._size_at + len(_UNKNOWN)  # what positions in the segment count from
        info = (
            _number(b"\x2a\xd7\xb1", _NANOSECONDS)
            + _text(b"\x4d\x80", "Sabak")
            + _text(b"\x57\x41", "Sabak")
            + void(11)  # where Duration will be: 2 + 1 + 8 octets
        )
        entry = _number(b"\xd7", 1) + _number(b"\x73\xc5", uid) + _number(b"\x9c", 0) + track
        self._info_at = self._base + _SEEK_ROOM
        informed = element(INFO, info)
        self._duration_at = self._info_at + len(informed) - 11
        self._tracks_at = self._info_at + len(informed)
        self.head = (
            begin
            + SEGMENT
            + _UNKNOWN
            + void(_SEEK_ROOM)
            + informed
            + element(TRACKS, element(b"\xae", entry))
        )
        self.length = len(self.head)
        self._cues: list[tuple[int, int]] = []  # time and position of clusters that decoding can begin at

    def cluster(self, blocks: Sequence[Block]) -> bytes:
        """
        Return a cluster of at least one block, within MAX_SPAN_MS, in the order of time.

        The last block tells its duration: a player must not wait for the next cluster to know it.
        """
        start = blocks[0].t
        body = [_number(b"\xe7", start)]
        for block in blocks[:-1]:
            flags = _KEY if block.key else 0
            body.append(
                _SIMPLE.pack(0xA3, 0x10000000 | len(block.data) + 4, 0x81, block.t - start, flags)
                + block.data
            )
        body.append(_group(blocks[-1], start, blocks[-1].t - blocks[-2].t if len(blocks) > 1 else 0))
        data = element(CLUSTER, b"".join(body))
        if blocks[0].key and (not self._cues or start - self._cues[-1][0] >= _CUES_APART_MS):
            self._cues.append((start, self.length - self._base))
        self.length += len(data)
        return data

    def finish(self, duration: int) -> tuple[bytes, list[tuple[int, bytes]]]:
        """Return what is to be appended, and [(offset, octets)] to be written over; `duration` in ms."""
        points = [
            element(
                b"\xbb", _number(b"\xb3", t) + element(b"\xb7", _number(b"\xf7", 1) + _number(b"\xf1", at))
            )
            for t, at in self._cues
        ]
        tail = element(CUES, b"".join(points)) if points else b""
        places = [(INFO, self._info_at), (TRACKS, self._tracks_at)] + (
            [(CUES, self.length)] if points else []
        )
        seeks = [
            element(b"\x4d\xbb", element(b"\x53\xab", name) + _number(b"\x53\xac", at - self._base))
            for name, at in places
        ]
        seek_head = element(SEEK_HEAD, b"".join(seeks))
        self.length += len(tail)
        return tail, [
            (self._size_at, (self.length - self._base | 1 << 56).to_bytes(8)),
            (self._base, seek_head + void(_SEEK_ROOM - len(seek_head))),
            (self._duration_at, _real(b"\x44\x89", float(duration))),
        ]


def _group(block: Block, start: int, before: int) -> bytes:
    """Return a BlockGroup: a block with its duration. No key: it refers to the block `before` it (ms)."""
    inside = struct.pack(">Bhb", 0x81, block.t - start, 0) + block.data
    parts = element(b"\xa1", inside) + _number(b"\x9b", block.duration)
    if not block.key:
        back = max(before, 1)
        parts += element(b"\xfb", (-back).to_bytes(back.bit_length() // 8 + 1, signed=True))
    return element(b"\xa0", parts)
