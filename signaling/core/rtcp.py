"""
RTCP (RFC 3550 section 6, RFC 4585, RFC 5104, REMB), strictly read.

Reading a compound either yields every packet in it or raises `MalformedRtcp`: half-believed reports are
worse than none. Types nobody here asks about (XR, APP, unknown feedback) come back as nothing.
Transport-wide feedback is big enough for a file of its own, `transport_cc`; what we send is made in
`rtcp_writer`.
"""

import struct
from dataclasses import dataclass

from signaling.core.rtp import Buffer

# Packet types, and the formats of feedback (RFC 3550 section 12.1, RFC 4585 section 6, RFC 5104 section 4).
SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
NACK_FORMAT, TRANSPORT_CC_FORMAT = 1, 15
PLI_FORMAT, FIR_FORMAT, AFB_FORMAT = 1, 4, 15

MAX_NACKED = 1024  # More than a ring holds is a lie.
MAX_REMB_BPS = 1 << 40  # A terabit is no line; exponents of 63 would not fit what counts and tells it.
_MAX_PACKETS = 64  # A datagram of 1500 bytes has fewer than this that mean something.

HEAD = struct.Struct(">BBH")
U32 = struct.Struct(">I")
PAIR32 = struct.Struct(">II")
PAIR16 = struct.Struct(">HH")
SENDER = struct.Struct(">IQIII")
BLOCK = struct.Struct(">IIIIII")


class MalformedRtcp(ValueError):  # noqa: N818 - it names the datagram, as the counters do
    """The datagram is no RTCP compound. The text says what is wrong with it; the sender is at fault."""


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """Reception of one SSRC. `fraction` and `lost` as on the wire (of 256; signed 24 bits)."""

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    last_sr: int
    delay: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    ntp: int  # 64 bits, 32.32 fixed point
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """SDES, of which only the CNAME is of use."""

    ssrc: int
    cname: str


@dataclass(frozen=True, slots=True)
class Goodbye:
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    sender: int
    media: int
    lost: tuple[int, ...]  # sequence numbers, at most MAX_NACKED


@dataclass(frozen=True, slots=True)
class KeyFrameRequest:
    """PLI, or one entry of a FIR (then with its sequence number)."""

    sender: int
    media: int
    fir_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Remb:
    sender: int
    bps: int  # at most MAX_REMB_BPS
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """The raw body of a transport-cc packet; `transport_cc.parse` reads it."""

    sender: int
    media: int
    body: bytes


Packet = (
    SenderReport | ReceiverReport | Description | Goodbye | Nack | KeyFrameRequest | Remb | TransportFeedback
)


def parse(data: Buffer) -> list[Packet]:
    """Read a compound or reduced-size (RFC 5506) datagram, or raise MalformedRtcp."""
    size = len(data)
    at = 0
    found: list[Packet] = []
    if not size:
        raise MalformedRtcp("empty")
    for _ in range(_MAX_PACKETS):
        if size - at < 4:
            raise MalformedRtcp("cut short")
        first, kind, words = HEAD.unpack_from(data, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > size:
            raise MalformedRtcp("no version 2" if first >> 6 != 2 else "longer than its datagram")
        body = bytes(data[at + 4 : end])
        if first & 0x20:
            body = _without_padding(body, last=end == size)
        reader = _READERS.get(kind)
        if reader is not None:
            found.extend(reader(first & 0x1F, body))
        at = end
        if at == size:
            return found
    raise MalformedRtcp("too many packets")


def _without_padding(body: bytes, *, last: bool) -> bytes:
    padding = body[-1] if body else 0
    if not last or not padding or padding > len(body):  # any size: transport-cc pads by 1 to 3 bytes
        raise MalformedRtcp("padding")
    return body[:-padding]


def _need(body: bytes, size: int) -> None:
    if len(body) < size:
        raise MalformedRtcp("cut short")


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    _need(body, at + 24 * count)
    blocks = []
    for start in range(at, at + 24 * count, 24):
        ssrc, loss, highest, jitter, last_sr, delay = BLOCK.unpack_from(body, start)
        lost = loss & 0xFFFFFF
        lost -= (lost & 0x800000) << 1
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, last_sr, delay))
    return tuple(blocks)


def _read_sr(count: int, body: bytes) -> list[Packet]:
    _need(body, 24)
    ssrc, clock, timestamp, packets, octets = SENDER.unpack_from(body)
    return [SenderReport(ssrc, clock, timestamp, packets, octets, _blocks(body, 24, count))]


def _read_rr(count: int, body: bytes) -> list[Packet]:
    _need(body, 4)
    return [ReceiverReport(U32.unpack_from(body)[0], _blocks(body, 4, count))]


def _read_sdes(count: int, body: bytes) -> list[Packet]:
    found: list[Packet] = []
    at = 0
    for _ in range(count):
        _need(body, at + 5)
        ssrc = U32.unpack_from(body, at)[0]
        at += 4
        while body[at]:
            _need(body, at + 2)
            stop = at + 2 + body[at + 1]
            _need(body, stop + 1)
            if body[at] == 1:
                found.append(Description(ssrc, body[at + 2 : stop].decode("utf-8", "replace")))
            at = stop
        at = (at // 4 + 1) * 4  # at least one null, up to the next word
        _need(body, at)
    return found


def _read_bye(count: int, body: bytes) -> list[Packet]:
    _need(body, 4 * count)
    return [Goodbye(struct.unpack_from(f">{count}I", body))]


def _read_rtpfb(fmt: int, body: bytes) -> list[Packet]:
    _need(body, 8)
    sender, media = PAIR32.unpack_from(body)
    if fmt == TRANSPORT_CC_FORMAT:
        return [TransportFeedback(sender, media, body[8:])]
    if fmt != NACK_FORMAT:
        return []
    lost: list[int] = []
    for at in range(8, len(body), 4):
        first, mask = PAIR16.unpack_from(body, at)
        lost.append(first)
        while mask:
            low = mask & -mask
            lost.append((first + low.bit_length()) & 0xFFFF)
            mask ^= low
        if len(lost) >= MAX_NACKED:
            break
    return [Nack(sender, media, tuple(lost[:MAX_NACKED]))]


def _read_psfb(fmt: int, body: bytes) -> list[Packet]:
    _need(body, 8)
    sender, media = PAIR32.unpack_from(body)
    if fmt == PLI_FORMAT:
        return [KeyFrameRequest(sender, media)]
    if fmt == FIR_FORMAT:
        _need(body, 8 + (len(body) - 8) // 8 * 8)
        entries = range(8, len(body) - 7, 8)
        return [KeyFrameRequest(sender, U32.unpack_from(body, at)[0], body[at + 4]) for at in entries]
    if fmt == AFB_FORMAT and body[8:12] == b"REMB":
        _need(body, 16)
        count, exponent, mantissa = body[12], body[13] >> 2, (body[13] & 3) << 16 | body[14] << 8 | body[15]
        _need(body, 16 + 4 * count)
        bps = min(mantissa << exponent, MAX_REMB_BPS)
        return [Remb(sender, bps, struct.unpack_from(f">{count}I", body, 16))]
    return []


_READERS = {
    SR: _read_sr,
    RR: _read_rr,
    SDES: _read_sdes,
    BYE: _read_bye,
    RTPFB: _read_rtpfb,
    PSFB: _read_psfb,
}
