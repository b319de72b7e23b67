"""
One socket for a crowd: `recvmmsg` into an arena, with each datagram's address and the kernel's time of it.

The arena and the control messages are seen through numpy, so that a batch of datagrams is sorted by a few
operations for all of them: reading must not be what limits the worker. The time is when the datagram came to
this side's network stack, not when it was read.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from typing import Any

import numpy as np

SLOT = 2_048
BATCH = 512
_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_SO_MEMINFO = 55
_DROPS = 8  # Index of the socket's drops among the words of SO_MEMINFO.
_IP_PKTINFO = 8
_CONTROL = 64  # A timespec and an in_pktinfo, each with its header: 32 bytes both, in this order.
_TIME_AT, _ADDRESS_AT = 16, 32 + 16 + 8
_MESSAGE_BYTES = 64
_BUFFER = 256 << 20


class Mail:
    """`receive` fills the rows of `bytes`, `lengths`, `numbers` (who it is for) and `times` (ns, Unix)."""

    def __init__(self, network: str, first: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        for option in (_SO_RCVBUFFORCE, socket.SO_RCVBUF):
            try:
                self.socket.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
                break
            except PermissionError:
                continue
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        self.socket.bind(("0.0.0.0", 0))
        self._network = bytes(map(int, network.split(".")))
        self._first = first
        self._fd = self.socket.fileno()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.arena = bytearray(BATCH * SLOT)
        self.bytes = np.frombuffer(self.arena, np.uint8).reshape(BATCH, SLOT)
        self._control = np.zeros((BATCH, _CONTROL), np.uint8)
        self._vectors = np.zeros((BATCH, 2), np.uint64)
        self._vectors[:, 0] = self.bytes.ctypes.data + np.arange(BATCH, dtype=np.uint64) * SLOT
        self._vectors[:, 1] = SLOT
        self._messages = np.zeros((BATCH, _MESSAGE_BYTES // 8), np.uint64)
        each = np.arange(BATCH, dtype=np.uint64)
        self._messages[:, 2] = self._vectors.ctypes.data + each * 16
        self._messages[:, 3] = 1
        self._messages[:, 4] = self._control.ctypes.data + each * _CONTROL
        self._words = self._messages.view(np.uint32)
        self._pointer = ctypes.c_void_p(self._messages.ctypes.data)
        self.lengths = self._words[:, 14]
        self._seconds = self._control[:, _TIME_AT : _TIME_AT + 16].view(np.int64)
        self._hosts = self._control[:, _ADDRESS_AT : _ADDRESS_AT + 4].view(">u4")[:, 0]

    def receive(self) -> int:
        """Fill the rows with what has arrived, at most BATCH; return how many."""
        self._messages[:, 5] = _CONTROL  # The kernel writes back how much of it was used.
        count: int = self._libc.recvmmsg(self._fd, self._pointer, BATCH, socket.MSG_DONTWAIT, None)
        return max(count, 0)

    def numbers(self, count: int) -> Any:
        """Whom the first `count` datagrams are for."""
        return (self._hosts[:count] & 0xFFFF).astype(np.int64) - self._first

    def times(self, count: int) -> Any:
        """When the first `count` datagrams came, in ns of Unix time."""
        return self._seconds[:count, 0] * 1_000_000_000 + self._seconds[:count, 1]

    def send(self, number: int, data: bytes, to: tuple[str, int]) -> None:
        """Send from the address of `number`."""
        host = self._network + struct.pack("!H", number + self._first)
        self.socket.sendmsg(
            [data], [(socket.IPPROTO_IP, _IP_PKTINFO, struct.pack("=i4s4s", 0, host, host))], 0, to
        )

    @property
    def dropped(self) -> int:
        """Datagrams that found this socket's buffer full."""
        words = self.socket.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 64)
        return int(struct.unpack_from("=I", words, 4 * _DROPS)[0])
