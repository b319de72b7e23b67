"""
The program's media workers: started, watched, restarted.

`MediaPool` has the interface of a `MediaLink` and finds the worker of a peer:
the one of its room, or another when that has enough to do (see core.seats);
it stays there until it leaves. A worker that dies takes its legs with it and
nothing else: `WorkerDied` names their peers, it is started again after a pause
that doubles from failure to failure, and who cannot wait goes to the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from signaling.control import ControlError, Event, EventCallback, MediaLink, MediaRefused
from signaling.core.model import Kind, Mode, Wish
from signaling.core.seats import SPREAD, Seat
from signaling.process import Address, PoolError, WorkerProcess
from signaling.seating import Seating

__all__ = ["MediaPool", "PoolError", "PoolSettings"]

DEFAULT_PORT: Final = 8443  # Open in more firewalls than a random one: it looks like HTTPS' neighbour.
FIRST_PAUSE: Final = 0.1  # Before a died worker is started again, doubling up to
LONGEST_PAUSE: Final = 5.0
RETURN_WITHIN: Final = 3.0  # Seconds that a request waits for a worker; a fresh start takes half of one.
STEADY_AFTER: Final = 30.0  # Seconds of life that make the next pause a short one again.


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Where workers listen. Worker i takes UDP port `port` + i, or any free one when `port` is 0."""

    addresses: tuple[str, ...] = ("0.0.0.0",)  # noqa: S104 - a server is meant to be reached
    port: int = DEFAULT_PORT
    advertise: tuple[str, ...] = ()
    workers: int = 0
    """0: one a core, less one for the program, at least one."""
    spread: int = SPREAD
    """People of one room that a worker takes before another one is asked."""
    without: tuple[str, ...] = ()
    """See Address."""
    spool: Path | None = None
    """Where workers write what they capture: paths begin with it. None: nothing can be recorded."""

    def address(self, number: int) -> Address:
        """Return where worker `number` listens."""
        port = self.port + number if self.port else 0
        return Address(self.addresses, port, self.advertise, self.without, self.spool)


@dataclass(eq=False, slots=True)
class _Worker:
    process: WorkerProcess
    task: asyncio.Task[None] | None = None

    @property
    def link(self) -> MediaLink | None:
        return self.process.link


