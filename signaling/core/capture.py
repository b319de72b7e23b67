"""
The format of a capture: what one peer sent as one kind, as it came, in a file that is only ever appended to.

    file   = MAGIC, u32 length of the head, head (JSON, UTF-8), records
    record = u8 type, u32 length of the body, body, u32 CRC-32 of all before it     (little endian)

A worker that is killed leaves a torn tail and nothing worse: every record says by itself whether it is whole.
A reader takes the file in pieces of any size while it grows. What is in it are RTP payloads with what the
engine knew of them, not datagrams: retransmissions are unwrapped, numbers extended, padding is gone.

    BadCapture   this is no capture, or its head cannot be read
"""

import json
import struct
from typing import Any, Literal, NamedTuple, get_args
from zlib import crc32

from signaling.core.cache import Packet
from signaling.core.model import KINDS, CodecName, Kind
from signaling.core.rtp import Buffer

MAGIC = b"SABAKCAP1\n"
MAX_BODY = 1 << 16  # Octets of a record or a head: more than a datagram holds, and what a reader may keep.

BEST, SMALL, BOTH = 1, 2, 3  # what a layer was captured as, when the packet came
MARKER, KEY, START = 1, 2, 4  # flags of a packet: as in its header; begins a key frame; begins a frame

CODECS: tuple[CodecName, ...] = ("opus", "VP8", "H264")

What = Literal["muted", "unmuted", "overflow"]
Reason = Literal["stopped", "gone", "disk_full", "disk_slow", "failed"]
WHATS: tuple[What, ...] = get_args(What)
REASONS: tuple[Reason, ...] = get_args(Reason)

_CODEC_NUMBERS = {codec: number for number, codec in enumerate(CODECS)}
_WHAT_NUMBERS = {what: number for number, what in enumerate(WHATS)}
_REASON_NUMBERS = {reason: number for number, reason in enumerate(REASONS)}

_RTP, _SENDER, _CLOCK, _MARK, _END = range(1, 6)
_FRAME = struct.Struct("<BI")
_CHECK = struct.Struct("<I")
_LENGTH = struct.Struct("<I")
# An RTP record up to its payload, with the frame before it: packed in one go for every packet that comes.
_RTP_FRAMED = struct.Struct("<BIBBBBHdQI")
_RTP_BODY = struct.Struct("<BBBBHdQI")
_SENDER_BODY = struct.Struct("<BHdQI")
_CLOCK_BODY = struct.Struct("<dd")
_MARK_BODY = struct.Struct("<dB")
_SECONDS = 1e12  # No clock of ours counts so far; what says so is damaged.

MAX_PAYLOAD = MAX_BODY - _RTP_BODY.size


class BadCapture(Exception):  # noqa: N818  Named for what is wrong.
    """What was read is no capture: the magic is another's, or the head is damaged."""


class Head(NamedTuple):
    """
    Whose media it is, and when the file was begun: `mono` (s) and `wall_ms` (since 1970) were read together.

    `boot` says which start of the machine `mono` counts from; all arrivals are of the same clock.
    """

    recording: str
    track: str
    person: str
    kind: Kind
    peer: str
    wall_ms: float
    mono: float
    boot: str
    codec_hint: str = ""
    """What was being sent when the file was begun, if anything was; packets say it themselves."""


class Rtp(NamedTuple):
    """
    One packet of a captured layer, in the order of arrival: `number` (extended) tells its place.

    `epoch` counts changes of SSRC or codec of this `layer`: numbers and timestamps start afresh. An empty
    payload has flags 0 and is padding: its number is not missing, and there is nothing else to it.

    Of H.264 every packet has START: nothing but its timestamp tells where a frame begins. A payload of
    parameter sets may stand before the first packet of a layer, under the number before it.
    """

    role: int
    layer: int
    codec: CodecName
    flags: int
    epoch: int
    arrival: float
    number: int
    timestamp: int
    payload: bytes


