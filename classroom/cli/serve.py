"""
serve: take the ground, start everything, say `ready`, and end in order when told to.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Coroutine
from typing import Any

import click
import structlog
from aiohttp import web

from classroom import app, config
from classroom.cli import apart, demo, ground, logs
from classroom.cli.faults import Unfit, told
from classroom.config import Settings
from classroom.web.pages import BadPage, Pages
from classroom.web.site import Site
from signaling.supervisor import PoolError

log = structlog.get_logger("sabak")

# Of the 10 seconds that we promise: 3 for requests under way, some more for connections that do not close,
# the rest for classes, media and the disk.
ANSWERS_S = 3.0
DRAIN_S = 5.0
DEADLINE_S = 9.5
# Longer than a reverse proxy keeps its idle connections, so that it never meets a closed one.
KEEPALIVE_S = 75.0


def serve(options: dict[str, object]) -> None:
    """Run until SIGTERM or SIGINT. Raises Fault when it cannot start."""
    with told():
        settings = config.resolved(config.read(options, os.environ))
        logs.configure(settings)
        for name in config.unknown(os.environ):
            log.warning("unknown variable in the environment", name=name)
        site, pages = _client(settings)
        with ground.taken(settings) as doors:
            address = _address(settings, doors[0].getsockname()[1])
            said = apart.run(lambda: _prepare(settings, address))
            try:
                _run(_serve(settings, site, pages, doors, [*said, f"ready: {address}"]))
            except PoolError as error:
                raise Unfit(f"media cannot start: {error}") from error


def _client(settings: Settings) -> tuple[Site, Pages]:
    """Read the web client. Raises Fault when it has not been built."""
    try:
        site = Site(settings.static)
        if not any(name.startswith("vendor/") for name in site.files):
            raise Unfit(f"{settings.static}/vendor is empty: `make setup` fills it")
        return site, Pages(settings.static, site)
    except OSError as error:
        raise Unfit(f"cannot read the web client: {error.filename}: {error.strerror}") from error
    except BadPage as error:
        raise Unfit(f"cannot serve the web client: {error}") from error


def _run(main: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:  # not on Windows
        asyncio.run(main)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)


def _prepare(settings: Settings, address: str) -> list[str]:
    """Bring the database up to date, make the demo, return what to print. Runs in a process of its own."""

    async def prepare() -> list[str]:
        async with app.opened(settings) as desk:
            return await demo.lines(desk, settings.public_url.rstrip("/") or address) if settings.demo else []

    with told():
        return asyncio.run(prepare())


async def _serve(
    settings: Settings, site: Site, pages: Pages, doors: list[socket.socket], said: list[str]
) -> None:
    async with app.running(settings, site, pages) as service:
        runner = web.AppRunner(
            service.application,
            access_log=None,
            auto_decompress=False,  # no client of ours compresses, and a bomb would
            shutdown_timeout=ANSWERS_S,
            keepalive_timeout=KEEPALIVE_S,
        )
        await runner.setup()
        try:
            for door in doors:
                await web.SockSite(runner, door, backlog=ground.BACKLOG).start()
            # What lives now lives until the end: the collector need not look at it again.
            gc.collect()
            gc.freeze()
            # Whoever started us waits for the last of these lines; it must not stay in a buffer.
            click.echo("\n".join(said))
            await _told_to_stop()
            log.info("draining")
            # Whatever hangs then, nothing acknowledged is lost: the journal had it before anybody was told.
            asyncio.get_running_loop().call_later(DEADLINE_S, _give_up)
        finally:
            service.drain()
            await _bounded(runner)


def _give_up() -> None:
    log.error("not ended in time")
    os._exit(0)


async def _bounded(runner: web.AppRunner) -> None:
    """End the connections; whoever still hangs when the time is over is cut off by the end of the process."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            await runner.cleanup()


def _address(settings: Settings, port: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}"


async def _told_to_stop() -> None:
    loop, told_to = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, told_to.set)
    try:
        await told_to.wait()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)  # a second Ctrl-C ends it at once
