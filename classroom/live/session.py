"""
The only writer of a class: one task that takes commands in turn, decides, journals, acknowledges and
publishes.

While one batch is being written the next gathers, so a busy class costs no more commits than a quiet one. A
command is acknowledged, and anybody told of it, only when the journal has it. What the journal did not take
has never happened: the room is a value, and the old one is still there.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import structlog

from classroom.domain import codec, room
from classroom.domain.entry import Actor, Command, Draft, Entry
from classroom.domain.errors import Refused, Unavailable
from classroom.domain.room import Room
from classroom.store import errors, journal
from classroom.store.journal import Journal, Record

MAX_WAITING = 500  # Commands: a full class that votes at once; a journal takes them in a second.
MAX_BATCH = 64  # Commands of one append, and
ENOUGH_ENTRIES = 200  # entries after which no further command is taken into it.
PATIENCE = 10.0  # Seconds for an acknowledgement; then the client is told to try again, with the same id.
ATTEMPTS = 2  # A second one after losing a race for a number; losing again means that another node writes.

log = structlog.get_logger("sabak.session")

_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Request:
    """A command that waits for its turn. `also`: drafts of the program's own, written with what it causes."""

    command: Command
    actor: Actor
    command_id: str
    done: asyncio.Future[int]
    also: tuple[Draft, ...] = ()


@dataclass(slots=True)
class _Batch:
    """What one append will hold, and who is told how it went."""

    room: Room
    entries: list[Entry] = field(default_factory=list)
    accepted: list[tuple[Request, int]] = field(default_factory=list)
    refused: list[tuple[Request, Refused]] = field(default_factory=list)


