"""The writer of a class: in turn, durable first, and honest when the journal is not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import pytest

from classroom.domain import codec, ids, room
from classroom.domain.entry import SYSTEM, Actor, Entry
from classroom.domain.errors import Conflict, NotAllowed, Unavailable
from classroom.domain.lifecycle import OpenClass
from classroom.domain.people import JoinClass
from classroom.domain.roles import Role
from classroom.domain.room import Room
from classroom.live import session as module
from classroom.live.session import Session, entry_of, read_on
from classroom.store import errors
from classroom.store.journal import Journal, Record, SqlJournal

TEACHER = Actor("u_t", Role.TEACHER, "T")
CLASS = "algebra"


class Faulty:
    """The real journal, with a fault before or after the write when told to."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.down = False
        self.held: asyncio.Event | None = None
        self.entered = asyncio.Event()
        self.appends: list[int] = []

    async def append(self, class_id: str, records: Sequence[Record]) -> None:
        self.entered.set()
        if self.held is not None:
            await self.held.wait()
        if self.before:
            raise self.before.pop()
        await self.journal.append(class_id, records)
        self.appends.append(len(records))
        if self.after:
            raise self.after.pop()

    async def read(self, class_id: str, after: int, limit: int = 1000) -> list[Record]:
        if self.down:
            raise errors.Unavailable("down")
        return await self.journal.read(class_id, after, limit)

    async def back(self, class_id: str, before: int, limit: int, feature: str) -> list[Record]:
        return await self.journal.back(class_id, before, limit, feature)

    async def last_seq(self, class_id: str) -> int:
        return await self.journal.last_seq(class_id)


class Desk:
    """A session that runs, and what it has published."""

    def __init__(self, journal: Journal) -> None:
        self.store = Faulty(journal)
        self.published: list[Entry] = []
        self.session = Session(CLASS, Room(), self.store, self.published.extend, lambda: 1000)
        self.task = asyncio.create_task(self.session.run())

    async def post(self, command_id: str, text: str = "hello") -> int:
        data = {"text": text, "to": None, "reply_to": None}
        return await self.session.submit(codec.decode_command("chat.post", data), TEACHER, command_id)

    async def begun(self) -> None:
        """Wait until the next append has begun, and let every task take a step."""
        self.store.entered.clear()
        async with asyncio.timeout(5):
            await self.store.entered.wait()
        await asyncio.sleep(0)

    async def numbers(self) -> list[int]:
        entries, _ = await read_on(self.store.journal, CLASS, Room())
        return [entry.seq for entry in entries]


@pytest.fixture
async def desk(journal: SqlJournal) -> AsyncIterator[Desk]:
    desk = Desk(journal)
    await desk.session.submit(OpenClass("Algebra", "ky"), SYSTEM, "")
    await desk.session.submit(JoinClass("u_t", "T", Role.TEACHER), SYSTEM, "")
    yield desk
    desk.task.cancel()
    await asyncio.gather(desk.task, return_exceptions=True)


async def test_what_is_acknowledged_is_in_the_journal(desk: Desk) -> None:
    seq = await desk.post("message-1")
    assert seq == 3
    records = await desk.store.journal.read(CLASS, 0)
    assert [record.kind for record in records] == ["lifecycle.opened", "people.joined", "chat.posted"]
    assert [entry_of(record) for record in records] == desk.published
    _, folded = await read_on(desk.store, CLASS, Room())
    assert folded == desk.session.room


async def test_nobody_is_told_before_it_is_on_disk(desk: Desk) -> None:
    desk.store.held = asyncio.Event()
    posting = asyncio.create_task(desk.post("message-1"))
    await desk.begun()
    assert not posting.done()
    assert len(desk.published) == 2
    assert desk.session.room.seq == 2
    desk.store.held.set()
    assert await posting == 3
    assert len(desk.published) == 3


async def test_what_gathers_meanwhile_is_one_append(desk: Desk) -> None:
    desk.store.held = asyncio.Event()
    posting = [asyncio.create_task(desk.post(f"message-{number}")) for number in range(40)]
    await desk.begun()
    desk.store.held.set()
    assert sorted(await asyncio.gather(*posting)) == list(range(3, 43))
    assert len(desk.store.appends) <= 4, desk.store.appends


async def test_a_repeated_command_has_the_first_ones_number(desk: Desk) -> None:
    first = await desk.post("message-1")
    await desk.post("message-2")
    assert await desk.post("message-1", "something else") == first
    assert await desk.numbers() == [1, 2, 3, 4]


async def test_refusals_are_the_rules(desk: Desk) -> None:
    with pytest.raises(Conflict):
        await desk.session.submit(OpenClass("Again", "ky"), SYSTEM, "")
    command = codec.decode_command("hands.raise", {})
    with pytest.raises(NotAllowed):
        await desk.session.submit(command, Actor("u_x", Role.STUDENT), "command-1")
    assert await desk.numbers() == [1, 2]