class MediaPool:
    """
    All media workers of a program.

    `start` returns when every worker serves, or raises PoolError and leaves
    nothing behind. `stop` ends them. Requests are those of MediaLink; while
    every worker is away they wait a little, then get media.unavailable.
    """

    def __init__(self, settings: PoolSettings, on_event: EventCallback) -> None:
        count = settings.workers or max(1, (os.cpu_count() or 1) - 1)
        self._workers = [
            _Worker(WorkerProcess(number, settings.address(number), partial(self._hear, number)))
            for number in range(count)
        ]
        self._seating = Seating(settings.spread, lambda number: self._workers[number].link, on_event)
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._returned = asyncio.Event()
        """Set whenever a worker begins to serve, or one that had ended was taken note of."""

    # --- life --------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start every worker. PoolError with a printable reason, and nothing left running."""
        # Unix socket paths are short (108 bytes): the system's own temporary directory, readable by us alone.
        self._directory = tempfile.TemporaryDirectory(prefix="sabak-media-")
        launches = [asyncio.create_task(self._launch(worker)) for worker in self._workers]
        try:
            await asyncio.gather(*launches)
        except BaseException as error:
            for launch in launches:
                launch.cancel()
            await asyncio.gather(*launches, return_exceptions=True)
            await self.stop()
            if isinstance(error, (ControlError, OSError, TimeoutError)):
                raise PoolError(str(error) or "a media worker did not start in time") from error
            raise
        for worker, launch in zip(self._workers, launches, strict=True):
            worker.task = asyncio.create_task(self._watch(worker, launch.result()))

    async def stop(self) -> None:
        """End every worker and wait for it. Again is no error. Cancelling leaves workers to their EOF."""
        for worker in self._workers:
            if worker.task is not None:
                worker.task.cancel()
        tasks = [worker.task for worker in self._workers if worker.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(worker.process.end() for worker in self._workers))
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    @property
    def ports(self) -> tuple[int, ...]:
        """The UDP port of every worker."""
        return tuple(worker.process.port for worker in self._workers)

    @property
    def pids(self) -> tuple[int | None, ...]:
        """The process of every worker, None while it is away."""
        return tuple(worker.process.pid for worker in self._workers)

    async def _launch(self, worker: _Worker) -> asyncio.Task[None]:
        """Start one worker and return the task that reads its link. Raises as WorkerProcess.launch."""
        if self._directory is None:
            raise PoolError("the media workers have been stopped")
        reading = await worker.process.launch(Path(self._directory.name))
        self._returned.set()
        return reading

    async def _watch(self, worker: _Worker, reading: asyncio.Task[None]) -> None:
        """Keep one worker alive. Cancelling it stops the watching, not the worker."""
        loop = asyncio.get_running_loop()
        pause, since = FIRST_PAUSE, loop.time()
        try:
            while True:
                await reading
                self._seating.lose(worker.process.number)
                self._returned.set()
                await worker.process.end()
                if loop.time() - since > STEADY_AFTER:
                    pause = FIRST_PAUSE
                while True:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
                    with contextlib.suppress(PoolError, ControlError, OSError, TimeoutError):
                        reading = await self._launch(worker)
                        since = loop.time()
                        break
        finally:
            reading.cancel()

    def _hear(self, worker: int, event: Event) -> None:
        self._seating.hear(worker, event)

    # --- requests ----------------------------------------------------------------------------------

    async def _link(self, room: str, peer: str) -> tuple[MediaLink, Seat]:
        """
        Return the worker of a peer, chosen now if it has none, waited for while all are away.

        Everybody comes back at once after a worker has died; refusing them would only make them ask again.
        """
        try:
            async with asyncio.timeout(RETURN_WITHIN):
                while (found := self._reach(room, peer)) is None:
                    self._returned.clear()
                    await self._returned.wait()
        except TimeoutError:
            raise MediaRefused("media.unavailable", "no media worker is running") from None
        return found

    async def _known(self, room: str, peer: str) -> tuple[MediaLink, Seat]:
        """As `_link`, for what only makes sense where something was negotiated before."""
        if self._seating.find(room, peer) is None:
            raise MediaRefused("media.unknown_peer", "there is no such peer")
        return await self._link(room, peer)

    def _reach(self, room: str, peer: str) -> tuple[MediaLink, Seat] | None:
        """Return the worker of a peer; None while there is none, or it has just ended."""
        running = [worker.process.number for worker in self._workers if worker.link is not None]
        if not running:
            return None
        seat = self._seating.place(room, peer, running)
        link = self._workers[seat.worker].link
        return None if link is None else (link, seat)

    async def publish(self, room: str, peer: str, offer_sdp: str, kinds: Mapping[str, Kind]) -> str:
        """See MediaLink.publish; only the description is of use to others."""
        link, seat = await self._link(room, peer)
        published = await link.publish(room, peer, offer_sdp, kinds)
        self._seating.published(room, peer, seat, published.sources)
        return published.answer

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        """See MediaLink.subscribe."""
        link, _ = await self._link(room, peer)
        return await link.subscribe(room, peer)

    async def answer(self, room: str, peer: str, sdp: str) -> None:
        """See MediaLink.answer."""
        link, _ = await self._known(room, peer)
        await link.answer(room, peer, sdp)

    async def watch(self, room: str, peer: str, offer_sdp: str) -> str:
        """See MediaLink.watch."""
        link, _ = await self._link(room, peer)
        return await link.watch(room, peer, offer_sdp)

    async def restart_ice(self, room: str, peer: str) -> tuple[str, str]:
        """See MediaLink.restart_ice."""
        link, _ = await self._known(room, peer)
        return await link.restart_ice(room, peer)

    async def wish(self, room: str, peer: str, mode: Mode, tracks: Mapping[str, Wish]) -> None:
        """See MediaLink.wish."""
        link, _ = await self._link(room, peer)
        await link.wish(room, peer, mode, tracks)

    async def gate(self, room: str, peer: str, kind: Kind, track_id: str | None, muted: bool) -> None:
        """See MediaLink.gate."""
        link, seat = await self._link(room, peer)
        await link.gate(room, peer, kind, track_id, muted)
        self._seating.gated(room, peer, seat, kind, track_id, muted)

    async def record(self, room: str, peer: str, kind: Kind, path: str, head: Mapping[str, str]) -> None:
        """See MediaLink.record. Without PoolSettings.spool it is refused."""
        link, _ = await self._known(room, peer)
        await link.record(room, peer, kind, path, head)

    async def stop_recording(self, room: str, peer: str, kind: Kind) -> None:
        """See MediaLink.stop_recording. A worker that has died captures nothing."""
        seat = self._seating.find(room, peer)
        link = self._workers[seat.worker].link if seat is not None else None
        if link is not None:
            await link.stop_recording(room, peer, kind)

    async def close(self, room: str, peer: str) -> None:
        """See MediaLink.close. A worker that has died has closed everything already."""
        seat = self._seating.close(room, peer)
        link = self._workers[seat.worker].link if seat is not None else None
        if link is not None:
            await link.close(room, peer)

    async def stats(self, detail: bool = True) -> dict[str, Any]:
        """Return {"workers": [the counters of each, None for one that is away]}. See MediaLink.stats."""
        links = [worker.link for worker in self._workers]
        found = await asyncio.gather(
            *(link.stats(detail) for link in links if link is not None), return_exceptions=True
        )
        answers = iter(found)
        counted = [next(answers) if link is not None else None for link in links]
        return {"workers": [None if isinstance(item, BaseException) else item for item in counted]}
