"""
The classes that run on this node: opened when somebody comes, put away when nobody has been there for a
while.

A class is opened once, however many people stand at its door: the first one opens, the others wait for that.
Its lease is taken first and renewed while it runs; when it is lost, everybody is sent away to come back where
the class now is.
"""

import asyncio
import contextlib
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable

import structlog

from classroom import clock
from classroom.domain.entry import SYSTEM, Entry
from classroom.domain.errors import Closed, CorruptJournal, Refused, TooFast, Unauthorized, Unavailable
from classroom.domain.lifecycle import ClassClosed, ClassOpened, ExpireClass
from classroom.domain.room import Room
from classroom.live import handler, wire
from classroom.live.admission import SEAT_LIFE, Seat, Seats
from classroom.live.archive import Shelf
from classroom.live.classroom import Classroom
from classroom.live.lines import ClassLines
from classroom.live.media import Pool
from classroom.live.numbers import Number, numbers
from classroom.live.opening import NotOpen
from classroom.live.reader import Reader, States
from classroom.live.recording import Recorded
from classroom.live.session import read_on
from classroom.live.timetable import Listener, Telling
from classroom.store import errors as store_errors
from classroom.store.bus import Bus
from classroom.store.journal import Journal
from classroom.store.lease import Grant, Lease
from signaling import control
from signaling.gateway import Counters, Denied, Link
from signaling.gateway_limits import Buckets, Rate

LOOK_EVERY = 5.0  # Seconds between two rounds of care; a lease lasts several of them.
IDLE = 300.0  # Seconds without anybody until a class is put away: a break between two lessons.
EXPIRE = 12 * 3600 * 1000  # ms after its last event at which an open class that nobody is in has ended.
# One person's connects: each may cost a state, which is megabytes late in a long class. A bad line comes back
# every few seconds.
ENTRANCES = Rate(0.5, 30)
MAX_CLASSES = 500  # On this node at once: more than it can serve.
NOT_OPEN_RETRY = 10_000  # ms until a program may ask again whether its class has begun.
MAX_CLOSED = 2000  # Classes remembered as over, so that knocking at them costs nothing.

log = structlog.get_logger("sabak.directory")


Disabled = Callable[[int], Awaitable[Iterable[str]]]
"""Asked for the accounts that were disabled at this time (ms) or later."""


