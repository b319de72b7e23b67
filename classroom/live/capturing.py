"""
What workers are told to capture, and what becomes of it (see captures.py).

A capture is noted before it is told, since it may end with its worker before the answer is here. When nobody
knows whether a worker has heard, the capture is ended before it is begun again: what somebody did not agree
to must not run unseen.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

import structlog

from classroom.domain.recording_words import Reason
from classroom.live import captures
from classroom.live.archive import name_of
from classroom.live.captures import UNSURE, Capture, Spot, Wish
from signaling.control import CaptureEnded, MediaRefused
from signaling.core.model import Kind
from signaling.gateway_limits import Buckets, Rate

LASTING = 2.0  # Seconds: what ends sooner is not begun again at once, or broken pages fill a folder.
# Captures of one person: whoever changes their mind all the time must not fill the folder with files. Nobody
# notices it who pauses and goes on a few times with everything that one can send.
BEGINNINGS = Rate(0.2, 20)
WITHIN = 2.0  # Seconds for workers to end the captures of a class that is put away.

# Refusals that pass: the page negotiates again, the worker comes back.
_PASSING = frozenset({"media.unknown_peer", "media.unavailable"})
_BROKEN: Mapping[str, Reason] = {"disk_full": "disk_full", "disk_slow": "disk_slow", "failed": "failed"}

log = structlog.get_logger("sabak.recording")


class Workers(Protocol):
    """The media workers, as far as they capture (signaling.supervisor). All raise MediaRefused."""

    async def record(self, room: str, peer: str, kind: Kind, path: str, head: Mapping[str, str]) -> None: ...
    async def stop_recording(self, room: str, peer: str, kind: Kind) -> None: ...


class Desk(Protocol):
    """Who decides what is captured (recording.py)."""

    def wanted(self) -> dict[Spot, Wish]:
        """Return what is to be captured now."""

    def place(self, number: int) -> str | None:
        """Return the path of the next capture of a recording, None if there is none."""

    def broken(self, number: int, reason: Reason) -> None:
        """Hear that a recording cannot go on."""

    def stir(self) -> None:
        """Hear that there may be something to do."""

    def again(self) -> None:
        """Hear that something has to be tried once more, soon."""


class Capturing:
    """Tells the workers of one class what to capture. `end_stale` comes before `begin_missing`."""

    def __init__(self, class_id: str, workers: Workers, desk: Desk, monotonic: Callable[[], float]) -> None:
        """`monotonic` gives seconds."""
        self.class_id = class_id
        self._workers = workers
        self._desk = desk
        self._monotonic = monotonic
        self._beginnings = Buckets(BEGINNINGS)
        self._told: dict[Spot, Capture] = {}

    def __len__(self) -> int:
        return len(self._told)

    def holds(self, number: int) -> bool:
        """Tell whether anything is captured for this recording."""
        return any(capture.wish.number == number for capture in self._told.values())

    # --- what workers tell -------------------------------------------------------------------------

    def ended(self, event: CaptureEnded) -> None:
        """Hear that a file is whole, or that it never will be."""
        spot: Spot = (event.peer, event.kind)
        capture = self._told.get(spot)
        if capture is None or capture.path != event.path:
            return  # It was to end, or another one has taken its place.
        if event.reason in _BROKEN:
            del self._told[spot]
            self._desk.broken(capture.wish.number, _BROKEN[event.reason])
        elif self._monotonic() - capture.since >= LASTING:
            self._forget(spot, capture)
        else:
            asyncio.get_running_loop().call_later(LASTING, self._forget, spot, capture)

    def worker_died(self, tabs: Iterable[str]) -> None:
        """Hear that the worker of these pages has ended: so have all their captures."""
        gone = set(tabs)
        self._told = {spot: capture for spot, capture in self._told.items() if spot[0] not in gone}
        self._desk.stir()

    def _forget(self, spot: Spot, capture: Capture) -> None:
        if self._told.get(spot) is capture:
            del self._told[spot]
            self._desk.stir()

    # --- what workers are told ---------------------------------------------------------------------

    async def end_stale(self) -> None:
        """End what is wanted no more."""
        await self._end_all(captures.stale(self._told, self._desk.wanted()))

    async def begin_missing(self) -> None:
        """Begin what is not captured yet."""
        missing = captures.missing(self._told, self._desk.wanted())
        # Side by side, as they end: a worker that does not answer must not keep the others waiting.
        await asyncio.gather(*(self._begin(spot) for spot in missing))

    async def stop(self) -> None:
        """End everything, as far as that is possible within a moment."""
        try:
            async with asyncio.timeout(WITHIN):
                await self._end_all(list(self._told))
        except TimeoutError:
            log.warning("workers did not end their captures", class_id=self.class_id, left=len(self._told))

    async def _begin(self, spot: Spot) -> None:
        wish = self._desk.wanted().get(spot)
        if wish is None:
            return
        if wait := self._beginnings.take(wish.person, self._monotonic()):
            asyncio.get_running_loop().call_later(wait, self._desk.stir)
            return
        path = self._desk.place(wish.number)
        if path is None:
            return
        capture = self._told[spot] = Capture(wish, path, self._monotonic())
        recording = name_of(self.class_id, wish.number)
        head = {"recording": recording, "track": wish.track, "person": wish.person}
        try:
            await self._workers.record(self.class_id, *spot, path, head)
        except MediaRefused as refusal:
            log.info("a capture was refused", recording=recording, code=refusal.code, why=refusal.message)
            if self._told.get(spot) is capture:
                self._refused(spot, capture, refusal.code)

    def _refused(self, spot: Spot, capture: Capture, code: str) -> None:
        if code == "media.unavailable":
            self._told[spot] = replace(capture, wish=UNSURE)
        else:
            del self._told[spot]
        if code in _PASSING:
            self._desk.again()
        else:
            self._desk.broken(capture.wish.number, "failed")

    async def _end_all(self, spots: Iterable[Spot]) -> None:
        await asyncio.gather(*(self._end(spot) for spot in spots))

    async def _end(self, spot: Spot) -> None:
        capture = self._told.get(spot)
        if capture is None:
            return  # It has ended since, by itself or with its worker.
        try:
            await self._workers.stop_recording(self.class_id, *spot)
        except MediaRefused as refusal:
            log.info("a capture was not ended", class_id=self.class_id, code=refusal.code)
            self._desk.again()
            return
        if self._told.get(spot) is capture:
            del self._told[spot]