class Sender(NamedTuple):
    """The clock of a sender report (RFC 3550 section 6.4.1): `ntp`, in units of 2**-32 s, was `timestamp`."""

    layer: int
    epoch: int
    arrival: float
    ntp: int
    timestamp: int


class Clock(NamedTuple):
    """Our monotonic clock (s) and the wall clock (ms since 1970), read together."""

    mono: float
    wall_ms: float


class Mark(NamedTuple):
    """What happened between packets; "overflow": some are missing here that came and were not kept."""

    arrival: float
    what: What


class End(NamedTuple):
    """The last record of a capture that was ended in good order."""

    arrival: float
    reason: Reason


Record = Rtp | Sender | Clock | Mark | End

Part = tuple[bytes, bytes | None]
"""A packet's record up to its payload, and the payload (see `packet_head`); or a whole record, and None."""


# --- writing --------------------------------------------------------------------------------------------


def encode_head(head: Head) -> bytes:
    """Return the beginning of a file. Raises ValueError if `head` is too long."""
    data = json.dumps(head._asdict(), ensure_ascii=False, allow_nan=False).encode()
    if len(data) > MAX_BODY:
        raise ValueError("the head of a capture is too long")
    return MAGIC + _LENGTH.pack(len(data)) + data


def packet_head(role: int, layer: int, codec: CodecName, epoch: int, packet: Packet) -> bytes:
    """
    Pack the record of `packet` up to its payload; after that comes `check` of both.

    The hot path: the engine calls this, a thread the rest. The payload is at most MAX_PAYLOAD octets.
    """
    return _RTP_FRAMED.pack(
        _RTP,
        26 + len(packet.payload),  # the fixed part of the body, `_RTP_BODY.size`
        role,
        layer,
        _CODEC_NUMBERS[codec],
        packet.marker | packet.key << 1 | packet.start << 2,
        epoch,
        packet.arrival,
        packet.number,
        packet.timestamp,
    )


def check(head: bytes, payload: bytes) -> bytes:
    """Return what ends a record that `packet_head` began."""
    return _CHECK.pack(crc32(payload, crc32(head)))


def encode(record: Record) -> bytes:
    """Return a whole record. Raises ValueError if a payload is too long."""
    match record:
        case Rtp():
            fixed = _RTP_BODY.pack(
                record.role,
                record.layer,
                _CODEC_NUMBERS[record.codec],
                record.flags,
                record.epoch,
                record.arrival,
                record.number,
                record.timestamp,
            )
            return _frame(_RTP, fixed + record.payload)
        case Sender():
            return _frame(_SENDER, _SENDER_BODY.pack(*record))
        case Clock():
            return _frame(_CLOCK, _CLOCK_BODY.pack(*record))
        case Mark():
            return _frame(_MARK, _MARK_BODY.pack(record.arrival, _WHAT_NUMBERS[record.what]))
        case End():
            return _frame(_END, _MARK_BODY.pack(record.arrival, _REASON_NUMBERS[record.reason]))


def _frame(number: int, body: bytes) -> bytes:
    if len(body) > MAX_BODY:
        raise ValueError("a record is too long")
    framed = _FRAME.pack(number, len(body)) + body
    return framed + _CHECK.pack(crc32(framed))


# --- reading --------------------------------------------------------------------------------------------