class Classrooms:
    """
    Every running class of this node. It is the handler of the gateway:

        classrooms = Classrooms(...)
        gateway = Gateway(classrooms, address=..., origin=...)
        gateway.attach(app)
        await classrooms.start()
        ...
        await gateway.close()
        await classrooms.close()

    `media_event` is the callback of the MediaPool; a pool made after this object is given by `use_pool`.
    """

    def __init__(
        self,
        *,
        seats: Seats,
        journal: Journal,
        bus: Bus,
        lease: Lease,
        listener: Listener | None = None,
        disabled: Disabled | None = None,
        shelf: Shelf | None = None,
        now: Callable[[], int] = clock.now_ms,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        """
        `now` gives ms since 1970, `monotonic` seconds. `shelf` is where recordings go; without one nothing
        can be recorded.
        """
        self._shelf = shelf
        self._resting: set[str] = set()
        self._ask_disabled = disabled
        self._entrances = Buckets(ENTRANCES)
        self._disabled: set[str] = set()  # accounts whose seats are worth nothing any more
        self._expelled: set[str] = set()  # of these, those expelled while the database was asked
        self._seats = seats
        self._journal = journal
        self._bus = bus
        self._lease = lease
        self._telling = Telling(listener)
        self._pool: Pool | None = None
        self._now = now
        self._monotonic = monotonic
        self._states = States()
        self._running: dict[str, Classroom] = {}
        self._forgotten: OrderedDict[str, float] = OrderedDict()  # put away while open; until when
        self._grants: dict[str, Grant] = {}
        self._opening: dict[str, asyncio.Task[Classroom]] = {}
        self._over: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._care: asyncio.Task[None] | None = None
        self._stopping = False

    def use_pool(self, pool: Pool) -> None:
        """Take the media workers; before `start`."""
        self._pool = pool

    async def start(self) -> None:
        """Begin to look after classes. `close` ends what this starts."""
        await self._note_disabled()
        self._care = asyncio.get_running_loop().create_task(self._look_after())

    async def close(self) -> None:
        """After the gateway's close: finish what is being written and give back the leases."""
        self._stopping = True
        if self._care is not None:
            self._care.cancel()
            await asyncio.gather(self._care, return_exceptions=True)
        await asyncio.gather(*self._opening.values(), return_exceptions=True)
        await asyncio.gather(*(self._put_away(classroom) for classroom in list(self._running.values())))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._telling.finish()

    # --- the gateway's handler ---------------------------------------------------------------------

    async def connect(self, link: Link, auth: object) -> None:
        """See signaling.gateway.Handler."""
        try:
            hello = wire.read_hello(auth)
            seat = self._seats.read(hello.seat, self._now())
            if seat.person in self._disabled:
                raise Unauthorized("the account is disabled")
            self._pace(f"{seat.class_id}/{seat.person}")
            classroom = await self._open(seat.class_id, expires=not seat.permanent)
            reader = Reader(link, seat)
            classroom.permanent = seat.permanent
            link.person = f"{seat.class_id}/{seat.person}"
            link.reader = (classroom, reader)
            await classroom.enter(reader, hello.since)
        except Refused as refusal:
            raise Denied(refusal.answer()) from None

    def _pace(self, person: str) -> None:
        if wait := self._entrances.take(person, self._monotonic()):
            raise TooFast(retry_after=math.ceil(wait * 1000))

    async def receive(self, link: Link, event: str, data: object) -> dict[str, object] | None:
        """See signaling.gateway.Handler."""
        classroom, reader = link.reader
        try:
            return await handler.receive(classroom, reader, event, data)
        except Refused as refusal:
            return refusal.answer()
        except store_errors.Unavailable:
            return Unavailable(retry_after=1000).answer()

    def disconnected(self, link: Link) -> None:
        """See signaling.gateway.Handler."""
        classroom, reader = link.reader
        classroom.leave(reader)

    def media_event(self, event: control.Event) -> None:
        """Take an event of the media workers."""
        rooms = event.peers if isinstance(event, control.WorkerDied) else (event.room,)
        for room in rooms:
            if (classroom := self._running.get(room)) is not None:
                classroom.news.hear(event)

    # --- what others ask ---------------------------------------------------------------------------

    async def running(self, seat: Seat) -> Classroom:
        """
        Return the class of a seat for a program (doors.py), which joins a class but opens none: one that
        comes back by itself would open what its teacher has just ended.

        Refuses: unauthorized, not_open, closed, unavailable.
        """
        if seat.person in self._disabled:
            raise Unauthorized("the account is disabled")
        classroom = await self._open(seat.class_id, expires=not seat.permanent)
        classroom.permanent = seat.permanent
        state = classroom.session.room.lifecycle.state
        if state == "closed" and not seat.permanent:
            raise Closed("the class is over")
        if state != "open":
            raise NotOpen("nobody is in the class: open its page first", retry_after=NOT_OPEN_RETRY)
        return classroom

    async def end(self, class_id: str) -> None:
        """End a class for everybody, as its teacher would. Refuses: unavailable. Again is no error."""
        with contextlib.suppress(Closed):
            classroom = await self._open(class_id)
            if classroom.room.lifecycle.state == "open":
                await classroom.session.submit(ExpireClass("ended"), SYSTEM, "")

    def expel(self, person: str) -> None:
        """Cut off all connections of an account that was disabled; its seats are refused from now on."""
        self._expelled.add(person)
        self._disabled.add(person)
        for classroom in self._running.values():
            classroom.cut_off(person, "removed")

    async def check(self) -> str:
        """Return "" when classes can run here now, else the reason, for /readyz."""
        if self._care is None or self._care.done():
            return "classes are not looked after"
        return "" if self._bus.ready() else "the bus is not connected"

    def lines(self, class_id: str) -> ClassLines | None:
        """Return how media of a class get through; None when it does not run here."""
        classroom = self._running.get(class_id)
        return None if classroom is None else classroom.all_lines()

    def recorded(self, class_id: str) -> Recorded | None:
        """Return whether a class is being recorded; None when it does not run here."""
        classroom = self._running.get(class_id)
        return None if classroom is None else classroom.recordings.recorded()

    def numbers(self, gateway: Counters) -> Iterable[Number]:
        """Return what /metrics shows, the gateway's counters included."""
        return numbers(self._running.values(), gateway)

    # --- opening and putting away ------------------------------------------------------------------

    async def _open(self, class_id: str, *, expires: bool = True) -> Classroom:
        """
        Return the running class. Refuses: closed, unavailable.

        With `expires` a class that was forgotten open ends here; a permanent one has no end.
        """
        found = self._running.get(class_id)
        if found is not None:
            return found
        if class_id in self._over:
            raise Closed("the class is over")
        opening = self._opening.get(class_id)
        if opening is None:
            if self._stopping or len(self._running) + len(self._opening) >= MAX_CLASSES:
                raise Unavailable("no room for another class", retry_after=5000)
            opening = asyncio.get_running_loop().create_task(self._begin(class_id, expires))
            self._opening[class_id] = opening
            opening.add_done_callback(lambda _: self._opening.pop(class_id, None))
        # Shielded: whoever opens may go away, and the others still wait for it.
        return await asyncio.shield(opening)

    async def _begin(self, class_id: str, expires: bool) -> Classroom:
        try:
            grant = await self._lease.acquire(class_id)
            if grant is None:
                raise Unavailable("another node runs this class", retry_after=2000)
            try:
                entries, start = await read_on(self._journal, class_id, Room())
                # The timetable may have missed it: a crash stands between any two writes.
                self._telling.tell(class_id, start.lifecycle)
                if start.lifecycle.state == "closed" and expires:
                    self._remember_over(class_id)
                    raise Closed("the class is over")
                classroom = self._make(class_id, start, entries)
            except BaseException:
                await self._lease.release(grant)
                raise
        except store_errors.Unavailable as error:
            raise Unavailable(str(error), retry_after=1000) from error
        except CorruptJournal as error:
            log.exception("a journal cannot be read", class_id=class_id)
            raise Unavailable("the journal cannot be read") from error
        self._grants[class_id] = grant
        self._running[class_id] = classroom
        classroom.start()
        log.info("class running", class_id=class_id, events=start.seq)
        self._forgotten.pop(class_id, None)
        if expires and entries and self._now() - entries[-1].at > EXPIRE and start.lifecycle.state == "open":
            # Everybody has forgotten to end it, and now somebody comes to it days later.
            await classroom.session.submit(ExpireClass(), SYSTEM, "")
            raise Closed("the class is over")
        return classroom

    def _make(self, class_id: str, start: Room, newest: list[Entry]) -> Classroom:
        return Classroom(
            class_id,
            start,
            newest,
            states=self._states,
            store=self._journal,
            bus=self._bus,
            pool=self._pool,
            now=self._now,
            monotonic=self._monotonic,
            happened=self._happened,
            shelf=self._shelf,
        )

    async def _put_away(self, classroom: Classroom) -> None:
        """Stop a class here. Whoever is connected comes back and opens it, here or elsewhere."""
        self._running.pop(classroom.id, None)
        for reader in classroom.presence.everybody():
            reader.link.bye("shutdown")
        await classroom.stop()
        if classroom.room.lifecycle.state == "open" and not classroom.permanent:
            self._forgotten[classroom.id] = self._monotonic() + EXPIRE / 1000
            if len(self._forgotten) > MAX_CLOSED:
                self._forgotten.popitem(last=False)
        grant = self._grants.pop(classroom.id, None)
        if grant is not None:
            with contextlib.suppress(store_errors.Unavailable):
                await self._lease.release(grant)
        log.info("class put away", class_id=classroom.id, events=classroom.room.seq)

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self._note_disabled()
            for classroom in list(self._running.values()):
                if self._running.get(classroom.id) is not classroom:
                    continue  # put away while another one was looked at
                if classroom.lost.is_set():
                    await self._put_away(classroom)
                elif not await self._renew(classroom.id):
                    log.warning("the lease was lost", class_id=classroom.id)
                    await self._put_away(classroom)
                elif self._idle(classroom):
                    self._rest(classroom)
            await self._end_forgotten()

    def _idle(self, classroom: Classroom) -> bool:
        return classroom.idle_since is not None and self._monotonic() - classroom.idle_since > IDLE

    def _rest(self, classroom: Classroom) -> None:
        """Put a class away after its recording; the archive may take its time, and others have leases."""
        if classroom.id not in self._resting:
            self._resting.add(classroom.id)
            task = asyncio.get_running_loop().create_task(self._rest_and_put_away(classroom))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _rest_and_put_away(self, classroom: Classroom) -> None:
        try:
            await classroom.recordings.rest()
            if self._idle(classroom) and self._running.get(classroom.id) is classroom:
                await self._put_away(classroom)
        finally:
            self._resting.discard(classroom.id)

    async def _note_disabled(self) -> None:
        """
        Expel whom another node or the command line disabled, and forget whom they enabled.

        A seat lives for hours and is believed without asking anybody; this is who asks.
        """
        if self._ask_disabled is None:
            return
        self._expelled.clear()
        try:
            found = set(await self._ask_disabled(self._now() - SEAT_LIFE))
        except store_errors.Unavailable:
            return
        for person in found - self._disabled:
            self.expel(person)
        self._disabled = found | self._expelled

    async def _end_forgotten(self) -> None:
        """End classes that were put away open and that nobody has come to since."""
        for class_id, until in list(self._forgotten.items()):
            if self._monotonic() < until:
                return
            del self._forgotten[class_id]
            with contextlib.suppress(Refused):
                await self._open(class_id)

    async def _renew(self, class_id: str) -> bool:
        """
        Return False only when the lease is surely lost: while nobody can tell, the journal is the fence.
        """
        try:
            return await self._lease.renew(self._grants[class_id])
        except store_errors.Unavailable:
            return True

    def _remember_over(self, class_id: str) -> None:
        self._over[class_id] = None
        if len(self._over) > MAX_CLOSED:
            self._over.popitem(last=False)

    def _happened(self, classroom: Classroom, entry: Entry) -> None:
        if isinstance(entry.event, ClassClosed) and not classroom.permanent:
            self._remember_over(classroom.id)
        if isinstance(entry.event, ClassOpened | ClassClosed):
            self._telling.tell(classroom.id, classroom.room.lifecycle)
