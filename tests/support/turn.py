"""
A private coturn for tests, with the settings that we tell people to use.
"""

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.support import programs
from tests.support.server import free_port

SETTINGS = Path(__file__).parents[2] / "deploy" / "turnserver.conf"
SECRET = "the secret of tests"


@dataclass(frozen=True)
class Turn:
    """A running relay."""

    host: str
    port: int

    def environment(self, *transports: str) -> dict[str, str]:
        """Return the settings of a Sabak that tells of it; transports: udp, tcp."""
        urls = [f"turn:{self.host}:{self.port}?transport={transport}" for transport in transports]
        return {"SABAK_ICE_SERVERS": ",".join(urls), "SABAK_TURN_SECRET": SECRET}


@contextlib.asynccontextmanager
async def turn(host: str, leads_to: str) -> AsyncIterator[Turn]:
    """Start a relay on `host` that leads to one address. Skips (fails under CI=true) without coturn."""
    program = programs.need("turnserver")
    port = free_port(host=host)
    with tempfile.TemporaryDirectory(prefix="sabak-turn-") as folder:
        process = await asyncio.create_subprocess_exec(
            program, "-c", str(SETTINGS), f"--static-auth-secret={SECRET}", f"--allowed-peer-ip={leads_to}",
            f"--listening-ip={host}", f"--relay-ip={host}", f"--listening-port={port}",
            "--log-file=stdout", f"--pidfile={folder}/pid", f"--userdb={folder}/db", "--relay-threads=1",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        try:
            async with asyncio.timeout(10):
                # A foreign process has no event to wait for.
                while not await _listens(host, port):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            yield Turn(host, port)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            await process.wait()


async def _listens(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
