"""
One media worker as a process: launched, greeted over its control socket, ended.

A worker serves when it has said `Ready`; until then whatever goes wrong ends it again. Who launches one
(`supervisor`) also ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signaling.control import ControlError, EventCallback, MediaLink

START_WITHIN: Final = 10.0  # Seconds for Python to start and a socket to be bound; usually 0.3.
STOP_WITHIN: Final = 3.0  # Seconds between SIGTERM and SIGKILL. Captures take two of them to end at most.


class PoolError(Exception):
    """The workers cannot be started; the text can be shown to whoever started the program."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a worker listens, and what clients are told instead, if that differs. Port 0: any free one."""

    bound: tuple[str, ...]
    port: int
    advertised: tuple[str, ...]
    without: tuple[str, ...] = ()
    """Mechanisms that are switched off (`core.model.Mechanism`)."""
    spool: Path | None = None
    """The directory below which captures are written."""


class WorkerProcess:
    """A media worker. `link` is there while it serves; `launch` again after an end."""

    def __init__(self, number: int, address: Address, on_event: EventCallback) -> None:
        self.number = number
        self.port = 0
        """The UDP port that it serves, or served last."""
        self._address = address
        self._on_event = on_event
        self._process: asyncio.subprocess.Process | None = None
        self._link: MediaLink | None = None

    @property
    def link(self) -> MediaLink | None:
        """Return the way to the worker, None while it is away."""
        return self._link if self._link is not None and not self._link.closed else None

    @property
    def pid(self) -> int | None:
        """Return the number of the process, None while it is away."""
        return self._process.pid if self._process is not None and self._link is not None else None

    async def launch(self, directory: Path) -> asyncio.Task[None]:
        """
        Start the process, its control socket in `directory`, and return the task that reads its link.

        The task ends when the worker has ended. Raises PoolError, ControlError, OSError or TimeoutError with
        nothing left running, which cancelling does as well.
        """
        path = directory / f"{self.number}.sock"
        path.unlink(missing_ok=True)
        accepted: asyncio.Future[MediaLink] = asyncio.get_running_loop().create_future()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if accepted.done():
                writer.close()  # One worker a socket: nobody else has business here.
            else:
                accepted.set_result(MediaLink(reader, writer, self._on_event))

        server = await asyncio.start_unix_server(accept, path)
        try:
            self._process = await asyncio.create_subprocess_exec(*self._command(path))
            async with asyncio.timeout(START_WITHIN):
                link = await _first_of(accepted, self._process)
        except BaseException:
            await self.end()
            raise
        finally:
            server.close()
        reading = asyncio.create_task(_read(link))
        try:
            async with asyncio.timeout(START_WITHIN):
                ready = await link.ready
            if ready.error:
                raise PoolError(ready.error)
        except BaseException:
            reading.cancel()
            await self.end()
            raise
        self._link, self.port = link, ready.port
        return reading

    def _command(self, path: Path) -> Sequence[str]:
        address = self._address
        command = [sys.executable, "-m", "signaling.worker", "--control", str(path)]
        command += ["--number", str(self.number)]
        command += ["--rtc-port", str(address.port), "--rtc-address", *address.bound]
        if address.advertised:
            command += ["--advertise", *address.advertised]
        if address.without:
            command += ["--without", *address.without]
        if address.spool is not None:
            command += ["--spool", str(address.spool)]
        return command

    async def end(self) -> None:
        """End the process and wait for that, STOP_WITHIN at most until it is killed. Again is no error."""
        process, self._process, self._link = self._process, None, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _first_of(accepted: asyncio.Future[MediaLink], process: asyncio.subprocess.Process) -> MediaLink:
    """Wait for the worker's connection, or its end."""
    ended = asyncio.create_task(process.wait())
    try:
        await asyncio.wait((accepted, ended), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended.cancel()
    if not accepted.done():
        raise PoolError(f"a media worker ended with code {process.returncode} while it started")
    return accepted.result()


async def _read(link: MediaLink) -> None:
    """Read a link to its end; a worker that talks nonsense is as good as dead."""
    with contextlib.suppress(ControlError):
        await link.run()