async def test_a_refusal_waits_for_what_it_rests_on(desk: Desk) -> None:
    desk.store.held = asyncio.Event()
    student = JoinClass("u_1", "One", Role.STUDENT)
    first = asyncio.create_task(desk.session.submit(student, SYSTEM, ""))
    second = asyncio.create_task(desk.session.submit(student, SYSTEM, ""))
    await desk.begun()
    assert not second.done(), "the conflict is with something that is not written yet"
    desk.store.held.set()
    assert await first == 3
    with pytest.raises(Conflict):
        await second


async def test_a_journal_that_does_not_answer(desk: Desk) -> None:
    desk.store.before = [errors.Unavailable("down")]
    with pytest.raises(Unavailable):
        await desk.post("message-1")
    assert len(desk.published) == 2
    assert await desk.post("message-1") == 3
    assert await desk.numbers() == [1, 2, 3]


async def test_a_write_whose_answer_was_lost_is_found(desk: Desk) -> None:
    desk.store.after = [errors.Unavailable("the answer was lost")]
    with pytest.raises(Unavailable):
        await desk.post("message-1")
    assert await desk.post("message-1") == 3, "the retry finds what was written"
    assert await desk.numbers() == [1, 2, 3]
    assert [entry.seq for entry in desk.published] == [1, 2, 3]


async def test_while_nothing_can_be_read_everything_is_refused(desk: Desk) -> None:
    desk.store.before, desk.store.down = [errors.Unavailable("down")], True
    for number in range(3):
        with pytest.raises(Unavailable):
            await desk.post(f"message-{number}")
    desk.store.down = False
    assert await desk.post("message-9") == 3


async def test_a_race_that_is_lost_once_is_taken_up(desk: Desk, journal: SqlJournal) -> None:
    entries, _ = await read_on(journal, CLASS, Room())
    drafts = room.decide(room.fold(Room(), entries), JoinClass("u_2", "Two", Role.STUDENT), SYSTEM, "", 5)
    (other,) = room.number(room.fold(Room(), entries), drafts, "", 5)
    await journal.append(CLASS, module._records([other]))
    assert await desk.post("message-1") == 4
    assert [entry.seq for entry in desk.published] == [1, 2, 3, 4]
    assert "u_2" in desk.session.room.people.items


async def test_whoever_loses_twice_stops(desk: Desk) -> None:
    desk.store.before = [errors.SeqTaken(CLASS, 3), errors.SeqTaken(CLASS, 3)]
    with pytest.raises(Unavailable):
        await desk.post("message-1")
    async with asyncio.timeout(5):
        await desk.task
    with pytest.raises(Unavailable):
        await desk.post("message-2")


async def test_too_many_that_wait_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 5)
    desk.store.held = asyncio.Event()
    first = asyncio.create_task(desk.post("message-first"))
    await desk.begun()
    others = [asyncio.create_task(desk.post(f"message-{number}")) for number in range(8)]
    await asyncio.sleep(0)
    desk.store.held.set()
    results = await asyncio.gather(first, *others, return_exceptions=True)
    assert [isinstance(result, Unavailable) for result in results] == [False] * 6 + [True] * 3


async def test_patience_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    desk.store.held = asyncio.Event()
    with pytest.raises(Unavailable):
        await desk.post("message-1")
    desk.store.held.set()
    monkeypatch.undo()
    assert await desk.post("message-1") == 3, "it had happened all the same"


async def test_a_stopped_session_finishes_its_append(desk: Desk) -> None:
    desk.store.held = asyncio.Event()
    posting = asyncio.create_task(desk.post("message-1"))
    await desk.begun()
    desk.task.cancel()
    await asyncio.sleep(0)
    desk.store.held.set()
    with contextlib.suppress(asyncio.CancelledError):
        await desk.task
    with pytest.raises(Unavailable):
        await posting
    assert await desk.numbers() == [1, 2, 3], "a new session finds it"


async def test_one_command_may_be_more_than_one_append(journal: SqlJournal) -> None:
    desk = Desk(journal)
    await desk.session.submit(OpenClass("Algebra", "ky"), SYSTEM, "")
    await desk.session.submit(JoinClass("u_t", "T", Role.TEACHER), SYSTEM, "")
    await desk.session.submit(codec.decode_command("lobby.switch", {"on": True}), TEACHER, "command-1")
    knocks = [
        codec.decode_command("lobby.knock", {"person": f"u_{n}", "name": "N", "role": "student"}, system=True)
        for n in range(400)
    ]
    await asyncio.gather(*(desk.session.submit(knock, SYSTEM, "") for knock in knocks))
    admit = codec.decode_command("lobby.admit", {"person": None})
    assert await desk.session.submit(admit, TEACHER, ids.check_command("command-2")) == 3 + 400 + 800
    assert await desk.numbers() == list(range(1, 1204))
    desk.task.cancel()
    await asyncio.gather(desk.task, return_exceptions=True)


async def test_long_journals_are_read_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.store.journal.MAX_READ", 7)
    await asyncio.gather(*(desk.post(f"message-{number}") for number in range(33)))
    entries, folded = await read_on(desk.store, CLASS, Room())
    assert [entry.seq for entry in entries] == list(range(1, 36))
    assert folded == desk.session.room
