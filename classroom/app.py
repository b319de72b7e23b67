"""
The composition root: every object is built here, once, and ended here, in the opposite order.

Set-up, yield and tear-down stand in one function for each floor, so an error in the middle of a start ends
exactly what had begun. The order of the end follows from the order of the start: first nobody new (the
server's sockets), then `bye shutdown` to everybody, then classes write what they hold, then media, bus and
database close.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from secrets import token_hex

import structlog
from aiohttp import web

from classroom import clock
from classroom.config import Settings
from classroom.content import library
from classroom.content.accounts import Accounts
from classroom.content.admission import Admission
from classroom.content.courses import Courses
from classroom.content.enrolment import Enrolments
from classroom.content.invitations import Invitations
from classroom.content.library import Library
from classroom.content.passwords import Passwords
from classroom.content.schedule import Schedule
from classroom.live.admission import Seats
from classroom.live.archive import Shelf
from classroom.live.directory import Classrooms
from classroom.live.doors import Doors
from classroom.recording.process import Recorder
from classroom.recording.spool import Spool
from classroom.store.bus import Bus, LocalBus
from classroom.store.database import Database
from classroom.store.errors import Unavailable
from classroom.store.journal import SqlJournal
from classroom.store.lease import Lease, LocalLease
from classroom.store.objects import open_objects
from classroom.store.secrets import Secrets
from classroom.web import figures, guard, malformed, server
from classroom.web.health import Check, Health, disk
from classroom.web.metrics import Figure, HttpCounters, Metrics, Source
from classroom.web.middleware import Watch
from classroom.web.pages import Pages
from classroom.web.parts import Parts
from classroom.web.site import Site
from signaling.gateway import Gateway
from signaling.supervisor import MediaPool, PoolSettings

SWEEP_S = 3600.0  # Sessions end after days; an hour more of a dead row hurts nobody.

log = structlog.get_logger("sabak")


@dataclass(frozen=True, slots=True)
class Desk:
    """The asynchronous side, for the server and the command line: people, courses, classes, the way in."""

    database: Database
    passwords: Passwords
    accounts: Accounts
    courses: Courses
    enrolments: Enrolments
    schedule: Schedule
    invitations: Invitations
    admission: Admission
    seats: Seats
    library: Library


@dataclass(frozen=True, slots=True)
class Live:
    """The synchronous side: running classes, connections to them, media."""

    classrooms: Classrooms
    doors: Doors
    gateway: Gateway
    pool: MediaPool
    bus: Bus
    spool: Spool
    recorder: Recorder


@dataclass(frozen=True, slots=True)
class Service:
    """A server that runs, for whoever puts it behind sockets and ends it."""

    application: web.Application
    health: Health
    desk: Desk

    def drain(self) -> None:
        """Tell orchestrators to send nobody here any more; who is here stays until the shutdown."""
        self.health.drain()


@contextlib.asynccontextmanager
async def running(settings: Settings, site: Site, pages: Pages) -> AsyncIterator[Service]:
    """
    Run everything but the sockets. `settings` are resolved and the data directory exists.

    Raises store.errors.Unusable or signaling.supervisor.PoolError, with nothing left running.
    """
    counters = HttpCounters()
    async with opened(settings) as desk, _live(settings, desk) as live, _sweeping(desk):
        health = Health(_checks(settings, desk, live))
        watch = Watch(
            guard.networks(settings.trusted_proxies), settings.public_url, pages.not_found, counters
        )
        application = server.application(
            _parts(settings, desk, live),
            site=site,
            pages=pages,
            health=health,
            metrics=Metrics(counters, _sources(desk, live), settings.metrics_token),
            watch=watch,
        )
        live.gateway.attach(application)
        # Called when the sockets are closed and before their connections are waited for.
        application.on_shutdown.append(lambda _: live.gateway.close())
        with malformed.counted(counters):
            yield Service(application, health, desk)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Desk]:
    """Open the data of a server, for itself or for the command line. Raises store.errors.Unusable."""
    secrets = Secrets.open(settings.data)
    async with await Database.open(settings.database_url) as database:
        with contextlib.closing(Passwords()) as passwords:
            invitations = Invitations(database, secrets)
            schedule = Schedule(database)
            yield Desk(
                database=database,
                passwords=passwords,
                accounts=Accounts(database, passwords),
                courses=Courses(database),
                enrolments=Enrolments(database),
                schedule=schedule,
                invitations=invitations,
                admission=Admission(database, invitations),
                seats=Seats(secrets.key("seats")),
                library=library.build(
                    database,
                    SqlJournal(database),
                    schedule,
                    Spool(settings.data.resolve() / "spool"),
                    open_objects(settings.objects_url, settings.data.resolve()),
                    settings.data.resolve() / "scratch",
                    now=clock.now_ms,
                    monotonic=clock.monotonic,
                    grace=settings.recording_grace,
                    retention=settings.recording_retention,
                    free_space=settings.free_space * 1_000_000,
                ),
            )


@contextlib.asynccontextmanager
async def _live(settings: Settings, desk: Desk) -> AsyncIterator[Live]:
    node = token_hex(8)
    async with contextlib.AsyncExitStack() as stack:
        bus: Bus = LocalBus()
        lease: Lease = LocalLease(node)
        if settings.redis_url:
            # Imported here: 20 MB that a server without Redis has no use for.
            from classroom.store.redis_bus import RedisBus
            from classroom.store.redis_lease import RedisLease

            bus = await RedisBus.open(settings.redis_url)
            lease = RedisLease(settings.redis_url, node)
        stack.push_async_callback(bus.close)
        stack.push_async_callback(lease.close)
        spool = desk.library.spool
        spool.prepare()
        recorder = Recorder(spool.root)
        recorder.start()
        stack.push_async_callback(recorder.stop)
        journal = SqlJournal(desk.database)
        classrooms = Classrooms(
            seats=desk.seats,
            journal=journal,
            bus=bus,
            lease=lease,
            listener=desk.schedule,
            disabled=desk.accounts.disabled_since,
            shelf=_shelf(settings, desk.library),
        )
        pool = MediaPool(_pool_settings(settings), classrooms.media_event)
        await pool.start()
        stack.push_async_callback(pool.stop)
        classrooms.use_pool(pool)
        await stack.enter_async_context(desk.library.runner.running())
        await desk.library.archive.start()
        stack.push_async_callback(desk.library.archive.close)
        await classrooms.start()
        stack.push_async_callback(classrooms.close)
        yield Live(
            classrooms,
            Doors(classrooms),
            Gateway(classrooms, origin=lambda request: guard.is_own_page(request, settings.public_url)),
            pool,
            bus,
            spool,
            recorder,
        )


@contextlib.asynccontextmanager
async def _sweeping(desk: Desk) -> AsyncIterator[None]:
    """Forget what has ended by itself, now and then."""
    task = asyncio.create_task(_sweep(desk))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _sweep(desk: Desk) -> None:
    while True:
        try:
            await desk.accounts.purge(clock.now_ms())
            await desk.library.keeper.sweep(clock.now_ms())
            await desk.library.runner.sweep()
        except (Unavailable, OSError) as error:
            log.warning("nothing swept", reason=str(error))
        await asyncio.sleep(SWEEP_S)


def _shelf(settings: Settings, kept: Library) -> Shelf:
    def free() -> int:
        return shutil.disk_usage(kept.spool.root).free

    return Shelf(kept.archive, free, settings.free_space * 1_000_000)


def _pool_settings(settings: Settings) -> PoolSettings:
    return PoolSettings(
        settings.rtc_bind,
        settings.rtc_port,
        settings.rtc_address,
        settings.workers,
        settings.media_spread,
        settings.rtc_without,
        settings.data / "spool",
    )


def _parts(settings: Settings, desk: Desk, live: Live) -> Parts:
    return Parts(
        settings=settings,
        accounts=desk.accounts,
        courses=desk.courses,
        enrolments=desk.enrolments,
        schedule=desk.schedule,
        invitations=desk.invitations,
        admission=desk.admission,
        seats=desk.seats,
        expel=live.classrooms.expel,
        doors=live.doors,
        lines=live.classrooms.lines,
        library=desk.library,
        recorded=live.classrooms.recorded,
    )


def _checks(settings: Settings, desk: Desk, live: Live) -> dict[str, Check]:
    async def database() -> str:
        # An empty transaction of the writer: it fails where the disk is full or has become read-only.
        await desk.database.write(lambda _connection: None)
        return ""

    async def bus() -> str:
        return "" if live.bus.ready() else "not connected: classes go on, news between nodes do not"

    async def media() -> str:
        away = live.pool.pids.count(None)
        return f"{away} of {len(live.pool.pids)} media workers are away" if away else ""

    return {
        "database": database,
        "bus": bus,
        "classes": live.classrooms.check,
        "media": media,
        "recorder": live.recorder.check,
        "jobs": desk.library.runner.check,
        "disk": disk(settings.data),
    }


def _sources(desk: Desk, live: Live) -> tuple[Source, ...]:
    async def classes() -> Iterable[Figure]:
        numbers = (*live.classrooms.numbers(live.gateway.counters), *live.doors.numbers())
        return [Figure(*number) for number in numbers]

    async def database() -> Iterable[Figure]:
        return figures.of_database(desk.database.figures())

    async def media() -> Iterable[Figure]:
        return figures.of_media(await live.pool.stats(detail=False))

    async def recorder() -> Iterable[Figure]:
        return figures.of_recorder(live.recorder.numbers, live.recorder.restarts)

    return classes, database, media, recorder
