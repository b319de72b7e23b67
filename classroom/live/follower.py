"""
This node's copy of a class: the room as of the newest event known here, and the newest events ready to send.

Events come from this node's own session and, by the bus, from another node's. Both are numbered, so the
second arrival of one is ignored and a hole is seen: then the journal is read. A bus that loses news, or
comes back empty, costs a read.

Events are encoded once for each of their at most two forms. A batch of them is put together once for all
readers that stand at the same place and see the same forms, which is nearly always everybody.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog

from classroom.domain import codec, gone, room
from classroom.domain.entry import EVERYONE, Entry, Sight, Viewer
from classroom.domain.errors import CorruptJournal
from classroom.domain.room import Room
from classroom.live.session import read_on
from classroom.store.bus import Bus, Lost
from classroom.store.errors import Unavailable
from classroom.store.journal import Journal
from signaling.gateway import encode, events_frame

TAIL_ENTRIES = 1000  # Events kept for those who come back: some minutes of a busy class.
TAIL_BYTES = 1024 * 1024  # of them at most: 500 classes have to fit into memory.
FRAME_EVENTS = 64  # Events of one delivery, and
FRAME_BYTES = 32 * 1024  # its size: what a slow line takes within a second or two.
NEWS_BYTES = 256 * 1024  # of one message on the bus, well below its bound.
RETRY = 1.0  # Seconds until a journal that did not answer is asked again for what is missing.

log = structlog.get_logger("sabak.follower")


class Cell:
    """An event of the tail, encoded when first wanted. `end`: bytes of all events up to this one."""

    __slots__ = ("_forms", "end", "entry", "everyone")

    def __init__(self, entry: Entry, begin: int) -> None:
        self.entry = entry
        self.everyone = entry.audience == EVERYONE
        self._forms: dict[Sight, bytes] = {}
        self.end = begin + len(self.form(Sight.INSIDE))

    def form(self, sight: Sight) -> bytes:
        """Return the event in this form; empty for those who see nothing."""
        found = self._forms.get(sight)
        if found is None:
            shown = room.form(self.entry, sight)
            found = b"" if shown is None else encode(codec.wire_event(shown))
            self._forms[sight] = found
        return found

    def empty(self) -> None:
        """Take the text out of the event. `end` stays: it only measures who lags how far."""
        self.entry = gone.emptied(self.entry)
        self._forms.clear()


Sights = tuple[Sight, ...] | None
"""What a viewer sees of the events of a batch; None: all are for everyone."""


class Tail:
    """The newest events of a class without holes, ready to be sent to any number of readers."""

    def __init__(self, seq: int, newest: Sequence[Entry] = ()) -> None:
        """Begin with the event `seq`, and the `newest` up to it."""
        self._cells: deque[Cell] = deque()
        self._frames: dict[tuple[int, int, int, Sights], bytes] = {}
        for entry in newest:
            self.append(entry)
        self.seq = seq

    @property
    def before(self) -> int:
        """Return the number of the last event that is not here: readers that have it can go on from here."""
        return self.seq - len(self._cells)

    def append(self, entry: Entry) -> None:
        """Take in the next event; the oldest are dropped at the bounds."""
        if (subject := gone.ended(entry.event)) is not None:
            self._empty(subject)
        self._cells.append(Cell(entry, self._cells[-1].end if self._cells else 0))
        self.seq = entry.seq
        while len(self._cells) > TAIL_ENTRIES or self._cells[-1].end - self._cells[0].end > TAIL_BYTES:
            self._cells.popleft()

    def _empty(self, subject: gone.Subject) -> None:
        """Take a text that is gone out of what is still to be delivered."""
        for cell in self._cells:
            if gone.told(cell.entry.event) == subject:
                cell.empty()
        self._frames.clear()

    def waiting(self, after: int) -> int:
        """Return how many bytes a reader of everything, who has `after`, has yet to get."""
        if after >= self.seq:
            return 0
        if after <= self.before:
            first = self._cells[0]
            return self._cells[-1].end - first.end + len(first.form(Sight.INSIDE))
        return self._cells[-1].end - self._cells[after - self.before - 1].end

    def frame(self, after: int, told: int, viewer: Viewer) -> tuple[int, bytes]:
        """
        Return the number up to which the next delivery goes, and the delivery; empty when there is nothing
        in it for this viewer.

        `after` is how far the reader has been served, `told` the last number it was told.
        """
        cells = self._batch(after)
        upto = cells[-1].entry.seq
        sights: Sights = None
        if not all(cell.everyone for cell in cells):
            sights = tuple(room.sight(cell.entry, viewer) for cell in cells)
        key = (after, told, upto, sights)
        found = self._frames.get(key)
        if found is None:
            found = self._frames[key] = self._build(cells, told, upto, sights)
        return upto, found

    def forget_frames(self) -> None:
        """Drop the deliveries that were put together; after a round everybody has them."""
        self._frames.clear()

    def _batch(self, after: int) -> list[Cell]:
        first = after - self.before
        cells: list[Cell] = []
        size = 0
        for index in range(first, min(len(self._cells), first + FRAME_EVENTS)):
            cell = self._cells[index]
            size += len(cell.form(Sight.INSIDE))
            if cells and size > FRAME_BYTES:
                break
            cells.append(cell)
        return cells

    @staticmethod
    def _build(cells: Sequence[Cell], told: int, upto: int, sights: Sights) -> bytes:
        seen: Iterable[Sight] = sights if sights is not None else (Sight.INSIDE for _ in cells)
        events = [cell.form(sight) for cell, sight in zip(cells, seen, strict=True)]
        shown = [event for event in events if event]
        return events_frame(told, upto, shown) if shown else b""


class Follower:
    """The room and the tail of one class. `run` has to be running for news of other nodes."""

    def __init__(
        self,
        class_id: str,
        start: Room,
        store: Journal,
        bus: Bus,
        on_entry: Callable[[Entry], None],
        newest: Sequence[Entry] = (),
    ) -> None:
        """
        `on_entry` hears of each event after `start` once, in order, when the room has it; it must neither
        wait nor raise. `newest`: the events that led to `start`, for readers that come back after a restart.
        """
        self.class_id = class_id
        self.room = start
        self.tail = Tail(start.seq, newest[-TAIL_ENTRIES:])
        self._store = store
        self._bus = bus
        self._on_entry = on_entry
        self.fills = 0

    def take(self, entries: Iterable[Entry]) -> bool:
        """Apply what comes next, ignore what is known. Return False when something is missing before it."""
        for entry in entries:
            if entry.seq <= self.room.seq:
                continue
            if entry.seq != self.room.seq + 1:
                return False
            self.room = room.evolve(self.room, entry)
            self.tail.append(entry)
            self._on_entry(entry)
        return True

    async def run(self) -> None:
        """Follow the bus until it is closed or this is cancelled."""
        async with self._bus.subscribe(topic(self.class_id)) as news:
            await self._fill()
            async for item in news:
                if isinstance(item, Lost):
                    log.info("news were lost", class_id=self.class_id, reason=item.reason)
                    await self._fill()
                elif not self._hear(item):
                    await self._fill()

    def _hear(self, data: bytes) -> bool:
        """Take a message of the bus. What cannot be read is treated as lost: the journal has it."""
        try:
            news = _news_decoder.decode(data)
            if news.last <= self.room.seq:
                return True
            return self.take(codec.decode_entry(msgspec.msgpack.decode(entry)) for entry in news.entries)
        except (msgspec.MsgspecError, CorruptJournal):
            return False

    async def _fill(self) -> None:
        """Read from the journal what is missing here; tries until it answers."""
        self.fills += 1
        while True:
            try:
                entries, _ = await read_on(self._store, self.class_id, self.room)
            except Unavailable:
                await asyncio.sleep(RETRY)
                continue
            self.take(entries)
            return


class News(msgspec.Struct, frozen=True, array_like=True):
    """A message on the bus: entries, the last one's number before them so that known ones cost nothing."""

    last: int
    entries: list[msgspec.Raw]


_news_decoder = msgspec.msgpack.Decoder(News)


def topic(class_id: str) -> str:
    """Return where the news of a class are."""
    return f"class.{class_id}"


def publish(bus: Bus, class_id: str, entries: Sequence[Entry]) -> None:
    """Tell the followers of all nodes, in messages that the bus can carry."""
    part: list[msgspec.Raw] = []
    size = 0
    for entry in entries:
        data = encode(codec.encode_entry(entry))
        if part and size + len(data) > NEWS_BYTES:
            bus.publish(topic(class_id), encode(News(entry.seq - 1, part)))
            part, size = [], 0
        part.append(msgspec.Raw(data))
        size += len(data)
    bus.publish(topic(class_id), encode(News(entries[-1].seq, part)))
