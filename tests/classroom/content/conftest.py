"""The services of the asynchronous side, over both databases."""

from collections.abc import Iterator

import pytest

from classroom.store.database import Database
from tests.support.people import Services, services


@pytest.fixture
def desk(database: Database) -> Iterator[Services]:
    """Give all services over an empty database of each kind."""
    made = services(database)
    yield made
    made.passwords.close()
