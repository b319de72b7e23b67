"""
Fixtures that every test may ask for. The work is in tests/support; this page only names it.

`need("redis-server")` gives the path of a program, or skips the test (fails it under CI=true).
`postgresql` is one private cluster for the whole run, `redis_server` a private Redis for one test.
`database` is an empty one, on SQLite and on PostgreSQL by turns; `sqlite` is the first only.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from classroom.store.database import Database
from tests.support import programs
from tests.support.postgresql import Cluster, cluster
from tests.support.redis import Server, server

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(scope="session")
def need() -> Callable[..., str]:
    """Give `need(program, *places) -> path`; see tests.support.programs."""
    return programs.need


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """Give a running PostgreSQL."""
    with cluster() as running:
        yield running


@pytest.fixture
async def redis_server() -> AsyncIterator[Server]:
    """Give a running Redis."""
    async with server() as running:
        yield running


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty SQLite database."""
    async with await Database.open(f"sqlite:///{tmp_path / 'sabak.db'}") as opened:
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'contract.db'}"
    running: Cluster = request.getfixturevalue("postgresql")
    return await running.url()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give an empty database of each kind."""
    async with await Database.open(database_url) as opened:
        yield opened


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
def redis_url(request: pytest.FixtureRequest) -> str | None:
    """Give the address of a private Redis, or None for the implementation that needs none."""
    if request.param == "local":
        return None
    running: Server = request.getfixturevalue("redis_server")
    return running.url
