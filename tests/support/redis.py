"""
A private Redis for tests: started on a free port, killed and started again empty on demand.
"""

import asyncio
import contextlib
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator

from tests.support import programs


class Server:
    """A redis-server without persistence, which is what a restarted one looks like anyway."""

    def __init__(self, program: str, folder: str) -> None:
        self._program = program
        self._folder = folder
        self._port = programs.free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        command = [self._program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "",
                   "--appendonly", "no", "--dir", self._folder]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - a millisecond
        async with asyncio.timeout(10):
            # A foreign process has no event to wait for.
            while not await self._answers():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return await reader.readline() == b"+PONG\r\n"
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def kill(self) -> None:
        """End it as `kill -9` does and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def pause(self) -> None:
        """Stop it without closing anything: the network is there, nobody answers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


@contextlib.asynccontextmanager
async def server() -> AsyncIterator[Server]:
    """Start a server, give it, kill it. Skips (fails under CI=true) when redis-server is missing."""
    program = programs.need("redis-server")
    with tempfile.TemporaryDirectory(prefix="sabak-redis-") as folder:
        started = Server(program, folder)
        try:
            await started.start()
            yield started
        finally:
            started.resume()
            started.kill()
