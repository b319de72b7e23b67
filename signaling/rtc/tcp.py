"""
ICE over TCP (RFC 6544), for networks that let no UDP through: a listening socket and all its connections.

It looks to the transport and to the fan-out like a socket for UDP. We are the passive side: browsers connect,
and a connection is a stranger until it has shown the password of a leg, as an address is over UDP. Strangers
are few, short-lived and bounded: they cost a file descriptor each, which is what this process has least of.
All connections are watched by a selector of our own, which is itself one thing for the loop to watch.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import selectors
import socket
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from signaling.rtc.port import RECEIVE_BATCH, Congested, Counters, Place, Port
from signaling.rtc.stream import BadFrame, Kind, Stream, prepare
from signaling.rtc.table import SLOT

BACKLOG: Final = 512  # A class behind a firewall comes back at once after a restart, two connections each.
ACCEPTS: Final = 64  # A turn.
MAX_STREAMS: Final = 16_384  # At most; the system's bound on open files may be lower.
# A browser shows the password one round trip after it has connected. A school behind one address may come all
# at once (500 people, two connections each, most of them through within 100 ms).
MAX_STRANGERS: Final = 2_048
STRANGERS_A_HOST: Final = 512
STRANGER_FOR: Final = 8.0  # Seconds: a lost SYN-ACK's answer and a lost first check, each repeated twice.
STRANGER_BYTES: Final = 8_192  # Fifty checks; more is somebody who tries.
STUCK_FOR: Final = 10.0  # Seconds in which the peer takes nothing at all although something waits.
REST_AFTER_REFUSAL: Final = 1.0  # Seconds without accepting when there are no file descriptors left.

_NO_FILES: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


@dataclass(slots=True)
class TcpCounters(Counters):
    """Since the start of the process, except `open`. `received` and `sent` are frames."""

    accepted: int = 0
    open: int = 0
    turned_away: int = 0
    """Not accepted, or closed for the sake of others: too many."""
    unproved: int = 0
    """Closed because no password was shown in time."""
    stuck: int = 0
    """Closed because the peer took nothing any more."""


class TcpPort(Port):
    """A listening socket, its connections, and the tables they share."""

    protocol = "tcp"

    def __init__(self, sock: socket.socket, clock: Callable[[], float], limit: int = MAX_STREAMS) -> None:
        """`clock`: seconds, never back. `limit`: of connections at once."""
        super().__init__(8, 8)
        self.socket = sock
        self.counters: TcpCounters = TcpCounters()
        self._clock = clock
        self.limit = limit
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ, None)
        self._streams: dict[int, Stream] = {}
        self._strangers: dict[int, Stream] = {}
        """Those that have not proved anything, the oldest first."""
        self._by_host: Counter[bytes] = Counter()
        """How many strangers come from where."""
        self._blocked: set[Stream] = set()
        self._doomed: list[Stream] = []
        self._ready: deque[Stream] = deque()
        self._resting_until: float | None = None
        self._next = 1
        self._lengths = [0] * RECEIVE_BATCH
        self._keys = [b""] * RECEIVE_BATCH

    def fileno(self) -> int:
        """See Port."""
        number: int = self._selector.fileno()
        return number

    # --- receiving ---------------------------------------------------------------------------------

    def receive(self) -> int:
        """See Port. Connections come and go here, too, and blocked ones go on."""
        now = self._clock()
        self._bury()
        if not self._ready:
            self._look(now)
        count = 0
        while self._ready and count < RECEIVE_BATCH:
            stream = self._ready[0]
            count = self._take(stream, count)
            if stream.doomed or not stream.has_frame:
                self._ready.popleft()
        self.counters.received += count
        self.unfinished = bool(self._ready or self._doomed)
        return count

    def _look(self, now: float) -> None:
        """Ask the system what is new: connections, room to write, bytes to read."""
        for found, events in self._selector.select(0):
            stream: Stream | None = found.data
            if stream is None:
                self._accept(now)
                continue
            if events & selectors.EVENT_WRITE:
                self._write(stream, now)
            if events & selectors.EVENT_READ and not stream.doomed:
                if not stream.read():
                    self._doom(stream)
                self._ready.append(stream)

    def _take(self, stream: Stream, count: int) -> int:
        """Put whole frames of a connection into slots from `count` on; return the next free slot."""
        try:
            frames = stream.unframe(RECEIVE_BATCH - count)
        except BadFrame:
            self.counters.truncated += 1
            self._doom(stream)
            return count
        if stream.received > STRANGER_BYTES and not stream.proved:
            self.counters.unproved += 1
            self._doom(stream)
            return count
        arena = self.incoming.arena
        for frame in frames:
            arena[count * SLOT : count * SLOT + len(frame)] = frame
            self._lengths[count] = len(frame)
            self._keys[count] = stream.key
            count += 1
        return count

    def length(self, slot: int) -> int:
        """See Port."""
        return self._lengths[slot]

    def key(self, slot: int) -> bytes:
        """See Port. The key is the number of the connection."""
        return self._keys[slot]

    def locate(self, key: bytes) -> Place:
        """See Port."""
        stream = self._streams[int.from_bytes(key, "big")]
        return Place(stream.name, stream.host, stream.number, stream.ip)

    # --- sending -----------------------------------------------------------------------------------

    def flush(self) -> None:
        """See Port. What would wait too long behind other packets of its connection is dropped."""
        count, self.queued = self.queued, 0
        now = self._clock()
        table = self.outgoing
        touched: dict[Stream, None] = {}
        for slot in range(count):
            stream = self._streams.get(table.pointers[8 * slot])
            if stream is None:
                self.counters.refused += 1
                continue
            owner = self.owners[slot]
            packet = table.arena[slot * SLOT : slot * SLOT + table.lengths[2 * slot + 1]]
            if stream.blocked and not stream.admits(_kind(owner, packet), now):
                self.counters.congested += 1
                if owner is not None:
                    owner.on_congestion(packet[:12])
                continue
            stream.queue(packet, now)
            touched[stream] = None
        for stream in touched:
            if not stream.blocked:
                self._write(stream, now)

    def _write(self, stream: Stream, now: float) -> None:
        was_blocked = stream in self._blocked
        self.counters.sent += stream.write(now)
        if stream.blocked == was_blocked:
            return
        events = selectors.EVENT_READ
        if stream.blocked:
            self._blocked.add(stream)
            events |= selectors.EVENT_WRITE
        else:
            self._blocked.discard(stream)
        if stream.name in self._streams and not stream.doomed:
            self._selector.modify(stream.socket, events, stream)

    # --- connections -------------------------------------------------------------------------------

    def _accept(self, now: float) -> None:
        for _ in range(ACCEPTS):
            try:
                sock, address = self.socket.accept()
            except OSError as error:
                if error.errno in _NO_FILES:
                    self.counters.turned_away += 1
                    self._rest(now)
                return
            host = str(address[0]).partition("%")[0]
            if len(self._streams) >= self.limit or self._by_host[_network(host)] >= STRANGERS_A_HOST:
                self.counters.turned_away += 1
                sock.close()
                continue
            try:
                prepare(sock)
            except OSError:  # It has gone already.
                sock.close()
                continue
            self._open(Stream(sock, self._next, host, address[1], now))

    def _open(self, stream: Stream) -> None:
        if len(self._strangers) >= MAX_STRANGERS:
            # Who is honest proves it at once: it is the oldest who only wants to hold the place.
            self.counters.turned_away += 1
            self._doom(next(iter(self._strangers.values())))
        self._next += 1
        self._streams[stream.name] = self._strangers[stream.name] = stream
        self._by_host[_network(stream.host)] += 1
        self._selector.register(stream.socket, selectors.EVENT_READ, stream)
        self.counters.accepted += 1
        self.counters.open = len(self._streams)

    def _rest(self, now: float) -> None:
        """Do not be woken by connections that cannot be accepted."""
        self._selector.unregister(self.socket)
        self._resting_until = now + REST_AFTER_REFUSAL

    def proved(self, key: bytes) -> None:
        """See Port."""
        stream = self._streams.get(int.from_bytes(key, "big"))
        if stream is not None and not stream.proved:
            stream.proved = True
            self._no_stranger(stream)

    def forget(self, key: bytes) -> None:
        """See Port. What is queued is still sent: it may be a goodbye."""
        stream = self._streams.get(int.from_bytes(key, "big"))
        if stream is not None:
            self._doom(stream)

    def sweep(self) -> None:
        """See Port."""
        now = self._clock()
        if self._resting_until is not None and self._resting_until <= now:
            self._resting_until = None
            self._selector.register(self.socket, selectors.EVENT_READ, None)
        for stream in list(self._strangers.values()):
            if now - stream.opened_at < STRANGER_FOR:
                break
            self.counters.unproved += 1
            self._doom(stream)
        for stream in [each for each in self._blocked if now - each.moved_at > STUCK_FOR]:
            self.counters.stuck += 1
            self._doom(stream)
        self._bury()

    def _no_stranger(self, stream: Stream) -> None:
        if self._strangers.pop(stream.name, None) is None:
            return
        network = _network(stream.host)
        self._by_host[network] -= 1
        if not self._by_host[network]:
            del self._by_host[network]

    def _doom(self, stream: Stream) -> None:
        """
        Close a connection soon. Not now: a packet of it may be on the table, and somebody may be sending.

        It is no longer watched, so that its end does not wake us again and again.
        """
        if stream.doomed:
            return
        stream.doomed = True
        self._no_stranger(stream)
        self._doomed.append(stream)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(stream.socket)

    def _bury(self) -> None:
        """Close what is doomed, after what is on the table for it, and tell whose path that was."""
        if self._doomed and self.queued:
            self.flush()
        doomed, self._doomed = self._doomed, []
        for stream in doomed:
            self._blocked.discard(stream)
            del self._streams[stream.name]
            stream.socket.close()
            if self.on_gone is not None:
                self.on_gone(stream.key)
        if doomed:
            self.counters.open = len(self._streams)

    def close(self) -> None:
        """See Port. What the system has not taken yet is lost."""
        for stream in self._streams.values():
            stream.socket.close()
        self._streams.clear()
        self._strangers.clear()
        self._selector.close()
        self.socket.close()


def _kind(owner: Congested | None, packet: memoryview) -> Kind:
    if owner is None:
        return "other"
    return "sound" if owner.is_sound(packet) else "video"


def _network(host: str) -> bytes:
    """Return what one stranger can have many addresses of: an IPv4 address, a /64 of IPv6."""
    packed = ipaddress.ip_address(host).packed
    return packed if len(packed) == 4 else packed[:8]


def listen(host: str, port: int, clock: Callable[[], float], limit: int = MAX_STREAMS) -> TcpPort:
    """Listen on an address. OSError when the port is taken or the address not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        # A worker that is started again must not wait for its old connections; a second one is kept out.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return TcpPort(sock, clock, limit)
