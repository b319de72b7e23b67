"""
What workers tell one another about the publishers of a class that they share.

A datagram is a row of records, each about one publisher, who is known by a key that the program gave.
Its own worker pipes packets (what is left of RTP once it has been read, judged and counted: the far end
need not learn SSRCs, which browsers explain only once) and what sender reports tell. The others ask back
for key frames and say how large their viewers wish to see. All may be lost: packets are missed like on any
line, the rest is said again. Both ends are one program on one machine, with one monotonic clock.
"""

import struct
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from signaling.core.cache import Packet
from signaling.core.model import KINDS, CodecName, Kind
from signaling.core.rtp import Buffer
from signaling.core.source import Layer

DATAGRAM = 32_768  # What a Unix socket takes in one piece without straining the kernel's allocator.
# Octets that wait for a worker that does not read: a quarter of a second of ten cameras. What is older than
# that is no use to a live picture, so a full box drops what comes, and counts it.
WAITING = 1 << 20

MOST_PARTS = 512  # of a datagram; the system takes 1,024 (IOV_MAX)

MARKER, REPLAY = 1, 2  # flags of a packet; REPLAY: from the cache, for a ring alone
UNTOLD = 128  # loudness (-dBov, 127 is silence) of somebody whose client does not tell it
CODECS: tuple[CodecName, ...] = ("opus", "VP8", "H264")

_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_CODEC_NUMBERS = {codec: number << 4 for number, codec in enumerate(CODECS)}

_PACKET, _REPORT, _ASK, _WISH = range(1, 5)
# Each begins with its type, its place (kind, layer and codec), the octets after its fixed part, and the key.
_PACKET_HEAD = struct.Struct("!BBHIBBIIq")
_REPORT_HEAD = struct.Struct("!BBHIIIddd")
_ASK_HEAD = struct.Struct("!BBHIBB")
_WISH_HEAD = struct.Struct("!BBHIBH")
_MAX_HEIGHT = 0xFFFF


class MalformedPipeError(ValueError):
    """Octets that no worker of ours has written."""


class Piped(NamedTuple):
    """One packet of a layer. An empty payload is a number that carries nothing to miss."""

    key: int
    place: int
    flags: int
    loudness: int
    ssrc: int
    timestamp: int
    number: int
    payload: bytes


class Report(NamedTuple):
    """A layer's last sender report (`ntp` and `timestamp`, heard `at`), and the clock of its publisher."""

    key: int
    place: int
    ssrc: int
    timestamp: int
    ntp: float
    at: float
    offset: float


class Ask(NamedTuple):
    """Worker `shard` needs a key frame of a layer; `cached`: the last one would do, with all after it."""

    key: int
    place: int
    shard: int
    cached: bool


class HeightWish(NamedTuple):
    """How high the viewers at worker `shard` wish to see a publisher's kind, in pixels; 0: not at all."""

    key: int
    place: int
    shard: int
    height: int


Record = Piped | Report | Ask | HeightWish


def place_of(layer: Layer) -> int:
    """Return kind, index and codec of a layer as one number."""
    return place(layer.source.kind, layer.index, layer.codec)


def place(kind: Kind, index: int = 0, codec: CodecName = "opus") -> int:
    return _KIND_NUMBERS[kind] | index << 2 | _CODEC_NUMBERS[codec]


def kind_at(number: int) -> Kind:
    return KINDS[number & 3]


def index_at(number: int) -> int:
    return number >> 2 & 3


def codec_at(number: int) -> CodecName:
    return CODECS[number >> 4]


def packet_head(
    key: int, layer: Layer, found: Packet, loudness: int | None, size: int, *, replay: bool
) -> bytes:
    """Pack what stands before the payload of a packet; its `size` is 0 when it is not for anybody."""
    flags = (MARKER if found.marker else 0) | (REPLAY if replay else 0)
    told = UNTOLD if loudness is None else loudness
    spot = _KIND_NUMBERS[layer.source.kind] | layer.index << 2 | _CODEC_NUMBERS[layer.codec]
    timestamp, number = found.timestamp, found.number
    return _PACKET_HEAD.pack(_PACKET, spot, size, key, flags, told, layer.ssrc, timestamp, number)


