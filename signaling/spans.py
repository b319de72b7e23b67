"""
A worker's part in classes that span several: whom it feeds, whom it mirrors, and the pipe in between.

The program says all of it at once for a room, again and again (`messages.SetSpan`); this file brings the
room to what was said last. Keys of the pipe lead to the peers that they name; others are counted.
"""

from __future__ import annotations

from typing import Final

from signaling.control import MediaRefused, SetSpan
from signaling.core.model import KINDS
from signaling.core.pipe import Outbox, Record
from signaling.core.seats import Mirrored
from signaling.peers import HostedRoom
from signaling.pipe import Pipe
from signaling.rtc.fanout import FanOut

MAX_MIRRORS: Final = 5_000  # As many as a worker has peers of its own: each costs the same.


class Spans:
    """What a worker knows of others. Without a `pipe` it is alone, and refuses to span."""

    def __init__(self, pipe: Pipe | None, fan_out: FanOut) -> None:
        self._pipe = pipe
        self._fan_out = fan_out
        self._rooms: dict[str, HostedRoom] = {}
        self._by_key: dict[int, tuple[HostedRoom, str]] = {}
        self._strays = 0

    def set(self, room: HostedRoom, span: SetSpan, now: float) -> None:
        """Bring a room to what the program says of it. Raises MediaRefused, with nothing done."""
        if self._pipe is None:
            raise MediaRefused("media.bad_request", "this worker has no pipe to others")
        pipe = self._pipe
        others = len(self._by_key) - len(room.mirrors) - len(room.feeds)
        if others + len(span.mirrors) + len(span.feeds) > MAX_MIRRORS:
            pipe.counters["too_many"] += 1  # Nobody waits for the answer.
            raise MediaRefused("media.too_many", "this worker mirrors all that it can")
        mirrors = {found.peer: found for found in span.mirrors if found.peer not in room.peers}
        self._forget_keys(room)
        for peer in room.mirrors.keys() - mirrors.keys():
            room.core.leave(peer, now)
        for found in mirrors.values():
            self._mirror(pipe, room, found, now)
        outboxes = [pipe.outbox(shard) for shard in span.shards]
        for peer in room.feeds.keys() - span.feeds.keys():
            room.core.feed(peer, 0, ())
        for peer, key in span.feeds.items():
            room.core.feed(peer, key, outboxes)
        room.mirrors = {found.peer: found.key for found in mirrors.values()}
        room.feeds, room.shards = dict(span.feeds), span.shards
        self._by_key |= {key: (room, peer) for peer, key in (room.mirrors | room.feeds).items()}
        self._note(pipe, room)

    def _mirror(self, pipe: Pipe, room: HostedRoom, found: Mirrored, now: float) -> None:
        core = room.core
        core.mirror(found.peer, found.key, found.sources, pipe.outbox(found.owner), pipe.worker, now)
        for kind in KINDS:
            track, muted = found.gates.get(kind, (None, False))
            if track is not None or kind in found.sources:
                core.gate(found.peer, kind, track, now)
                core.muted(found.peer, kind, muted, now)

    def forget(self, room: HostedRoom) -> None:
        """A room has ended here."""
        if self._pipe is not None and room.shards:
            self._forget_keys(room)
            room.mirrors, room.feeds, room.shards = {}, {}, ()
            self._note(self._pipe, room)

    def _forget_keys(self, room: HostedRoom) -> None:
        for key in (*room.mirrors.values(), *room.feeds.values()):
            self._by_key.pop(key, None)

    def _note(self, pipe: Pipe, room: HostedRoom) -> None:
        if room.shards:
            self._rooms[room.name] = room
        else:
            self._rooms.pop(room.name, None)
        pipe.keep({shard for spanned in self._rooms.values() for shard in spanned.shards})

    # --- the pipe ----------------------------------------------------------------------------------

    def receive(self, now: float) -> None:
        """Take what other workers have piped here. What it causes is queued on the ports."""
        if self._pipe is None:
            return
        reply = self._reply
        known, hold = self._by_key, self._fan_out.hold

        def take(record: Record) -> None:
            place = known.get(record.key)
            if place is None:
                self._strays += 1
                return
            room, peer = place
            hold(room.core.on_piped(peer, record, reply, now))

        try:
            self._pipe.receive(take)
        finally:
            self._fan_out.release()

    def _reply(self, shard: int) -> Outbox | None:
        """Return the way to a worker that has a part in some room of ours; None for anybody else."""
        spanned = any(shard in room.shards for room in self._rooms.values())
        return self._pipe.outbox(shard) if spanned and self._pipe is not None else None

    def flush(self) -> None:
        """Send what the rooms have to say to other workers."""
        if self._rooms and self._pipe is not None:
            self._pipe.flush()

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms that others have a part in."""
        return tuple(self._rooms)

    def stats(self) -> dict[str, int]:
        """Return counters of the pipe."""
        if self._pipe is None:
            return {}
        return {**self._pipe.stats(), "strays": self._strays}
