"""Fixtures of running classes: a journal on disk, and a node on it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from classroom.store.database import Database
from classroom.store.journal import SqlJournal
from tests.support.live_node import Node, node


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqlJournal]:
    """Give an empty journal in SQLite."""
    database = await Database.open(f"sqlite:///{tmp_path / 'live.sqlite3'}")
    yield SqlJournal(database)
    await database.close()


@pytest.fixture
async def here(journal: SqlJournal) -> AsyncIterator[Node]:
    """Give a node with that journal."""
    async with contextlib.AsyncExitStack() as stack:
        yield await stack.enter_async_context(node(journal))
