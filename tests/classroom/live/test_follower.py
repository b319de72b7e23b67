"""A node's copy of a class: holes are seen and filled, deliveries are shared and say what they cover."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import msgspec
import pytest

from classroom.domain import codec, room
from classroom.domain.entry import SYSTEM, Actor, Command, Entry, Viewer
from classroom.domain.lifecycle import OpenClass
from classroom.domain.people import JoinClass
from classroom.domain.roles import Role
from classroom.domain.room import Room
from classroom.live import follower as module
from classroom.live import session
from classroom.live.follower import Follower, Tail, publish, topic
from classroom.store.bus import LocalBus
from classroom.store.errors import Unavailable
from classroom.store.journal import MAX_BATCH, Record, SqlJournal

CLASS = "algebra"
TEACHER, ONE, TWO = (Viewer("u_t", Role.TEACHER), Viewer("u_1", Role.STUDENT), Viewer("u_2", Role.STUDENT))


def story(posts: int) -> list[Entry]:
    """Return the entries of a class in which `posts` messages are written, every third a private one."""
    state, found = Room(), list[Entry]()

    def give(command: Command, actor: Actor, command_id: str) -> None:
        nonlocal state
        drafts = room.decide(state, command, actor, command_id, 1000)
        entries = room.number(state, drafts, command_id, 1000)
        state = room.fold(state, entries)
        found.extend(entries)

    give(OpenClass("Algebra", "ky"), SYSTEM, "")
    for person, role in (("u_t", Role.TEACHER), ("u_1", Role.STUDENT), ("u_2", Role.STUDENT)):
        give(JoinClass(person, person, role), SYSTEM, "")
    for number in range(posts):
        to = "u_2" if number % 3 == 2 else None
        post = codec.decode_command("chat.post", {"text": f"text {number}", "to": to, "reply_to": None})
        give(post, Actor("u_1", Role.STUDENT), f"message-{number:05}")
    return found


async def write(journal: SqlJournal, entries: list[Entry]) -> None:
    for first in range(0, len(entries), MAX_BATCH):
        await journal.append(CLASS, session._records(entries[first : first + MAX_BATCH]))


class Watcher:
    """A follower that runs, and the numbers of what it was told of."""

    def __init__(self, journal: SqlJournal, bus: LocalBus) -> None:
        self.seen: list[int] = []
        self.told = asyncio.Event()
        self.follower = Follower(CLASS, Room(), journal, bus, self._entry)

    def _entry(self, entry: Entry) -> None:
        self.seen.append(entry.seq)
        self.told.set()

    async def until(self, seq: int) -> None:
        async with asyncio.timeout(10):
            while self.follower.room.seq < seq:
                self.told.clear()
                await self.told.wait()


@contextlib.asynccontextmanager
async def watching(journal: SqlJournal, bus: LocalBus) -> AsyncIterator[Watcher]:
    watcher = Watcher(journal, bus)
    task = asyncio.create_task(watcher.follower.run())
    yield watcher
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_begins_with_what_is_in_the_journal(journal: SqlJournal) -> None:
    entries = story(5)
    await write(journal, entries)
    async with watching(journal, LocalBus()) as watcher:
        await watcher.until(entries[-1].seq)
        assert watcher.follower.room == room.fold(Room(), entries)


async def test_it_follows_the_bus(journal: SqlJournal) -> None:
    entries, bus = story(20), LocalBus()
    await write(journal, entries[:4])
    async with watching(journal, bus) as watcher:
        await watcher.until(4)
        await write(journal, entries[4:])
        publish(bus, CLASS, entries[4:])
        await watcher.until(entries[-1].seq)
        assert watcher.seen == [entry.seq for entry in entries]
        assert watcher.follower.fills == 1, "only the beginning was read"


async def test_a_bus_that_loses_repeats_and_shuffles_costs_reads_alone(journal: SqlJournal) -> None:
    entries, bus, chance = story(120), LocalBus(), random.Random(7)
    await write(journal, entries)
    async with watching(journal, bus) as watcher:
        news = [[entry] for entry in entries[4:] if chance.random() > 0.5]
        news += chance.sample(news, 10)
        chance.shuffle(news)
        for part in news:
            publish(bus, CLASS, part)
        publish(bus, CLASS, entries[-1:])
        await watcher.until(entries[-1].seq)
        assert watcher.seen == [entry.seq for entry in entries], "each once, in order"


@pytest.mark.parametrize("data", [b"", b"\xc1", msgspec.msgpack.encode([10**6, [{"v": 99}]]), b"\x92\xce"])
async def test_news_that_nobody_can_read_are_lost_news(journal: SqlJournal, data: bytes) -> None:
    entries, bus = story(5), LocalBus()
    await write(journal, entries[:4])
    async with watching(journal, bus) as watcher:
        await watcher.until(4)
        await write(journal, entries[4:])
        bus.publish(topic(CLASS), data)
        await watcher.until(entries[-1].seq)


async def test_a_journal_that_is_down_is_asked_again(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.01)
    entries, reads, real = story(3), 0, journal.read

    async def read(class_id: str, after: int, limit: int = 1000) -> list[Record]:
        nonlocal reads
        reads += 1
        if reads < 3:
            raise Unavailable("down")
        return await real(class_id, after, limit)

    monkeypatch.setattr(journal, "read", read)
    await write(journal, entries)
    async with watching(journal, LocalBus()) as watcher:
        await watcher.until(entries[-1].seq)
    assert reads >= 3


async def test_long_news_are_cut_into_messages_that_the_bus_can_carry(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NEWS_BYTES", 500)
    entries, bus = story(60), LocalBus()
    await write(journal, entries)
    async with bus.subscribe(topic(CLASS)) as news:
        publish(bus, CLASS, entries)
        await bus.close()
        messages = [item async for item in news if isinstance(item, bytes)]
    assert len(messages) > 10
    assert max(map(len, messages)) < 1000
    decoded = [module._news_decoder.decode(message) for message in messages]
    numbers = [
        codec.decode_entry(msgspec.msgpack.decode(raw)).seq for news_ in decoded for raw in news_.entries
    ]
    assert numbers == [entry.seq for entry in entries]
    assert decoded[-1].last == entries[-1].seq


# --- the tail ---------------------------------------------------------------------------------------


def deliveries(tail: Tail, viewer: Viewer, after: int) -> list[dict[str, object]]:
    """Return what a reader of this tail gets, as it would decode it."""
    found, told = [], after
    while after < tail.seq:
        after, frame = tail.frame(after, told, viewer)
        if frame:
            told = after
            found.append(msgspec.msgpack.decode(frame)["data"][1])
    return found


def filled(entries: list[Entry]) -> Tail:
    tail = Tail(0)
    for entry in entries:
        tail.append(entry)
    return tail


@pytest.mark.parametrize("viewer", [TEACHER, ONE, TWO])
@pytest.mark.parametrize("since", [0, 3, 50, 99])
def test_a_reader_gets_what_it_may_see_in_order(viewer: Viewer, since: int) -> None:
    entries = story(100)
    tail, last = filled(entries), since
    got: list[object] = []
    for delivery in deliveries(tail, viewer, since):
        assert delivery["after"] == last
        last = delivery["upto"]  # type: ignore[assignment]
        got += delivery["events"]  # type: ignore[operator]
    shown = [room.project(entry, viewer) for entry in entries if entry.seq > since]
    assert got == [codec.wire_event(entry) for entry in shown if entry is not None]


def test_the_same_bytes_go_to_all_who_see_the_same() -> None:
    tail = filled(story(2))
    assert tail.frame(0, 0, TEACHER)[1] is tail.frame(0, 0, TWO)[1]
    tail.append(story(3)[-1])
    assert tail.frame(0, 0, TEACHER)[1] is not tail.frame(0, 0, TWO)[1]
    assert tail.frame(0, 0, ONE)[1] is tail.frame(0, 0, TWO)[1]
    tail.forget_frames()
    assert not tail._frames


def test_what_nobody_else_may_see_is_no_delivery() -> None:
    entries = story(3)
    tail = filled(entries)
    assert tail.frame(tail.seq - 1, tail.seq - 1, TEACHER) == (tail.seq, b"")


def test_the_tail_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TAIL_ENTRIES", 10)
    tail = filled(story(50))
    assert (tail.seq, tail.before) == (54, 44)
    monkeypatch.setattr(module, "TAIL_BYTES", 500)
    tail = filled(story(50))
    assert tail.seq - tail.before < 10


def test_it_counts_what_a_reader_has_yet_to_get() -> None:
    tail = filled(story(20))
    assert tail.waiting(tail.seq) == tail.waiting(tail.seq + 5) == 0
    sizes = [tail.waiting(after) for after in range(tail.seq)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == sum(len(cell.form(module.Sight.INSIDE)) for cell in tail._cells)


def test_a_delivery_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FRAME_EVENTS", 7)
    tail = filled(story(30))
    assert all(len(d["events"]) <= 7 for d in deliveries(tail, ONE, 0))  # type: ignore[arg-type]
    monkeypatch.setattr(module, "FRAME_BYTES", 10)
    assert all(len(d["events"]) == 1 for d in deliveries(tail, ONE, 0)), "at least one"  # type: ignore[arg-type]
