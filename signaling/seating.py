"""
The program's end of classes that span workers: tells each worker its part, and hears them as one.

`core.seats` decides who is where and what follows from it; this file sends what has changed since it was
last said. Requests to a worker are done in order, so a part that is posted before a peer's first request
is there before the peer. What a worker tells of its own slots is passed on with the peers that it has;
of who speaks, which all of them hear, only the home's word is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import msgspec

from signaling.control import (
    Event,
    EventCallback,
    MediaLink,
    SetSpan,
    SlotsChanged,
    SpeakersChanged,
    WorkerDied,
)
from signaling.core.model import Kind
from signaling.core.seats import ALONE, Seat, Seats, Span


class Seating:
    """Everybody's worker. Nothing here waits."""

    def __init__(self, spread: int, link: Callable[[int], MediaLink | None], on_event: EventCallback) -> None:
        """`link` finds the way to a worker by its number, None while it is away."""
        self._seats = Seats(spread)
        self._link = link
        self._on_event = on_event
        self._posted: dict[str, dict[int, Span]] = {}
        """By room and worker, what was said last; ALONE needs no saying."""
        self._speaking: dict[str, dict[int, SpeakersChanged]] = {}
        """Of rooms that span workers, what each has told last; the home comes to speak for all."""

    def find(self, room: str, peer: str) -> Seat | None:
        """Return where a peer is."""
        return self._seats.find(room, peer)

    def place(self, room: str, peer: str, running: Collection[int]) -> Seat:
        """Return where a peer is, chosen now among the `running` workers if it is nowhere."""
        found = self._seats.find(room, peer)
        if found is not None:
            return found
        seat = self._seats.place(room, peer, running)
        self._tell(room)
        return seat

    def published(self, room: str, peer: str, seat: Seat, sources: Mapping[Kind, tuple[str, ...]]) -> None:
        """A peer in `seat` has negotiated what it publishes. It may have left the seat meanwhile."""
        if self._seats.find(room, peer) is seat:
            self._seats.published(room, peer, sources)
            self._tell(room)

    def gated(self, room: str, peer: str, seat: Seat, kind: Kind, track: str | None, muted: bool) -> None:
        """The gate of a peer in `seat` was set."""
        if self._seats.find(room, peer) is seat:
            self._seats.gate(room, peer, kind, track, muted)
            self._tell(room)

    def close(self, room: str, peer: str) -> Seat | None:
        """Forget a peer; return where it was."""
        before, speaking = self._seats.shards(room)[:1], self._speaking.get(room, {})
        seat = self._seats.close(room, peer)
        if seat is not None:
            self._tell(room)
            self._inherit(room, before, speaking)
        return seat

    def lose(self, worker: int) -> None:
        """A worker has ended. Say so, and let the others do without it."""
        before = {room: (self._seats.shards(room)[:1], self._speaking.get(room, {})) for room in self._posted}
        lost = self._seats.lose(worker)
        for room in lost:
            self._tell(room)
        self._on_event(WorkerDied(worker, lost))
        for room in lost.keys() & before.keys():
            self._inherit(room, *before[room])

    # --- what workers are told ---------------------------------------------------------------------

    def _tell(self, room: str) -> None:
        """Post every worker's part in a room, as far as it is news to it."""
        posted = self._posted.get(room, {})
        wanted = dict(self._seats.spans(room))
        for worker in posted.keys() - wanted.keys():
            wanted[worker] = ALONE
        for worker, span in wanted.items():
            if span != posted.get(worker, ALONE):
                self._post(room, worker, span)
        spanned = {worker: span for worker, span in wanted.items() if span != ALONE}
        if spanned:
            self._posted[room] = spanned
        else:
            self._posted.pop(room, None)
            self._speaking.pop(room, None)

    def _post(self, room: str, worker: int, span: Span) -> None:
        """Tell one worker; one that is away is about to be lost, and its peers with it."""
        link = self._link(worker)
        if link is not None:
            link.post(lambda number: SetSpan(number, room, span.shards, dict(span.feeds), span.mirrors))

    # --- what workers tell -------------------------------------------------------------------------

    def hear(self, worker: int, event: Event) -> None:
        """Pass on what a worker tells, with the peers that it concerns, unless another one's word counts."""
        if isinstance(event, SlotsChanged):
            event = msgspec.structs.replace(event, peers=self._seats.here(event.room, worker))
        elif isinstance(event, SpeakersChanged):
            shards = self._seats.shards(event.room)
            if len(shards) > 1 and worker in shards:
                self._speaking.setdefault(event.room, {})[worker] = event
            if worker not in shards[:1]:
                return
        self._on_event(event)

    def _inherit(self, room: str, before: tuple[int, ...], speaking: Mapping[int, SpeakersChanged]) -> None:
        """Let the new home of a room say who speaks there, if it has one."""
        home = self._seats.shards(room)[:1]
        if not home or home == before:
            return
        silence = SpeakersChanged(room, {}, None)
        self._on_event(speaking.get(home[0], silence))
