"""
/healthz: this process runs its loop. /readyz: it can do its work, or which part cannot and why.

A part that is down is told by name and reason; an orchestrator reads the status, a person the reasons.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from aiohttp import web

TIMEOUT_S = 2.0  # Orchestrators give up after 1 to 5 s; a database that takes longer is down for a class too.
ENOUGH_DISK = 256 * 1024 * 1024  # Bytes: some days of journals, and room for SQLite's WAL to be checkpointed.


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of the server: whether it works, and if not, why."""

    ok: bool
    reason: str = ""


class Report(msgspec.Struct, frozen=True):
    """The answer of /readyz."""

    ready: bool
    parts: dict[str, Part]


Check = Callable[[], Awaitable[str]]
"""Returns "" when all is well, else the reason in a few words without secrets."""


class Health:
    """The handlers of /healthz and /readyz."""

    def __init__(self, checks: dict[str, Check]) -> None:
        self._checks = checks
        self._draining = False

    def drain(self) -> None:
        """Say from now on that nothing new should be sent here."""
        self._draining = True

    async def live(self, _request: web.Request) -> web.StreamResponse:
        """Answer that the loop runs: that is all this can mean."""
        return _json(200, {"status": "ok"})

    async def ready(self, _request: web.Request) -> web.StreamResponse:
        """Answer with every part's state, 503 when one is down."""
        report = await self.report()
        return _json(200 if report.ready else 503, report)

    async def report(self) -> Report:
        """Ask all parts at once, each for at most TIMEOUT_S."""
        results = await asyncio.gather(*(_ask(check) for check in self._checks.values()))
        parts = dict(zip(self._checks, results, strict=True))
        if self._draining:
            parts["server"] = Part(False, "shutting down")
        return Report(all(part.ok for part in parts.values()), parts)


def disk(folder: Path) -> Check:
    """Return the check that `folder` has room left."""

    async def check() -> str:
        free = shutil.disk_usage(folder).free
        return "" if free >= ENOUGH_DISK else f"{free // 1024 // 1024} MB left in the data directory"

    return check


async def _ask(check: Check) -> Part:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reason = await check()
    except TimeoutError:
        return Part(False, f"no answer within {TIMEOUT_S:.0f} s")
    except Exception as error:
        # The edge of a check: its failure is the very answer that was asked for.
        return Part(False, f"{type(error).__name__}: {error}"[:200])
    return Part(not reason, reason)


def _json(status: int, value: object) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
