"""
doctor: everything that can keep a class from working, tried for real and told in plain words.

Nothing is made or changed: a data directory that does not exist yet stays so. Media is not asked whether it
works; a real client joins our own SFU, speaks, and has to hear itself.
"""

import asyncio
import contextlib
import http.client
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from classroom import config
from classroom.cli import ground
from classroom.cli.faults import told
from classroom.config import BadSetting, Settings
from classroom.store.database import Database
from classroom.store.errors import StoreError
from signaling.supervisor import MediaPool, PoolError, PoolSettings

ENOUGH_DISK = 1024**3  # Bytes. /readyz complains at a quarter of this; before that is the time to act.
ASK_SECONDS = 3.0  # A healthy neighbour on the same network answers in milliseconds.

ADVICE = {
    "negotiation": "this is a defect or an overloaded machine: please report it with the log",
    "up": "let UDP through to this port in the firewall, and check that --rtc-address leads to this machine",
    "down": "let UDP through in both directions",
    "sound": "this is a defect: please report it",
    "ports": (
        "let UDP and TCP through to this port in the firewall, and check that --rtc-address leads to this "
        "machine (some routers do not lead back inside: then it can only be tried from outside)"
    ),
    "tcp": "stop the other program or choose another --rtc-port: some networks let no UDP through",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. `advice` says what to do when it is not fine."""

    what: str
    fine: bool
    text: str
    advice: str = ""

    def __str__(self) -> str:
        mark = "ok" if self.fine else "BAD"
        return f"{mark:4} {self.what:16} {self.text}" + (f"\n     -> {self.advice}" if self.advice else "")


def examine(options: Mapping[str, object], tell: Callable[[str], None]) -> bool:
    """Try everything, tell each finding when it is known, and return whether all is fine. Raises Fault."""
    with told():
        settings = config.resolved(config.read(options, os.environ))
    return asyncio.run(_examine(settings, tell))


async def _examine(settings: Settings, tell: Callable[[str], None]) -> bool:
    fine = True
    async for finding in findings(settings):
        tell(str(finding))
        fine = fine and finding.fine
    return fine


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """Give one finding after the other; the slow ones come last."""
    for name in config.unknown(os.environ):
        yield Finding("environment", False, f"{name} is no setting of Sabak", "is it misspelt?")
    yield client(settings)
    yield directory(settings.data)
    yield await database(settings)
    yield await redis(settings)
    serving = await asyncio.to_thread(is_sabak, settings.host, settings.port)
    yield port(settings, serving)
    yield await media_ports(settings)
    yield await media(settings)


def client(settings: Settings) -> Finding:
    """Try whether the web client has been built."""
    if (settings.static / "vendor" / "preact.module.js").is_file():
        return Finding("web client", True, f"in {settings.static}")
    return Finding("web client", False, f"{settings.static}/vendor is empty", "run `make setup`")


def directory(path: Path) -> Finding:
    """Try whether the data directory is there, or can be made, and has room."""
    what = "data directory"
    existing = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    if not existing.is_dir():
        return Finding(what, False, f"{existing} is not a directory", "choose another one with --data")
    if not os.access(existing, os.W_OK | os.X_OK):
        advice = f"give it to the user who runs Sabak: chown -R {_user()} {existing}"
        return Finding(what, False, f"{existing} cannot be written", advice)
    free = shutil.disk_usage(existing).free
    room = f"{free / 1024**3:.1f} GB free"
    if free < ENOUGH_DISK:
        return Finding(what, False, f"{path}: only {room}", "make room: journals and recordings grow")
    if existing != path.absolute():
        return Finding(what, True, f"{path} will be made by `serve`; {room}")
    return Finding(what, True, f"{path} can be written; {room}")


async def database(settings: Settings) -> Finding:
    """Try to open the database and to write in it."""
    what = "database"
    if settings.database_url.startswith("sqlite:") and not _sqlite(settings).exists():
        return Finding(what, True, "SQLite; will be made by `serve`")
    started = time.monotonic()
    try:
        async with await Database.open(settings.database_url) as opened:
            await opened.write(lambda _connection: None)
    except StoreError as error:
        return Finding(what, False, str(error), "see the text; the address is SABAK_DATABASE_URL or --data")
    kind = settings.database_url.partition(":")[0]
    return Finding(what, True, f"{kind} opens and takes a write after {_ms(started)}")


async def redis(settings: Settings) -> Finding:
    """Try whether Redis answers, if there is to be one."""
    if not settings.redis_url:
        return Finding("redis", True, "not used: one node carries its own news")
    from classroom.store.redis_link import FAILURES, connect

    started = time.monotonic()
    try:
        link = connect(settings.redis_url, timeout=ASK_SECONDS)
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await link.ping()
        finally:
            await link.aclose()
    except (*FAILURES, StoreError) as error:
        reason = str(error) or type(error).__name__
        return Finding("redis", False, f"does not answer: {reason}", "is it running at SABAK_REDIS_URL?")
    return Finding("redis", True, f"answers after {_ms(started)}")


def port(settings: Settings, serving: bool) -> Finding:
    """Try whether the TCP port is free, or ours already."""
    what = f"port {settings.port}/tcp"
    if serving:
        return Finding(what, True, f"a Sabak serves on {settings.host}")
    try:
        for door in ground.listen(settings.host, settings.port):
            door.close()
    except BadSetting as error:
        return Finding(what, False, str(error), "stop the other program or choose another --port")
    return Finding(what, True, f"free on {settings.host}")


async def media_ports(settings: Settings) -> Finding:
    """Try whether every address that browsers are told answers, over UDP and over TCP."""
    from signaling.control import MediaRefused
    from signaling.rtc.reach import reach

    what = "media ports"
    try:
        async with _worker(settings) as pool:
            ways = await reach(pool)
    except (PoolError, MediaRefused) as error:
        return Finding(what, False, f"a media worker cannot start: {error}", "see the text")
    silent = [f"{way.name} over {way.protocol.upper()}" for way in ways if way.ms is None]
    if silent:
        return Finding(what, False, f"no answer from {', '.join(silent)}", ADVICE["ports"])
    udp, tcp = ({way.name for way in ways if way.protocol == protocol} for protocol in ("udp", "tcp"))
    if udp - tcp:
        text = f"no TCP on {', '.join(sorted(udp - tcp))}: another program has the port"
        return Finding(what, False, text, ADVICE["tcp"])
    slowest = max(way.ms or 0.0 for way in ways)
    text = f"UDP and TCP answer on {', '.join(sorted(udp))} within {slowest:.0f} ms"
    return Finding(what, True, text + _beside(pool, settings))


async def media(settings: Settings) -> Finding:
    """Try the whole way of media with a client of our own. Beside a running server: on a port of its own."""
    from signaling.rtc.probe import Unheard, probe

    try:
        async with _worker(settings) as pool:
            heard = await probe(pool)
    except PoolError as error:
        return Finding("media", False, f"a media worker cannot start: {error}", "see the text")
    except Unheard as unheard:
        return Finding("media", False, str(unheard), ADVICE[unheard.step])
    return Finding(
        "media",
        True,
        f"a client reached {heard.remote} over UDP, agreed on keys in {heard.publisher_ms:.0f} ms up and "
        f"{heard.subscriber_ms:.0f} ms down, and heard itself after {heard.sound_ms:.0f} ms"
        + _beside(pool, settings),
    )


@contextlib.asynccontextmanager
async def _worker(settings: Settings) -> AsyncIterator[MediaPool]:
    """Give one media worker, on the port of the settings if nobody has it. Raises PoolError."""
    number = settings.rtc_port
    try:
        ground.probe_media(settings.rtc_bind, number, 1)
    except BadSetting:
        number = 0
    pool = MediaPool(
        PoolSettings(settings.rtc_bind, number, settings.rtc_address, workers=1), lambda _event: None
    )
    try:
        await pool.start()
        yield pool
    finally:
        await pool.stop()


def _beside(pool: MediaPool, settings: Settings) -> str:
    if settings.rtc_port in (0, *pool.ports):
        return ""
    return f" (port {settings.rtc_port} is in use, so another one was tried)"


def is_sabak(host: str, number: int) -> bool:
    """Return whether a Sabak answers there."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  any address includes this one
    connection = http.client.HTTPConnection(target, number, timeout=ASK_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().getheader("Server") == "Sabak"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _sqlite(settings: Settings) -> Path:
    return Path(settings.database_url.partition("///")[2])


def _ms(started: float) -> str:
    return f"{(time.monotonic() - started) * 1000:.0f} ms"


def _user() -> str:
    return f"{os.geteuid()}"
