"""kill -9 while writing: everything that was acknowledged is there, and nothing else is torn."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from classroom.store.database import Database
from classroom.store.journal import SqlJournal

WRITER = """
import asyncio, os, sys
from classroom.store.database import Database
from classroom.store.journal import Record, SqlJournal

async def one(journal, class_id):
    seq = 0
    while True:
        # Two at a time: a torn append would show as an odd number.
        records = [Record(seq + n, seq, "u_1", "chat.posted", b"x" * 200) for n in (1, 2)]
        await journal.append(class_id, records)
        seq += 2
        os.write(1, f"{class_id} {seq}\\n".encode())

async def main():
    database = await Database.open(sys.argv[1])
    async with asyncio.TaskGroup() as group:
        for n in range(5):
            group.create_task(one(SqlJournal(database), f"c_{n}"))

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 40, 500])
async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, lines: int) -> None:
    url = f"sqlite:///{tmp_path / 'sabak.db'}"
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, url, stdout=asyncio.subprocess.PIPE, cwd=Path.cwd()
    )
    assert writer.stdout is not None
    acknowledged: dict[str, int] = {}

    def note(line: bytes) -> None:
        class_id, seq = line.decode().split()
        acknowledged[class_id] = int(seq)

    async with asyncio.timeout(60):
        for _ in range(lines):
            note(await writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        rest, _ = await writer.communicate()
    for line in rest.splitlines(keepends=True):
        if line.endswith(b"\n"):
            note(line)

    async with await Database.open(url) as database:
        journal = SqlJournal(database)
        assert acknowledged
        for class_id, seq in acknowledged.items():
            last = await journal.last_seq(class_id)
            assert seq <= last <= seq + 2
            assert last % 2 == 0
            read = 0
            while records := await journal.read(class_id, read):
                assert [record.seq for record in records] == list(range(read + 1, read + 1 + len(records)))
                read = records[-1].seq
            assert read == last
