"""
The program's media workers: started, watched, restarted.

`MediaPool` has the interface of a `MediaLink` and finds the worker of a room:
the least busy one when the room's first peer comes, the same one until its
last has gone. A worker that dies takes its legs with it and nothing else: its
rooms are told by `WorkerDied`, it is started again after a pause that doubles
from failure to failure, and rooms that cannot wait go to the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from signaling.control import (
    ControlError,
    Event,
    EventCallback,
    MediaLink,
    MediaRefused,
    SlotsChanged,
    WorkerDied,
)
from signaling.core.model import Kind, Mode, Wish
from signaling.process import Address, PoolError, WorkerProcess

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

    def address(self, number: int) -> Address:
        """Return where worker `number` listens."""
        return Address(self.addresses, self.port + number if self.port else 0, self.advertise)


@dataclass(eq=False, slots=True)
class _Worker:
    process: WorkerProcess
    task: asyncio.Task[None] | None = None
    rooms: dict[str, set[str]] = field(default_factory=dict)
    """Rooms of this worker with their peers, as far as they were announced here."""

    @property
    def link(self) -> MediaLink | None:
        return self.process.link

    @property
    def load(self) -> int:
        """What a room costs grows with its peers; an empty one counts as one."""
        return sum(max(1, len(peers)) for peers in self.rooms.values())


class MediaPool:
    """
    All media workers of a program.

    `start` returns when every worker serves, or raises PoolError and leaves
    nothing behind. `stop` ends them. Requests are those of MediaLink; while
    every worker is away they wait a little, then get media.unavailable.
    """

    def __init__(self, settings: PoolSettings, on_event: EventCallback) -> None:
        self._on_event = on_event
        count = settings.workers or max(1, (os.cpu_count() or 1) - 1)
        self._workers = [
            _Worker(WorkerProcess(number, settings.address(number), self._hear)) for number in range(count)
        ]
        self._by_room: dict[str, _Worker] = {}
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._returned = asyncio.Event()
        """Set whenever a worker begins to serve."""

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
                await self._mourn(worker)
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

    async def _mourn(self, worker: _Worker) -> None:
        """Forget what a died worker had, and say so."""
        await worker.process.end()
        rooms, worker.rooms = worker.rooms, {}
        for room in rooms:
            if self._by_room.get(room) is worker:
                del self._by_room[room]
        peers = {room: tuple(sorted(peers)) for room, peers in rooms.items()}
        self._on_event(WorkerDied(worker.process.number, peers))

    def _hear(self, event: Event) -> None:
        """Pass on what a worker tells, with the peers that it concerns."""
        if isinstance(event, SlotsChanged):
            worker = self._by_room.get(event.room)
            peers = worker.rooms.get(event.room, set()) if worker is not None else ()
            event = msgspec.structs.replace(event, peers=tuple(peers))
        self._on_event(event)

    # --- requests ----------------------------------------------------------------------------------

    async def _link(self, room: str, peer: str) -> MediaLink:
        """
        Return the worker of a room, chosen now if it has none, waited for while all are away.

        Everybody comes back at once after a worker has died; refusing them would only make them ask again.
        """
        try:
            async with asyncio.timeout(RETURN_WITHIN):
                while (worker := self._worker_of(room)) is None:
                    self._returned.clear()
                    await self._returned.wait()
        except TimeoutError:
            raise MediaRefused("media.unavailable", "no media worker is running") from None
        worker.rooms.setdefault(room, set()).add(peer)
        self._by_room[room] = worker
        return cast(MediaLink, worker.link)

    def _worker_of(self, room: str) -> _Worker | None:
        """Return the worker that has a room, else the least busy one, None when all are away."""
        known = self._by_room.get(room)
        if known is not None and known.link is not None:
            return known
        running = [worker for worker in self._workers if worker.link is not None]
        return min(running, key=lambda worker: worker.load, default=None)

    async def publish(self, room: str, peer: str, offer_sdp: str, kinds: Mapping[str, Kind]) -> str:
        """See MediaLink.publish."""
        return await (await self._link(room, peer)).publish(room, peer, offer_sdp, kinds)

    async def subscribe(self, room: str, peer: str) -> tuple[str, int, dict[str, str | None]]:
        """See MediaLink.subscribe."""
        return await (await self._link(room, peer)).subscribe(room, peer)

    async def answer(self, room: str, peer: str, sdp: str) -> None:
        """See MediaLink.answer."""
        if room not in self._by_room:
            raise MediaRefused("media.unknown_peer", "there is no such peer")
        await (await self._link(room, peer)).answer(room, peer, sdp)

    async def watch(self, room: str, peer: str, offer_sdp: str) -> str:
        """See MediaLink.watch."""
        return await (await self._link(room, peer)).watch(room, peer, offer_sdp)

    async def restart_ice(self, room: str, peer: str) -> tuple[str, str]:
        """See MediaLink.restart_ice."""
        if room not in self._by_room:
            raise MediaRefused("media.unknown_peer", "there is no such peer")
        return await (await self._link(room, peer)).restart_ice(room, peer)

    async def wish(self, room: str, peer: str, mode: Mode, tracks: Mapping[str, Wish]) -> None:
        """See MediaLink.wish."""
        await (await self._link(room, peer)).wish(room, peer, mode, tracks)

    async def gate(self, room: str, peer: str, kind: Kind, track_id: str | None, muted: bool) -> None:
        """See MediaLink.gate."""
        await (await self._link(room, peer)).gate(room, peer, kind, track_id, muted)

    async def close(self, room: str, peer: str) -> None:
        """See MediaLink.close. A worker that has died has closed everything already."""
        worker = self._by_room.get(room)
        if worker is None:
            return
        peers = worker.rooms.get(room, set())
        peers.discard(peer)
        if not peers:
            worker.rooms.pop(room, None)
            del self._by_room[room]
        if worker.link is not None:
            await worker.link.close(room, peer)

    async def stats(self, detail: bool = True) -> dict[str, Any]:
        """Return {"workers": [the counters of each, None for one that is away]}. See MediaLink.stats."""
        links = [worker.link for worker in self._workers]
        found = await asyncio.gather(
            *(link.stats(detail) for link in links if link is not None), return_exceptions=True
        )
        answers = iter(found)
        counted = [next(answers) if link is not None else None for link in links]
        return {"workers": [None if isinstance(item, BaseException) else item for item in counted]}
