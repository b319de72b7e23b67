"""
One TCP connection of a peer: packets framed by their length (RFC 4571), and a queue with a bound.

TCP delivers everything in order, so what is queued delays all that comes after it: a picture of a second ago
is worth less than the sound of now. The system is therefore allowed to hold very little (TCP_NOTSENT_LOWAT),
the rest waits here, and what would wait too long is not queued at all.
"""

from __future__ import annotations

import math
import socket
from collections import deque
from collections.abc import Mapping
from itertools import islice
from typing import Final, Literal

from signaling.rtc.port import MAX_DATAGRAM

READ: Final = 4_096  # Bytes a turn: three full packets, a hundred turns a second for a publisher of 3 Mbit/s.
HEAD: Final = 2  # RFC 4571 section 2: the length in network order, without itself.
MIN_FRAME: Final = 8  # RTCP's. Empty frames, which the RFC allows, are sent by nobody.
MAX_WRITE: Final = 64  # Buffers a system call: the system takes up to 1,024, the table has as many.

Kind = Literal["video", "sound", "other"]
# What may wait on top of the system's own queue: bytes, and seconds since the oldest was queued.
BOUNDS: Final[Mapping[Kind, tuple[int, float]]] = {
    "video": (64_000, 0.2),
    # More than a second is no conversation; less would cut words at every hiccup of a mobile line.
    "sound": (96_000, 1.0),
    # Handshakes, checks and RTCP: few, and everything depends on them.
    "other": (128_000, math.inf),
}

# RFC 9293 does not bound what the system keeps unsent (Linux: 4 MB). Two packets in flight to the queue of
# the network card are enough to keep it busy, since it is woken when half of this is left.
_UNSENT: Final = 8_192


class BadFrame(Exception):  # noqa: N818 - it says what came
    """A frame of a length that nobody honest sends; where the next one begins would be a guess."""


class Stream:
    """An accepted connection. The port that owns it says when it may read and write."""

    __slots__ = (
        "blocked",
        "doomed",
        "host",
        "ip",
        "key",
        "moved_at",
        "name",
        "number",
        "opened_at",
        "proved",
        "queued_bytes",
        "received",
        "rest",
        "socket",
        "waiting",
    )

    def __init__(self, sock: socket.socket, name: int, host: str, number: int, now: float) -> None:
        self.socket = sock
        self.name = name
        self.key = name.to_bytes(8, "big")
        self.host, self.number = host, number
        self.ip = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
        self.opened_at = now
        self.proved = False
        self.received = 0
        """Bytes."""
        self.doomed = False
        """To be closed as soon as that is safe; nothing is read any more."""
        self.rest = b""
        """Received and not taken out yet: the beginning of a frame, or more after a full batch."""
        self.waiting: deque[tuple[float, bytes]] = deque()
        """Frames, and when they were queued; the first may be the rest of one."""
        self.queued_bytes = 0
        self.moved_at = now
        """When something was last taken by the system, or the queue was empty."""
        self.blocked = False
        """Whether the system takes nothing at the moment."""

    # --- receiving ---------------------------------------------------------------------------------

    def read(self) -> bool:
        """Take what has arrived, READ bytes at most. Return False at the end of the connection."""
        try:
            data = self.socket.recv(READ)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        self.received += len(data)
        self.rest = self.rest + data if self.rest else data
        return bool(data)

    def unframe(self, limit: int) -> list[bytes]:
        """Take out whole frames, `limit` at most. Raises BadFrame."""
        rest, at = self.rest, 0
        found: list[bytes] = []
        while len(found) < limit and at + HEAD <= len(rest):
            size = int.from_bytes(rest[at : at + HEAD], "big")
            if not MIN_FRAME <= size <= MAX_DATAGRAM:
                raise BadFrame
            end = at + HEAD + size
            if end > len(rest):
                break
            found.append(rest[at + HEAD : end])
            at = end
        self.rest = rest[at:]
        return found

    @property
    def has_frame(self) -> bool:
        """Whether another frame can be taken out without reading."""
        rest = self.rest
        return len(rest) >= HEAD and len(rest) >= HEAD + int.from_bytes(rest[:HEAD], "big")

    # --- sending -----------------------------------------------------------------------------------

    def admits(self, kind: Kind, now: float) -> bool:
        """Whether a packet may wait behind what waits already."""
        most_bytes, most_seconds = BOUNDS[kind]
        age = now - self.waiting[0][0] if self.waiting else 0.0
        return self.queued_bytes < most_bytes and age < most_seconds

    def queue(self, packet: memoryview, now: float) -> None:
        """Frame a packet and let it wait for `write`."""
        if not self.waiting:
            self.moved_at = now
        frame = len(packet).to_bytes(HEAD, "big") + packet
        self.waiting.append((now, frame))
        self.queued_bytes += len(frame)

    def write(self, now: float) -> int:
        """Hand the system what it takes; return how many frames it took the last byte of. Never raises."""
        done = 0
        self.blocked = False
        while self.waiting:
            frames = [frame for _, frame in islice(self.waiting, MAX_WRITE)]
            try:
                sent = self.socket.sendmsg(frames)
            except (BlockingIOError, InterruptedError):
                self.blocked = True
                return done
            except OSError:
                # The end of the connection; reading will meet it, too, and says so to those concerned.
                self.waiting.clear()
                self.queued_bytes = 0
                return done
            self.moved_at = now
            self.queued_bytes -= sent
            done += self._taken(sent)
        return done

    def _taken(self, sent: int) -> int:
        done = 0
        while sent:
            at, frame = self.waiting[0]
            if sent < len(frame):
                self.waiting[0] = (at, frame[sent:])
                break
            self.waiting.popleft()
            sent -= len(frame)
            done += 1
        return done


def prepare(sock: socket.socket) -> None:
    """Make an accepted socket fit for media: it never waits, neither for us nor for a full segment."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    unsent = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if unsent is not None:
        sock.setsockopt(socket.IPPROTO_TCP, unsent, _UNSENT)
    else:  # What the system holds at all is the best that can be bounded there.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * _UNSENT)
