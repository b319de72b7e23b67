"""
A node that runs classes and nothing else: gateway, directory, journal, bus. In this process for most tests,
or as a process of its own (`python -m tests.support.live_node DATA PORT`) for those that kill it.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import uvloop
from aiohttp import web

from classroom import clock
from classroom.domain.roles import Role
from classroom.live.admission import Seats
from classroom.live.archive import Shelf
from classroom.live.directory import Classrooms, Disabled
from classroom.live.media import Pool
from classroom.live.timetable import Listener
from classroom.store.bus import Bus, LocalBus
from classroom.store.database import Database
from classroom.store.journal import Journal, SqlJournal
from classroom.store.lease import Lease, LocalLease
from classroom.store.rows import ClassState, PlannedClass, Settings
from signaling.gateway import Gateway, Limits
from tests.support.wire_client import WireClient

SECRET = b"a key for tests, of 32 bytes or more"


@dataclass(frozen=True)
class Admitted:
    """What the door would say."""

    planned: PlannedClass
    person: str
    name: str
    role: Role


def planned(
    class_id: str = "algebra", settings: Settings | None = None, permanent: bool = False
) -> PlannedClass:
    """Return a class of the timetable."""
    return PlannedClass(
        class_id, "Algebra II", None, "", "", "u_t", "T", 0, 0, "ky", settings or Settings(), ClassState.OPEN,
        permanent, None, None, 0,
    )  # fmt: skip


def seat(
    person: str,
    role: Role = Role.STUDENT,
    class_id: str = "algebra",
    settings: Settings | None = None,
    permanent: bool = False,
) -> str:
    """Return a new seat, as a page gets one."""
    admitted = Admitted(planned(class_id, settings, permanent), person, f"Name of {person}", role)
    return Seats(SECRET).issue(admitted, clock.now_ms())


@dataclass
class Node:
    """A node in this process."""

    url: str
    classrooms: Classrooms
    gateway: Gateway
    session: aiohttp.ClientSession
    clients: list[WireClient] = field(default_factory=list)

    def client(self) -> WireClient:
        """Return a client that is closed with the node."""
        client = WireClient(self.url, self.session)
        self.clients.append(client)
        return client

    async def join(self, person: str, role: Role = Role.STUDENT, *, since: int | None = None) -> WireClient:
        """Return a client that is in the class."""
        client = await self.client().connect(seat(person, role), since)
        await client.take("welcome")
        return client


@contextlib.asynccontextmanager
async def node(
    journal: Journal,
    *,
    bus: Bus | None = None,
    lease: Lease | None = None,
    pool: Pool | None = None,
    limits: Limits | None = None,
    listener: Listener | None = None,
    disabled: Disabled | None = None,
    shelf: Shelf | None = None,
    port: int = 0,
) -> AsyncIterator[Node]:
    """Run a node until the block ends."""
    classrooms = Classrooms(
        seats=Seats(SECRET), journal=journal, bus=bus or LocalBus(), lease=lease or LocalLease("node"),
        listener=listener, disabled=disabled, shelf=shelf,
    )  # fmt: skip
    if pool is not None:
        classrooms.use_pool(pool)
    gateway = Gateway(classrooms, limits=limits)
    app = web.Application()
    gateway.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    await classrooms.start()
    session = aiohttp.ClientSession()
    here = Node(f"http://127.0.0.1:{runner.addresses[0][1]}", classrooms, gateway, session)
    try:
        yield here
    finally:
        for client in here.clients:
            with contextlib.suppress(ConnectionError, AttributeError):
                await client.close()
        await session.close()
        await gateway.close()
        await classrooms.close()
        await runner.cleanup()


async def serve(data: Path, port: int) -> None:
    """Serve until the process is ended."""
    database = await Database.open(f"sqlite:///{data / 'live.sqlite3'}")
    async with node(SqlJournal(database), port=port) as here:
        print(f"ready: {here.url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
