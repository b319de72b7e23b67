"""
The media of a class: what pages ask of the workers, and what the stage makes of it (see gates.py).

A *peer* of the workers is a page (a seat's tab), so two pages of one person do not fight over one connection,
and a page that comes back after a broken line finds its legs as they were. A track that no page carries is
taken off the stage after a grace, whatever the reason: nobody should look at a tile that will never move.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol, TypeVar, assert_never

import structlog

from classroom.domain import errors
from classroom.domain.room import Room
from classroom.domain.stage import Track
from classroom.live import gates, wire
from classroom.live.gates import Change, Peer
from classroom.live.reader import Reader
from signaling.control import MediaRefused
from signaling.core.model import Kind, Mode, Wish
from signaling.gateway import event_frame

GRACE = 15.0  # Seconds that a leg, and a track without one, may be away: as long as a person's presence.
MAX_PEERS = 2000  # Pages of one class that negotiate: the people of the fullest class.

log = structlog.get_logger("sabak.media")

T = TypeVar("T")


class Pool(Protocol):
    """The media workers, as signaling.supervisor.MediaPool offers them. All raise MediaRefused."""

    async def publish(self, room: str, peer: str, offer_sdp: str, kinds: Mapping[str, Kind]) -> str: ...
    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]: ...
    async def answer(self, room: str, peer: str, sdp: str) -> None: ...
    async def wish(self, room: str, peer: str, mode: Mode, tracks: Mapping[str, Wish]) -> None: ...
    async def watch(self, room: str, peer: str, offer_sdp: str) -> str: ...
    async def restart_ice(self, room: str, peer: str) -> tuple[str, str]: ...
    async def gate(self, room: str, peer: str, kind: Kind, track_id: str | None, muted: bool) -> None: ...
    async def record(self, room: str, peer: str, kind: Kind, path: str, head: Mapping[str, str]) -> None: ...
    async def stop_recording(self, room: str, peer: str, kind: Kind) -> None: ...
    async def close(self, room: str, peer: str) -> None: ...


class Media:
    """The media of one class. `run` has to be running for gates to move."""

    def __init__(
        self,
        class_id: str,
        pool: Pool | None,
        room: Callable[[], Room],
        stop_track: Callable[[Track], None],
        grace: float = GRACE,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        """
        `room` gives the class as this node knows it. `stop_track` is called for a track that no page has
        carried for `grace` seconds, `moved` when other pages may carry the tracks; neither may wait or raise.
        """
        self.peers: dict[str, Peer] = {}
        self.class_id = class_id
        self._pool = pool
        self._room = room
        self._stop_track = stop_track
        self._grace = grace
        self._moved = moved
        self._owners: dict[str, str] = {}
        self._orphans: dict[str, asyncio.TimerHandle] = {}
        self._closing: dict[str, None] = {}  # pages, as an ordered set: one that comes and goes is there once
        self._dirty = asyncio.Event()

    # --- what the class tells ----------------------------------------------------------------------

    def arrive(self, reader: Reader, returning: bool) -> None:
        """
        Take in a page's connection. `returning`: it was connected before, if not to this process; then its
        legs, which we know nothing of, have ended.
        """
        peer = self.peers.get(reader.tab)
        if peer is None:
            if returning:
                reader.lost("both")
            return
        peer.reader = reader
        if peer.timer is not None:
            peer.timer.cancel()
            peer.timer = None
        for leg in sorted(peer.lost):
            reader.lost(leg)
        frame = peer.offer or peer.slots
        if peer.subscribed and frame is not None:
            reader.link.send(frame)

    def depart(self, reader: Reader) -> None:
        """Let go of a page's connection; unless it comes back, its legs are closed after the grace."""
        peer = self.peers.get(reader.tab)
        if peer is None or peer.reader is not reader:
            return
        peer.reader = None
        if peer.timer is None:
            loop = asyncio.get_running_loop()
            peer.timer = loop.call_later(self._grace, self.drop, reader.tab)

    def drop(self, tab: str) -> None:
        """Close both legs of a page."""
        peer = self.peers.pop(tab, None)
        if peer is None:
            return
        if peer.timer is not None:
            peer.timer.cancel()
        self._closing[tab] = None
        self._dirty.set()

    def drop_person(self, person: str) -> None:
        """Close the legs of somebody who has left; not of a page that has just come back."""
        for tab, peer in list(self.peers.items()):
            if peer.person == person and (peer.reader is None or peer.reader.link.closed):
                self.drop(tab)

    def drop_all(self) -> None:
        """Close all legs: the class is over."""
        for tab in list(self.peers):
            self.drop(tab)

    def claim(self, track: str, tab: str) -> None:
        """
        Note which page starts a track, before it is on the stage.

        The id is the client's and nobody has judged it yet: one that runs stays with the page that has it.
        """
        running = self._room().stage.tracks
        if track in running:
            return
        self._owners[track] = tab
        if len(self._owners) > MAX_PEERS:
            self._owners = {known: page for known, page in self._owners.items() if known in running}

    def abandoned(self, person: str, kind: Kind, tab: str) -> Track | None:
        """
        Return the person's track of this kind if `tab` may replace it: a page left it behind, or a program
        sends it, which gives way to whatever its person does later.
        """
        track = self.running(person, kind)
        if track is None:
            return None
        owner = self._owners.get(track.id)
        reader = self.peers[owner].reader if owner in self.peers else None
        return track if owner != tab and (reader is None or reader.headless) else None

    def running(self, person: str, kind: Kind) -> Track | None:
        """Return the track of this kind that the person has on the stage."""
        for track in self._room().stage.tracks.values():
            if track.person == person and track.kind == kind:
                return track
        return None

    def carried(self) -> dict[str, str]:
        """Return the page of each track that one carries now."""
        return gates.assign(self._room().stage.tracks, self.peers, self._owners)

    def stage_changed(self) -> None:
        """Hear that tracks have started, stopped or changed."""
        self._dirty.set()

    def stop(self) -> None:
        """Let all timers be."""
        for timer in [*self._orphans.values(), *(peer.timer for peer in self.peers.values())]:
            if timer is not None:
                timer.cancel()

    # --- what pages ask ----------------------------------------------------------------------------

    async def call(self, reader: Reader, message: wire.Media) -> dict[str, object]:
        """Do what a page asks and return the acknowledgement. Refuses: the codes `media.*`."""
        pool = self._workers()
        match message:
            case wire.Publish(offer, kinds):
                return {"ok": True, "answer": await self.publish(reader, offer, kinds)}
            case wire.Subscribe():
                return await self._subscribe(pool, reader)
            case wire.Answer(answer):
                await _ask(pool.answer(self.class_id, self._known(reader), answer))
                self.peers[reader.tab].offer = None
            case wire.Wishes(mode, wishes):
                tracks = {track: Wish(wish.height, wish.visible) for track, wish in wishes.items()}
                await _ask(pool.wish(self.class_id, self._known(reader), mode, tracks))
            case wire.Leave():
                self.drop(reader.tab)
            case _:
                assert_never(message)
        return {"ok": True}

    async def publish(self, reader: Reader, offer: str, kinds: Mapping[str, Kind]) -> str:
        """Take the offer of somebody who will send; return the answer. Refuses: the codes `media.*`."""
        pool = self._workers()
        peer = self._peer(reader)
        answer = await _ask(pool.publish(self.class_id, reader.tab, offer, kinds))
        self._close_if_gone(reader.tab)
        peer.kinds = frozenset(kinds.values())
        peer.lost.discard("publisher")
        peer.told.clear()  # a leg made anew begins with every gate closed; telling twice does no harm
        self._dirty.set()
        return answer

    async def watch(self, reader: Reader, offer: str) -> str:
        """Take the offer of a player that gets the stage; return the answer. Refuses: the codes `media.*`."""
        pool = self._workers()
        peer = self._peer(reader)
        answer = await _ask(pool.watch(self.class_id, reader.tab, offer))
        self._close_if_gone(reader.tab)
        peer.subscribed = True
        return answer

    async def restart_ice(self, reader: Reader) -> tuple[str, str]:
        """Return a new user fragment and password of a program's leg. Refuses: the codes `media.*`."""
        return await _ask(self._workers().restart_ice(self.class_id, self._known(reader)))

    async def _subscribe(self, pool: Pool, reader: Reader) -> dict[str, object]:
        peer = self._peer(reader)
        before = peer.slots
        offer, version, slots = await _ask(pool.subscribe(self.class_id, reader.tab))
        peer.subscribed = True
        if peer.slots is before:
            peer.slots = slots_frame(version, slots)
        elif peer.slots is not None and peer.reader is not None:
            peer.reader.link.send(peer.slots)  # They have changed again, before this answer was looked at.
        peer.lost.discard("subscriber")
        return {"ok": True, "offer": offer, "version": version, "slots": bound(slots)}

    def _close_if_gone(self, tab: str) -> None:
        """Close a leg that came about after its page had gone: too late for what closed the others."""
        if tab not in self.peers:
            self._closing[tab] = None
            self._dirty.set()

    def _workers(self) -> Pool:
        if self._pool is None:
            raise errors.MediaUnavailable("no media workers")
        return self._pool

    def _peer(self, reader: Reader) -> Peer:
        peer = self.peers.get(reader.tab)
        if peer is None:
            if len(self.peers) >= MAX_PEERS:
                raise errors.TooManyMedia("too many pages of this class negotiate")
            peer = self.peers[reader.tab] = Peer(reader.person, reader)
        return peer

    def _known(self, reader: Reader) -> str:
        if reader.tab not in self.peers:
            raise errors.UnknownPeer("nothing was negotiated")
        return reader.tab

    # --- what is told to the workers ---------------------------------------------------------------

    async def run(self) -> None:
        """Close and open gates as the stage changes, until cancelled."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            if self._pool is not None:
                await self._close_legs(self._pool)
                await self._move_gates(self._pool)
                self._moved()

    async def _close_legs(self, pool: Pool) -> None:
        while self._closing:
            tab, _ = self._closing.popitem()
            if tab in self.peers:
                continue  # it has come back meanwhile; what it negotiated must not be closed
            try:
                await pool.close(self.class_id, tab)
            except MediaRefused as refusal:
                log.info("a peer was not closed", class_id=self.class_id, code=refusal.code)

    async def _move_gates(self, pool: Pool) -> None:
        tracks = self._room().stage.tracks
        pages = gates.assign(tracks, self.peers, self._owners)
        self._owners = {track: tab for track, tab in self._owners.items() if track in tracks} | pages
        self._watch_orphans([track for track in tracks if track not in pages])
        for change in gates.changes(tracks, self.peers, pages):
            await self._move(pool, change)

    async def _move(self, pool: Pool, change: Change) -> None:
        peer = self.peers.get(change.tab)
        if peer is None:
            return
        try:
            await pool.gate(self.class_id, change.tab, change.kind, change.track, change.muted)
        except MediaRefused as refusal:
            log.info("a gate was not moved", class_id=self.class_id, code=refusal.code)
            if refusal.code == "media.unknown_peer":
                self.lose(change.tab, "publisher")
            return
        if change.track is None:
            peer.told.pop(change.kind, None)
        else:
            peer.told[change.kind] = (change.track, change.muted)

    def _watch_orphans(self, orphans: list[str]) -> None:
        for track in [track for track in self._orphans if track not in orphans]:
            self._orphans.pop(track).cancel()
        loop = asyncio.get_running_loop()
        for track in orphans:
            if track not in self._orphans:
                self._orphans[track] = loop.call_later(self._grace, self._give_up, track)

    def _give_up(self, track: str) -> None:
        self._orphans.pop(track, None)
        found = self._room().stage.tracks.get(track)
        if found is not None:
            self._stop_track(found)

    # --- what the workers tell (see media_news.py) -------------------------------------------------

    def lose(self, tab: str, leg: str) -> None:
        """A leg of a page has ended; the page is told to negotiate it again."""
        peer = self.peers.get(tab)
        if peer is None:
            return
        if leg == "publisher":
            peer.kinds = frozenset()
            peer.told.clear()
        else:
            peer.subscribed = False
            peer.offer = None
        peer.lost.add(leg)
        if peer.reader is not None:
            peer.reader.lost(leg)
        self._dirty.set()

    def lose_all(self, tabs: Iterable[str]) -> None:
        """The worker of these pages has ended: so have all their legs."""
        for tab in tabs:
            peer = self.peers.get(tab)
            if peer is None:
                continue
            peer.slots = None
            legs = [*(["publisher"] if peer.kinds else []), *(["subscriber"] if peer.subscribed else [])]
            reader, peer.reader = peer.reader, None
            for leg in legs:
                self.lose(tab, leg)
            peer.reader = reader
            if reader is not None and legs:
                reader.lost("both" if len(legs) == 2 else legs[0])


def bound(slots: Mapping[str, str | None]) -> dict[str, str]:
    """Return the slots that carry something, as the wire has them."""
    return {mid: track for mid, track in slots.items() if track is not None}


def slots_frame(version: int, slots: Mapping[str, str | None]) -> bytes:
    """Return the message that says what is in the slots."""
    return event_frame("media", {"op": "slots", "version": version, "slots": bound(slots)})


async def _ask(request: Awaitable[T]) -> T:
    try:
        return await request
    except MediaRefused as refusal:
        raise errors.refusal(refusal.code, refusal.message) from None