class Reader:
    """
    Reads a capture in pieces, while it grows or later.

    `offset` is that of the first octet that was not taken: a record's that is not whole yet, or a damaged
    one's. Keeps no more than that record. Nothing is read behind damage: where the next record would begin
    is not known any more, and what came after is worth less than what a wrong guess costs.
    """

    def __init__(self) -> None:
        self.head: Head | None = None
        self.offset = 0
        self.damaged = False
        self._kept = b""

    def feed(self, data: bytes) -> list[Record]:
        """
        Take the next octets of the file; return the records that are whole now.

        Raises BadCapture for a wrong magic or head.
        """
        if self.damaged:
            return []
        data = self._kept + data if self._kept else data
        at = 0
        if self.head is None:
            at = self._read_head(data)
        records: list[Record] = []
        if self.head is not None:
            at = self._read_records(data, at, records)
        self.offset += at
        self._kept = b"" if self.damaged else bytes(data[at:])
        return records

    def _read_head(self, data: bytes) -> int:
        """Return where the records begin, and 0 if the head is not there yet."""
        begins = len(MAGIC)
        if data[:begins] != MAGIC[: len(data)]:
            raise BadCapture("this is no capture")
        if len(data) < begins + _LENGTH.size:
            return 0
        length: int = _LENGTH.unpack_from(data, begins)[0]
        if length > MAX_BODY:
            raise BadCapture("the head of a capture is too long")
        begins += _LENGTH.size
        if len(data) < begins + length:
            return 0
        self.head = decode_head(data[begins : begins + length])
        return begins + length

    def _read_records(self, data: bytes, at: int, records: list[Record]) -> int:
        """Collect whole records from `at`; return where the first begins that is not."""
        end = len(data)
        view = memoryview(data)
        while at + _FRAME.size <= end:
            number, length = _FRAME.unpack_from(data, at)
            if length > MAX_BODY:
                self.damaged = True
                break
            upto = at + _FRAME.size + length
            if upto + _CHECK.size > end:
                break
            record = None
            if crc32(view[at:upto]) == _CHECK.unpack_from(data, upto)[0]:
                record = _decode(number, data, at + _FRAME.size, upto)
            if record is None:
                self.damaged = True
                break
            records.append(record)
            at = upto + _CHECK.size
        return at


def decode_head(data: Buffer) -> Head:
    """Read the JSON of a head. Raises BadCapture."""
    try:
        found: Any = json.loads(bytes(data).decode())
    except (ValueError, RecursionError) as error:
        raise BadCapture("the head of a capture cannot be read") from error
    if not isinstance(found, dict) or found.keys() - {"codec_hint"} != _NEEDED:
        raise BadCapture("the head of a capture is incomplete")
    wrong = [
        name
        for name, value in found.items()
        if not (_is_time(value) if name in ("wall_ms", "mono") else isinstance(value, str))
    ]
    if wrong or found["kind"] not in KINDS:
        raise BadCapture("the head of a capture has wrong values")
    return Head(**found)


_NEEDED = frozenset(Head._fields) - {"codec_hint"}


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15


def _decode(number: int, data: bytes, at: int, upto: int) -> Record | None:
    """Return the record whose body is `data[at:upto]`; None: no worker of ours has written that."""
    try:
        if number == _RTP:
            return _decode_rtp(data, at, upto)
        body = data[at:upto]
        if number == _SENDER:
            return _timely(Sender(*_SENDER_BODY.unpack(body)))
        if number == _CLOCK:
            return _timely(Clock(*_CLOCK_BODY.unpack(body)))
        if number == _MARK:
            arrival, what = _MARK_BODY.unpack(body)
            return _timely(Mark(arrival, WHATS[what]))
        if number == _END:
            arrival, reason = _MARK_BODY.unpack(body)
            return _timely(End(arrival, REASONS[reason]))
    except (struct.error, IndexError):
        return None
    return None


def _decode_rtp(data: bytes, at: int, upto: int) -> Rtp | None:
    if upto - at < _RTP_BODY.size:
        return None
    role, layer, codec, flags, epoch, arrival, number, timestamp = _RTP_BODY.unpack_from(data, at)
    payload = data[at + _RTP_BODY.size : upto]
    if not BEST <= role <= BOTH or number >> 63 or not -_SECONDS < arrival < _SECONDS:
        return None
    return Rtp(role, layer, CODECS[codec], flags, epoch, arrival, number, timestamp, payload)


def _timely(record: Sender | Clock | Mark | End) -> Record | None:
    times = (record.mono, record.wall_ms / 1000) if isinstance(record, Clock) else (record.arrival, 0.0)
    return record if all(-_SECONDS < time < _SECONDS for time in times) else None
