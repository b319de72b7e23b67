"""
The same few packets for many peers, through the table of a UDP port.

A frame of a picture is several packets of one size, and each viewer gets all of them. Put side by side they
leave as one message that the kernel, or the network card, cuts into datagrams again (UDP_SEGMENT of Linux
4.18): one way through the system instead of one for each, which is where half of a packet's price was
(measured). What cannot be cut so, say because a path is narrower than a packet, is sent one by one.

Headers, lengths and places are the same for everybody, so `lay_out` writes them once; for a peer only the
sealed payloads and the address are new.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from collections.abc import Sequence
from typing import Any, Final

from signaling.rtc.port import SEND_BATCH, Congested, Counters
from signaling.rtc.table import SLOT, WORDS, Message, Table

MAX_BURST: Final = 16  # Packets of one peer side by side; a longer run saves next to nothing more.

DONT_WAIT: Final = int(socket.MSG_DONTWAIT)
_UDP_SEGMENT: Final = 103  # linux/udp.h
_CONTROL: Final = struct.Struct("@QiiHxxxxxx")  # A cmsghdr with 16 bits: the size to cut at.
_CONTROL_LENGTH: Final = 18  # CMSG_LEN(2)
_MESSAGE: Final = 4 * WORDS  # Bytes.
_VECTOR: Final = 16


class Bursts:
    """
    Fill `views` (for each peer as many as there are packets) and `names`, then `flush`.

    `room` peers fit at a time. `names[8 * (peer * runs + run)]` is where a peer's address goes, once a run.
    """

    def __init__(self, libc: Any, sock: socket.socket, table: Table, counters: Counters) -> None:
        self._send = libc.sendmmsg
        self._fd = sock.fileno()
        self._table = table
        self._counters = counters
        self._messages = (Message * SEND_BATCH)()
        self._controls = (ctypes.c_char * (_CONTROL.size * MAX_BURST))()
        self.names = memoryview(self._messages).cast("B").cast("Q")
        self.views: list[memoryview] = []
        self.owners: list[Congested | None] = [None] * SEND_BATCH
        self.room = 0
        self.runs = 1
        self.segmenting = _can_segment(sock)
        """Whether the system cuts for us."""
        self._count = 1
        self._bounds: list[tuple[int, int]] = []
        self._laid_out = 0
        for number in range(SEND_BATCH):
            self._messages[number].name_length = table.name_length

    def lay_out(self, headers: Sequence[bytes], lengths: Sequence[int], peers: int) -> None:
        """Prepare for up to `peers` peers, who all get packets with these headers and (whole) lengths."""
        count = self._count = len(headers)
        room = self.room = min(SEND_BATCH // count, peers)
        bounds = runs_of(lengths) if self.segmenting else [(at, at + 1) for at in range(count)]
        if bounds != self._bounds or room > self._laid_out:
            self._point(count, bounds, room)
        for number, (first, stop) in enumerate(bounds):
            if stop - first > 1:
                control = (_CONTROL_LENGTH, socket.IPPROTO_UDP, _UDP_SEGMENT, lengths[first])
                _CONTROL.pack_into(self._controls, number * _CONTROL.size, *control)
        arena, sizes = self._table.arena, self._table.lengths
        views = self.views = []
        packets = [(header, len(header), length) for header, length in zip(headers, lengths, strict=True)]
        start, size_at = 0, 1
        for _ in range(room):
            for header, head, length in packets:
                body = start + head
                arena[start:body] = header
                views.append(arena[body : start + length])
                sizes[size_at] = length
                start += SLOT
                size_at += 2

    def _point(self, count: int, bounds: list[tuple[int, int]], room: int) -> None:
        """Let every message point to its run of slots."""
        runs = self.runs = len(bounds)
        self._bounds, self._laid_out = bounds, room
        names, vectors = self.names, self._table.vectors
        controls = ctypes.addressof(self._controls)
        for peer in range(room):
            for run, (first, stop) in enumerate(bounds):
                at = 8 * (peer * runs + run)
                cut = stop - first > 1
                names[at + 2] = vectors + _VECTOR * (peer * count + first)
                names[at + 3] = stop - first
                names[at + 4] = controls + run * _CONTROL.size if cut else 0
                names[at + 5] = _CONTROL.size if cut else 0

    def flush(self, peers: int) -> None:
        """Send to the first `peers` peers. Never waits: what the socket does not take is dropped."""
        total, at, lost = peers * self.runs, 0, 0
        while at < total:
            place = ctypes.byref(self._messages, at * _MESSAGE)
            sent = self._send(self._fd, place, total - at, DONT_WAIT)
            if sent > 0:
                at += sent
                continue
            error = ctypes.get_errno() or errno.EAGAIN
            if error in (errno.EAGAIN, errno.ENOBUFS):
                for message in range(at, total):
                    lost += self._congested(message, self._slots(message))
                break
            if error != errno.EINTR:
                lost += self._one_by_one(at, error)
                at += 1
        self._counters.sent += peers * self._count - lost

    def _slots(self, message: int) -> range:
        peer, run = divmod(message, self.runs)
        first, stop = self._bounds[run]
        return range(peer * self._count + first, peer * self._count + stop)

    def _congested(self, message: int, slots: range) -> int:
        """Tell who loses these packets; return how many."""
        owner = self.owners[message // self.runs]
        for slot in slots:
            if owner is not None:
                owner.on_congestion(self._table.arena[slot * SLOT : slot * SLOT + 12])
        self._counters.congested += len(slots)
        return len(slots)

    def _one_by_one(self, message: int, error: int) -> int:
        """Send a run that was refused as datagrams of their own; return how many did not go."""
        slots = self._slots(message)
        if len(slots) == 1:
            self._counters.refused += 1
            return 1
        if error == errno.EIO:
            self.segmenting = False  # The device computes no checksums, so nothing can be cut on the way.
        lost = 0
        for slot in slots:
            self._table.pointers[8 * slot] = self.names[8 * message]
            single = ctypes.byref(self._table.messages, slot * _MESSAGE)
            if self._send(self._fd, single, 1, DONT_WAIT) > 0:
                continue
            if ctypes.get_errno() in (errno.EAGAIN, errno.ENOBUFS):
                return lost + self._congested(message, range(slot, slots.stop))
            lost += 1
            self._counters.refused += 1
        return lost


def runs_of(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Return (first, stop) of what can be one message: packets of one length, the last may be shorter."""
    found: list[tuple[int, int]] = []
    first, count = 0, len(lengths)
    while first < count:
        stop = first + 1
        while stop < count and lengths[stop] == lengths[first]:
            stop += 1
        if stop < count and lengths[stop] < lengths[first]:
            stop += 1
        found.append((first, stop))
        first = stop
    return found


def _can_segment(sock: socket.socket) -> bool:
    try:
        sock.getsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT)
    except OSError:
        return False
    return True
