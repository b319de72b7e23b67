"""
What every way to the network has in common, so that the fan-out need not know which one it writes to.

A port has a table of packets to be sent, filled slot by slot and flushed as a whole. Over UDP the system
sends the table as it is (`udp`); over TCP each slot is framed into its connection (`tcp`). A peer is found
again by the key of its path: the bytes of its address, or the number of its connection.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from signaling.core.ice import mapped_address
from signaling.rtc.table import SLOT, Table

RECEIVE_BATCH: Final = 32  # A wake-up handles no more, so that timers and control get their turn.
SEND_BATCH: Final = 64  # Longer batches gain nothing, and this arena stays in the cache.
MAX_DATAGRAM: Final = 1_500  # Longer ones are nobody's media.


@dataclass(slots=True)
class Counters:
    """Since the start of the process."""

    received: int = 0
    sent: int = 0
    truncated: int = 0
    congested: int = 0
    """Dropped because the socket's buffer was full."""
    refused: int = 0
    """Dropped because the system would not send them at all."""


class Congested(Protocol):
    """Who sent an RTP packet through a table."""

    def is_sound(self, header: memoryview) -> bool:
        """Whether a packet with this RTP header carries sound."""

    def on_congestion(self, header: memoryview) -> None:
        """The packet with this RTP header was dropped: the socket was full."""


class Place(NamedTuple):
    """Where a key leads to."""

    name: int
    """What `pointers` of the table names it by."""
    host: str
    number: int
    ip: bytes
    kept: object = None
    """Has to live as long as `name` is used."""


class Port(ABC):
    """
    A socket and its two tables.

    Received packets lie in `incoming.arena` until the next `receive`.
    To send, fill slot `queued` of `outgoing`, set its length and address, and
    count `queued` up; `flush` when it reaches SEND_BATCH. `put` does all that.
    """

    protocol: str
    counters: Counters
    unfinished = False
    """Whether `receive` has more to do than it did: the system will not say so again."""
    bursts: Any = None
    """A `burst.Bursts`: how to send the same packets to many at once. None where there is no such way."""
    on_gone: Callable[[bytes], None] | None = None
    """Told the key of a peer that cannot be reached any more."""

    def __init__(self, key_length: int, name_length: int) -> None:
        self.incoming = Table(RECEIVE_BATCH, key_length, name_length)
        self.outgoing = Table(SEND_BATCH, key_length, name_length)
        self.queued = 0
        self.owners: list[Congested | None] = [None] * SEND_BATCH
        """Whom to tell when a slot's packet had to be dropped."""

    @abstractmethod
    def fileno(self) -> int:
        """Return what becomes readable when `receive` is due."""

    @abstractmethod
    def receive(self) -> int:
        """Fill `incoming` with what waits, at most RECEIVE_BATCH; return how many."""

    @abstractmethod
    def length(self, slot: int) -> int:
        """Return the length of received packet `slot`; 0 when it was too long for its slot."""

    @abstractmethod
    def key(self, slot: int) -> bytes:
        """Return the sender of received packet `slot`."""

    @abstractmethod
    def locate(self, key: bytes) -> Place:
        """Return where a key leads to."""

    def put(self, name: int, data: bytes) -> None:
        """Queue `data` for `name` (a `Path` has it). Too long a one is dropped."""
        if len(data) > MAX_DATAGRAM + 36:
            self.counters.refused += 1
            return
        slot = self.queued
        if slot == SEND_BATCH:
            self.flush()
            slot = 0
        table = self.outgoing
        table.arena[slot * SLOT : slot * SLOT + len(data)] = data
        table.lengths[2 * slot + 1] = len(data)
        table.pointers[8 * slot] = name
        self.owners[slot] = None
        self.queued = slot + 1

    @abstractmethod
    def flush(self) -> None:
        """Send what is queued. Never waits: what cannot be sent is dropped, and its owner told."""

    def proved(self, key: bytes) -> None:
        """Somebody there has shown the password of a leg."""
        return  # Over UDP there is nothing to do.

    def forget(self, key: bytes) -> None:
        """No leg has business there any more."""
        return  # Over UDP there is nothing to do.

    def sweep(self) -> None:
        """Look after what time changes. Every WATCH_EVERY of the transport."""
        return  # Over UDP there is nothing to do.

    @abstractmethod
    def close(self) -> None:
        """Close the sockets. Whoever watches them has to stop before."""


@dataclass(eq=False, slots=True)
class Path:
    """A way by which a peer has proved to know its leg's password."""

    port: Port
    key: bytes
    leg: Any
    name: int = 0
    """For the table of a batch."""
    host: str = ""
    number: int = 0
    heard_at: float = 0.0
    """When the peer last proved to send from here: a check, or a packet under its keys."""
    mapped: bytes = b""
    """XOR-MAPPED-ADDRESS of this peer, repeated in every answer to it."""
    _kept: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.name, self.host, self.number, ip, self._kept = self.port.locate(self.key)
        self.mapped = mapped_address(ip, self.number)

    def send(self, data: bytes) -> None:
        """Queue a packet; the transport flushes before it returns to the loop."""
        self.port.put(self.name, data)

    def is_elsewhere(self, former: Path) -> bool:
        """Whether a peer that used `former` has changed its network; another protocol alone is no change."""
        return self.host != former.host or (self.port is former.port and self.port.protocol == "udp")
