"""
One running class on this node: its session, its copy, its people, its media, held together.

Everything that happens comes by here as an entry of the journal, and what follows from it outside the rules
(who is let in, cut off, told, whose gates move) is done here, once, in the journal's order.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from classroom.domain import gone, lifecycle, lobby, people, room, stage, takes
from classroom.domain.entry import SYSTEM, Actor, Command, Draft, Entry
from classroom.domain.errors import Conflict, NotFound, Refused, Unavailable
from classroom.domain.roles import Role
from classroom.domain.room import Room
from classroom.live import follower
from classroom.live.admission import Seat
from classroom.live.archive import Shelf
from classroom.live.follower import Follower
from classroom.live.lines import ClassLines, Lines
from classroom.live.media import Media, Pool
from classroom.live.media_news import MediaNews
from classroom.live.opening import planned, settings
from classroom.live.presence import Presence
from classroom.live.reader import SIGNAL_ROOM, Reader, Stand, States, known_role
from classroom.live.recording import Recordings
from classroom.live.session import Session
from classroom.live.signals import Applause, Writers
from classroom.store.bus import Bus
from classroom.store.journal import Journal
from signaling.gateway import event_frame

# Seconds between two rounds for each reader: 25 ms at 500, three times what a round takes.
TICK_A_READER = 0.00005
MAX_TICK = 0.1  # Whoever waits longer for what others wrote would notice.
LAGGING_TICK = 0.05  # Seconds until a slow line is looked at again.
# Readers served before others get a turn: about 5 ms, as long as the state of a large class takes.
SLICE = 250
CLOSING = 0.2  # Seconds between the last event and `bye closed`: the acknowledgement comes between.
AGAIN = 2.0  # Seconds until a leaving that could not be journalled is tried again.

log = structlog.get_logger("sabak.class")


class Classroom:
    """A class that runs here. `start`, then readers come and go, then `stop`."""

    def __init__(
        self,
        class_id: str,
        start: Room,
        newest: Sequence[Entry] = (),
        *,
        states: States,
        store: Journal,
        bus: Bus,
        pool: Pool | None,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        happened: Callable[["Classroom", Entry], None],
        shelf: Shelf | None = None,
    ) -> None:
        """
        `start` is the fold of the journal, `newest` all of it. `happened` hears of every entry; it must
        neither wait nor raise. Without a `shelf` nothing can be recorded.
        """
        self.id = class_id
        self.store = store
        self._now = now
        self._monotonic = monotonic
        self._bus = bus
        self._states = states
        self._happened = happened
        self.session = Session(class_id, start, store, self._publish, now)
        # What was taken back, for those who ask for older events; the state forgets after 2,000 messages.
        self.gone = {subject for entry in newest if (subject := gone.ended(entry.event)) is not None}
        self.follower = Follower(class_id, start, store, bus, self._entry, newest)
        self.presence = Presence(self._gone)
        self.media = Media(
            class_id, pool, lambda: self.follower.room, self._stop_track, moved=lambda: self.recordings.stir()
        )
        self.recordings = Recordings(
            class_id,
            takes.fold(newest),
            shelf=shelf,
            workers=pool,
            room=lambda: self.follower.room,
            pages=self.media.carried,
            order=lambda command: self.session.submit(command, SYSTEM, ""),
            now=now,
            monotonic=monotonic,
            last=newest[-1].at if newest else 0,
        )
        self.lines = Lines(self.media.peers, self.inside, monotonic, now)
        self.news = MediaNews(self.media, self.inside, self.lines.hear, self.recordings)
        self.applause = Applause(self._tell_reactions, monotonic)
        self.writers = Writers()
        self.idle_since: float | None = monotonic()
        self.permanent = False  # as the last seat said: such a class has no end
        self._closing = False  # until everybody who was there is out
        self.lost = asyncio.Event()  # set when another node writes this class
        self._entering = 0
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def room(self) -> Room:
        """Return the class as it is known here."""
        return self.follower.room

    def inside(self) -> list[Reader]:
        """Return the readers that are in the class."""
        return [reader for reader in self.presence.everybody() if reader.inside]

    def all_lines(self) -> ClassLines:
        """Return how sound and pictures get through now, for those who ask from outside."""

        def role(person: str) -> Role | None:
            known = self.room.people.items.get(person)
            return None if known is None else known.role

        return ClassLines(role, tuple(self.lines.pages()), self.lines.cause())

    # --- life --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to write, follow and serve; those who were present are expected back."""
        self._spawn(self._write())
        self._spawn(self.follower.run())
        self._spawn(self._serve())
        self._spawn(self.media.run())
        self._spawn(self.recordings.run())
        present = [person.id for person in self.room.people.items.values() if person.present]
        self.presence.expect_all([*present, *self.room.lobby.waiting])
        self._rest()

    async def stop(self) -> None:
        """End all that `start` began, after what is being written. Connections are the caller's."""
        self.presence.stop()
        self.applause.stop()
        self.media.stop()
        self.lines.stop()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.recordings.stop()
        self.session.end()  # a task that was cancelled before its first step has not done so

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A defect. The class is opened anew from the journal, which has everything that was acknowledged.
            log.error("a task of a class failed", class_id=self.id, exc_info=error)
            self.lost.set()

    async def _write(self) -> None:
        await self.session.run()
        self.lost.set()

    # --- coming and going --------------------------------------------------------------------------

    async def enter(self, reader: Reader, since: int | None) -> None:
        """
        Take in a connection: into the class, or into the lobby.

        Refuses: blocked, closed, too_many, unavailable.
        """
        self._entering += 1
        self._rest()
        try:
            await self._enter(reader, since)
        except BaseException:
            self.leave(reader)
            raise
        finally:
            self._entering -= 1
            if people.present(self.room.people, reader.person):
                self.presence.expect(reader.person, lost=True)  # unless they are connected
            self._rest()

    async def _enter(self, reader: Reader, since: int | None) -> None:
        seat = reader.seat
        await self._open(seat)
        if room.waits(self.session.room, seat.person, seat.role):
            await self._system(lobby.Knock(seat.person, seat.name, seat.role))
        else:
            await self._system(people.JoinClass(seat.person, seat.name, seat.role))
        if reader.link.closed:
            return
        self.presence.arrive(reader)
        if people.present(self.room.people, seat.person):
            self._let_in(reader, since)
        else:
            title = {
                "id": self.id,
                "title": self.room.lifecycle.title,
                "language": self.room.lifecycle.language,
            }
            reader.link.send(event_frame("waiting", {"class": title}))

    def leave(self, reader: Reader) -> None:
        """Let go of a connection that has ended."""
        reader.stand = Stand.GONE
        self.presence.depart(reader)
        self.media.depart(reader)
        self._rest()

    def _rest(self) -> None:
        """Note since when nobody is here, nobody is waited for and nobody is at the door."""
        if self._entering or not self.presence.empty:
            self.idle_since = None
        elif self.idle_since is None:
            self.idle_since = self._monotonic()

    async def _open(self, seat: Seat) -> None:
        state = self.session.room.lifecycle.state
        again = state == "closed" and seat.permanent and not self._closing
        if state == "new" or again:
            recorded = planned(seat, self.session.room.recording, self.recordings.possible)
            also = recorded if again else (*settings(seat), *recorded)
            await self._system(lifecycle.OpenClass(seat.title, seat.language, again=again), also)

    async def _system(self, command: Command, also: tuple[Draft, ...] = ()) -> None:
        """Give a command of the program's own; that it is so already, or no longer, is as good."""
        with contextlib.suppress(Conflict, NotFound):
            await self.session.submit(command, SYSTEM, "", also)

    def _let_in(self, reader: Reader, since: int | None) -> None:
        reader.welcome(self.follower, self._now(), since)
        # At once: what follows about media is for somebody who has been welcomed.
        reader.serve(self.follower, self._states, self._now())
        self.media.arrive(reader, since is not None)
        self._wake.set()

    def _gone(self, person: str, lost: bool) -> None:
        self._spawn(self._take_leave(person, lost))

    async def _take_leave(self, person: str, lost: bool) -> None:
        """
        Journal that somebody has gone, unless they are back by the time it is their turn.

        When this writer is over it is for the next one, who expects everybody that is present in the journal.
        """
        while not self.session.over and not self.presence.of(person):
            try:
                if person in self.session.room.lobby.waiting:
                    await self._system(lobby.GiveUp(person))
                elif people.present(self.session.room.people, person):
                    await self._system(people.LeaveClass(person, "lost" if lost else "left"))
            except Unavailable:
                await asyncio.sleep(AGAIN)
                continue
            except Refused as refusal:
                log.info("a leaving was refused", class_id=self.id, code=refusal.code)
            break
        if self.presence.of(person):
            await self._return(person)
        self._rest()

    async def _return(self, person: str) -> None:
        """Somebody came back while their leaving was being written: they are here."""
        for reader in self.presence.of(person)[:1]:
            with contextlib.suppress(Refused):
                seat = reader.seat
                await self._system(people.JoinClass(seat.person, seat.name, seat.role))

    # --- entries -----------------------------------------------------------------------------------

    def _publish(self, entries: Sequence[Entry]) -> None:
        """Tell this node at once, whatever the bus does, and the others by the bus."""
        self.follower.take(entries)
        follower.publish(self._bus, self.id, entries)

    def _entry(self, entry: Entry) -> None:
        """Do what follows from an entry here."""
        if (subject := gone.ended(entry.event)) is not None:
            self.gone.add(subject)
        self.recordings.hear(entry)
        match entry.event:
            case people.PersonJoined(person):
                for reader in self.presence.of(person):
                    if reader.stand is Stand.WAITING:
                        # Their state follows with the next round: a whole lobby may be let in at once.
                        reader.welcome(self.follower, self._now(), None)
            case people.RoleChanged(person):
                for reader in self.presence.of(person):
                    reader.role = known_role(self.follower, reader.seat)
                    reader.renew()
            case people.PersonLeft(person):
                self.media.drop_person(person)
            case people.PersonRemoved(person, blocked):
                self.cut_off(person, "blocked" if blocked else "removed")
            case lobby.PersonRefused(person):
                self.cut_off(person, "refused")
            case stage.TrackStarted() | stage.TrackStopped() | stage.TrackMuted() | stage.TrackUnmuted():
                self.media.stage_changed()
            case lifecycle.ClassClosed():
                self._closing = True
                self._spawn(self._close())
            case _:
                pass
        self._happened(self, entry)
        self._wake.set()

    def cut_off(self, person: str, code: str) -> None:
        """End all that a person has to do with this class, for the reason `code`."""
        self.presence.forget(person)
        for reader in self.presence.of(person):
            reader.link.bye(code)
        # At once: what goes over UDP would outlive the connection by its grace.
        self.media.drop_person(person)
        self._rest()

    async def _close(self) -> None:
        """Everybody gets what there was, whoever ended it the acknowledgement, and then the end."""
        await asyncio.sleep(CLOSING)
        for reader in self.presence.everybody():
            reader.serve(self.follower, self._states, self._now())
            reader.link.bye("closed")
        self.presence.stop()
        self.media.drop_all()
        self._rest()
        self._closing = False

    def take_off(self, track_id: str) -> None:
        """Stop a track, if it runs, of a sender that has gone."""
        self._spawn(self._take_off_by_id(track_id))

    async def _take_off_by_id(self, track_id: str) -> None:
        track = self.session.room.stage.tracks.get(track_id)
        if track is not None:
            await self._take_off(track)

    def _stop_track(self, track: stage.Track) -> None:
        self._spawn(self._take_off(track))

    async def _take_off(self, track: stage.Track) -> None:
        """Stop a track on its owner's behalf: rules know no other way, and it is what they would do."""
        found = self.room.people.items.get(track.person)
        if found is not None:
            with contextlib.suppress(Refused):
                owner = Actor(found.id, found.role, found.name)
                await self.session.submit(stage.StopTrack(track.id), owner, "")

    # --- serving -----------------------------------------------------------------------------------

    def wake(self) -> None:
        """Look at all readers soon."""
        self._wake.set()

    async def _serve(self) -> None:
        """
        Send to all readers what they lack, in rounds: at once when the class was quiet, then at a pace that
        leaves time for everything else.
        """
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            readers = self.inside()
            lagging = False
            for place, reader in enumerate(readers):
                sent = self._states.sent
                lagging |= not reader.serve(self.follower, self._states, self._now())
                if place % SLICE == SLICE - 1 or self._states.sent != sent:
                    await asyncio.sleep(0)
            self.follower.tail.forget_frames()
            if lagging:
                loop.call_later(LAGGING_TICK, self._wake.set)
            await asyncio.sleep(min(MAX_TICK, len(readers) * TICK_A_READER))

    # --- signals -----------------------------------------------------------------------------------

    def tell(self, signal: dict[str, object], readers: Sequence[Reader]) -> None:
        """Send a signal to `readers`, but those that lag."""
        frame = event_frame("signal", signal)
        for reader in readers:
            reader.link.offer(frame, SIGNAL_ROOM)

    def typing(self, writer: Reader, to: str | None) -> None:
        """Tell that somebody writes, to those who would read it, now and then."""
        if not self.writers.allow(writer.person, to or "", self._monotonic()):
            return
        signal: dict[str, object] = {"type": "chat.typing", "person": writer.person, "to": to}
        readers = self.inside() if to is None else self.presence.of(to)
        self.tell(signal, [reader for reader in readers if reader.inside and reader.person != writer.person])

    def _tell_reactions(self, counts: dict[Any, int]) -> None:
        self.tell({"type": "reactions.counted", "counts": counts}, self.inside())