def report(key: int, layer: Layer, offset: float) -> bytes:
    """Pack what the sender reports of a layer have told."""
    return _REPORT_HEAD.pack(
        _REPORT, place_of(layer), 0, key, layer.ssrc, layer.sr_timestamp, layer.sr_ntp, layer.sr_at, offset
    )


def ask(key: int, layer: Layer, shard: int, *, cached: bool) -> bytes:
    """Pack the wish for a key frame."""
    return _ASK_HEAD.pack(_ASK, place_of(layer), 0, key, shard, cached)


def wish(key: int, kind: Kind, shard: int, height: int) -> bytes:
    """Pack the wish for a height."""
    return _WISH_HEAD.pack(_WISH, place(kind), 0, key, shard, min(height, _MAX_HEIGHT))


def parse(data: Buffer) -> Iterator[Record]:
    """Yield the records of a datagram, up to the first that is none: MalformedPipeError."""
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        try:
            if kind == _PACKET:
                _, spot, size, key, flags, loudness, ssrc, timestamp, number = _PACKET_HEAD.unpack_from(
                    data, at
                )
                at += _PACKET_HEAD.size
                payload = bytes(data[at : at + size])
                if len(payload) != size or number < 0:
                    raise MalformedPipeError("a packet that is cut off")
                at += size
                found: Record = Piped(key, spot, flags, loudness, ssrc, timestamp, number, payload)
            elif kind == _REPORT:
                _, spot, _, *rest = _REPORT_HEAD.unpack_from(data, at)
                found = Report(rest[0], spot, *rest[1:])
                at += _REPORT_HEAD.size
            elif kind == _ASK:
                _, spot, _, key, shard, cached = _ASK_HEAD.unpack_from(data, at)
                found = Ask(key, spot, shard, bool(cached))
                at += _ASK_HEAD.size
            elif kind == _WISH:
                _, spot, _, key, shard, height = _WISH_HEAD.unpack_from(data, at)
                found = HeightWish(key, spot, shard, height)
                at += _WISH_HEAD.size
            else:
                raise MalformedPipeError(f"a record of type {kind}")
        except struct.error as error:
            raise MalformedPipeError("a record that is cut off") from error
        if spot >> 4 >= len(CODECS):
            raise MalformedPipeError(f"a place {spot}")
        yield found


class Outbox:
    """
    Records for one worker, in datagrams; while they wait for it they are packed together.

    Bounded by WAITING octets; what comes then is dropped and counted in `dropped`. A datagram is a list of
    its parts, which other boxes may hold too: nothing is copied on the way to the system.
    """

    __slots__ = ("_datagrams", "_size", "_sizes", "dropped")

    def __init__(self) -> None:
        self._datagrams: deque[list[bytes]] = deque()
        self._sizes: deque[int] = deque()
        self._size = 0
        self.dropped = 0

    def __len__(self) -> int:
        return self._size

    def add(self, head: bytes, payload: bytes = b"") -> None:
        """Take a record: `head`, or that and the payload of a packet."""
        size = len(head) + len(payload)
        if self._size + size > WAITING:
            self.dropped += 1
            return
        self._size += size
        sizes = self._sizes
        if sizes and sizes[-1] + size <= DATAGRAM and len(self._datagrams[-1]) < MOST_PARTS:
            sizes[-1] += size
            self._datagrams[-1] += (head, payload)
        else:
            sizes.append(size)
            self._datagrams.append([head, payload])

    def first(self) -> list[bytes] | None:
        """Return the datagram to send next; it stays until `sent`."""
        return self._datagrams[0] if self._datagrams else None

    def sent(self) -> None:
        """The first datagram is on its way, or will never be."""
        self._datagrams.popleft()
        self._size -= self._sizes.popleft()
