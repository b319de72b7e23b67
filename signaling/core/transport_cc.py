"""
Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).

A publisher numbers all its packets, whatever their SSRC; every 100 ms we tell it when each one arrived.
Chrome's bandwidth estimator lives on it: without it a publisher stays at a fraction of its line.
"""

import struct
from dataclasses import dataclass

from signaling.core.rtcp import RTPFB, TRANSPORT_CC_FORMAT, MalformedRtcp
from signaling.core.sequence import unwrap

MAX_SPAN = 2_000  # Numbers in one round: 100 ms at 20 000 packets a second; more is nonsense.
HISTORY = 4_000  # Arrivals kept, so that late packets can be told in a second round.
_TICK_S = 0.00025  # unit of a delta
_TICKS_PER_REFERENCE = 256  # reference time counts 64 ms
_MAX_PACKET_STATUS = 800  # 800 x 2-byte deltas + chunks stay below a datagram even at the worst

_FIXED = struct.Struct(">HHI")
_HEAD = struct.Struct(">BBHII")
_U16 = struct.Struct(">H")
_S16 = struct.Struct(">h")


class ArrivalLog:
    """
    When numbered packets of one publisher arrived; makes its feedback.

    Bounded: at most HISTORY arrivals; a jump of more than MAX_SPAN starts afresh.
    """

    __slots__ = ("_arrivals", "_highest", "_next", "_round")

    def __init__(self) -> None:
        self._arrivals: dict[int, float] = {}
        self._highest = -1
        self._next = -1  # first number that the next round reports
        self._round = 0

    def add(self, sequence: int, now: float) -> None:
        """Note the arrival of a packet with transport-wide number `sequence` (16 bits)."""
        highest = self._highest
        if highest < 0:
            number = sequence + 65536  # so that packets older than the first stay positive
            self._next = number
        else:
            number = unwrap(highest, sequence)
            if not -MAX_SPAN < number - highest < MAX_SPAN:
                self._arrivals.clear()
                self._next = self._highest = number
        arrivals = self._arrivals
        if number in arrivals:
            return  # The first arrival counts; a replay must not rewrite history.
        arrivals[number] = now
        if number > self._highest:
            self._highest = number
        if number < self._next:
            self._next = number  # Late: report again from here, so that it no longer counts as lost.
        if len(arrivals) > HISTORY:
            del arrivals[next(iter(arrivals))]

    def build(self, sender: int, media: int) -> list[bytes]:
        """Return feedback for everything since the last call; empty when nothing came."""
        packets: list[bytes] = []
        while self._next <= self._highest and self._arrivals:
            body = self._one()
            if body is None:
                break
            padding = -len(body) % 4
            size = (len(body) + padding) // 4 + 2
            first = 0x80 | TRANSPORT_CC_FORMAT | (0x20 if padding else 0)
            tail = b"\0" * (padding - 1) + bytes((padding,)) if padding else b""
            packets.append(_HEAD.pack(first, RTPFB, size, sender, media) + body + tail)
        return packets

    def _one(self) -> bytes | None:
        arrivals = self._arrivals
        start, highest = self._next, self._highest
        while start not in arrivals:  # what is missing before the first arrival
            start += 1
            if start > highest:
                self._next = start
                return None
        base = max(self._next, start - _MAX_PACKET_STATUS // 2)
        reference = int(arrivals[start] / _TICK_S) // _TICKS_PER_REFERENCE
        clock = reference * _TICKS_PER_REFERENCE
        symbols: list[int] = []
        deltas = bytearray()
        number = base
        while number <= highest and len(symbols) < _MAX_PACKET_STATUS:
            arrival = arrivals.get(number)
            number += 1
            if arrival is None:
                symbols.append(0)
                continue
            ticks = int(arrival / _TICK_S)
            delta = ticks - clock
            if not -32768 <= delta <= 32767:
                number -= 1
                break  # The next packet starts with its own reference time.
            clock = ticks
            if 0 <= delta <= 255:
                symbols.append(1)
                deltas.append(delta)
            else:
                symbols.append(2)
                deltas += _S16.pack(delta)
        self._next = number
        head = _FIXED.pack(base & 0xFFFF, len(symbols), (reference & 0xFFFFFF) << 8 | self._round)
        self._round = (self._round + 1) & 0xFF
        return head + _chunks(symbols) + bytes(deltas)


def _chunks(symbols: list[int]) -> bytes:
    chunks = bytearray()
    at, end = 0, len(symbols)
    while at < end:
        run = at + 1
        while run < end and symbols[run] == symbols[at]:
            run += 1
        if run - at >= 7 or run == end:
            chunks += _U16.pack(symbols[at] << 13 | run - at)
            at = run
        elif 2 in symbols[at : at + 14]:
            chunks += _vector(symbols[at : at + 7], 2, 0xC000)
            at += 7
        else:
            chunks += _vector(symbols[at : at + 14], 1, 0x8000)
            at += 14
    return bytes(chunks)


def _vector(symbols: list[int], bits: int, kind: int) -> bytes:
    value = 0
    for symbol in symbols + [0] * (14 // bits - len(symbols)):
        value = value << bits | symbol
    return _U16.pack(kind | value)


@dataclass(frozen=True, slots=True)
class Feedback:
    """Arrival times in seconds (of the receiver's clock, modulo 2^24 x 64 ms) or None for lost packets."""

    base: int
    round: int
    arrivals: tuple[float | None, ...]


def parse(body: bytes) -> Feedback:
    """Read the part after the two SSRCs, or raise MalformedRtcp."""
    if len(body) < 8:
        raise MalformedRtcp("cut short")
    base, count, reference = _FIXED.unpack_from(body)
    symbols, at = _parse_chunks(body, count)
    ticks = (reference >> 8) * _TICKS_PER_REFERENCE
    arrivals: list[float | None] = []
    for symbol in symbols:
        if not symbol:
            arrivals.append(None)
            continue
        if symbol == 3 or at + symbol > len(body):
            raise MalformedRtcp("deltas")
        ticks += body[at] if symbol == 1 else _S16.unpack_from(body, at)[0]
        at += symbol
        arrivals.append(ticks * _TICK_S)
    return Feedback(base, reference & 0xFF, tuple(arrivals))


def _parse_chunks(body: bytes, count: int) -> tuple[list[int], int]:
    symbols: list[int] = []
    at = 8
    while len(symbols) < count:
        if at + 2 > len(body):
            raise MalformedRtcp("cut short")
        chunk = _U16.unpack_from(body, at)[0]
        at += 2
        if chunk < 0x8000:
            symbols += [chunk >> 13] * min(chunk & 0x1FFF, count - len(symbols))
            if not chunk & 0x1FFF:
                raise MalformedRtcp("empty run")
        elif chunk < 0xC000:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
        else:
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
    return symbols[:count], at
