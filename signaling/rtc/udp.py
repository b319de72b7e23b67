"""
One bound UDP socket, read and written in batches.

`recvmmsg` and `sendmmsg` through ctypes halve the price of a datagram
(measured). Where the system has no such calls (macOS) the same class
falls back to one call a datagram. Addresses stay what the kernel wrote: the
bytes of a sockaddr are the key of a path.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import sys
from typing import Final

from signaling.rtc.burst import DONT_WAIT, Bursts
from signaling.rtc.port import RECEIVE_BATCH, Counters, Place, Port
from signaling.rtc.table import FLAGS_WORD, LENGTH_WORD, SLOT, WORDS, library

SOCKET_BUFFER: Final = 4 << 20  # Half a second of a worker's full load; the system may give less.

_TRUNCATED: Final = int(socket.MSG_TRUNC)  # An int: `&` of an enum is a Python function, for every packet.
_IPV4_KEY: Final = 8  # Family, port, address; the rest of a sockaddr_in is padding.
_IPV6_KEY: Final = 28


_LIBC: Final = library()


class UdpPort(Port):
    """A bound socket and its two tables."""

    protocol = "udp"

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.ipv6 = sock.family == socket.AF_INET6
        super().__init__(*((_IPV6_KEY, _IPV6_KEY) if self.ipv6 else (_IPV4_KEY, 16)))
        self.counters = Counters()
        self._fd = sock.fileno()
        if _LIBC is not None:
            self.bursts = Bursts(_LIBC, sock, self.outgoing, self.counters)

    def fileno(self) -> int:
        """See Port."""
        return self._fd

    def receive(self) -> int:
        """See Port."""
        if _LIBC is None:
            return self._receive_singly()
        count: int = _LIBC.recvmmsg(self._fd, self.incoming.messages, RECEIVE_BATCH, DONT_WAIT, None)
        if count <= 0:
            return 0  # EAGAIN, or an ICMP error that belongs to some earlier datagram.
        self.counters.received += count
        return count

    def length(self, slot: int) -> int:
        """See Port."""
        words = self.incoming.words
        if words[slot * WORDS + FLAGS_WORD] & _TRUNCATED:
            self.counters.truncated += 1
            return 0
        return words[slot * WORDS + LENGTH_WORD]

    def key(self, slot: int) -> bytes:
        """See Port. The key is the sockaddr without its padding."""
        table = self.incoming
        start = slot * table.name_length
        return table.names[start : start + table.key_length].tobytes()

    def locate(self, key: bytes) -> Place:
        """See Port. The name is a pointer to the sockaddr."""
        kept = ctypes.create_string_buffer(key, self.outgoing.name_length)
        return Place(ctypes.addressof(kept), *unpack_address(key), kept)

    def flush(self) -> None:
        """
        Send what is queued. Never waits: what the socket does not take is dropped, and its owner told.

        A full buffer ends the batch, any other error costs only its own datagram.
        """
        count, self.queued = self.queued, 0
        at = 0
        while at < count:
            sent = self._send(at, count - at)
            if sent > 0:
                at += sent
                continue
            if -sent in (errno.EAGAIN, errno.ENOBUFS):
                self.counters.congested += count - at
                self._tell_congested(at, count)
                break
            if -sent != errno.EINTR:
                self.counters.refused += 1
                at += 1
        self.counters.sent += at

    def _tell_congested(self, first: int, end: int) -> None:
        for slot in range(first, end):
            owner = self.owners[slot]
            if owner is not None:
                owner.on_congestion(self.outgoing.arena[slot * SLOT : slot * SLOT + 12])

    def _send(self, first: int, count: int) -> int:
        """Send `count` slots from `first`; return how many went, or a negative errno."""
        if _LIBC is None:
            return self._send_singly(first)
        table = ctypes.byref(self.outgoing.messages, first * 4 * WORDS)
        sent: int = _LIBC.sendmmsg(self._fd, table, count, DONT_WAIT)
        return sent if sent > 0 else -(ctypes.get_errno() or errno.EAGAIN)

    def _receive_singly(self) -> int:
        table = self.incoming
        for slot in range(RECEIVE_BATCH):
            try:
                size, address = self.socket.recvfrom_into(table.arena[slot * SLOT : (slot + 1) * SLOT])
            except OSError:
                self.counters.received += slot
                return slot
            table.words[slot * WORDS + LENGTH_WORD] = size
            name = pack_address(address[0], address[1], ipv6=self.ipv6)
            table.names[slot * table.name_length : slot * table.name_length + len(name)] = name
        self.counters.received += RECEIVE_BATCH
        return RECEIVE_BATCH

    def _send_singly(self, slot: int) -> int:
        table = self.outgoing
        key = ctypes.string_at(table.pointers[8 * slot], table.key_length)
        start = slot * SLOT
        try:
            self.socket.sendto(
                table.arena[start : start + table.lengths[2 * slot + 1]], unpack_address(key)[:2]
            )
        except OSError as error:
            return -(error.errno or errno.EIO)
        return 1

    def close(self) -> None:
        """Close the socket. Whoever watches it has to stop before."""
        self.socket.close()


def pack_address(host: str, port: int, *, ipv6: bool) -> bytes:
    """Return the sockaddr of an address, as the kernel lays it out."""
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    head = int(family).to_bytes(2, sys.byteorder) + port.to_bytes(2, "big")
    ip = socket.inet_pton(family, host.partition("%")[0])
    return head + (b"\0\0\0\0" + ip + b"\0\0\0\0" if ipv6 else ip)


def unpack_address(key: bytes) -> tuple[str, int, bytes]:
    """Return host, port and the bytes of the address of a path's key."""
    port = int.from_bytes(key[2:4], "big")
    ip = key[8:24] if len(key) == _IPV6_KEY else key[4:8]
    return socket.inet_ntop(socket.AF_INET6 if len(ip) == 16 else socket.AF_INET, ip), port, ip


def bind(host: str, port: int) -> UdpPort:
    """Open a socket on an address. OSError when it is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return UdpPort(sock)
