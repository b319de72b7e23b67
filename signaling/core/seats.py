"""
Which worker everybody is on, and what the workers of a class have to tell one another.

A room begins on one worker, its home. When that has many of its people, or far more to do than another,
whoever comes next goes elsewhere: the room spans workers. Nobody is ever moved. What follows for each
worker is a `Span`, a complete and repeatable instruction: whoever has the newest one does the right thing,
whatever happened before. So there is nothing to be undone when a worker dies in the middle of something.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from signaling.core.model import Kind, PeerId, TrackId

SPREAD = 100  # People of one class a worker; with everybody's camera on screen a core is busy with them.

Gate = tuple[TrackId, bool]
"""An open gate: its track, and whether it is muted."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A publisher of worker `owner`, to be shown by another one. `sources` are its kinds with their rids."""

    peer: PeerId
    key: int
    owner: int
    sources: Mapping[Kind, tuple[str, ...]]
    gates: Mapping[Kind, Gate]


@dataclass(frozen=True, slots=True)
class Span:
    """One worker's part in a room: whom to feed (with their keys) to which workers, whom to mirror."""

    shards: tuple[int, ...] = ()
    feeds: Mapping[PeerId, int] = field(default_factory=dict)
    mirrors: tuple[Mirrored, ...] = ()


ALONE = Span()
"""What a worker has to do with others for a room that spans none."""


@dataclass(eq=False, slots=True)
class Seat:
    """Where a peer is, and what it publishes. `key` names it on the pipes and is never used again."""

    worker: int
    key: int
    sources: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    gates: dict[Kind, Gate] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class _Room:
    seats: dict[PeerId, Seat] = field(default_factory=dict)
    shards: dict[int, set[PeerId]] = field(default_factory=dict)
    """Workers with the peers that they have, home first."""
    gated: dict[PeerId, Seat] = field(default_factory=dict)


class Seats:
    """All peers of a program's workers."""

    def __init__(self, spread: int = SPREAD) -> None:
        """`spread`: the people of a room that a worker takes before the next one is asked."""
        self._spread = spread
        self._rooms: dict[str, _Room] = {}
        self._load: Counter[int] = Counter()
        self._keys = 0

    # --- people ----------------------------------------------------------------------------------------

    def find(self, room: str, peer: PeerId) -> Seat | None:
        known = self._rooms.get(room)
        return known.seats.get(peer) if known is not None else None

    def place(self, room: str, peer: PeerId, running: Collection[int]) -> Seat:
        """Return the peer's seat, chosen now among the `running` workers (at least one) if it has none."""
        known = self._rooms.setdefault(room, _Room())
        seat = known.seats.get(peer)
        if seat is None:
            worker = self._choose(known, running)
            self._keys = self._keys % 0xFFFFFFFF + 1  # four octets on the pipes
            seat = known.seats[peer] = Seat(worker, self._keys)
            known.shards.setdefault(worker, set()).add(peer)
            self._load[worker] += 1
        return seat

    def _choose(self, room: _Room, running: Collection[int]) -> int:
        """The first of the room's workers that has room for more, unless another is far less busy."""
        least = min(running, key=lambda worker: (self._load[worker], worker))
        for worker, peers in room.shards.items():
            ahead = self._load[worker] - self._load[least]
            if worker in running and len(peers) < self._spread and ahead <= self._spread:
                return worker
        return least

    def published(self, room: str, peer: PeerId, sources: Mapping[Kind, tuple[str, ...]]) -> None:
        """Note what a peer has negotiated. Unknown ones are no error: it left meanwhile."""
        seat = self.find(room, peer)
        if seat is not None:
            seat.sources = sources

    def gate(self, room: str, peer: PeerId, kind: Kind, track: TrackId | None, muted: bool) -> None:
        """Note what a gate was set to."""
        seat = self.find(room, peer)
        if seat is None:
            return
        if track is None:
            seat.gates.pop(kind, None)
        else:
            seat.gates[kind] = (track, muted)
        gated = self._rooms[room].gated
        if seat.gates:
            gated[peer] = seat
        else:
            gated.pop(peer, None)

    def close(self, room: str, peer: PeerId) -> Seat | None:
        """Forget a peer, return where it was."""
        known = self._rooms.get(room)
        seat = known.seats.pop(peer, None) if known is not None else None
        if known is None or seat is None:
            return None
        known.gated.pop(peer, None)
        self._load[seat.worker] -= 1
        there = known.shards[seat.worker]
        there.discard(peer)
        if not there:
            del known.shards[seat.worker]
        if not known.seats:
            del self._rooms[room]
        return seat

    def lose(self, worker: int) -> dict[str, tuple[PeerId, ...]]:
        """Forget everybody on a worker that has ended; return them by room."""
        lost = {
            name: tuple(sorted(room.shards[worker]))
            for name, room in self._rooms.items()
            if worker in room.shards
        }
        for name, peers in lost.items():
            for peer in peers:
                self.close(name, peer)
        return lost

    # --- workers ---------------------------------------------------------------------------------------

    def shards(self, room: str) -> tuple[int, ...]:
        """Return the workers of a room, home first: the one whose word counts for the whole room."""
        known = self._rooms.get(room)
        return tuple(known.shards) if known is not None else ()

    def here(self, room: str, worker: int) -> tuple[PeerId, ...]:
        """Return a room's peers on one worker."""
        known = self._rooms.get(room)
        return tuple(sorted(known.shards.get(worker, ()))) if known is not None else ()

    def spans(self, room: str) -> Iterator[tuple[int, Span]]:
        """Yield what each worker of a room has to do; only who has an open gate is fed and mirrored."""
        known = self._rooms.get(room)
        if known is None:
            return
        workers = tuple(known.shards)
        if len(workers) == 1:
            yield workers[0], ALONE
            return
        staged = [
            Mirrored(peer, seat.key, seat.worker, seat.sources, dict(seat.gates))
            for peer, seat in known.gated.items()
            if seat.sources
        ]
        for worker in workers:
            feeds = {found.peer: found.key for found in staged if found.owner == worker}
            mirrors = tuple(found for found in staged if found.owner != worker)
            yield worker, Span(tuple(other for other in workers if other != worker), feeds, mirrors)
