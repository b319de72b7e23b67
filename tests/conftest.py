"""
Fixtures that every test may ask for. The work is in tests/support; this page only names it.

`need("redis-server")` gives the path of a program, or skips the test (fails it under CI=true).
"""

from collections.abc import Callable

import pytest

from tests.support import programs


@pytest.fixture(scope="session")
def need() -> Callable[..., str]:
    """Give `need(program, *places) -> path`; see tests.support.programs."""
    return programs.need
