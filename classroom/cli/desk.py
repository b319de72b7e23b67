"""
How a command reaches the data of a server, running or not: the same services, the same rules, another
process.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from classroom import app, config
from classroom.app import Desk
from classroom.cli.faults import Fault, Unfit, told
from classroom.domain.roles import Role
from classroom.store.rows import Person

T = TypeVar("T")

PAGE = 200  # Accounts read at once; what the service gives at most.

# Whoever may read the data directory may do everything anyway; this says so to the rules.
OPERATOR = Person(
    id="operator",
    login="",
    name="",
    role=Role.ADMINISTRATOR,
    language="",
    must_change=False,
    disabled_at=None,
    created_at=0,
)


def at(data: Path | None, work: Callable[[Desk], Awaitable[T]]) -> T:
    """Run `work` on the data in `data` (None: the settings say where). Raises Fault."""
    with told():
        settings = config.resolved(config.read({"data": data}, os.environ))
        if not settings.data.is_dir():
            raise Unfit(f"there is no data directory {settings.data}: `serve` makes it")
        return asyncio.run(_at(settings, work))


async def account(services: Desk, login: str) -> Person:
    """Return the account with this login. Raises Fault."""
    for person in await services.accounts.find(OPERATOR, login.strip(), limit=PAGE):
        if person.login.casefold() == login.strip().casefold():
            return person
    raise Fault(f"there is no account {login!r}")


async def _at(settings: config.Settings, work: Callable[[Desk], Awaitable[T]]) -> T:
    async with app.opened(settings) as desk:
        return await work(desk)
