"""The journal keeps its promises on both databases: order, no holes, one winner, all or none."""

import asyncio

import pytest

from classroom.store.database import Database
from classroom.store.errors import SeqGap, SeqTaken
from classroom.store.journal import MAX_BATCH, MAX_PAYLOAD, Record, SqlJournal


def record(seq: int, kind: str = "chat.posted", payload: bytes = b"\x00\xff") -> Record:
    return Record(seq, 1_790_000_000_000 + seq, "u_1", kind, payload)


@pytest.fixture
def journal(database: Database) -> SqlJournal:
    return SqlJournal(database)


async def test_what_was_appended_is_read_in_order(journal: SqlJournal) -> None:
    records = [record(1, "lifecycle.opened"), record(2), record(3, payload=b"")]
    await journal.append("c_1", records[:1])
    await journal.append("c_1", records[1:])
    await journal.append("c_2", [record(1, payload=b"other")])
    assert await journal.read("c_1", 0) == records
    assert await journal.read("c_1", 1, 1) == records[1:2]
    assert await journal.read("c_1", 3) == []
    assert await journal.last_seq("c_1") == 3
    assert await journal.last_seq("c_none") == 0


async def test_appending_nothing_does_nothing(journal: SqlJournal) -> None:
    await journal.append("c_1", [])
    assert await journal.last_seq("c_1") == 0


async def test_history_goes_back_within_one_feature(journal: SqlJournal) -> None:
    kinds = ["chat.posted", "hands.raised", "chat.edited", "chat.posted", "questions.asked"]
    await journal.append("c_1", [record(seq, kind) for seq, kind in enumerate(kinds, 1)])
    assert [found.seq for found in await journal.back("c_1", 100, 2, "chat")] == [3, 4]
    assert [found.seq for found in await journal.back("c_1", 4, 10, "chat")] == [1, 3]
    assert await journal.back("c_1", 1, 10, "chat") == []


async def test_a_taken_number_refuses_all_of_the_append(journal: SqlJournal) -> None:
    await journal.append("c_1", [record(1), record(2)])
    with pytest.raises(SeqTaken) as caught:
        await journal.append("c_1", [record(2, payload=b"late"), record(3)])
    assert (caught.value.class_id, caught.value.seq) == ("c_1", 2)
    assert [found.payload for found in await journal.read("c_1", 0)] == [b"\x00\xff"] * 2


async def test_a_hole_is_refused(journal: SqlJournal) -> None:
    with pytest.raises(SeqGap):
        await journal.append("c_1", [record(2)])
    assert await journal.last_seq("c_1") == 0


async def test_two_owners_race_and_one_wins_each_number(database_url: str) -> None:
    async with await Database.open(database_url) as one, await Database.open(database_url) as two:
        journals = [SqlJournal(one), SqlJournal(two)]
        for seq in range(1, 11):
            results = await asyncio.gather(
                *(owner.append("c_1", [record(seq, payload=b"%d" % n)]) for n, owner in enumerate(journals)),
                return_exceptions=True,
            )
            assert sorted(type(result).__name__ for result in results) == ["NoneType", "SeqTaken"]
            winner = results.index(None)
            stored = await journals[1 - winner].read("c_1", seq - 1)
            assert [found.payload for found in stored] == [b"%d" % winner]


async def test_many_classes_at_once_keep_apart_and_one_failure_hurts_nobody(journal: SqlJournal) -> None:
    await journal.append("c_7", [record(1)])
    results = await asyncio.gather(
        *(journal.append(f"c_{n}", [record(1), record(2)]) for n in range(50)), return_exceptions=True
    )
    failed = [n for n, result in enumerate(results) if result is not None]
    assert failed == [7]
    assert isinstance(results[7], SeqTaken)
    assert [await journal.last_seq(f"c_{n}") for n in range(50)] == [1 if n == 7 else 2 for n in range(50)]


@pytest.mark.parametrize(
    "records",
    [
        [record(0)],
        [record(1), record(3)],
        [record(seq) for seq in range(1, MAX_BATCH + 2)],
        [record(1, payload=bytes(MAX_PAYLOAD + 1))],
    ],
    ids=["number zero", "a hole inside", "too many", "too long"],
)
async def test_what_no_caller_may_hand_over(journal: SqlJournal, records: list[Record]) -> None:
    with pytest.raises(ValueError, match=r"append|payload"):
        await journal.append("c_1", records)


async def test_the_largest_append_and_payload_fit(journal: SqlJournal) -> None:
    records = [record(seq) for seq in range(1, MAX_BATCH + 1)]
    await journal.append("c_1", records)
    await journal.append("c_1", [record(MAX_BATCH + 1, payload=bytes(MAX_PAYLOAD))])
    assert await journal.last_seq("c_1") == MAX_BATCH + 1


async def test_a_journal_outlives_its_database_object(database_url: str) -> None:
    async with await Database.open(database_url) as first:
        await SqlJournal(first).append("c_1", [record(1)])
    async with await Database.open(database_url) as second:
        assert await SqlJournal(second).read("c_1", 0) == [record(1)]