class Session:
    """
    The writer of one class. `run` has to be running; it ends when the class is written by somebody else.
    """

    def __init__(
        self,
        class_id: str,
        start: Room,
        store: Journal,
        publish: Callable[[Sequence[Entry]], None],
        now: Callable[[], int],
    ) -> None:
        """`start` is the fold of what the journal has. `publish` must neither wait nor raise."""
        self.class_id = class_id
        self.room = start
        self._store = store
        self._publish = publish
        self._now = now
        self._waiting: deque[Request] = deque()
        self._wake = asyncio.Event()
        self._stale = False
        self._ended = False

    @property
    def waiting(self) -> int:
        """Return how many commands wait for their turn."""
        return len(self._waiting)

    @property
    def over(self) -> bool:
        """Return whether nothing more will be written by this session."""
        return self._ended

    async def submit(
        self, command: Command, actor: Actor, command_id: str, also: tuple[Draft, ...] = ()
    ) -> int:
        """
        Return the number of the last event that this caused, once it is on disk.

        Refuses: whatever the rules refuse; unavailable (too much waits, the journal does not answer, the
        class has gone to another node). Cancelling leaves the command in its place: it may still happen.
        """
        if self._ended or len(self._waiting) >= MAX_WAITING:
            raise Unavailable("ended, or too many commands wait", retry_after=1000)
        request = Request(command, actor, command_id, asyncio.get_running_loop().create_future(), also)
        self._waiting.append(request)
        self._wake.set()
        try:
            async with asyncio.timeout(PATIENCE):
                return await request.done
        except TimeoutError:
            raise Unavailable("the journal does not answer", retry_after=1000) from None

    async def run(self) -> None:
        """
        Write until cancelled. Returns when another writer has taken the class. A cancelled run finishes the
        append that is under way.
        """
        taken: list[Request] = []
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    taken = []
                    if not await self._serve(taken):
                        log.warning("another node writes this class", class_id=self.class_id)
                        return
        finally:
            _fail(taken)
            self.end()

    def end(self) -> None:
        """Take no more commands and refuse those that wait; what is being written is not touched."""
        self._ended = True
        _fail(self._waiting)
        self._waiting.clear()

    async def _serve(self, taken: list[Request]) -> bool:
        """
        Move commands from the queue to `taken`, decide and write them. Return False when the class is
        somebody else's now.
        """
        for _ in range(ATTEMPTS):
            try:
                await self._refresh()
                batch = self._decide(taken)
                await self._write(batch)
            except (errors.SeqTaken, errors.SeqGap):
                self._stale = True
                continue
            except errors.Unavailable as error:
                # Nobody knows whether it was written. The next round reads first; the clients try again.
                log.warning("the journal does not answer", class_id=self.class_id, error=str(error))
                self._stale = True
                _fail(taken or [self._waiting.popleft()])
            return True
        return False

    def _decide(self, taken: list[Request]) -> _Batch:
        """Decide what was taken before, then as much of the queue as goes into one append."""
        batch = _Batch(self.room)
        for request in taken:
            self._try(batch, request)
        while self._waiting and len(taken) < MAX_BATCH and len(batch.entries) < ENOUGH_ENTRIES:
            taken.append(self._waiting.popleft())
            self._try(batch, taken[-1])
        return batch

    def _try(self, batch: _Batch, request: Request) -> None:
        if request.done.done():
            return  # nobody waits for it any more
        now = self._now()
        try:
            drafts = room.decide(batch.room, request.command, request.actor, request.command_id, now)
        except Refused as refusal:
            # Told with the rest: it may rest on what this very append will make true.
            batch.refused.append((request, refusal))
            return
        entries = room.number(batch.room, (*drafts, *request.also), request.command_id, now)
        batch.room = room.fold(batch.room, entries)
        batch.entries.extend(entries)
        if entries:
            batch.accepted.append((request, entries[-1].seq))
        else:
            before = room.answered(batch.room, request.actor.person, request.command_id)
            batch.accepted.append((request, batch.room.seq if before is None else before))

    async def _write(self, batch: _Batch) -> None:
        """
        Append, then let everybody know. Raises what `append` raises.

        One command may cause more than one append takes (admitting a full lobby): then it is not atomic, and
        a crash in its middle leaves some people admitted and the others waiting, which is a state like any.
        """
        records = _records(batch.entries)
        for first in range(0, len(records), journal.MAX_BATCH):
            part = records[first : first + journal.MAX_BATCH]
            writing = asyncio.ensure_future(self._store.append(self.class_id, part))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                # Whoever stops us gets what was on its way finished; those who asked are told to try again.
                await asyncio.wait([writing])
                raise
        self.room = batch.room
        if batch.entries:
            self._publish(batch.entries)
        for request, seq in batch.accepted:
            if not request.done.done():
                request.done.set_result(seq)
        for request, refusal in batch.refused:
            if not request.done.done():
                request.done.set_exception(refusal)

    async def _refresh(self) -> None:
        """Take in what the journal may have and we do not. Raises Unavailable."""
        if not self._stale:
            return
        entries, self.room = await read_on(self._store, self.class_id, self.room)
        self._stale = False
        if entries:
            self._publish(entries)


def _fail(requests: Iterable[Request]) -> None:
    for request in requests:
        if not request.done.done():
            request.done.set_exception(Unavailable("not written", retry_after=500))


def _records(entries: Sequence[Entry]) -> list[Record]:
    return [
        Record(entry.seq, entry.at, entry.by, entry.event.TYPE, _encoder.encode(codec.encode_entry(entry)))
        for entry in entries
    ]


def entry_of(record: Record) -> Entry:
    """Return the entry that a record holds. Raises CorruptJournal."""
    return codec.decode_entry(msgspec.msgpack.decode(record.payload))


async def read_on(store: Journal, class_id: str, known: Room) -> tuple[list[Entry], Room]:
    """
    Return the entries behind `known`, and the room after them; read in pages, a breath between them.

    Raises Unavailable, and CorruptJournal when an entry cannot be read.
    """
    found: list[Entry] = []
    while True:
        records = await store.read(class_id, known.seq, journal.MAX_READ)
        entries = [entry_of(record) for record in records]
        known = room.fold(known, entries)
        found.extend(entries)
        if len(records) < journal.MAX_READ:
            return found, known
        await asyncio.sleep(0)
