"""
The recordings of one running class: what its journal says of them is done here, by the archive and the
workers.

Everything follows from the entries. A recording begins at the archive, then its captures; they end before it
does. What cannot be done ends the recording with a reason, in the journal like everything else, so that
nobody believes to be recorded who is not; the class goes on. That nobody is captured who may not be comes
first in every round, and is asked again before each capture.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal

import structlog

from classroom.domain import takes
from classroom.domain.entry import Command, Entry
from classroom.domain.errors import Refused, Unavailable
from classroom.domain.recording_words import EndRecording, Reason, RenewRecording
from classroom.domain.room import Room, recorded_tracks
from classroom.domain.takes import Take, Takes
from classroom.live import captures
from classroom.live.archive import PATIENCE, Shelf, name_of, reason_of
from classroom.live.captures import Spot, Wish
from classroom.live.capturing import WITHIN, Capturing, Workers
from signaling.control import CaptureEnded

LOOK_EVERY = 5.0  # Seconds: in which a full class captures 10 MB of what is free.
AGAIN = 1.0  # Seconds until a worker or the journal is asked once more.
SITTING = 3_600_000  # ms: after a power cut a class goes on; who comes later comes to another one.
ATTEMPTS = 3  # To end the captures of a recording that is over; then it ends without them.
LOOKED_BACK = 8  # Recordings that may not have been seen to yet: crashes are rarer.

# Entries of other features change nothing about who is recorded.
_FEATURES = frozenset({"recording", "stage", "people", "lifecycle"})

Recorded = Literal["on", "paused", "off", "ask"]

log = structlog.get_logger("sabak.recording")


class Recordings:
    """
    Makes the recordings of one class. `run` has to be running; `stop` after it was cancelled.

    `hear` takes every entry, `stir` hears that other pages carry the tracks; `capture_ended` and
    `worker_died` are what workers tell. None of these waits.
    """

    def __init__(
        self,
        class_id: str,
        known: Takes,
        *,
        shelf: Shelf | None,
        workers: Workers | None,
        room: Callable[[], Room],
        pages: Callable[[], Mapping[str, str]],
        order: Callable[[Command], Awaitable[object]],
        now: Callable[[], int],
        monotonic: Callable[[], float],
        last: int = 0,
    ) -> None:
        """
        `known` are the recordings that the journal has, `last` when (ms) its last entry was written. `room`
        gives the class as it is, `pages` the page of each track that one carries; `order` gives a command of
        the program's own. `now` gives ms since 1970, `monotonic` seconds.
        """
        self.class_id = class_id
        self._takes = known
        self._shelf = shelf
        self._room = room
        self._pages = pages
        self._order = order
        self._now = now
        self._last = last
        self._left: int | None = None  # when everybody left whose recording was given up
        self._capturing = None if workers is None else Capturing(class_id, workers, self, monotonic)
        self._open: int | None = None  # the recording that is open at the archive
        self._done = 0  # all recordings up to this number have been seen to
        self._broken: dict[int, Reason] = {}  # those that cannot go on
        self._waited = 0  # rounds for the captures of a recording that is over
        self._dirty = asyncio.Event()
        self._seen = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    @property
    def possible(self) -> bool:
        """Whether anything can be recorded here."""
        return self._shelf is not None

    @property
    def captures(self) -> int:
        """Return how many tracks are being captured."""
        return 0 if self._capturing is None else len(self._capturing)

    def recorded(self) -> Recorded | None:
        """Tell whoever is not in the class what it does; None while it is not open."""
        room = self._room()
        if room.lifecycle.state != "open":
            return None
        return "ask" if room.recording.asks else room.recording.state

    # --- what happens ------------------------------------------------------------------------------

    def hear(self, entry: Entry) -> None:
        """Take in an entry of the journal."""
        self._takes = takes.evolve(self._takes, entry)
        if entry.event.TYPE.partition(".")[0] in _FEATURES:
            self.stir()

    def stir(self) -> None:
        """Hear that there may be something to do."""
        self._dirty.set()

    def again(self) -> None:
        """Have another round soon."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AGAIN, self._once_more)

    def _once_more(self) -> None:
        self._timer = None
        self.stir()

    def capture_ended(self, event: CaptureEnded) -> None:
        """Hear that a file is whole, or that it never will be."""
        if self._capturing is not None:
            self._capturing.ended(event)

    def worker_died(self, tabs: Iterable[str]) -> None:
        """Hear that the worker of these pages has ended."""
        if self._capturing is not None:
            self._capturing.worker_died(tabs)

    def broken(self, number: int, reason: Reason) -> None:
        """Hear that a recording cannot go on: it ends once, for the first reason."""
        if number not in self._broken:
            log.warning("a recording cannot go on", class_id=self.class_id, number=number, reason=reason)
            self._broken[number] = reason
        self.stir()

    def wanted(self) -> dict[Spot, Wish]:
        """Return what is to be captured now."""
        room = self._room()
        if self._open is None or self._open in self._broken or room.recording.number != self._open:
            return {}
        return captures.wishes(self._open, recorded_tracks(room), room.stage.tracks, self._pages())

    def place(self, number: int) -> str | None:
        """Return the path of the next capture of a recording, None if there is none."""
        if self._shelf is None:
            return None
        try:
            return self._shelf.archive.capture_path(name_of(self.class_id, number))
        except Exception as error:
            # The edge of what is the archive's, as in archive.py.
            log.exception("there is no place for a capture", class_id=self.class_id, number=number)
            self.broken(number, reason_of(error))
            return None

    # --- life --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Make recordings until cancelled."""
        if self._shelf is not None:
            await self._go_on(self._shelf)
        self.stir()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if self._open is None else LOOK_EVERY):
                    await self._dirty.wait()
            self._dirty.clear()
            try:
                await self._round()
            except Exception:
                # The edge of the task: a defect in here must not take the class along.
                log.exception("recording has gone wrong", class_id=self.class_id)
                self._dirty.clear()
                self.again()

    async def rest(self) -> None:
        """
        Nobody has been there for long: end what is being recorded, and wait a while until the archive has it.

        It goes on as another recording when somebody comes back, but not after a pause: that would be
        nobody's wish.
        """
        recording = self._room().recording
        if recording.state == "off":
            return
        reason: Reason = "ended" if recording.state == "paused" else "interrupted"
        with contextlib.suppress(TimeoutError, Refused):
            async with asyncio.timeout(PATIENCE):
                await self._order(EndRecording(recording.number, reason))
                while self._done < recording.number and not self._stopped:
                    self._seen.clear()
                    await self._seen.wait()

    async def stop(self) -> None:
        """Have workers capture nothing more: whoever writes this class from now on decides anew."""
        self._stopped = True
        self._seen.set()
        if self._capturing is not None:
            await self._capturing.stop()
        if self._timer is not None:
            self._timer.cancel()
        for take in self._takes.items[-LOOKED_BACK:]:
            if take.number == self._open and not take.running and self._shelf is not None:
                # It had just ended. What is not heard now is found out when the archive is started anew.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(WITHIN):
                        await self._shelf.finish(self.class_id, take)

    async def _round(self) -> None:
        """Do what there is to do; what happens meanwhile makes another round."""
        if self._capturing is not None:
            await self._capturing.end_stale()
        self._look_at_room()
        await self._report()
        await self._settle()
        if self._capturing is not None:
            await self._capturing.begin_missing()
        await self._renew()

    def _look_at_room(self) -> None:
        """Let a recording end before the disk is full: what it has must still be finished."""
        newest = self._takes.newest
        if self._shelf is None or newest is None or not newest.running or self._open != newest.number:
            return
        if reason := self._shelf.full():
            self.broken(newest.number, reason)

    # --- the journal -------------------------------------------------------------------------------

    async def _report(self) -> None:
        """Journal which recordings could not go on."""
        for number, reason in list(self._broken.items()):
            if await self._tell(EndRecording(number, reason)):
                del self._broken[number]  # What came of it has been heard by now.

    async def _renew(self) -> None:
        """After an interruption another recording begins as soon as somebody is there."""
        room = self._room()
        if not self.possible or room.recording.reason != "interrupted" or room.lifecycle.state != "open":
            return
        newest = self._takes.newest
        if newest is not None and any(person.present for person in room.people.items.values()):
            since = newest.ended_at if self._left is None else self._left
            if await self._tell(RenewRecording(self._now() - (since or 0) > SITTING)):
                self._left = None

    async def _tell(self, command: Command) -> bool:
        """Give a command; tell whether it was decided, one way or the other."""
        try:
            await self._order(command)
        except Unavailable:
            self.again()
            return False
        except Refused as refusal:
            log.info("a command was refused", class_id=self.class_id, command=command.TYPE, code=refusal.code)
        return True

    # --- the archive -------------------------------------------------------------------------------

    async def _go_on(self, shelf: Shelf) -> None:
        """Find out how far those recordings are that this class had before it ran here."""
        for take in self._takes.items[-LOOKED_BACK:]:
            state = await shelf.state(self.class_id, take.number)
            if take.running:
                await self._go_on_with(shelf, take, known=state == "open", given_up=state == "ended")
                return
            if state == "open":
                await shelf.finish(self.class_id, take)
            self._done = take.number

    async def _go_on_with(self, shelf: Shelf, take: Take, known: bool, given_up: bool) -> None:
        if given_up:  # The program was away for too long: this one has ended, whatever the journal says.
            paused = self._room().recording.state == "paused"
            self.broken(take.number, "ended" if paused else "interrupted")
            self._left = self._last
            self._see_to(take.number)
        elif known:  # Whatever becomes of it now, it has to be finished.
            self._open = take.number
            if reason := await shelf.begin(self.class_id, take):
                self.broken(take.number, reason)

    async def _settle(self) -> None:
        """Begin and end recordings at the archive, each in its turn."""
        for take in self._takes.items[-LOOKED_BACK:]:
            if take.number <= self._done or (self._open != take.number and not await self._begin(take)):
                continue
            if take.running or not self._released(take.number):
                return
            if self._shelf is not None and not await self._shelf.finish(self.class_id, take):
                return  # There is no room for so much as a note; a later round tries again.
            self._see_to(take.number)

    async def _begin(self, take: Take) -> bool:
        shelf = self._shelf
        reason = "failed" if shelf is None else shelf.full() or await shelf.begin(self.class_id, take)
        if reason is None:
            self._open = take.number
            return True
        self._see_to(take.number)
        self.broken(take.number, reason)
        return False

    def _released(self, number: int) -> bool:
        """Tell whether nothing is captured for a recording any more, or nobody waits for that any longer."""
        held = self._capturing is not None and self._capturing.holds(number)
        if held and self._waited < ATTEMPTS:
            self._waited += 1
            self.again()
            return False
        self._waited = 0
        return True

    def _see_to(self, number: int) -> None:
        self._open = None
        self._done = number
        self._seen.set()
