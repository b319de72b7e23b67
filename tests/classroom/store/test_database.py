"""The door to the database: one transaction a call, shared flushes, errors in the store's own words."""

import asyncio
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from classroom.store import sqlite as sqlite_module
from classroom.store.database import Database
from classroom.store.errors import Duplicate, Missing, Overloaded, Unavailable, Unusable
from classroom.store.tables import enrolments, journal


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def tokens(database: Database) -> list[str]:
    query = select(journal.c.class_id).order_by(journal.c.class_id)
    return await database.read(lambda connection: list(connection.execute(query).scalars()))


def row(token: str, payload: bytes = b"") -> dict[str, object]:
    return {
        "class_id": token, "seq": 1, "at": 1, "by": "", "kind": "a.b", "feature": "a", "payload": payload
    }  # fmt: skip


def adds(token: str) -> Callable[[Connection], None]:
    return lambda connection: store(connection, token)


def store(connection: Connection, token: str) -> None:
    connection.execute(insert(journal), row(token))


async def test_work_that_raises_leaves_nothing_behind(database: Database) -> None:
    def half(connection: Connection) -> None:
        store(connection, "t_half")
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        await database.write(half)
    assert await tokens(database) == []


async def test_one_failure_among_many_hurts_nobody(database: Database) -> None:
    def broken(connection: Connection) -> None:
        store(connection, "t_broken")
        raise KeyError("ours")

    works = [broken if n == 5 else adds(f"t_{n}") for n in range(10)]
    results = await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)
    assert [type(result).__name__ for result in results] == ["NoneType"] * 5 + ["KeyError"] + ["NoneType"] * 4
    assert await tokens(database) == [f"t_{n}" for n in range(10) if n != 5]


async def test_constraints_have_names_of_their_own(database: Database) -> None:
    await database.write(adds("t_1"))
    with pytest.raises(Duplicate):
        await database.write(adds("t_1"))
    stranger = {"course": "k_none", "person": "u_none", "role": "student", "enrolled_at": 1}
    with pytest.raises(Missing):
        await database.write(lambda connection: connection.execute(insert(enrolments), stranger))


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"read.?only"):
        await database.read(adds("t_1"))
    assert await tokens(database) == []


async def test_figures_count(database: Database) -> None:
    await asyncio.gather(*(database.write(adds(f"t_{n}")) for n in range(20)))
    await database.check()
    figures = database.figures()
    assert (figures.writes, figures.reads, figures.waiting, figures.failures) == (20, 1, 0, 0)
    assert 1 <= figures.commits <= 20


async def test_after_closing_everything_is_unavailable(database: Database) -> None:
    await database.close()
    await database.close()
    with pytest.raises(Unavailable):
        await database.check()
    with pytest.raises(Unavailable):
        await database.write(adds("t_1"))


async def test_writes_that_wait_share_a_commit_and_closing_finishes_them(sqlite: Database) -> None:
    began, go = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        began.set()
        go.wait(10)

    first = asyncio.ensure_future(sqlite.write(slow))
    await asyncio.to_thread(began.wait, 10)
    others = [asyncio.ensure_future(sqlite.write(adds(f"t_{n}"))) for n in range(50)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(sqlite.close())
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(first, *others, closing)
    assert sqlite.figures().commits == 2


async def test_a_full_queue_refuses_and_recovers(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "MAX_WAITING", 2)
    began, go = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        began.set()
        go.wait(10)

    waiting = [asyncio.ensure_future(sqlite.write(slow)) for _ in range(2)]
    await asyncio.to_thread(began.wait, 10)
    with pytest.raises(Overloaded):
        await sqlite.write(adds("t_1"))
    go.set()
    await asyncio.gather(*waiting)
    await sqlite.write(adds("t_2"))
    assert await tokens(sqlite) == ["t_2"]
    assert sqlite.figures().failures == 1


async def test_too_many_reads_are_refused(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "MAX_WAITING", 1)
    go = threading.Event()
    first = asyncio.ensure_future(sqlite.read(lambda connection: go.wait(10)))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await sqlite.check()
    go.set()
    assert await first
    await sqlite.check()


async def test_a_cancelled_caller_does_not_disturb_the_others(sqlite: Database) -> None:
    writes = [asyncio.ensure_future(sqlite.write(adds(f"t_{n}"))) for n in range(3)]
    await asyncio.sleep(0)
    writes[1].cancel()
    await asyncio.gather(*writes, return_exceptions=True)
    await sqlite.write(adds("t_9"))
    assert {"t_0", "t_2", "t_9"} <= set(await tokens(sqlite))


async def test_a_disk_that_is_full_is_unavailable_and_nobody_is_told_otherwise(sqlite: Database) -> None:
    await sqlite.write(adds("t_0"))

    def fill(connection: Connection) -> None:
        # The limit of pages stands for the end of the disk: SQLite undoes the whole transaction.
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.execute(insert(journal), row("t_full", bytes(2_000_000)))

    began, go = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        began.set()
        go.wait(10)

    first = asyncio.ensure_future(sqlite.write(hold))
    await asyncio.to_thread(began.wait, 10)
    works = [adds("t_1"), fill, adds("t_2")]
    batch = [asyncio.ensure_future(sqlite.write(work)) for work in works]
    await asyncio.sleep(0)
    go.set()
    await first
    results = await asyncio.gather(*batch, return_exceptions=True)
    known = await tokens(sqlite)
    for token, result in (("t_1", results[0]), ("t_2", results[2])):
        assert result is None or isinstance(result, Unavailable)
        assert result is not None or token in known, "acknowledged and not there"
    assert isinstance(results[1], Unavailable)
    await sqlite.write(
        lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=1000000") and None
    )
    await sqlite.write(adds("t_3"))
    assert {"t_0", "t_3"} <= set(await tokens(sqlite))


async def test_sqlite_is_as_durable_as_promised_and_private(sqlite: Database, tmp_path: Path) -> None:
    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert await sqlite.write(pragmas) == ["wal", 2, 1]  # 2: FULL
    for file in files(tmp_path):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "postgresql://host", "no url at all"]
)
async def test_a_wrong_address_is_one_clear_line(url: str) -> None:
    with pytest.raises(Unusable, match="database address") as caught:
        await Database.open(url)
    assert "\n" not in str(caught.value)


async def test_an_unusable_place_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    for path in (tmp_path / "none" / "sabak.db", tmp_path):
        with pytest.raises(Unusable) as caught:
            await Database.open(f"sqlite:///{path}")
        assert "\n" not in str(caught.value)
    assert files(tmp_path) == []


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sabak.db"
    path.write_text("something dear to somebody, longer than a page header would be" * 20)
    before = path.read_bytes()
    with pytest.raises(Unusable):
        await Database.open(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.postgresql
async def test_a_postgresql_that_is_not_there_is_one_line(need: object) -> None:
    from tests.support.programs import free_port

    with pytest.raises(Unusable) as caught:
        await Database.open(f"postgresql://sabak:topsecret@127.0.0.1:{free_port()}/sabak")
    assert "topsecret" not in str(caught.value)


async def test_two_processes_that_open_at_once_agree(database_url: str) -> None:
    opened = await asyncio.gather(*(Database.open(database_url) for _ in range(4)))
    for database in opened:
        await database.check()
        await database.close()


async def test_errors_show_no_values(database: Database) -> None:
    query = text("SELECT :dear FROM nowhere").bindparams(dear="topsecret")
    with pytest.raises(Exception, match="nowhere") as caught:
        await database.read(lambda connection: connection.execute(query))
    assert "topsecret" not in str(caught.value)
