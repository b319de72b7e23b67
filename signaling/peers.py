"""
Who is in a worker's rooms: a peer and its legs, a room and its slots.

Values for `rooms`, which changes them; here stands only what they mean, and
how two descriptions of one browser are told from those of two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from signaling.core import watcher
from signaling.core.answering import Agreed
from signaling.core.model import PairDescription
from signaling.core.offering import Accepted
from signaling.core.router import Room
from signaling.rtc.leg import Leg


@dataclass(eq=False, slots=True)
class Peer:
    """One person in one room."""

    room: HostedRoom
    name: str
    publisher: Leg | None = None
    published: Agreed | None = None
    subscriber: Leg | None = None
    accepted: Accepted | None = None
    watched: watcher.Agreed | None = None
    """What the subscriber leg has instead of `accepted`, if its peer made the offer."""
    candidate: Leg | None = None
    """The subscriber leg whose offer is not answered yet."""
    offered_pairs: int = 0
    session: int = 0
    version: int = 0


@dataclass(eq=False, slots=True)
class HostedRoom:
    """A room, its peers, and what was last told about its slots."""

    name: str
    core: Room
    peers: dict[str, Peer] = field(default_factory=dict)
    slots: dict[str, str | None] = field(default_factory=dict)
    version: int = 0
    shards: tuple[int, ...] = ()
    """The other workers that have a part in it (see spans.py), and by peer the keys of the pipe:"""
    mirrors: dict[str, int] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)

    def pairs(self, count: int) -> list[PairDescription]:
        """Return the first `count` pairs of slots, for an offer."""
        return [self.core.pair(number) for number in range(count)]


def same_connection(former: Agreed | Accepted | None, now: Agreed | Accepted) -> bool:
    """Whether two descriptions are of one RTCPeerConnection: a new one has another session and key."""
    return (
        former is not None
        and former.session == now.session
        and former.transport.fingerprints == now.transport.fingerprints
    )


def restarts(former: Agreed | None, now: Agreed) -> bool:
    """Whether the peer has new ICE credentials (RFC 8839 section 4.4.1.1.1)."""
    return former is not None and former.transport.ufrag != now.transport.ufrag
